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
    assumeThat(Files.isExecutable(Path.of("/bin/bash")))
        .as("skipped: the launcher is a bash script, and there is no bash")
        .isTrue();
    var command = new ArrayList<>(List.of("/bin/bash", LAUNCHER.toString()));
    command.addAll(List.of(args));
    return run(command);
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
