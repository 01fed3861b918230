package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdOutputStream;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.StageLog;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/** From files of native logs to the tables events and quarantine of a lake. */
class IngestStageTest {
  private static final Path SHARED = Path.of("../../shared/data");
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  @TempDir Path root;
  private Path raw;
  private Lakehouse lake;
  private final Map<String, Object> overrides = new HashMap<>();

  @BeforeEach
  void openLake() {
    raw = root.resolve("raw");
    lake = TestLakes.open(root.resolve("lake"));
    overrides.put("input.path", raw.toString());
    overrides.put("ingest.max_bad_share", 1.0);
  }

  @Test
  void goodLinesBecomeEventsAndBadOnesRowsOfQuarantine() {
    land(
        DAY,
        "hour=07/a b%20c.jsonl",
        RawLine.of("text_copied").with("copied_text", "x").with("source_file", "y") + "\r\n",
        "\n",
        "{\"event_id\":\n",
        RawLine.of("session_ended").with("event_time", "2026-01-05T00:00:00+02:00").toString());

    StageLog log = ingest(DAY);

    Row event = rows(Events.SPEC, "source_line = 1").get(0);
    assertThat(event.<Object>getAs(TableSpec.LANDING_DATE)).hasToString("2026-01-05");
    assertThat(event.<Object>getAs(Events.EVENT_DATE)).hasToString("2026-01-05");
    assertThat(event.<Object>getAs(Events.EVENT_TIME)).hasToString("2026-01-05 12:00:00.0");
    assertThat(event.<String>getAs(Events.COPIED_TEXT)).isEqualTo("x");
    assertThat(event.<Integer>getAs(Events.UNKNOWN_FIELDS)).isEqualTo(1);
    assertThat(event.<String>getAs(Events.SOURCE_FILE))
        .isEqualTo("dt=2026-01-05/hour=07/a b%20c.jsonl");
    assertThat(rows(Events.SPEC, "source_line = 4").get(0).<Object>getAs(Events.EVENT_DATE))
        .hasToString("2026-01-04");
    Row bad = rows(Quarantine.SPEC, "true").get(0);
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
      land(
          DAY,
          time.replace(":", "") + ".jsonl",
          RawLine.of("session_ended").with("event_time", time));
    }
    ingest(DAY);

    assertThat(reasons()).isEqualTo(Map.of("too_late", 1L, "too_early", 1L));
    assertThat(lake.read(Events.SPEC).count()).isEqualTo(2);
  }

  @Test
  void linesAtTheWrongTimeAreNoBadLines() {
    overrides.put("ingest.max_bad_share", 0.0);
    land(DAY, "a.jsonl", RawLine.of("session_ended").with("event_time", "2025-01-01T00:00:00Z"));

    ingest(DAY);

    assertThat(reasons()).isEqualTo(Map.of("too_late", 1L));
  }

  @Test
  void tooManyBadLinesPublishNothingAndSayWhereTheyAre() {
    land(DAY, "good.jsonl", RawLine.of("session_ended"));
    ingest(DAY);
    var before = TestLakes.lawfulRows(root.resolve("lake"));
    long version = lake.version(Events.SPEC);
    land(
        DAY, "good.jsonl", RawLine.of("session_ended") + "\n", "{\"user_id\":\"s3cret\"}\n", "[1]");
    overrides.put("ingest.max_bad_share", 0.66);

    assertThatThrownBy(() -> ingest(DAY))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.GATE))
        .hasMessageContaining("2 of 3 lines")
        .hasMessageContaining("missing_field 1")
        .hasMessageContaining("not_an_object first at dt=2026-01-05/good.jsonl:3")
        .hasMessageNotContaining("s3cret");

    assertThat(lake.version(Events.SPEC)).isEqualTo(version);
    assertThat(TestLakes.lawfulRows(root.resolve("lake"))).isEqualTo(before);
    overrides.put("ingest.max_bad_share", 0.67);
    ingest(DAY);
    assertThat(lake.read(Quarantine.SPEC).count()).isEqualTo(2);
  }

  @Test
  void aBadDayFailsItsRunHoweverManyGoodOnesAreTakenInWithIt() {
    var good = new Object[10];
    for (int i = 0; i < good.length; i++) {
      good[i] = RawLine.of("session_ended").with("event_id", "e" + i) + "\n";
    }
    LocalDate bad = DAY.plusDays(1);
    land(DAY, "a.jsonl", good);
    land(bad, "a.jsonl", RawLine.of("session_ended") + "\n", "bad\n");
    land(bad.plusDays(1), "a.jsonl", good);
    overrides.put("ingest.max_bad_share", 0.2);

    assertThatThrownBy(() -> run(new DateRange(DAY, bad.plusDays(2))))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.GATE))
        .hasMessageContaining("1 of 2 lines of the landing day 2026-01-06 are bad (50.0 %)")
        .hasMessageContaining("dt=2026-01-06/a.jsonl:2");

    assertThat(lake.read(Events.SPEC).count()).isZero();
  }

  @Test
  void aLandingDayReplacesItselfOnlyAndTwiceEqualsOnce() {
    land(DAY, "a.jsonl", RawLine.of("session_ended") + "\n", "bad\n");
    land(DAY.plusDays(1), "a.jsonl", RawLine.of("session_ended") + "\n", "bad\n");
    ingest(DAY);
    ingest(DAY.plusDays(1));
    var before = TestLakes.lawfulRows(root.resolve("lake"));
    ingest(DAY);
    assertThat(TestLakes.lawfulRows(root.resolve("lake"))).isEqualTo(before);

    land(DAY, "a.jsonl", RawLine.of("session_ended").with("event_id", "another"));
    ingest(DAY);

    assertThat(
            strings(
                lake.read(Events.SPEC)
                    .selectExpr("concat_ws(' ', landing_date, event_id) as where_and_what")))
        .containsExactly("2026-01-05 another", "2026-01-06 e");
    assertThat(lake.read(Quarantine.SPEC).count()).isEqualTo(1);
  }

  @Test
  void aRepeatOnAnotherDayIsDroppedWhateverDayCameFirst() {
    land(DAY, "z.jsonl", RawLine.of("session_ended"));
    land(DAY.plusDays(1), "a.jsonl", RawLine.of("session_ended"));
    ingest(DAY.plusDays(1));
    ingest(DAY);

    Dataset<Row> read =
        LandedEvents.withoutRepeats(
            LandedEvents.read(lake, TestSpark.run(DateRange.of(DAY)), DateRange.of(DAY)));

    assertThat(strings(read.select(Events.SOURCE_FILE))).containsExactly("dt=2026-01-05/z.jsonl");
  }

  @Test
  void theSameRowsWithOneTaskAndWithSeven() {
    for (int i = 0; i < 7; i++) {
      land(
          DAY,
          "part-" + i + ".jsonl",
          RawLine.of("text_copied").with("event_id", "e" + i).with("copied_text", "ä😀") + "\n",
          i + " is bad\n");
    }
    var files = RawFiles.list(hadoop(), TestSpark.settings(overrides), DateRange.of(DAY));
    var one = List.of(new RawFiles.Task(files.files()));
    var seven = files.files().stream().map(file -> new RawFiles.Task(List.of(file))).toList();

    assertThat(parsed(one)).hasSize(14).isEqualTo(parsed(seven));
  }

  @Test
  void smallFilesShareATaskButDaysDoNot() {
    for (int i = 0; i < 50; i++) {
      land(DAY, "part-" + i + ".jsonl", RawLine.of("session_ended"));
      land(DAY.plusDays(1), "part-" + i + ".jsonl", RawLine.of("session_ended"));
    }
    var two = new DateRange(DAY, DAY.plusDays(2));
    assertThat(RawFiles.list(hadoop(), TestSpark.settings(overrides), two).tasks(2)).hasSize(2);

    run(two);

    assertThat(lake.read(Events.SPEC).inputFiles()).hasSize(2);
  }

  @Test
  void filesThatAreNotThereYetAreSkipped() {
    land(DAY, "_writing.jsonl", "bad");
    land(DAY, ".part.jsonl.crc", "bad");
    land(DAY, "_temporary/0/part.jsonl", "bad");
    land(DAY, "a.jsonl", RawLine.of("session_ended"));

    assertThat(ingest(DAY).counts()).containsEntry("lines", 1L).containsEntry("files", 1L);
  }

  /** Its raw logs may have expired since. */
  @Test
  void aDayWithoutFilesStaysAsItIsAloneAndAmongOthers() throws IOException {
    var days = new DateRange(DAY, DAY.plusDays(3));
    for (LocalDate day : days.toList()) {
      land(day, "a.jsonl", RawLine.of("session_ended"));
    }
    run(days);
    assertThat(lake.read(Events.SPEC).count()).isEqualTo(3);
    long version = lake.version(Events.SPEC);
    Files.delete(raw.resolve("dt=2026-01-06/a.jsonl"));

    assertExit(ExitCode.NOTHING_TO_DO, "dt=2026-01-06", () -> ingest(DAY.plusDays(1)));
    assertExit(ExitCode.NOTHING_TO_DO, "dt=2026-01-09", () -> ingest(LocalDate.of(2026, 1, 9)));
    assertThat(lake.version(Events.SPEC)).isEqualTo(version);

    run(days);
    assertThat(lake.dates(Events.SPEC, days)).isEqualTo(days.toList());
    assertThat(lake.read(Events.SPEC).count()).isEqualTo(3);
  }

  @Test
  void aDayOfEmptyFilesBecomesEmpty() throws IOException {
    land(DAY, "a.jsonl", RawLine.of("session_ended"));
    ingest(DAY);
    Files.delete(raw.resolve("dt=2026-01-05/a.jsonl"));
    land(DAY, "blank.jsonl", "\n \t\r\n\n");
    land(DAY, "empty.jsonl.gz");
    land(DAY, "empty.jsonl.zst");

    StageLog log = run(DateRange.of(DAY));
    assertThat(log.counts()).containsEntry("blank", 3L).containsEntry("files", 3L);
    assertThat(lake.read(Events.SPEC).count()).isZero();
  }

  @Test
  void whatCannotBeReadIsSaidClearly() {
    overrides.put("input.path", raw.resolve("nowhere").toString());
    assertExit(ExitCode.USAGE, "nowhere", () -> ingest(DAY));
    overrides.put("input.path", raw.toString());
    land(DAY, "a.jsonl", RawLine.of("session_ended"));
    overrides.put("input.format", "parquet");
    assertExit(ExitCode.USAGE, "Known: native", () -> ingest(DAY));
    overrides.put("input.format", "native");
    overrides.put("input.day_pattern", "'../dt='yyyy-MM-dd");
    assertExit(ExitCode.USAGE, "input.day_pattern", () -> ingest(DAY));
  }

  @Test
  void aFileThatTheStorageDoesNotGiveIsWorthARetry() {
    var task =
        new RawFiles.Task(
            List.of(
                new RawFile(raw.resolve("missing.jsonl").toString(), "missing.jsonl", 20_458, 9)));

    assertThatThrownBy(() -> parsed(List.of(task)))
        .satisfies(
            e ->
                assertThat(dev.flywheel.runner.JobRunner.exitCode(e))
                    .isEqualTo(ExitCode.TRANSIENT));
  }

  @Test
  void theTenantOfTheSettingsFillsIn() {
    overrides.put("input.tenant", "acme");
    land(
        DAY,
        "a.jsonl",
        RawLine.of("session_ended") + "\n",
        RawLine.of("session_ended").with("tenant_id", "other").toString());
    ingest(DAY);

    assertThat(strings(lake.read(Events.SPEC).select(Events.TENANT_ID)))
        .containsExactly("acme", "other");
  }

  @Test
  void hugeLinesBecomeOneRowEach() {
    byte[] huge = new byte[50 << 20];
    Arrays.fill(huge, (byte) 'x');
    write(DAY, "plain.jsonl", join(huge, utf8("\n" + RawLine.of("session_ended"))));
    byte[] bomb = gzip(join(new byte[300 << 20], utf8("\n" + RawLine.of("session_ended"))));
    assertThat(bomb).hasSizeLessThan(1 << 20);
    write(DAY, "bomb.jsonl.gz", bomb);

    ingest(DAY);

    assertThat(reasons()).isEqualTo(Map.of("line_too_long", 2L));
    assertThat(lake.read(Events.SPEC).count()).isEqualTo(2);
    Row row = rows(Quarantine.SPEC, "source_file like '%bomb%'").get(0);
    assertThat(row.<Long>getAs(Quarantine.LINE_BYTES)).isEqualTo(300L << 20);
    assertThat(row.<String>getAs(Quarantine.LINE_TEXT)).hasSize(2_000);
  }

  @Test
  void theLinesBeforeABreakAreKeptAndTheRestIsOneRow() {
    var random = new Random(5);
    String lines =
        IntStream.range(0, 3_000)
            .mapToObj(i -> RawLine.of("session_ended").with("x", random.nextLong()) + "\n")
            .collect(Collectors.joining());
    byte[] gz = gzip(utf8(lines));
    byte[] zst = zstd(utf8(lines));
    write(DAY, "cut.jsonl.gz", Arrays.copyOf(gz, gz.length / 2));
    write(DAY, "cut.jsonl.zst", Arrays.copyOf(zst, zst.length * 9 / 10));
    write(DAY, "no.jsonl.gz", utf8(lines));
    write(DAY, "no.jsonl.zst", utf8(lines));
    write(DAY, "tail.jsonl.gz", join(gz, utf8("garbage")));
    write(DAY, "two.jsonl.gz", join(gzip(utf8("bad\n")), gz));

    ingest(DAY);

    Map<String, Long> events = countBy(Events.SPEC, "true", Events.SOURCE_FILE);
    Map<String, Long> corrupt =
        countBy(Quarantine.SPEC, "reason = 'corrupt_file'", Quarantine.SOURCE_FILE);
    String day = "dt=2026-01-05/";
    assertThat(corrupt.keySet())
        .isEqualTo(
            Stream.of(
                    "cut.jsonl.gz", "cut.jsonl.zst", "no.jsonl.gz", "no.jsonl.zst", "tail.jsonl.gz")
                .map(name -> day + name)
                .collect(Collectors.toSet()));
    assertThat(corrupt.values()).containsOnly(1L);
    assertThat(events.get(day + "cut.jsonl.gz")).isBetween(1_000L, 2_000L);
    assertThat(events.get(day + "cut.jsonl.zst")).isBetween(1L, 2_999L);
    assertThat(events.get(day + "tail.jsonl.gz")).isEqualTo(3_000);
    assertThat(events.get(day + "two.jsonl.gz")).isEqualTo(3_000);
    Row rest = rows(Quarantine.SPEC, "source_file like '%cut.jsonl.gz'").get(0);
    assertThat(rest.<Long>getAs(Quarantine.SOURCE_LINE))
        .isEqualTo(events.get(day + "cut.jsonl.gz") + 1);
  }

  @Test
  void everyLineIsAnEventOrInQuarantineOrBlank() {
    var random = new Random(11);
    var expected = new TreeMap<String, Long>();
    for (int file = 0; file < 24; file++) {
      var text = new ByteArrayOutputStream();
      int lines = random.nextInt(60);
      for (int i = 0; i < lines; i++) {
        text.writeBytes(randomLine(random));
        boolean last = i == lines - 1 && random.nextBoolean();
        text.writeBytes(utf8(last ? "" : random.nextInt(3) == 0 ? "\r\n" : "\n"));
      }
      String ending = List.of(".jsonl", ".jsonl.gz", ".zst", ".log").get(random.nextInt(4));
      String name = "f" + file + ending;
      write(DAY, name, compressed(name, text.toByteArray()));
      expected.put("dt=2026-01-05/" + name, nonBlankLines(text.toByteArray()));
    }
    ingest(DAY);

    Map<String, Long> found = countBy(Events.SPEC, "true", Events.SOURCE_FILE);
    countBy(Quarantine.SPEC, "true", Quarantine.SOURCE_FILE)
        .forEach((name, count) -> found.merge(name, count, Long::sum));
    expected.values().removeIf(count -> count == 0);
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void theFilesOfTheJsonTestSuiteReconcileAsRawLogs() throws IOException {
    Path suite = SHARED.resolve("json-test-suite/test_parsing");
    assumeShared(suite);
    var expected = new TreeMap<String, Long>();
    try (Stream<Path> files = Files.list(suite)) {
      for (Path file : files.toList()) {
        byte[] content = Files.readAllBytes(file);
        write(DAY, file.getFileName().toString(), content);
        expected.put("dt=2026-01-05/" + file.getFileName(), nonBlankLines(content));
      }
    }
    assertThat(expected).hasSize(318);
    ingest(DAY);

    expected.values().removeIf(count -> count == 0);
    assertThat(countBy(Quarantine.SPEC, "true", Quarantine.SOURCE_FILE)).isEqualTo(expected);
    assertThat(lake.read(Events.SPEC).count()).isZero();
  }

  @Test
  void naughtyStringsComeBackByteForByte() throws IOException {
    Path file = SHARED.resolve("naughty-strings/blns.json");
    assumeShared(file);
    List<String> strings =
        Arrays.asList(new ObjectMapper().readValue(file.toFile(), String[].class));
    assertThat(strings).hasSizeGreaterThan(500);
    land(
        DAY,
        "a.jsonl.zst",
        IntStream.range(0, strings.size())
            .mapToObj(
                i ->
                    RawLine.of("response_shown")
                            .with("event_id", "" + i)
                            .with("prompt", strings.get(i))
                            .with("capabilities", List.of(strings.get(i)))
                        + "\n")
            .toArray());
    ingest(DAY);

    List<Row> rows = lake.read(Events.SPEC).collectAsList();
    assertThat(rows).hasSize(strings.size());
    for (Row row : rows) {
      String written = strings.get(Integer.parseInt(row.getAs(Events.EVENT_ID)));
      assertThat(row.<String>getAs(Events.PROMPT)).isEqualTo(written);
      assertThat(row.getList(row.fieldIndex(Events.CAPABILITIES))).containsExactly(written);
    }
    assertThat(lake.read(Events.SPEC).where("not is_valid_utf8(prompt)").count()).isZero();
  }

  private byte[] randomLine(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> new byte[0];
      case 1 -> utf8(" \t ");
      case 2 -> utf8("{\"event_id\"");
      case 3 -> new byte[] {'{', '"', (byte) 0xff, '"', '}'};
      case 4 -> utf8(RawLine.of("session_ended").with("event_time", "2020-01-01T00:00:00Z") + "");
      case 5 -> utf8(RawLine.of("response_shown").with("prompt", random.nextInt()) + "");
      default -> utf8(RawLine.of("response_shown").with("prompt", "ü" + random.nextInt()) + "");
    };
  }

  /** An independent reading: split at line feeds, strip white space. */
  private static long nonBlankLines(byte[] content) {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    String withoutMark = text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text;
    return Arrays.stream(withoutMark.split("\n"))
        .filter(line -> !line.chars().allMatch(c -> c == ' ' || c == '\t' || c == '\r'))
        .count();
  }

  private StageLog ingest(LocalDate day) {
    return run(DateRange.of(day));
  }

  private StageLog run(DateRange landing) {
    var log = new StageLog();
    new IngestStage().run(lake.noting(log), TestSpark.run(landing), TestSpark.settings(overrides));
    assertThat(log.counts().get("lines"))
        .isEqualTo(
            log.counts().get("good") + log.counts().get("quarantined") + log.counts().get("blank"));
    // Delta keeps its own; a checkpoint of ours must be gone.
    assertThat(
            CollectionConverters.asJava(lake.spark().sparkContext().getPersistentRDDs()).values())
        .noneMatch(rdd -> rdd.isCheckpointed());
    return log;
  }

  private List<String> parsed(List<RawFiles.Task> tasks) {
    var context = lake.spark().sparkContext();
    var settings = TestSpark.settings(overrides);
    var reader =
        new LineRows(
            tasks,
            new NativeFormat("default", 1_000, 1 << 20),
            LineRows.Limits.of(TestSpark.run(DateRange.of(DAY)), settings.ingest()),
            DayTallies.in(context),
            org.apache.spark.api.java.JavaSparkContext.fromSparkContext(context)
                .broadcast(new org.apache.spark.util.SerializableConfiguration(hadoop())));
    Dataset<Row> rows = reader.read(lake.spark());
    assertThat(rows.rdd().getNumPartitions()).isEqualTo(tasks.size());
    return rows.toJSON().collectAsList().stream().sorted().toList();
  }

  private org.apache.hadoop.conf.Configuration hadoop() {
    return lake.spark().sessionState().newHadoopConf();
  }

  private static void assertExit(ExitCode code, String says, Runnable command) {
    assertThatThrownBy(command::run)
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .hasMessageContaining(says);
  }

  private static void assumeShared(Path path) {
    assumeThat(Files.exists(path)).as("skipped: it needs %s, which a clone has not", path).isTrue();
  }

  private List<Row> rows(TableSpec table, String condition) {
    return lake.read(table).where(condition).collectAsList();
  }

  private Map<String, Long> reasons() {
    return countBy(Quarantine.SPEC, "true", Quarantine.REASON);
  }

  private Map<String, Long> countBy(TableSpec table, String condition, String column) {
    return lake.read(table).where(condition).groupBy(col(column)).count().collectAsList().stream()
        .collect(
            Collectors.toMap(
                row -> row.getString(0), row -> row.getLong(1), Long::sum, TreeMap::new));
  }

  private static List<String> strings(Dataset<Row> rows) {
    return rows.as(Encoders.STRING()).collectAsList().stream().sorted().toList();
  }

  private void land(LocalDate day, String name, Object... parts) {
    String text = Arrays.stream(parts).map(Object::toString).collect(Collectors.joining());
    write(day, name, text.isEmpty() ? new byte[0] : compressed(name, utf8(text)));
  }

  private static byte[] compressed(String name, byte[] content) {
    return name.endsWith(".gz") ? gzip(content) : name.endsWith(".zst") ? zstd(content) : content;
  }

  private void write(LocalDate day, String name, byte[] content) {
    try {
      Path file = raw.resolve("dt=" + day).resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Wrapper {
    OutputStream wrap(OutputStream out) throws IOException;
  }

  private static byte[] gzip(byte[] content) {
    return wrapped(content, GZIPOutputStream::new);
  }

  private static byte[] zstd(byte[] content) {
    return wrapped(content, ZstdOutputStream::new);
  }

  private static byte[] wrapped(byte[] content, Wrapper wrapper) {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = wrapper.wrap(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
