package dev.flywheel.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The documents that repeat the contracts say what the contracts say. {@code make docs} writes them
 * anew instead of checking them.
 */
class TableDocsTest {
  private static final boolean WRITE = Boolean.getBoolean("flywheel.docs.write");

  /** A document with a generated part, between two comments. */
  enum Document {
    TABLES("../docs/tables.md", "contracts") {
      @Override
      String generated() {
        return TableDocs.sections();
      }
    },
    TABLES_OVERVIEW("../docs/tables.md", "overview") {
      @Override
      String generated() {
        return TableDocs.overview("");
      }
    },
    README("../README.md", "tables") {
      @Override
      String generated() {
        return TableDocs.overview("docs/tables.md");
      }
    },
    RAW_EVENTS("../docs/data-contract.md", "fields") {
      @Override
      String generated() {
        return RawEventDocs.fields();
      }
    },
    QUARANTINE_REASONS("../docs/data-contract.md", "reasons") {
      @Override
      String generated() {
        return RawEventDocs.reasons();
      }
    },
    INPUT_SETTINGS("../docs/data-contract.md", "settings") {
      @Override
      String generated() {
        return RawEventDocs.limits();
      }
    };

    private final Path file;
    private final String begin;
    private final String end;

    Document(String file, String part) {
      this.file = Path.of(file);
      this.begin = "<!-- begin " + part + ", written by make docs -->\n";
      this.end = "<!-- end " + part + " -->\n";
    }

    abstract String generated();
  }

  @ParameterizedTest
  @EnumSource
  void theDocumentSaysWhatTheContractsSay(Document document) throws IOException {
    String text = Files.readString(document.file);
    int from = text.indexOf(document.begin);
    int to = text.indexOf(document.end);
    assertThat(from).as("'%s' in %s", document.begin.strip(), document.file).isNotNegative();
    assertThat(to).as("'%s' in %s", document.end.strip(), document.file).isGreaterThan(from);
    int start = from + document.begin.length();
    if (WRITE) {
      Files.writeString(
          document.file, text.substring(0, start) + document.generated() + text.substring(to));
      return;
    }
    assertThat(text.substring(start, to))
        .as("%s differs from the contracts in dev.flywheel.tables: run 'make docs'", document.file)
        .isEqualTo(document.generated());
  }
}
