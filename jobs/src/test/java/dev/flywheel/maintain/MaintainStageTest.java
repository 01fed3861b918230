package dev.flywheel.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.StageLog;
import dev.flywheel.lake.Upkeep;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.RunManifest;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files become fewer, rows stay as they are, and nothing goes that somebody may still read. */
class MaintainStageTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final Settings SETTINGS = TestSpark.settings(Map.of());

  @TempDir Path root;
  private Lakehouse lake;

  /** Two days of four files each, and a registry with a file for each of three versions. */
  @BeforeEach
  void aLakeOfSmallFiles() {
    lake = TestLakes.open(root);
    for (LocalDate day : List.of(DAY, DAY.plusDays(1))) {
      lake.replace(Quarantine.SPEC, DateRange.of(day), lines(day).repartition(4));
    }
    for (int version = 1; version <= 3; version++) {
      lake.append(
          EvalDatasetVersions.SPEC,
          Rows.of(
              EvalDatasetVersions.SPEC,
              Map.of(
                  EvalDatasetVersions.DATASET_NAME,
                  "production",
                  EvalDatasetVersions.VERSION,
                  version,
                  EvalDatasetVersions.N_RECORDS,
                  1L,
                  EvalDatasetVersions.N_ADDED,
                  1L,
                  EvalDatasetVersions.N_RETIRED,
                  0L,
                  EvalDatasetVersions.CONTENT_HASH,
                  1L,
                  EvalDatasetVersions.PUBLISHED_AT,
                  Instant.EPOCH,
                  EvalDatasetVersions.RUN_ID,
                  "r")));
    }
  }

  private static Dataset<Row> lines(LocalDate day) {
    return Rows.of(
        Quarantine.SPEC,
        IntStream.range(0, 40)
            .mapToObj(
                line ->
                    Map.<String, Object>of(
                        TableSpec.LANDING_DATE,
                        day,
                        Quarantine.SOURCE_FILE,
                        "f.jsonl",
                        Quarantine.SOURCE_LINE,
                        (long) line,
                        Quarantine.SOURCE_RECORD,
                        1,
                        Quarantine.REASON,
                        "invalid_json",
                        Quarantine.LINE_BYTES,
                        1L,
                        Quarantine.RUN_ID,
                        "r"))
            .toList());
  }

  private StageLog maintain(DateRange days) {
    return maintain(days, SETTINGS);
  }

  private StageLog maintain(DateRange days, Settings settings) {
    var log = new StageLog();
    new MaintainStage().run(lake.noting(log), TestSpark.run(days), settings);
    return log;
  }

  @Test
  void filesOfTheIntervalAreMergedAndNoRowChanges() {
    List<String> lines = TestLakes.rows(lake, Quarantine.SPEC);
    List<String> versions = TestLakes.rows(lake, EvalDatasetVersions.SPEC);
    assertThat(new Upkeep(lake).filesToMerge(Quarantine.SPEC, new DateRange(DAY, DAY.plusDays(2))))
        .isEqualTo(8);

    StageLog log = maintain(DateRange.of(DAY));

    assertThat(log.counts())
        .isEqualTo(Map.of("quarantine_files_merged", 4L, "eval_dataset_versions_files_merged", 3L));
    assertThat(log.outputVersions())
        .isEqualTo(
            Map.of(
                "quarantine",
                lake.version(Quarantine.SPEC),
                "eval_dataset_versions",
                lake.version(EvalDatasetVersions.SPEC)));
    assertThat(new Upkeep(lake).filesToMerge(Quarantine.SPEC, DateRange.of(DAY))).isZero();
    assertThat(new Upkeep(lake).filesToMerge(Quarantine.SPEC, DateRange.of(DAY.plusDays(1))))
        .isEqualTo(4);
    assertThat(TestLakes.rows(lake, Quarantine.SPEC)).isEqualTo(lines);
    assertThat(TestLakes.rows(lake, EvalDatasetVersions.SPEC)).isEqualTo(versions);
    Row detail =
        lake.spark().sql("DESCRIBE DETAIL delta.`%s`".formatted(lake.path(Quarantine.SPEC))).head();
    assertThat(detail.<Integer>getAs("minReaderVersion")).isEqualTo(1);
  }

  @Test
  void whatIsMergedStaysMerged() {
    maintain(DateRange.of(DAY));
    long version = lake.version(Quarantine.SPEC);
    StageLog again = maintain(DateRange.of(DAY));
    assertThat(again.counts()).isEmpty();
    assertThat(lake.version(Quarantine.SPEC)).isEqualTo(version);
  }

  @Test
  void whereNothingIsMergedNoVersionIsNoted() {
    var conf = lake.spark().conf();
    // Files of this size and more are left as they are.
    conf.set("spark.databricks.delta.optimize.minFileSize", "1");
    try {
      assertThat(maintain(DateRange.of(DAY)).outputVersions()).isEmpty();
    } finally {
      conf.unset("spark.databricks.delta.optimize.minFileSize");
    }
  }

  @Test
  void onlyFilesUnusedForLongerThanTheRetentionGo() throws IOException {
    Path table = root.resolve("tables/quarantine");
    Path used = parquetFiles(table).get(0);
    Path failedWrite = Files.copy(used, used.resolveSibling("failed-write.parquet"));
    Path runningWrite = Files.copy(used, used.resolveSibling("running-write.parquet"));
    maintain(DateRange.of(DAY));
    List<Path> before = parquetFiles(table);
    // Eight days go by, for all files but the one that is being written.
    for (Path file : before) {
      if (!file.equals(runningWrite)) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
      }
    }
    List<String> lines = TestLakes.rows(lake, Quarantine.SPEC);
    StageLog log = maintain(DateRange.of(DAY.plusDays(1)));
    // The four that were merged were in use until a moment ago.
    assertThat(log.counts()).containsEntry("quarantine_files_deleted", 1L);
    assertThat(failedWrite).doesNotExist();
    assertThat(runningWrite).exists();
    assertThat(used).exists();

    ageRemovals(table, Duration.ofDays(8));
    assertThat(new Upkeep(lake).unusedFiles(Quarantine.SPEC)).isEqualTo(8);
    assertThat(maintain(DateRange.of(DAY)).counts()).containsEntry("quarantine_files_deleted", 8L);
    assertThat(used).doesNotExist();
    assertThat(runningWrite).exists();
    assertThat(TestLakes.rows(lake, Quarantine.SPEC)).isEqualTo(lines);
  }

  private static List<Path> parquetFiles(Path table) throws IOException {
    try (Stream<Path> files = Files.walk(table)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
    }
  }

  /** Delta goes by what the table says, whatever VACUUM is told. */
  @Test
  void aLongerRetentionKeepsFilesForLonger() throws IOException {
    Path table = root.resolve("tables/quarantine");
    Settings month = TestSpark.settings(Map.of("maintain.retention_days", 30));
    maintain(DateRange.of(DAY), month);
    ageRemovals(table, Duration.ofDays(20));

    maintain(DateRange.of(DAY), month);
    assertThat(parquetFiles(table)).hasSize(9);

    assertThat(maintain(DateRange.of(DAY)).counts()).containsEntry("quarantine_files_deleted", 4L);
  }

  /** Makes the table's log say that files were removed so long ago. */
  private void ageRemovals(Path table, Duration age) throws IOException {
    long then = Instant.now().minus(age).toEpochMilli();
    try (Stream<Path> log = Files.list(table.resolve("_delta_log"))) {
      for (Path file : log.toList()) {
        if (file.toString().endsWith(".json")) {
          Files.writeString(
              file,
              Files.readString(file)
                  .replaceAll("\"deletionTimestamp\":\\d+", "\"deletionTimestamp\":" + then));
        }
        // Checksums of the log would no longer fit.
        if (file.toString().endsWith(".crc")) {
          Files.delete(file);
        }
      }
    }
    for (Path file : parquetFiles(table)) {
      if (!file.endsWith("running-write.parquet")) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(then));
      }
    }
    DeltaLog.clearCache();
  }

  @Test
  void aRetentionShorterThanTheLongestRunIsRefused() {
    lake.append(
        RunManifest.SPEC,
        Rows.of(
            RunManifest.SPEC,
            Map.ofEntries(
                Map.entry(RunManifest.RUN_ID, "long"),
                Map.entry(RunManifest.COMMAND, "nightly"),
                Map.entry(RunManifest.STATUS, "ok"),
                Map.entry(RunManifest.EXIT_CODE, 0),
                Map.entry(RunManifest.STARTED_AT, Instant.EPOCH),
                Map.entry(RunManifest.DURATION_MS, Duration.ofDays(8).toMillis()),
                Map.entry(RunManifest.STAGES, List.of()),
                Map.entry(RunManifest.CONFIG_HASH, "h"),
                Map.entry(RunManifest.SEED, 42L),
                Map.entry(RunManifest.BUILD_COMMIT, "c"))));
    assertThatThrownBy(() -> maintain(DateRange.of(DAY)))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("192 hours")
        .hasMessageContaining("maintain.retention_days");
    assertThatThrownBy(() -> TestSpark.settings(Map.of("maintain.retention_days", 6)))
        .hasMessageContaining("7 to 30");
  }

  @Test
  void theCommandSaysWhatItWouldDoAndThenDoesIt() {
    String[] command = {
      "maintain", "--lake", root.toString(), "--from", "2026-01-05", "--to", "2026-01-07"
    };
    Program.Ended dry = Program.run(with(command, "--dry-run"));
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    assertThat(dry.out().lines())
        .anyMatch(line -> line.matches(" *quarantine +merges 8 files, deletes 0"));
    assertThat(new Upkeep(lake).filesToMerge(Quarantine.SPEC, DateRange.of(DAY))).isEqualTo(4);

    Program.Ended done = Program.run(command);
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(done.out()).contains("11 small files merged");
    assertThat(lake.read(RunManifest.SPEC).count()).isEqualTo(1);
  }

  @Test
  void anEmptyLakeNeedsNoUpkeep(@TempDir Path empty) {
    Program.Ended done =
        Program.run(
            "maintain", "--lake", empty.toString(), "--from", "2026-01-05", "--to", "2026-01-06");
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(done.out()).contains("0 small files merged");
  }

  private static String[] with(String[] command, String option) {
    return Stream.concat(Stream.of(command), Stream.of(option)).toArray(String[]::new);
  }
}
