package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.to_timestamp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.label.LabelStage;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.StageLog;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From exports of Langfuse to the tables events and quarantine of a lake. */
class LangfuseIngestTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final String CALL =
      "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"name\":\"log\"}]}";
  private static final String RUN = "2026-01-05T12-00-00";

  @TempDir Path root;
  private Path export;
  private Lakehouse lake;
  private IngestedRows ingested;
  private final Map<String, Object> overrides = new HashMap<>();

  @BeforeEach
  void openLake() throws IOException {
    export = root.resolve("project");
    lake = TestLakes.open(root.resolve("lake"));
    ingested = new IngestedRows(lake);
    overrides.put("input.path", export.toString());
    overrides.put("input.format", "langfuse");
    overrides.put("input.day_pattern", "yyyy-MM-dd");
    overrides.put("ingest.max_bad_share", 1.0);
    put("observations_v2/" + RUN + ".jsonl", fixture("observations_v2"));
    put("scores/" + RUN + ".jsonl", fixture("scores"));
  }

  @Test
  void aTraceIsOneResponseAndItsScoresAreAssessmentsEachCountedOnce() {
    StageLog log = ingest();

    assertThat(
            ingested.events(
                "event_type = 'response_shown'",
                Events.INTERACTION_ID,
                Events.EVENT_ID,
                Events.USER_ID,
                Events.SESSION_ID,
                Events.RESPONSE,
                Events.MODEL,
                Events.INPUT_TOKENS,
                Events.OUTPUT_TOKENS,
                Events.COST_USD,
                Events.LATENCY_MS,
                Events.PROMPT_NAME,
                Events.PROMPT_VERSION,
                Events.RELEASE,
                Events.SURFACE,
                Events.EVENT_TIME))
        .containsExactly(
            "t-1|root-1|u-1|s-1|Refunds are open for 30"
                + " days.|small-2|30|12|0.75|2500|helper|7|2026.1|chat|2026-01-05 09:30:02.5",
            "t-2|gen-2|s-2|s-2|Hi!|small-2|1|2|0.125|1000|null|null|7|null|2026-01-05 10:00:01.0");
    Row first =
        lake.read(Events.SPEC).where("interaction_id = 't-1' and response is not null").first();
    assertThat(first.getList(first.fieldIndex(Events.CAPABILITIES))).hasToString("[copy, rate]");
    assertThat(first.getList(first.fieldIndex(Events.MESSAGES)))
        .hasToString("[[user,Refund after 30 days?]]");
    assertThat(ingested.events("interaction_id = 't-2' and prompt is not null", Events.PROMPT))
        .containsExactly("Hello");

    var scores =
        LandedEvents.withoutRepeats(lake.read(Events.SPEC))
            .where("event_type <> 'response_shown'")
            .select(
                Events.EVENT_ID,
                Events.EVENT_TYPE,
                Events.INTERACTION_ID,
                Events.USER_ID,
                Events.THUMBS,
                Events.COMMENT,
                Events.ASSESSMENT_NAME,
                Events.ASSESSMENT_SCORE,
                Events.ASSESSMENT_LABEL,
                Events.ASSESSMENT_EXPLANATION,
                Events.ASSESSMENT_SOURCE_TYPE)
            .collectAsList()
            .stream()
            .map(row -> row.mkString("|"))
            .sorted();
    assertThat(scores)
        .containsExactly(
            "sc-1|feedback_submitted|t-1|t-1|up|Thanks|null|null|null|null|null",
            "sc-2|assessment_recorded|t-1|t-1|null|null|quality|null|bad|Does not say how.|HUMAN",
            "sc-3|assessment_recorded|t-2|t-2|null|null|hallucination|0.25|null|Made nothing up."
                + "|LLM_JUDGE",
            "sc-4|assessment_recorded|t-1|t-1|null|null|output|null|correction"
                + "|Refunds are open for 60 days.|HUMAN",
            "sc-5|assessment_recorded|t-2|t-2|null|null|note|null|null|Polite|null");
    assertThat(ingested.bad())
        .containsExactly(
            "invalid_value|data_type|scores/" + RUN + ".jsonl|7|0",
            "missing_field|user_id|observations_v2/" + RUN + ".jsonl|9|1");
    assertThat(log.counts())
        .containsEntry("records", 17L)
        .containsEntry("good", 11L)
        .containsEntry("quarantined", 2L)
        .containsEntry("ignored", 4L)
        .containsEntry("merged", 3L)
        .containsEntry("events_rows", 8L);
  }

  @Test
  void aTraceIsLabelledOnceHoweverManyScoresItHas() {
    ingest();

    new LabelStage().run(lake, TestSpark.run(DateRange.of(DAY)), TestSpark.settings(overrides));

    // Of t-1: thumb up, the verdict of a person, and a correction.
    assertThat(
            lake.read(Interactions.SPEC)
                .join(
                    lake.read(QualityLabels.SPEC),
                    new String[] {Interactions.INTERACTION_ID, Interactions.SHOWN_AT})
                .select(
                    col(Interactions.INTERACTION_ID),
                    col(QualityLabels.LABEL),
                    col(QualityLabels.P_GOOD).equalTo(0),
                    col(QualityLabels.VOTES).getItem("rating"))
                .collectAsList())
        .extracting(Row::toString)
        .containsExactlyInAnyOrder("[t-1,bad,true,good]", "[t-2,uncertain,false,not_applicable]");
  }

  @Test
  void parquetGivesTheSameRowsAsJsonLines() throws IOException {
    ingest();
    List<String> ofJson = rowsWithoutFiles();
    asParquet("observations_v2");
    asParquet("scores");

    ingest();

    assertThat(rowsWithoutFiles()).isEqualTo(ofJson).hasSize(8);
    assertThat(ingested.events("true", Events.SOURCE_FILE))
        .allMatch(name -> name.endsWith(".parquet"));

    Files.write(export.resolve("scores/" + RUN + ".parquet"), new byte[] {'P', 'A', 'R', '1', 0});
    ingest();
    assertThat(ingested.bad()).anyMatch(row -> row.startsWith("corrupt_file|null|scores/" + RUN));
    assertThat(ingested.events("event_type = 'response_shown'", Events.EVENT_ID)).hasSize(2);
  }

  @Test
  void aTraceIsItsLastGenerationWhereItsRootWasNotExportedAndNoneWhereItSaysSo()
      throws IOException {
    put(
        "observations_v2/" + RUN + ".jsonl",
        String.join(
            "\n",
            // What is above them belongs to another library.
            observation("t-1", "GENERATION", "http-1", 2, "\"Refunds are open.\""),
            observation("t-1", "GENERATION", "http-1", 1, "\"I shall search.\""),
            observation("t-1", "GENERATION", "http-1", 3, CALL),
            observation("t-2", "CHAIN", "", 3, "\"\",\"level\":\"ERROR\""),
            observation("t-2", "GENERATION", "t-2-CHAIN-3", 2, "\"Half an answer.\""),
            observation("t-3", "TOOL", "", 3, "\"Found.\""),
            observation("t-3", "GENERATION", "t-3-TOOL-3", 2, "\"A better query.\""),
            observation("t-4", "SPAN", "", 3, "\"Yes.\""),
            observation("t-4", "GENERATION", "t-4-SPAN-3", 2, "\"No.\""),
            // A text that no column takes is no reason to lose what it cost.
            observation("t-4", "GENERATION", "t-4-SPAN-3", 1, "\"\\ud800\"")));
    put("scores/" + RUN + ".jsonl", "");

    StageLog log = ingest();

    assertThat(
            ingested.events(
                "true",
                Events.INTERACTION_ID,
                Events.EVENT_ID,
                Events.RESPONSE,
                Events.PROMPT,
                Events.EVENT_TIME,
                Events.MODEL,
                Events.OUTPUT_TOKENS,
                Events.RELEASE))
        .containsExactly(
            "t-1|t-1-GENERATION-2|Refunds are open.|Asked 2|2026-01-05 09:00:02.0|m-2|6|2026.1",
            "t-4|t-4-SPAN-3|Yes.|Asked 3|2026-01-05 09:00:03.0|m-3|3|2026.1");
    assertThat(log.counts())
        .containsEntry("good", 8L)
        .containsEntry("ignored", 2L)
        .containsEntry("merged", 6L)
        .containsEntry("quarantined", 0L);
  }

  /** One that ends at the given second, which are its tokens, too. */
  private static String observation(
      String trace, String type, String parent, int second, String output) {
    return String.format(
        "{\"id\":\"%1$s-%2$s-%4$d\",\"trace_id\":\"%1$s\",\"type\":\"%2$s\",\"parent_observation_id\":\"%3$s\",\"start_time\":\"2026-01-05"
            + " 09:00:00\",\"end_time\":\"2026-01-05 09:00:0%4$d\",\"input\":\"Asked"
            + " %4$d\",\"user_id\":\"u\","
            + "\"provided_model_name\":\"m-%4$d\",\"usage_details\":{\"output\":%4$d},\"release\":\"2026.1\",\"output\":%5$s}",
        trace, type, parent, second, output);
  }

  @Test
  void daysInOneRunGiveTheSameRowsAsOneByOne() throws IOException {
    LocalDate next = DAY.plusDays(1);
    // Nothing adds to a response of this day; one was exported twice.
    for (String run : List.of(next + "T12-00-00", next + "T13-00-00")) {
      put(
          "observations_v2/" + run + ".jsonl",
          fixture("observations_v2").lines().findFirst().orElseThrow());
      put("scores/" + run + ".jsonl", "");
    }
    ingest();
    ingest(DateRange.of(next));
    var oneByOne = TestLakes.rows(lake, Events.SPEC);

    StageLog log = ingest(new DateRange(DAY, next.plusDays(1)));

    assertThat(TestLakes.rows(lake, Events.SPEC)).isEqualTo(oneByOne).hasSize(8 + 2);
    assertThat(log.counts()).containsEntry("merged", 3L);
  }

  @Test
  void aMissingPartIsSaidClearlyAndNothingIsPublished() throws IOException {
    ingest();
    long version = lake.version(Events.SPEC);
    Files.delete(export.resolve("observations_v2/" + RUN + ".jsonl"));
    refused(ExitCode.GATE, "lacks 1 of its files", "observations_v2/" + RUN);

    put("observations_v2/" + RUN + ".jsonl.gz", gzip(fixture("observations_v2")));
    put("manifests/2026-01-04T11-00-00.json", "{}");
    refused(ExitCode.TRANSIENT, "is not finished", "manifests/" + RUN + ".json");
    assertThat(lake.version(Events.SPEC)).isEqualTo(version);

    put("manifests/" + RUN + ".json", "{}");
    ingest();
    assertThat(lake.version(Events.SPEC)).isGreaterThan(version);

    put("manifests/2026-01-05T12-30-00.json", "{}");
    refused(
        ExitCode.GATE,
        "lacks 2 of its files",
        "observations_v2/2026-01-05T12-30-00, scores/2026-01-05T12-30-00");
    // It was exported as the legacy kind.
    put("observations/2026-01-05T12-30-00.jsonl", "");
    ingest();

    put("observations_v2/2026-01-05T13-00-00.csv", "id");
    put("scores/2026-01-05T13-00-00.csv", "id");
    put("manifests/2026-01-05T13-00-00.json", "{}");
    refused(ExitCode.USAGE, "neither Parquet nor JSON Lines", "2026-01-05T13-00-00.csv");

    overrides.put("input.path", root.resolve("legacy").toString());
    Files.createDirectories(root.resolve("legacy/traces"));
    refused(ExitCode.USAGE, "legacy", "Enriched observations");
    overrides.put("input.path", root.resolve("lake").toString());
    refused(ExitCode.NOTHING_TO_DO, "2026-01-05");
  }

  @Test
  void theCommandLineSaysWhatItWouldReadAndReadsIt() throws IOException {
    Path config = root.resolve("flywheel.yaml");
    Files.writeString(
        config,
        "input:\n  day_pattern: yyyy-MM-dd\n  format: langfuse\ningest:\n  max_bad_share: 0.5\n");
    Stream<String> options =
        Stream.of("ingest", "--config", config.toString(), "--input", export.toString());
    String[] command =
        Stream.concat(
                options,
                Stream.of("--lake", root.resolve("lake").toString(), "--from", "2026-01-05"))
            .toArray(String[]::new);

    Program.Ended dry = Program.run(with(command, "--to", "2026-01-06", "--dry-run"));
    assertThat(dry.out() + dry.err()).contains("observations_v2").contains("2 files");

    Program.Ended run = Program.run(with(command, "--to", "2026-01-06"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(ingested.events("event_type = 'response_shown'", Events.EVENT_ID)).hasSize(2);
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
  }

  /** Writes the table as Langfuse does: typed columns, maps, timestamps. */
  private void asParquet(String table) throws IOException {
    SparkSession spark = TestSpark.session();
    Path lines = export.resolve(table + "/" + RUN + ".jsonl");
    // The row of an unknown kind has names that no Parquet export has.
    List<String> exported =
        Files.readAllLines(lines).stream().filter(line -> !line.contains("STELLAR")).toList();
    Files.write(lines, exported);
    var rows = spark.read().json(lines.toString());
    for (String name : rows.columns()) {
      if (name.endsWith("_time") || name.equals("timestamp") || name.endsWith("_at")) {
        rows = rows.withColumn(name, to_timestamp(col(name)));
      } else if (name.equals("usage_details")) {
        rows =
            rows.withColumn(name, expr("from_json(to_json(usage_details), 'map<string,bigint>')"));
      } else if (name.equals("metadata")) {
        rows = rows.withColumn(name, expr("from_json(to_json(metadata), 'map<string,string>')"));
      }
    }
    Path folder = root.resolve("parquet-" + table);
    rows.coalesce(1).write().parquet(folder.toString());
    try (Stream<Path> files = Files.list(folder)) {
      Path file =
          files.filter(path -> path.toString().endsWith(".parquet")).findFirst().orElseThrow();
      Files.copy(file, export.resolve(table + "/" + RUN + ".parquet"));
    }
    Files.delete(lines);
  }

  private List<String> rowsWithoutFiles() {
    return lake
        .read(Events.SPEC)
        .drop(Events.SOURCE_FILE, Events.SOURCE_LINE, Events.UNKNOWN_FIELDS)
        .toJSON()
        .collectAsList()
        .stream()
        .sorted()
        .toList();
  }

  private StageLog ingest() {
    return ingest(DateRange.of(DAY));
  }

  private StageLog ingest(DateRange landing) {
    var log = new StageLog();
    new IngestStage().run(lake.noting(log), TestSpark.run(landing), TestSpark.settings(overrides));
    assertThat(log.counts().get("events_rows") + log.counts().get("merged"))
        .isEqualTo(log.counts().get("good"));
    return log;
  }

  private void refused(ExitCode code, String... says) {
    assertThatThrownBy(this::ingest)
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .hasMessageContainingAll(says);
  }

  private static String fixture(String table) throws IOException {
    try (InputStream in =
        LangfuseIngestTest.class.getResourceAsStream("/langfuse/" + table + ".jsonl")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void put(String name, String text) throws IOException {
    put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private void put(String name, byte[] content) throws IOException {
    Path file = export.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private static byte[] gzip(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
