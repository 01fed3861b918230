package dev.flywheel.nightly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.runner.Stage;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestLakes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Views, notebooks and readers find every table, whatever the first night brings. */
class NightlyTablesTest {
  @TempDir Path folder;

  /** The other stages replace dates of all their tables, be it with no rows. */
  @Test
  void aNightWithoutResponsesAndFailuresMakesTheRegistriesToo() {
    List<String> names = List.of("sample", "cluster");
    Program.Ended ended =
        Program.run(
            "nightly",
            "--stages",
            String.join(",", names),
            "--lake",
            folder.toString(),
            "--from",
            "2026-01-05",
            "--to",
            "2026-01-06");
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    Lakehouse lake = TestLakes.open(folder);
    for (Stage stage : Nightly.stages(names)) {
      assertThat(stage.writes())
          .filteredOn(table -> !lake.exists(table))
          .extracting(TableSpec::name)
          .isEmpty();
    }
  }
}
