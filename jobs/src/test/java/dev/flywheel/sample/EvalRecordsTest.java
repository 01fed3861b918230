package dev.flywheel.sample;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestSpark;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

/** What of a drawn response is published: its reference answer, its group and its side. */
class EvalRecordsTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final Instant SHOWN = Instant.parse("2026-01-05T10:00:00Z");

  private final List<Map<String, Object>> interactions = new ArrayList<>();
  private final List<Map<String, Object>> labels = new ArrayList<>();

  @Test
  void whatTheUserMadeOfTheResponseIsTheReference() {
    shown("edited and good", Map.of("response", "r", "final_text", "f"), "good");
    shown("edited and bad", Map.of("response", "r", "final_text", "f"), "bad");
    shown("good", Map.of("response", "r"), "good");
    shown("bad", Map.of("response", "r"), "bad");
    shown("uncertain", Map.of("response", "r"), "uncertain");
    shown("unlabelled", Map.of("response", "r"), null);
    shown("deleted", Map.of("response", "r", "final_text", " "), "good");
    shown("not logged", Map.of(), "good");

    assertThat(column("expectations.expected_response"))
        .containsEntry("edited and good", "f")
        .containsEntry("edited and bad", "f")
        .containsEntry("good", "r")
        .containsEntry("bad", null)
        .containsEntry("uncertain", null)
        .containsEntry("unlabelled", null)
        .containsEntry("deleted", null)
        .containsEntry("not logged", null)
        .hasSize(8);
    assertThat(column("expectations.label"))
        .containsEntry("edited and bad", "bad")
        .containsEntry("unlabelled", null);
  }

  @Test
  void requestsThatDifferInCaseAndWhiteSpaceShareAGroup() {
    shown("a", Map.of("prompt", "How do I cancel?"), "good");
    shown("b", Map.of("prompt", "  how do\u00a0I \n\tCANCEL? "), "good");
    shown("c", Map.of("prompt", "How do I cancel it?"), "good");
    Map<String, Object> groups = column(EvalDraws.DEDUP_GROUP_ID);
    assertThat(groups.get("b")).isEqualTo(groups.get("a"));
    assertThat(groups.get("c")).isNotEqualTo(groups.get("a"));
  }

  @Test
  void equalMessagesShareAGroupWhereThereIsNoPrompt() {
    shown("a", Map.of("messages", turns("Be brief.", "Translate this.")), "good");
    shown("b", Map.of("prompt", " ", "messages", turns("be  brief.", "Translate\nthis.")), "good");
    shown("c", Map.of("messages", turns("Be brief.", "Translate that.")), "good");
    shown("d", Map.of("prompt", "Be brief. Translate this."), "good");
    Map<String, Object> groups = column(EvalDraws.DEDUP_GROUP_ID);
    assertThat(groups.get("b")).isEqualTo(groups.get("a"));
    assertThat(List.of(groups.get("a"), groups.get("c"), groups.get("d"))).doesNotHaveDuplicates();
  }

  private static List<Row> turns(String... contents) {
    return Arrays.stream(contents).map(text -> RowFactory.create("system", text)).toList();
  }

  @Test
  void conversationsShareAGroupWhereTheSameWasAskedInTheSameOrder() {
    shown("alone", Map.of("prompt", "And then?"), "good");
    shown("as messages", Map.of("messages", talk("and  THEN?")), "good");
    shown("both", Map.of("prompt", "And then?", "messages", talk("And then?")), "good");
    shown("talk", Map.of("prompt", "And then?", "messages", talk("Why?", "And then?")), "good");
    shown("before", Map.of("prompt", "And then?", "messages", talk("why?")), "good");
    shown("turned", Map.of("messages", talk("And then?", "Why?")), "good");
    shown("one text", Map.of("prompt", "Why? And then?"), "good");
    Map<String, Object> groups = column(EvalDraws.DEDUP_GROUP_ID);
    assertThat(groups.get("as messages")).isEqualTo(groups.get("alone"));
    assertThat(groups.get("both")).isEqualTo(groups.get("alone"));
    assertThat(groups.get("before")).isEqualTo(groups.get("talk"));
    assertThat(
            List.of(
                groups.get("alone"),
                groups.get("talk"),
                groups.get("turned"),
                groups.get("one text")))
        .doesNotHaveDuplicates();
  }

  @Test
  void noRecordOfEvalQuotesARequestOfTheHoldout() {
    for (int i = 0; i < 60; i++) {
      shown("i" + i, Map.of("prompt", question(i)), "good");
      // Other texts of the same request, and a follow-up that others ask at once.
      List<Row> talk = talk(question(i).toUpperCase(Locale.ROOT), question(i + 1));
      shown("t" + i, Map.of("prompt", question(i + 1), "messages", talk), "good");
    }
    Map<String, Object> sides = column(EvalDraws.SPLIT);
    long quoting = 0;
    for (int i = 0; i < 60; i++) {
      boolean quotes =
          sides.get("i" + i).equals("holdout") || sides.get("i" + (i + 1) % 60).equals("holdout");
      assertThat(sides.get("t" + i)).as("t" + i).isEqualTo(quotes ? "holdout" : "eval");
      quoting += quotes ? 1 : 0;
    }
    // 0.36 of 60 are to be expected.
    assertThat(quoting).isBetween(10L, 40L);
  }

  private static String question(int i) {
    return "Question " + i % 60;
  }

  /** A conversation: what the user asked, each with an answer but the last. */
  private static List<Row> talk(String... requests) {
    var turns = new ArrayList<Row>();
    turns.add(RowFactory.create("system", "Be brief."));
    for (String request : requests) {
      turns.add(RowFactory.create("user", request));
      turns.add(RowFactory.create("assistant", "Answer to " + request));
    }
    return turns.subList(0, turns.size() - 1);
  }

  @Test
  void aResponseWithoutARequestIsAGroupOfItsOwn() {
    shown("a", Map.of(), "good");
    shown("b", Map.of("messages", List.of()), "good");
    shown("c", Map.of("prompt", "  "), "good");
    shown("d", Map.of("messages", turns(" ", "")), "good");
    assertThat(new ArrayList<>(column(EvalDraws.DEDUP_GROUP_ID).values()))
        .doesNotHaveDuplicates()
        .doesNotContainNull();
  }

  @Test
  void noGroupCrossesEvalAndHoldoutAndTheShareIsKept() {
    for (int i = 0; i < 2_000; i++) {
      shown("i" + i, Map.of("prompt", "Question " + i / 2), "good");
    }
    Map<Object, List<Row>> groups =
        records(settings(Map.of())).collectAsList().stream()
            .collect(Collectors.groupingBy(row -> row.<String>getAs(EvalDraws.DEDUP_GROUP_ID)));
    assertThat(groups).hasSize(1_000);
    long holdout = 0;
    for (List<Row> group : groups.values()) {
      assertThat(group).extracting(row -> row.<String>getAs(EvalDraws.SPLIT)).hasSize(2);
      assertThat(group.get(0).<String>getAs(EvalDraws.SPLIT))
          .isEqualTo(group.get(1).<String>getAs(EvalDraws.SPLIT));
      holdout += group.get(0).<String>getAs(EvalDraws.SPLIT).equals("holdout") ? 1 : 0;
    }
    // Binomial with 1,000 and 0.2: 200 with a standard deviation of 12.6.
    assertThat(holdout).isBetween(150L, 250L);
  }

  @Test
  void theShareOfTheHoldoutMayBeNothingOrAll() {
    shown("a", Map.of("prompt", "p"), "good");
    assertThat(records(settings(Map.of("sample.holdout_share", 0))).head().<String>getAs("split"))
        .isEqualTo("eval");
    assertThat(records(settings(Map.of("sample.holdout_share", 1))).head().<String>getAs("split"))
        .isEqualTo("holdout");
  }

  @Test
  void theHashTellsContentApartAndNothingElse() {
    shown("a", Map.of("prompt", "p", "response", "r"), "good");
    long first = (Long) column(EvalDatasetRecords.CONTENT_HASH).get("a");
    assertThat(column(EvalDatasetRecords.CONTENT_HASH)).containsEntry("a", first);

    labels.get(0).put(QualityLabels.P_GOOD, 0.51);
    assertThat(column(EvalDatasetRecords.CONTENT_HASH).get("a")).isNotEqualTo(first);
    labels.get(0).put(QualityLabels.P_GOOD, 0.5);
    interactions.get(0).put(Interactions.LATENCY_MS, 3L);
    assertThat(column(EvalDatasetRecords.CONTENT_HASH)).containsEntry("a", first);
  }

  private void shown(String id, Map<String, Object> more, String label) {
    Map<String, Object> key =
        Map.of(
            TableSpec.EVENT_DATE, DAY, "tenant_id", "t", "interaction_id", id, "shown_at", SHOWN);
    Map<String, Object> interaction = new HashMap<>(key);
    interaction.putAll(Map.of("user_id", "u", "session_id", "s", "n_events", 1L));
    interaction.putAll(more);
    interactions.add(interaction);
    if (label != null) {
      Map<String, Object> labelled = new HashMap<>(key);
      labelled.putAll(Map.of("user_id", "u", "p_good", 0.5, "label", label, "status", "final"));
      labelled.putAll(Map.of("votes", Map.of(), "n_sources", 0, "vote_pattern", "-"));
      labelled.put("label_model_version", "m");
      labels.add(labelled);
    }
  }

  /** A column of the records by interaction. */
  private Map<String, Object> column(String name) {
    Map<String, Object> values = new HashMap<>();
    records(settings(Map.of()))
        .select(col(EvalDraws.INTERACTION_ID), col(name).as("value"))
        .collectAsList()
        .forEach(row -> values.put(row.getString(0), row.get(1)));
    return values;
  }

  /** All of the interactions are drawn. */
  private Dataset<Row> records(Settings.Sample policy) {
    Dataset<Row> shown = Rows.of(Interactions.SPEC, interactions);
    SampleDesign design =
        SampleDesign.of(SampleDesign.populations(shown, policy).collectAsList(), policy);
    Dataset<Row> drawn = StratifiedDraw.of(shown, design.rows(TestSpark.session()), policy, 42);
    return EvalRecords.of(drawn, shown, Rows.of(QualityLabels.SPEC, labels), policy);
  }

  private static Settings.Sample settings(Map<String, Object> overrides) {
    var all = new HashMap<String, Object>(overrides);
    all.put("sample.per_day", 10_000);
    return TestSpark.settings(all).sample();
  }
}
