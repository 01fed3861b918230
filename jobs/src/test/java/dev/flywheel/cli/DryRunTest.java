package dev.flywheel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dry run tells what the run would do, and ends as it would. */
class DryRunTest {
  private static final String BLANK = "\n";

  @TempDir Path folder;

  private void land(String name) throws IOException {
    Path file = folder.resolve("raw").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, BLANK);
  }

  private Program.Ended ingest(String input, String... more) {
    return Program.run(
        Stream.concat(
                Stream.of(
                    "ingest",
                    "--lake",
                    folder.resolve("lake").toString(),
                    "--input",
                    folder.resolve(input).toString(),
                    "--from",
                    "2026-01-05",
                    "--to",
                    "2026-01-08"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private void assertBothEnd(String input, int exitCode, String because) {
    Program.Ended dry = ingest(input, "--dry-run");
    assertThat(dry.exitCode()).as(dry.out() + dry.err()).isEqualTo(exitCode);
    assertThat(dry.err()).contains(because);
    assertThat(folder.resolve("lake")).doesNotExist();

    Program.Ended run = ingest(input);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.err()).contains(because);
  }

  @Test
  void anInputThatIsNotThereEndsBothWithTwo() {
    assertBothEnd("rew", 2, "The input " + folder.resolve("rew") + " is not there");
  }

  @Test
  void daysWithoutAFileEndBothWithFour() throws IOException {
    land("dt=2026-01-04/a.jsonl");
    land("dt=2026-01-06/_SUCCESS");
    assertBothEnd("raw", 4, "No raw logs of the landing days [2026-01-05, 2026-01-08)");
  }

  @Test
  void whatTheRunPassesOverIsNotCounted() throws IOException {
    for (String day : new String[] {"dt=2026-01-05", "dt=2026-01-06", "dt=2026-01-07"}) {
      land(day + "/a.jsonl");
      land(day + "/hour=01/b.jsonl");
      land(day + "/_SUCCESS");
      land(day + "/.a.jsonl.crc");
      land(day + "/_temporary/0/c.jsonl");
    }
    Program.Ended dry = ingest("raw", "--dry-run");
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    assertThat(dry.out())
        .contains("/dt=2026-01-05: 2 files", "/dt=2026-01-06: 2 files", "/dt=2026-01-07: 2 files");
    assertThat(dry.out().lines().filter(line -> line.contains("replaces")))
        .hasSize(2)
        .allMatch(line -> line.endsWith("landing_date [2026-01-05, 2026-01-08) (table is new)"));
  }

  @Test
  void aDayWithoutAFileIsNotReplaced() throws IOException {
    land("dt=2026-01-05/a.jsonl");
    land("dt=2026-01-07/a.jsonl");
    Program.Ended dry = ingest("raw", "--dry-run");
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    assertThat(dry.out()).contains("/dt=2026-01-06: nothing there");
    assertThat(dry.out().lines().filter(line -> line.contains("replaces")))
        .hasSize(2)
        .allMatch(line -> line.contains("[2026-01-05, 2026-01-08) except 2026-01-06"));
  }
}
