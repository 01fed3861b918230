package dev.flywheel.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportStageTest {
  @TempDir Path root;

  @Test
  void smoke() throws Exception {
    Lakehouse lake = SampleLake.write(root, 1200);
    for (int i = 0; i < 4; i++) {
      long start = System.nanoTime();
      var run =
          i == 0
              ? TestSpark.run(SampleLake.ALL)
              : TestSpark.run(dev.flywheel.run.DateRange.of(SampleLake.LAST));
      System.out.println(new ReportStage().run(lake, run, TestSpark.settings(Map.of())));
      System.out.println((System.nanoTime() - start) / 1e9);
    }
    Files.copy(
        root.resolve("reports/latest.html"),
        Path.of("target/latest.html"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    System.out.println(Files.size(Path.of("target/latest.html")));
    assertThat(lake.read(dev.flywheel.tables.FailureReports.SPEC).count()).isPositive();
    lake.read(dev.flywheel.tables.FailureReports.SPEC)
        .orderBy("event_date", "rank")
        .where("event_date='2026-01-12'")
        .show(false);
  }
}
