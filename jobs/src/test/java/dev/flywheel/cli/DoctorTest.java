package dev.flywheel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would end a night before it began, the doctor finds. */
class DoctorTest {
  @TempDir Path folder;

  @Test
  void everyStageWhoseSettingsCannotBeUsedIsNamed() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("flywheel.yaml"),
            """
            lake: %s
            input: {path: %s}
            label: {sources: {mine: {bad: 'edit_retained <'}}}
            sample: {strata: [user_typ]}
            """
                .formatted(folder.resolve("lake"), Files.createDirectories(folder.resolve("raw"))));
    Program.Ended ended = Program.run("doctor", "--config", config.toString());
    assertThat(ended.exitCode()).as(ended.out()).isEqualTo(2);
    assertThat(ended.out().lines().filter(line -> line.startsWith("missing")))
        .satisfiesExactly(
            line -> assertThat(line).matches("missing +label +label.sources.mine.bad is no SQL.*"),
            line -> assertThat(line).matches("missing +sample +sample.strata names 'user_typ'.*"));
    assertThat(ended.out())
        .containsPattern("ok +ingest ")
        .containsPattern("ok +cluster ")
        .containsPattern("ok +report ");
  }

  @Test
  void aLakeThatANewerProgramHasShapedIsFoundBeforeAnythingIsWritten() throws IOException {
    Path root = folder.resolve("lake");
    Lakehouse lake = TestLakes.open(root);
    lake.createIfMissing(QualityLabels.SPEC);
    TestSpark.session()
        .sql(
            "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('flywheel.schema.version' = '99')"
                .formatted(lake.path(QualityLabels.SPEC)));
    Path raw = Files.createDirectories(folder.resolve("raw/dt=2026-01-05"));
    Files.writeString(raw.resolve("app.jsonl"), "no JSON\n");
    String input = raw.getParent().toString();

    Program.Ended doctor = Program.run("doctor", "--lake", root.toString(), "--input", input);
    assertThat(doctor.exitCode()).as(doctor.out()).isEqualTo(2);
    assertThat(doctor.out()).containsPattern("missing +lake +The table quality_labels .*newer");

    Program.Ended nightly =
        Program.run(
            "nightly",
            "--lake",
            root.toString(),
            "--input",
            input,
            "--from",
            "2026-01-05",
            "--to",
            "2026-01-06");
    assertThat(nightly.exitCode()).isEqualTo(2);
    assertThat(nightly.err()).contains("a newer Flywheel has been here");
    assertThat(root.resolve("tables")).isDirectoryContaining("glob:**/quality_labels");
    assertThat(root.resolve("tables/events")).doesNotExist();
    assertThat(root.resolve("tables/run_manifest")).doesNotExist();
  }
}
