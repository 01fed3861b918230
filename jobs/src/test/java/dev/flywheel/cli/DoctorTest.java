package dev.flywheel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.Program;
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
}
