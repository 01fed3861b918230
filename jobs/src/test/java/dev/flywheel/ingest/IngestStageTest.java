package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.lake.StageLog;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From files of native logs to the tables events and quarantine of a lake. */
class IngestStageTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  @TempDir Path root;
  private NativeLogs logs;

  @BeforeEach
  void openLake() {
    logs = new NativeLogs(root);
  }

  @Test
  void goodLinesBecomeEventsAndBadOnesRowsOfQuarantine() {
    logs.land(
        DAY,
        "hour=07/a b%20c.jsonl",
        RawLine.of("text_copied").with("copied_text", "x").with("source_file", "y") + "\r\n",
        "\n",
        "{\"event_id\":\n",
        RawLine.of("session_ended").with("event_time", "2026-01-05T00:00:00+02:00").toString());

    StageLog log = logs.ingest(DAY);

    Row event = logs.rows(Events.SPEC, "source_line = 1").get(0);
    assertThat(event.<Object>getAs(TableSpec.LANDING_DATE)).hasToString("2026-01-05");
    assertThat(event.<Object>getAs(Events.EVENT_DATE)).hasToString("2026-01-05");
    assertThat(event.<Object>getAs(Events.EVENT_TIME)).hasToString("2026-01-05 12:00:00.0");
    assertThat(event.<String>getAs(Events.COPIED_TEXT)).isEqualTo("x");
    assertThat(event.<Integer>getAs(Events.UNKNOWN_FIELDS)).isEqualTo(1);
    assertThat(event.<String>getAs(Events.SOURCE_FILE))
        .isEqualTo("dt=2026-01-05/hour=07/a b%20c.jsonl");
    assertThat(logs.rows(Events.SPEC, "source_line = 4").get(0).<Object>getAs(Events.EVENT_DATE))
        .hasToString("2026-01-04");
    Row bad = logs.rows(Quarantine.SPEC, "true").get(0);
    assertThat(bad.<String>getAs(Quarantine.REASON)).isEqualTo("invalid_json");
    assertThat(bad.<Long>getAs(Quarantine.SOURCE_LINE)).isEqualTo(3);
    assertThat(bad.<Long>getAs(Quarantine.LINE_BYTES)).isEqualTo(12);
    assertThat(bad.<String>getAs(Quarantine.LINE_TEXT)).isEqualTo("{\"event_id\":");
    assertThat(bad.<String>getAs(Quarantine.RUN_ID)).isEqualTo("run-2026-01-05");
    assertThat(log.counts())
        .containsEntry("lines", 4L)
        .containsEntry("good", 2L)
        .containsEntry("quarantined", 1L)
        .containsEntry("quarantined_invalid_json", 1L)
        .containsEntry("blank", 1L)
        .containsEntry("unknown_fields", 1L)
        .containsEntry("files", 1L)
        .containsEntry("events_rows", 2L);
  }

  @Test
  void whenALineMayLandIsCountedFromItsEventDate() {
    for (String time :
        List.of(
            "2026-01-02T23:59:59Z",
            "2026-01-03T00:00:00Z",
            "2026-01-05T23:59:59Z",
            "2026-01-06T00:00:00Z")) {
      logs.land(
          DAY,
          time.replace(":", "") + ".jsonl",
          RawLine.of("session_ended").with("event_time", time));
    }
    logs.ingest(DAY);

    assertThat(logs.reasons()).isEqualTo(Map.of("too_late", 1L, "too_early", 1L));
    assertThat(logs.lake.read(Events.SPEC).count()).isEqualTo(2);
  }

  @Test
  void linesAtTheWrongTimeAreNoBadLines() {
    logs.overrides.put("ingest.max_bad_share", 0.0);
    logs.land(
        DAY, "a.jsonl", RawLine.of("session_ended").with("event_time", "2025-01-01T00:00:00Z"));

    logs.ingest(DAY);

    assertThat(logs.reasons()).isEqualTo(Map.of("too_late", 1L));
  }

  @Test
  void tooManyBadLinesPublishNothingAndSayWhereTheyAre() {
    logs.land(DAY, "good.jsonl", RawLine.of("session_ended"));
    logs.ingest(DAY);
    var before = TestLakes.lawfulRows(root.resolve("lake"));
    long version = logs.lake.version(Events.SPEC);
    logs.land(
        DAY, "good.jsonl", RawLine.of("session_ended") + "\n", "{\"user_id\":\"s3cret\"}\n", "[1]");
    logs.overrides.put("ingest.max_bad_share", 0.66);

    assertThatThrownBy(() -> logs.ingest(DAY))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.GATE))
        .hasMessageContaining("2 of 3 lines")
        .hasMessageContaining("missing_field 1")
        .hasMessageContaining("not_an_object first at dt=2026-01-05/good.jsonl:3")
        .hasMessageNotContaining("s3cret");

    assertThat(logs.lake.version(Events.SPEC)).isEqualTo(version);
    assertThat(TestLakes.lawfulRows(root.resolve("lake"))).isEqualTo(before);
    logs.overrides.put("ingest.max_bad_share", 0.67);
    logs.ingest(DAY);
    assertThat(logs.lake.read(Quarantine.SPEC).count()).isEqualTo(2);
  }

  @Test
  void aBadDayFailsItsRunHoweverManyGoodOnesAreTakenInWithIt() {
    var good = new Object[10];
    for (int i = 0; i < good.length; i++) {
      good[i] = RawLine.of("session_ended").with("event_id", "e" + i) + "\n";
    }
    LocalDate bad = DAY.plusDays(1);
    logs.land(DAY, "a.jsonl", good);
    logs.land(bad, "a.jsonl", RawLine.of("session_ended") + "\n", "bad\n");
    logs.land(bad.plusDays(1), "a.jsonl", good);
    logs.overrides.put("ingest.max_bad_share", 0.2);

    assertThatThrownBy(() -> logs.ingest(new DateRange(DAY, bad.plusDays(2))))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.GATE))
        .hasMessageContaining("1 of 2 lines of the landing day 2026-01-06 are bad (50.0 %)")
        .hasMessageContaining("dt=2026-01-06/a.jsonl:2");

    assertThat(logs.lake.read(Events.SPEC).count()).isZero();
  }

  @Test
  void aLandingDayReplacesItselfOnlyAndTwiceEqualsOnce() {
    logs.land(DAY, "a.jsonl", RawLine.of("session_ended") + "\n", "bad\n");
    logs.land(DAY.plusDays(1), "a.jsonl", RawLine.of("session_ended") + "\n", "bad\n");
    logs.ingest(DAY);
    logs.ingest(DAY.plusDays(1));
    var before = TestLakes.lawfulRows(root.resolve("lake"));
    logs.ingest(DAY);
    assertThat(TestLakes.lawfulRows(root.resolve("lake"))).isEqualTo(before);

    logs.land(DAY, "a.jsonl", RawLine.of("session_ended").with("event_id", "another"));
    logs.ingest(DAY);

    assertThat(
            strings(
                logs.lake
                    .read(Events.SPEC)
                    .selectExpr("concat_ws(' ', landing_date, event_id) as where_and_what")))
        .containsExactly("2026-01-05 another", "2026-01-06 e");
    assertThat(logs.lake.read(Quarantine.SPEC).count()).isEqualTo(1);
  }

  @Test
  void aRepeatOnAnotherDayIsDroppedWhateverDayCameFirst() {
    logs.land(DAY, "z.jsonl", RawLine.of("session_ended"));
    logs.land(DAY.plusDays(1), "a.jsonl", RawLine.of("session_ended"));
    logs.ingest(DAY.plusDays(1));
    logs.ingest(DAY);

    Dataset<Row> read =
        LandedEvents.withoutRepeats(
            LandedEvents.read(logs.lake, TestSpark.run(DateRange.of(DAY)), DateRange.of(DAY)));

    assertThat(strings(read.select(Events.SOURCE_FILE))).containsExactly("dt=2026-01-05/z.jsonl");
  }

  @Test
  void theSameRowsWithOneTaskAndWithSeven() {
    for (int i = 0; i < 7; i++) {
      logs.land(
          DAY,
          "part-" + i + ".jsonl",
          RawLine.of("text_copied").with("event_id", "e" + i).with("copied_text", "ä😀") + "\n",
          i + " is bad\n");
    }
    var files = RawFiles.list(hadoop(), TestSpark.settings(logs.overrides), DateRange.of(DAY));
    var one = List.of(new RawFiles.Task(files.files()));
    var seven = files.files().stream().map(file -> new RawFiles.Task(List.of(file))).toList();

    assertThat(parsed(one)).hasSize(14).isEqualTo(parsed(seven));
  }

  @Test
  void smallFilesShareATaskButDaysDoNot() {
    for (int i = 0; i < 50; i++) {
      logs.land(DAY, "part-" + i + ".jsonl", RawLine.of("session_ended"));
      logs.land(DAY.plusDays(1), "part-" + i + ".jsonl", RawLine.of("session_ended"));
    }
    var two = new DateRange(DAY, DAY.plusDays(2));
    assertThat(RawFiles.list(hadoop(), TestSpark.settings(logs.overrides), two).tasks(2))
        .hasSize(2);

    logs.ingest(two);

    assertThat(logs.lake.read(Events.SPEC).inputFiles()).hasSize(2);
  }

  @Test
  void filesThatAreNotThereYetAreSkipped() {
    logs.land(DAY, "_writing.jsonl", "bad");
    logs.land(DAY, ".part.jsonl.crc", "bad");
    logs.land(DAY, "_temporary/0/part.jsonl", "bad");
    logs.land(DAY, "a.jsonl", RawLine.of("session_ended"));

    assertThat(logs.ingest(DAY).counts()).containsEntry("lines", 1L).containsEntry("files", 1L);
  }

  /** Its logs.raw logs may have expired since. */
  @Test
  void aDayWithoutFilesStaysAsItIsAloneAndAmongOthers() throws IOException {
    var days = new DateRange(DAY, DAY.plusDays(3));
    for (LocalDate day : days.toList()) {
      logs.land(day, "a.jsonl", RawLine.of("session_ended"));
    }
    logs.ingest(days);
    assertThat(logs.lake.read(Events.SPEC).count()).isEqualTo(3);
    long version = logs.lake.version(Events.SPEC);
    Files.delete(logs.raw.resolve("dt=2026-01-06/a.jsonl"));

    assertExit(ExitCode.NOTHING_TO_DO, "dt=2026-01-06", () -> logs.ingest(DAY.plusDays(1)));
    assertExit(
        ExitCode.NOTHING_TO_DO, "dt=2026-01-09", () -> logs.ingest(LocalDate.of(2026, 1, 9)));
    assertThat(logs.lake.version(Events.SPEC)).isEqualTo(version);

    logs.ingest(days);
    assertThat(logs.lake.dates(Events.SPEC, days)).isEqualTo(days.toList());
    assertThat(logs.lake.read(Events.SPEC).count()).isEqualTo(3);
  }

  @Test
  void aDayOfEmptyFilesBecomesEmpty() throws IOException {
    logs.land(DAY, "a.jsonl", RawLine.of("session_ended"));
    logs.ingest(DAY);
    Files.delete(logs.raw.resolve("dt=2026-01-05/a.jsonl"));
    logs.land(DAY, "blank.jsonl", "\n \t\r\n\n");
    logs.land(DAY, "empty.jsonl.gz");
    logs.land(DAY, "empty.jsonl.zst");

    StageLog log = logs.ingest(DateRange.of(DAY));
    assertThat(log.counts()).containsEntry("blank", 3L).containsEntry("files", 3L);
    assertThat(logs.lake.read(Events.SPEC).count()).isZero();
  }

  @Test
  void whatCannotBeReadIsSaidClearly() {
    logs.overrides.put("input.path", logs.raw.resolve("nowhere").toString());
    assertExit(ExitCode.USAGE, "nowhere", () -> logs.ingest(DAY));
    logs.overrides.put("input.path", logs.raw.toString());
    logs.land(DAY, "a.jsonl", RawLine.of("session_ended"));
    logs.overrides.put("input.format", "parquet");
    assertExit(ExitCode.USAGE, "Known: native", () -> logs.ingest(DAY));
    logs.overrides.put("input.format", "native");
    logs.overrides.put("input.day_pattern", "'../dt='yyyy-MM-dd");
    assertExit(ExitCode.USAGE, "input.day_pattern", () -> logs.ingest(DAY));
  }

  @Test
  void aFileThatTheStorageDoesNotGiveIsWorthARetry() {
    var task =
        new RawFiles.Task(
            List.of(
                new RawFile(
                    logs.raw.resolve("missing.jsonl").toString(), "missing.jsonl", 20_458, 9)));

    assertThatThrownBy(() -> parsed(List.of(task)))
        .satisfies(
            e ->
                assertThat(dev.flywheel.runner.JobRunner.exitCode(e))
                    .isEqualTo(ExitCode.TRANSIENT));
  }

  @Test
  void theTenantOfTheSettingsFillsIn() {
    logs.overrides.put("input.tenant", "acme");
    logs.land(
        DAY,
        "a.jsonl",
        RawLine.of("session_ended") + "\n",
        RawLine.of("session_ended").with("tenant_id", "other").toString());
    logs.ingest(DAY);

    assertThat(strings(logs.lake.read(Events.SPEC).select(Events.TENANT_ID)))
        .containsExactly("acme", "other");
  }

  private List<String> parsed(List<RawFiles.Task> tasks) {
    var context = logs.lake.spark().sparkContext();
    var settings = TestSpark.settings(logs.overrides);
    var reader =
        new LineRows(
            tasks,
            new NativeFormat("default", 1_000, 1 << 20),
            LineRows.Limits.of(TestSpark.run(DateRange.of(DAY)), settings.ingest()),
            DayTallies.in(context),
            org.apache.spark.api.java.JavaSparkContext.fromSparkContext(context)
                .broadcast(new org.apache.spark.util.SerializableConfiguration(hadoop())));
    Dataset<Row> rows = reader.read(logs.lake.spark());
    assertThat(rows.rdd().getNumPartitions()).isEqualTo(tasks.size());
    return rows.toJSON().collectAsList().stream().sorted().toList();
  }

  private org.apache.hadoop.conf.Configuration hadoop() {
    return logs.lake.spark().sessionState().newHadoopConf();
  }

  private static void assertExit(ExitCode code, String says, Runnable command) {
    assertThatThrownBy(command::run)
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .hasMessageContaining(says);
  }

  private static List<String> strings(Dataset<Row> rows) {
    return rows.as(Encoders.STRING()).collectAsList().stream().sorted().toList();
  }
}
