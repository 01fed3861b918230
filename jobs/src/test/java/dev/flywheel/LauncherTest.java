package dev.flywheel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/flywheel without spark-submit, and the program without bin/flywheel. */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("../bin/flywheel");

  private record Ended(int exitCode, String printed, Duration took) {}

  private static Ended flywheel(String... args) throws IOException, InterruptedException {
    return run(bash(LAUNCHER, args));
  }

  private static List<String> bash(Path launcher, String... args) {
    assumeThat(Files.isExecutable(Path.of("/bin/bash")))
        .as("skipped: the launcher is a bash script, and there is no bash")
        .isTrue();
    var command = new ArrayList<>(List.of("/bin/bash", launcher.toString()));
    command.addAll(List.of(args));
    return command;
  }

  private static Ended run(List<String> command) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("SPARK_HOME");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Instant started = Instant.now();
    Process process = builder.start();
    var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), printed, Duration.between(started, Instant.now()));
  }

  @Test
  void helpComesAtOnceAndLoadsNoSpark() throws Exception {
    Ended help = flywheel("--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.printed()).contains("nightly", "demo", "doctor").doesNotContain("WARN");
    // Under a second on an idle machine; a session alone would take longer than this.
    assertThat(help.took()).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void exitCodesPassThrough() throws Exception {
    assertThat(flywheel("nightly", "--unknown").exitCode()).isEqualTo(2);
  }

  @Test
  void optionsOfSparkSubmitPassWholeFromAFolderWithABlank(@TempDir Path folder) throws Exception {
    Path checkout = folder.resolve("a checkout");
    Path target = checkout.resolve("jobs/target");
    for (String file :
        List.of("flywheel.jar", "delta/delta-spark.jar", "delta/delta-storage.jar", "s3a/s3.jar")) {
      Files.createDirectories(target.resolve(file).getParent());
      Files.createFile(target.resolve(file));
    }
    Path launcher = Files.createDirectories(checkout.resolve("bin")).resolve("flywheel");
    Files.copy(LAUNCHER, launcher);
    Path submit = Files.createDirectories(folder.resolve("spark/bin")).resolve("spark-submit");
    Files.writeString(submit, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertThat(submit.toFile().setExecutable(true)).isTrue();

    var builder = new ProcessBuilder(bash(launcher, "doctor")).redirectErrorStream(true);
    builder.environment().put("SPARK_HOME", folder.resolve("spark").toString());
    builder.environment().put("FLYWHEEL_SUBMIT_OPTS", "--master yarn\n  --jars own.jar\n--verbose");
    builder.environment().remove("FLYWHEEL_LOG4J");
    Process process = builder.start();
    var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(printed).isZero();
    String built = checkout.toRealPath() + "/bin/../jobs/target/";
    assertThat(printed.lines())
        .containsSubsequence("--master", "yarn", "--verbose", built + "flywheel.jar", "doctor")
        // As Spark's launcher reads it: one option, beside those that a user passes.
        .contains(
            "spark.driver.defaultJavaOptions=\"-Dlog4j2.configurationFile="
                + checkout.toRealPath()
                + "/bin/log4j2.properties\"")
        // Of several, Spark takes the last.
        .containsSubsequence(
            "--jars",
            built
                + "delta/delta-spark.jar,"
                + built
                + "delta/delta-storage.jar,"
                + built
                + "s3a/s3.jar,own.jar",
            built + "flywheel.jar");
  }

  @Test
  void aJavaThatOpensNothingToSparkIsToldWhatToPass(@TempDir Path folder) throws Exception {
    Ended ended =
        run(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Flywheel.class.getName(),
                "ingest",
                "--input",
                folder.toString(),
                "--lake",
                folder.resolve("lake").toString(),
                "--from",
                "2026-01-05",
                "--to",
                "2026-01-06"));
    assertThat(ended.exitCode()).as(ended.printed()).isEqualTo(2);
    assertThat(ended.printed()).contains("--driver-java-options @bin/spark.options");
  }
}
