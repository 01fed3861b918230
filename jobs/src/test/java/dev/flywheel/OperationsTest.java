package dev.flywheel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.run.DateRange;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestLakes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/operations.md tells people to type runs as it stands there, and does what it says.
 * Commands of Airflow and blocks of Python have their tests in airflow-dags/ and tests-python/.
 */
class OperationsTest {
  private static final Path PAGE = Path.of("../docs/operations.md");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");
  private static final LocalDate FIRST = LocalDate.of(2026, 1, 1);

  @TempDir Path folder;

  @BeforeEach
  void aWeekOfLogsAndAConfiguration() throws IOException {
    Generator.run(
        GeneratorOptions.of(
            folder.resolve("raw"),
            folder.resolve("truth"),
            new DateRange(FIRST, FIRST.plusDays(7)),
            15,
            42));
    Files.writeString(
        folder.resolve("flywheel.yaml"),
        "lake: %s\ninput: {path: %s}\n".formatted(folder.resolve("lake"), folder.resolve("raw")));
  }

  private static List<String> commands() throws IOException {
    return BLOCK
        .matcher(Files.readString(PAGE))
        .results()
        .flatMap(block -> block.group(1).lines())
        .filter(line -> line.startsWith("bin/flywheel "))
        .distinct()
        .toList();
  }

  private Program.Ended run(String command) {
    Path config = folder.resolve(command.contains(" init ") ? "new.yaml" : "flywheel.yaml");
    return Program.run(
        Arrays.stream(command.split(" ", -1))
            .skip(1)
            .map(word -> word.equals("flywheel.yaml") ? config.toString() : word)
            .toArray(String[]::new));
  }

  @Test
  void everyCommandRuns() throws IOException {
    List<String> commands = commands();
    assertThat(commands).hasSizeGreaterThanOrEqualTo(8);
    for (String command : commands) {
      Program.Ended ended = run(command);
      assertThat(ended.exitCode()).as("%s: %s%s", command, ended.out(), ended.err()).isZero();
    }
    assertThat(folder.resolve("lake/reports/latest.html")).exists();
  }

  @Test
  void aLandingDayIsTakenOutByAnEmptyFile() throws IOException {
    night("2026-01-05", "2026-01-06");
    Map<String, List<String>> before = TestLakes.lawfulRows(folder.resolve("lake"));
    night("2026-01-06", "2026-01-07");
    assertThat(TestLakes.lawfulRows(folder.resolve("lake"))).isNotEqualTo(before);

    Path day = folder.resolve("raw/dt=2026-01-06");
    try (Stream<Path> files = Files.list(day)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.createFile(day.resolve("taken-out.jsonl"));
    night("2026-01-06", "2026-01-07");
    assertThat(TestLakes.lawfulRows(folder.resolve("lake"))).isEqualTo(before);
  }

  private void night(String from, String to) {
    Program.Ended ended =
        run("bin/flywheel nightly --config flywheel.yaml --from " + from + " --to " + to);
    assertThat(ended.exitCode()).as(ended.err()).isZero();
  }
}
