package dev.flywheel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program answers to wrong, incomplete and harmless command lines, without Spark. */
class CommandLineTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int flywheel(String... args) {
    return Flywheel.run(args, new PrintWriter(out), new PrintWriter(err));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nightli",
        "nightly --unknown",
        "nightly --from 2026-01-05 --from 2026-01-05 --to 2026-01-06",
        "nightly --from 2026-1-5 --to 2026-01-06 --lake x",
        "nightly --from 2026-02-30 --to 2026-03-06 --lake x",
        "nightly --seed many --from 2026-01-05 --to 2026-01-06 --lake x",
        "nightly --lookback-days -1 --from 2026-01-05 --to 2026-01-06 --lake x",
        "nightly --from 2026-01-05 --to 2026-01-06",
        "nightly --from 2026-01-05 --lake x",
        "nightly --to 2026-01-05 --lake x",
        "nightly --lake x",
        "nightly --from 2026-01-05 --to 2026-01-05 --lake x",
        "nightly --from 2026-01-06 --to 2026-01-05 --lake x",
        "nightly --from 2026-01-05 --to 2026-01-06 --lake x --run-id ../x",
        "nightly --from 2026-01-05 --to 2026-01-06 --lake x --config nowhere.yaml",
        "nightly --from 2026-01-05 --to 2026-01-06 --lake x --stages labl,report",
        "init one.yaml two.yaml"
      })
  void aWrongCommandLineEndsWithTwoAndOneLineThatSaysWhy(String line) {
    assertThat(flywheel(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
    assertThat(err.toString()).startsWith("flywheel: ").doesNotContain("\tat ", " < ");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aDriverThatYarnRunsEndsByReturningWhereAllIsWell() {
    assertThat(Flywheel.endsByReturning(0, "yarn", "cluster")).isTrue();
    assertThat(Flywheel.endsByReturning(75, "yarn", "cluster")).isFalse();
    assertThat(Flywheel.endsByReturning(0, "yarn", "client")).isFalse();
    assertThat(Flywheel.endsByReturning(0, "spark://master:7077", "cluster")).isFalse();
    assertThat(Flywheel.endsByReturning(0, null, null)).isFalse();
  }

  @Test
  void credentialsInTheConfigurationAreRefusedAndNotShown() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("flywheel.yaml"),
            "spark: {spark.hadoop.fs.s3a.bucket.b.secret.key: canary}\n");
    assertThat(
            flywheel(
                ("nightly --from 2026-01-05 --to 2026-01-06 --lake x --input y --config " + config)
                    .split(" ")))
        .isEqualTo(2);
    assertThat(err.toString())
        .contains("spark.hadoop.fs.s3a.bucket.b.secret.key", "AWS_SECRET_ACCESS_KEY")
        .doesNotContain("canary");
  }

  @Test
  void aMissingIntervalIsAnsweredWithHowToWriteOneDay() {
    flywheel("nightly", "--lake", "x");
    assertThat(err.toString()).contains("--from 2026-01-05 --to 2026-01-06");
  }

  @Test
  void anEmptyIntervalIsAnsweredWithTheSameDayWrittenRight() {
    flywheel("nightly", "--lake", "x", "--from", "2026-01-07", "--to", "2026-01-07");
    assertThat(err.toString()).contains("--from 2026-01-07 --to 2026-01-08");
  }

  @Test
  void everyCommandHasHelpWithAnExample() {
    for (String command : dev.flywheel.cli.CommandLines.names()) {
      out.getBuffer().setLength(0);
      assertThat(flywheel(command, "--help")).isZero();
      assertThat(out.toString()).contains("Example:", "flywheel " + command);
    }
  }

  @Test
  void anUnknownSettingIsNamed() throws Exception {
    Path config = Files.writeString(folder.resolve("own.yaml"), "sample: {per_dya: 3}\n");
    int code =
        flywheel(
            "nightly",
            "--from",
            "2026-01-05",
            "--to",
            "2026-01-06",
            "--lake",
            "x",
            "--config",
            config.toString());
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("per_dya", "per_day");
  }

  @Test
  void initWritesAFileThatLoadsAndNeverReplacesOne() throws Exception {
    Path config = folder.resolve("flywheel.yaml");
    assertThat(flywheel("init", config.toString())).isZero();
    String written = Files.readString(config);
    assertThat(
            dev.flywheel.settings.Settings.load(java.util.Optional.of(config), java.util.Map.of()))
        .isEqualTo(
            dev.flywheel.settings.Settings.load(java.util.Optional.empty(), java.util.Map.of()));
    assertThat(flywheel("init", config.toString())).isEqualTo(2);
    assertThat(Files.readString(config)).isEqualTo(written);
  }
}
