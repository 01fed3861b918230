package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are read for which landing days. */
class RawFilesTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  @TempDir Path root;
  private final Map<String, Object> overrides = new HashMap<>();

  @Test
  void aPatternThatNamesAFileTakesItAsTheOneOfItsDay() throws IOException {
    overrides.put("input.day_pattern", "yyyy-MM-dd'.jsonl'");
    land("2026-01-05.jsonl");
    land("2026-01-06.jsonl/part-0");

    assertThat(RawFiles.list(new Configuration(), settings(), range(2)).files())
        .extracting(RawFile::name, file -> LocalDate.ofEpochDay(file.landingDay()))
        .containsExactly(
            tuple("2026-01-05.jsonl", DAY), tuple("2026-01-06.jsonl/part-0", DAY.plusDays(1)));
  }

  @Test
  void onlyExportsSinceTheFirstManifestMustHaveOne() throws IOException {
    overrides.put("input.day_pattern", "yyyy-MM-dd");
    overrides.put("input.format", "langfuse");
    for (String run :
        List.of("2026-01-05T12-00-00", "2026-01-06T12-00-00", "2026-01-07T12-00-00")) {
      land("observations_v2/" + run + ".jsonl");
      land("scores/" + run + ".jsonl");
    }
    land("manifests/2026-01-06T12-00-00.json");

    assertThat(RawFiles.list(new Configuration(), settings(), range(2)).files())
        .as("the first was exported before there were manifests")
        .hasSize(4);
    assertThatThrownBy(() -> RawFiles.list(new Configuration(), settings(), range(3)))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.TRANSIENT))
        .hasMessageContaining("manifests/2026-01-07T12-00-00.json");
  }

  private Settings settings() {
    overrides.put("input.path", root.toString());
    return TestSpark.settings(overrides);
  }

  private static DateRange range(int days) {
    return new DateRange(DAY, DAY.plusDays(days));
  }

  private void land(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{}\n");
  }
}
