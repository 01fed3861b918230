package dev.flywheel.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.flywheel.export.ExportRequest.Split;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.sample.SampleStage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of an export, read back by a parser that forgives nothing. */
class ExportStageTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final RunContext RUN = TestSpark.run(DateRange.of(DAY));
  private static final Settings SETTINGS =
      TestSpark.settings(Map.of("sample.per_day", 10_000, "sample.holdout_share", 0));
  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final Path NAUGHTY_STRINGS =
      Path.of("../../shared/data/naughty-strings/blns.json");

  @TempDir Path folder;

  private final List<Map<String, Object>> interactions = new ArrayList<>();
  private final List<Map<String, Object>> labels = new ArrayList<>();

  @Test
  void everyTargetGetsItsShape() throws Exception {
    shown("single", Map.of("prompt", "How?", "response", "So.", "user_type", "pro"), "good");
    Lakehouse lake = published();
    export(lake, Split.EVAL, false);

    String record =
        """
        "dataset_record_id":"%1$s","dataset":"production","dataset_version":1,\
        "event_date":"2026-01-05","split":"eval","stratum":"pro / (none) / 08-16 UTC",\
        "inclusion_probability":1.0,"sampling_weight":1.0,"dedup_group_id":"%2$s",\
        "label":"good","p_good":0.9\
        """;
    JsonNode metadata = lines(Target.PROMPTFOO).get(0).get("metadata");
    String id = metadata.get("dataset_record_id").asText();
    record = record.formatted(id, metadata.get("dedup_group_id").asText());
    assertThat(id).matches("[0-9a-f]{32}");

    assertThat(lines(Target.MLFLOW))
        .containsExactly(
            json(
                """
                {"inputs":{"prompt":"How?"},"expectations":{"expected_response":"So."},
                 "source":{"source_type":"TRACE",
                           "source_data":{"dataset":"production","dataset_version":1}},
                 "tags":{%s},"dataset_record_id":"%s"}\
                """
                    .formatted(record.replaceAll(":([0-9.]+)", ":\"$1\""), id)));
    assertThat(lines(Target.PROMPTFOO))
        .containsExactly(
            json(
                """
                {"vars":{"prompt":"How?","expected_response":"So."},
                 "assert":[{"type":"llm-rubric","value":"Answers the request at least as well as \
                this reference, which real use confirmed: {{expected_response}}"}],
                 "description":"record %s","metadata":{%s}}\
                """
                    .formatted(id, record)));
    assertThat(lines(Target.OPENAI_EVALS))
        .containsExactly(
            json(
                """
                {"input":[{"role":"user","content":"How?"}],"ideal":"So.","metadata":{%s}}\
                """
                    .formatted(record)));
    assertThat(lines(Target.DEEPEVAL))
        .containsExactly(
            json(
                """
                {"input":"How?","expectedOutput":"So.","additionalMetadata":{"record":{%s}}}\
                """
                    .formatted(record)));
  }

  @Test
  void aConversationIsKeptAndWhatIsNotKnownIsLeftOut() throws Exception {
    shown(
        "talk",
        Map.of(
            "prompt",
            "And then?",
            "messages",
            List.of(
                RowFactory.create("system", "Be brief."), RowFactory.create("user", "And then?"))),
        "bad");
    shown("nothing logged", Map.of(), "good");
    String summary = export(published(), Split.EVAL, false);

    String turns =
        """
        [{"role":"system","content":"Be brief."},{"role":"user","content":"And then?"}]\
        """;
    JsonNode mlflow = lines(Target.MLFLOW).get(0);
    assertThat(mlflow.get("inputs").get("messages")).isEqualTo(json(turns));
    assertThat(mlflow.get("expectations")).isEqualTo(json("{}"));
    JsonNode promptfoo = lines(Target.PROMPTFOO).get(0);
    assertThat(promptfoo.get("vars").get("messages").asText()).isEqualTo(turns);
    assertThat(promptfoo.has("assert")).isFalse();
    assertThat(lines(Target.DEEPEVAL).get(0).get("additionalMetadata").get("messages"))
        .isEqualTo(json(turns));
    // Openai/evals needs an ideal answer, and no harness can ask what was not logged.
    assertThat(lines(Target.OPENAI_EVALS)).isEmpty();
    assertThat(summary).contains("mlflow 1 records, 1 left out", "openai-evals 0 records, 2 left");
  }

  /** What came before and what was asked may be logged apart. */
  @Test
  void theQuestionFollowsOnAHistoryThatDoesNotEndInIt() throws Exception {
    shown(
        "talk",
        Map.of(
            "prompt",
            "And in Python?",
            "messages",
            List.of(RowFactory.create("user", "In Java?"), RowFactory.create("assistant", "So.")),
            "response",
            "Thus."),
        "good");
    export(published(), Split.EVAL, false);

    assertThat(lines(Target.OPENAI_EVALS).get(0).get("input"))
        .isEqualTo(
            json(
                """
                [{"role":"user","content":"In Java?"},{"role":"assistant","content":"So."},
                 {"role":"user","content":"And in Python?"}]\
                """));
  }

  @Test
  void aConversationWithoutATurnLeavesThePrompt() throws Exception {
    shown("a", Map.of("prompt", "How?", "messages", List.of(), "response", "So."), "good");
    export(published(), Split.EVAL, false);

    assertThat(lines(Target.OPENAI_EVALS).get(0).get("input"))
        .isEqualTo(json("[{\"role\":\"user\",\"content\":\"How?\"}]"));
    assertThat(lines(Target.MLFLOW).get(0).get("inputs")).isEqualTo(json("{\"prompt\":\"How?\"}"));
    assertThat(lines(Target.PROMPTFOO).get(0).get("vars").has("messages")).isFalse();
  }

  @Test
  void whatNamesAPersonLeavesOnlyWithRaw() throws Exception {
    String mail = "write to jane.doe@example.com";
    shown(
        "a",
        Map.of(
            "prompt",
            mail,
            "final_text",
            mail,
            "messages",
            List.of(RowFactory.create("user", mail))),
        "good");
    Lakehouse lake = published();
    export(lake, Split.EVAL, false);
    for (Target target : Target.values()) {
      assertThat(text(target + ".jsonl")).contains("[email]").doesNotContain("jane", "example.com");
    }
    export(lake, Split.EVAL, true);
    for (Target target : Target.values()) {
      assertThat(text(target + ".raw.jsonl")).contains("jane.doe@example.com");
    }
  }

  /** Whoever guesses the request would find its hash, so none may leave with a redacted text. */
  @Test
  void ofARequestThatWasRedactedNoHashLeavesAndGroupsStayTogether() throws Exception {
    for (int i = 0; i < 6; i++) {
      shown("i" + i, Map.of("prompt", "My number is 078-05-112" + i % 2), "good");
    }
    Lakehouse lake = published(TestSpark.settings(Map.of("sample.holdout_share", 0.5)));
    List<String> inTables =
        lake.read(EvalDraws.SPEC)
            .select(EvalDraws.DEDUP_GROUP_ID)
            .distinct()
            .as(Encoders.STRING())
            .collectAsList();
    assertThat(inTables).hasSize(2);
    Map<String, String> groups = new HashMap<>();
    export(lake, Split.ALL, true);
    for (JsonNode line : lines("mlflow.all.raw.jsonl")) {
      JsonNode tags = line.get("tags");
      assertThat(inTables).contains(tags.get("dedup_group_id").asText());
      groups.put(tags.get("dataset_record_id").asText(), tags.get("dedup_group_id").asText());
    }
    export(lake, Split.ALL, false);
    export(lake, Split.EVAL, false);
    export(lake, Split.HOLDOUT, false);
    Map<String, String> stand = new HashMap<>();
    for (Target target : Target.values()) {
      assertThat(text(target + ".all.jsonl")).doesNotContain(inTables);
    }
    for (String file : List.of("mlflow.all.jsonl", "mlflow.jsonl", "mlflow.holdout.jsonl")) {
      for (JsonNode line : lines(file)) {
        JsonNode tags = line.get("tags");
        String group = groups.get(tags.get("dataset_record_id").asText());
        String standsFor = tags.get("dedup_group_id").asText();
        assertThat(stand.computeIfAbsent(group, any -> standsFor)).isEqualTo(standsFor);
      }
    }
    assertThat(stand.values()).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void theWeightsOfBothSidesTogetherAddUpToTraffic() throws Exception {
    for (int i = 0; i < 100; i++) {
      shown("i" + i, Map.of("prompt", "Question " + i), "good");
    }
    Lakehouse lake =
        published(TestSpark.settings(Map.of("sample.per_day", 40, "sample.holdout_share", 0.3)));
    export(lake, Split.EVAL, false);
    export(lake, Split.HOLDOUT, false);
    double eval = weights("mlflow.jsonl");
    double holdout = weights("mlflow.holdout.jsonl");
    assertThat(eval + holdout).isCloseTo(100, within(1e-9));
    assertThat(eval).isLessThan(99);
    assertThat(holdout).isLessThan(99);
  }

  private double weights(String file) throws IOException {
    return lines(file).stream()
        .mapToDouble(line -> line.get("tags").get("sampling_weight").asDouble())
        .sum();
  }

  @Test
  void promptfooNeitherRendersNorOpensWhatUsersWrote() throws Exception {
    shown("a", Map.of("prompt", "{{ env.KEY }} {% x %} {# y #} {{{ {a}"), "good");
    shown("b", Map.of("prompt", "file:///etc/passwd", "final_text", "package:x"), "good");
    export(published(), Split.EVAL, false);
    for (JsonNode line : lines(Target.PROMPTFOO)) {
      for (JsonNode text : line.get("vars")) {
        assertThat(text.asText())
            .doesNotContain("{{", "{%", "{#")
            .doesNotMatch("(file|package):.*");
      }
    }
    assertThat(text("promptfoo.jsonl")).contains("{ { env.KEY }}", "\" file:///etc/passwd\"");
  }

  @Test
  void naughtyStringsComeBackAsTheyWent() throws Exception {
    assumeTrue(Files.exists(NAUGHTY_STRINGS), "no ../shared/data/naughty-strings");
    List<String> naughty = new ArrayList<>();
    for (JsonNode text : STRICT.readTree(NAUGHTY_STRINGS.toFile())) {
      naughty.add(text.asText());
    }
    naughty.add("line\nbreak\r\u2028\u0000\u0085 and \ud83d\ude00");
    for (int i = 0; i < naughty.size(); i++) {
      shown("i" + i, Map.of("prompt", naughty.get(i), "final_text", "f" + naughty.get(i)), "good");
    }
    export(published(), Split.EVAL, true);
    for (Target target : Target.values()) {
      assertThat(lines(target + ".raw.jsonl")).as(target.toString()).hasSize(naughty.size());
    }
    assertThat(lines("mlflow.raw.jsonl"))
        .extracting(line -> line.get("inputs").get("prompt").asText())
        .containsExactlyInAnyOrderElementsOf(naughty);
    assertThat(lines("openai-evals.raw.jsonl"))
        .extracting(line -> line.get("ideal").asText())
        .containsExactlyInAnyOrderElementsOf(naughty.stream().map(text -> "f" + text).toList());
  }

  @Test
  void recordsAreInOrderAndTheSameRequestGivesTheSameBytes() throws Exception {
    for (int i = 0; i < 40; i++) {
      shown("i" + i, Map.of("prompt", "Question " + i), "good");
    }
    Lakehouse lake = published();
    export(lake, Split.EVAL, false);
    String first = text("mlflow.jsonl");
    assertThat(lines(Target.MLFLOW))
        .extracting(line -> line.get("dataset_record_id").asText())
        .isSorted()
        .hasSize(40);
    interactions.remove(0);
    published();
    export(lake, OptionalInt.of(1), Split.EVAL, false);
    assertThat(text("mlflow.jsonl")).isEqualTo(first);
    try (var files = Files.list(folder.resolve("exports/production/v1"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(file -> file.endsWith(".tmp"))
          .isEmpty();
    }
  }

  @Test
  void eachSideOfTheSplitHasItsOwnFile() throws Exception {
    for (int i = 0; i < 40; i++) {
      shown("i" + i, Map.of("prompt", "Question " + i), "good");
    }
    Lakehouse lake = published(TestSpark.settings(Map.of("sample.holdout_share", 0.5)));
    export(lake, Split.EVAL, false);
    export(lake, Split.HOLDOUT, false);
    export(lake, Split.ALL, false);
    List<JsonNode> both = new ArrayList<>(lines("mlflow.jsonl"));
    both.addAll(lines("mlflow.holdout.jsonl"));
    assertThat(lines("mlflow.all.jsonl")).hasSize(40).containsExactlyInAnyOrderElementsOf(both);
    assertThat(lines("mlflow.holdout.jsonl"))
        .isNotEmpty()
        .allMatch(line -> line.get("tags").get("split").asText().equals("holdout"));
  }

  @Test
  void aWrongNameOrNumberIsAnsweredWithWhatThereIs() {
    assertThatThrownBy(() -> export(lake(), Split.EVAL, false))
        .isInstanceOfSatisfying(
            FlywheelException.class,
            e -> assertThat(e.exitCode()).isEqualTo(ExitCode.NOTHING_TO_DO));
    shown("a", Map.of("prompt", "p"), "good");
    Lakehouse lake = published();
    assertThatThrownBy(() -> export(lake, OptionalInt.of(2), Split.EVAL, false))
        .isInstanceOf(FlywheelException.class)
        .hasMessageContaining("no version 2; published are 1 to 1");
    var other = new ExportRequest("x", OptionalInt.empty(), Split.EVAL, List.of(), false);
    assertThatThrownBy(() -> new ExportStage(other).run(lake, RUN, SETTINGS))
        .isInstanceOf(FlywheelException.class)
        .hasMessageContaining("no eval set 'x'; published are: production");
  }

  @Test
  void theCommandLineWritesFilesAndAManifestRowWithoutAnInterval() throws Exception {
    assertThat(Program.run("export", "--lake", folder.toString()).exitCode()).isEqualTo(4);
    shown("a", Map.of("prompt", "p", "response", "r"), "good");
    published();
    Program.Ended ended =
        Program.run(
            "export", "--lake", folder.toString(), "--target", "openai-evals", "--split", "all");
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(ended.out()).contains("exports/production/v1 (all): openai-evals 1 records");
    assertThat(lines("openai-evals.all.jsonl")).hasSize(1);
    assertThat(TestLakes.rows(lake(), dev.flywheel.tables.RunManifest.SPEC))
        .hasSize(2)
        .noneMatch(row -> row.contains("interval_from"));
    assertThat(Program.run("export", "--lake", folder.toString(), "--dataset-version", "9").err())
        .contains("published are 1 to 1");
    assertThat(Program.run("export", "--lake", folder.toString(), "--target", "x").exitCode())
        .isEqualTo(2);
  }

  @Test
  void aDryRunNamesTheFilesAndEndsAsTheRunWould() {
    String lake = folder.toString();
    assertThat(Program.run("export", "--lake", lake, "--dry-run").exitCode()).isEqualTo(4);
    shown("a", Map.of("prompt", "p", "response", "r"), "good");
    published();
    Program.Ended ended =
        Program.run("export", "--lake", lake, "--target", "mlflow", "--raw", "--dry-run");
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(ended.out())
        .contains("writes   exports/production/v1/mlflow.raw.jsonl", "eval_dataset_records");
    assertThat(folder.resolve("exports")).doesNotExist();
    assertThat(folder.resolve("tables/run_manifest")).doesNotExist();
    assertThat(
            Program.run("export", "--lake", lake, "--dataset-version", "9", "--dry-run").exitCode())
        .isEqualTo(2);
  }

  private Lakehouse lake() {
    return TestLakes.open(folder);
  }

  private Lakehouse published() {
    return published(SETTINGS);
  }

  private Lakehouse published(Settings settings) {
    Lakehouse lake = lake();
    DateRange day = DateRange.of(DAY);
    lake.replace(Interactions.SPEC, day, Rows.of(Interactions.SPEC, interactions));
    lake.replace(QualityLabels.SPEC, day, Rows.of(QualityLabels.SPEC, labels));
    new SampleStage().run(lake, RUN, settings);
    return lake;
  }

  private static String export(Lakehouse lake, Split split, boolean raw) {
    return export(lake, OptionalInt.empty(), split, raw);
  }

  private static String export(Lakehouse lake, OptionalInt version, Split split, boolean raw) {
    var request = new ExportRequest("production", version, split, List.of(Target.values()), raw);
    return new ExportStage(request).run(lake, RUN, SETTINGS);
  }

  private List<JsonNode> lines(Target target) throws IOException {
    return lines(target + ".jsonl");
  }

  private List<JsonNode> lines(String file) throws IOException {
    var lines = new ArrayList<JsonNode>();
    String text = text(file);
    if (!text.isEmpty()) {
      assertThat(text).endsWith("\n");
      for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
        lines.add(STRICT.readTree(line));
      }
    }
    return lines;
  }

  private String text(String file) throws IOException {
    return Files.readString(folder.resolve("exports/production/v1").resolve(file));
  }

  private static JsonNode json(String text) throws IOException {
    return STRICT.readTree(text);
  }

  private void shown(String id, Map<String, Object> more, String label) {
    Map<String, Object> key =
        Map.of(
            TableSpec.EVENT_DATE,
            DAY,
            "tenant_id",
            "t",
            "interaction_id",
            id,
            "shown_at",
            Instant.parse("2026-01-05T10:00:00Z"));
    Map<String, Object> interaction = new HashMap<>(key);
    interaction.putAll(Map.of("user_id", "u", "session_id", "s", "n_events", 1L));
    interaction.putAll(more);
    interactions.add(interaction);
    Map<String, Object> labelled = new HashMap<>(key);
    labelled.putAll(Map.of("user_id", "u", "p_good", 0.9, "label", label, "status", "final"));
    labelled.putAll(Map.of("votes", Map.of(), "n_sources", 0, "vote_pattern", "-"));
    labelled.put("label_model_version", "m");
    labels.add(labelled);
  }
}
