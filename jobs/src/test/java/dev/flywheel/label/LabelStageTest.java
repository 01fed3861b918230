package dev.flywheel.label;

import static dev.flywheel.label.LabelledLake.DAY;
import static dev.flywheel.label.LabelledLake.after;
import static dev.flywheel.label.LabelledLake.byInteraction;
import static dev.flywheel.label.LabelledLake.label;
import static dev.flywheel.label.LabelledLake.shown;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.ingest.LandedEvents;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.LabelModels;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.LandedEvent;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From events in a lake to labels: which model, which sources, when a label is final. Lakes of a
 * few responses, the smallest that show it.
 */
class LabelStageTest {
  @TempDir static Path shared;

  @TempDir Path folder;

  /** Rated by its user, and judged by a person. */
  @BeforeAll
  static void judge() {
    label(
        shared,
        DateRange.of(DAY),
        List.of(
            shown("judged", Events.CAPABILITIES, List.of("rate")),
            after(5, "feedback_submitted", "judged", Events.THUMBS, "up"),
            after(
                50,
                "assessment_recorded",
                "judged",
                Events.ASSESSMENT_NAME,
                "quality",
                Events.ASSESSMENT_SOURCE_TYPE,
                "HUMAN",
                Events.ASSESSMENT_SCORE,
                0.0)));
  }

  private static Row judged() {
    return byInteraction(TestLakes.open(shared), QualityLabels.SPEC).get("judged");
  }

  @Test
  void scoresOfPeopleAreReadOnTheirScale() {
    List<LandedEvent> events =
        Stream.of(0.0, 0.5, 1.0, 2.5, 3.0, 5.0)
            .flatMap(
                score ->
                    Stream.of(
                        shown("" + score),
                        after(
                            50,
                            "assessment_recorded",
                            "" + score,
                            Events.ASSESSMENT_NAME,
                            "Quality",
                            Events.ASSESSMENT_SOURCE_TYPE,
                            "HUMAN",
                            Events.ASSESSMENT_SCORE,
                            score)))
            .toList();
    DateRange day = DateRange.of(DAY);
    Lakehouse lake = TestLakes.open(folder);
    LandedEvent.land(lake, day, events);

    assertThat(verdicts(lake, 0.0, 1.0))
        .isEqualTo(Map.of("0.0", "bad", "0.5", "good", "1.0", "good"));
    assertThat(verdicts(lake, 1.0, 5.0))
        .isEqualTo(Map.of("1.0", "bad", "2.5", "bad", "3.0", "good", "5.0", "good"));
  }

  private static Map<String, String> verdicts(Lakehouse lake, double worst, double best) {
    DateRange day = DateRange.of(DAY);
    Dataset<Row> events = LandedEvents.read(lake, TestSpark.run(day), day.widen(1, 1));
    return Responses.shownOn(day, events, BusyUsers.NONE, List.of(worst, best))
        .where(col(Responses.VERDICT).isNotNull())
        .collectAsList()
        .stream()
        .collect(
            Collectors.toMap(
                row -> row.getAs(Events.INTERACTION_ID), row -> row.getAs(Responses.VERDICT)));
  }

  @Test
  void theEvidenceNamesTheVotes() {
    Row row = judged();
    List<Row> evidence = row.getList(row.fieldIndex(QualityLabels.EVIDENCE));
    assertThat(evidence)
        .extracting(one -> one.getAs("source") + " " + one.getAs("vote"))
        .contains("human bad", "rating good");
  }

  @Test
  void aHumanVerdictStandsAgainstEveryOtherVote() {
    Row row = judged();
    assertThat(row.<Double>getAs(QualityLabels.P_GOOD)).isZero();
    assertThat(row.<String>getAs(QualityLabels.LABEL)).isEqualTo("bad");
    assertThat(row.<Object, Object>getJavaMap(row.fieldIndex(QualityLabels.VOTES)))
        .containsEntry("human", "bad")
        .containsEntry("rating", "good")
        .containsEntry("task", "not_applicable");
  }

  @Test
  void tooFewResponsesToLearnFromAreVotedOn() {
    List<Row> models = TestLakes.open(shared).read(LabelModels.SPEC).collectAsList();
    assertThat(models).hasSize(1);
    assertThat(models.get(0).<String>getAs(LabelModels.METHOD)).isEqualTo("majority_vote");
    assertThat(models.get(0).<String>getAs(LabelModels.METHOD_REASON)).contains("fewer than");
  }

  @Test
  void aSourceOfTheUsersOwnVotes() {
    Lakehouse lake = TestLakes.open(folder);
    DateRange day = DateRange.of(DAY);
    LandedEvent.land(
        lake,
        day,
        List.of(
            shown("i", Events.RESPONSE, "abc"),
            after(300, "response_shown", "i", Events.PROMPT, "x")
                .with(Events.INTERACTION_ID, "j")));
    var own = new HashMap<String, Object>();
    own.put("label.sources.waits", Map.of("good", "next_prompt_seconds > 120"));
    own.put("label.sources.session", null);
    new LabelStage().run(lake, TestSpark.run(day), TestSpark.settings(own));
    Row first =
        lake.read(QualityLabels.SPEC).orderBy(QualityLabels.SHOWN_AT).collectAsList().get(0);
    assertThat(first.<Object, Object>getJavaMap(first.fieldIndex(QualityLabels.VOTES)))
        .containsEntry("waits", "good")
        .doesNotContainKey("session");
    assertThat(first.<Double>getAs(QualityLabels.P_GOOD)).isEqualTo(0.75);
  }

  @Test
  void daysCountedByOtherSourcesKeepTheirLabels() {
    DateRange both = new DateRange(DAY, DAY.plusDays(11));
    LandedEvent later =
        LandedEvent.of("response_shown", "later", "2026-01-15T10:00:00Z")
            .with(Events.USER_ID, "later")
            .with(TableSpec.LANDING_DATE, DAY.plusDays(10));
    Lakehouse lake = label(folder, both, List.of(shown("first"), later));
    var changed = TestSpark.settings(Map.of("label.sources.task.good", "false"));
    // The votes of the second day are not counted anew, its model is fitted anew.
    new LabelStage().run(lake, TestSpark.run(DateRange.of(DAY)), changed);
    assertThat(byInteraction(lake, QualityLabels.SPEC)).containsOnlyKeys("first", "later");
    assertThat(lake.read(LabelModels.SPEC).select(LabelModels.SOURCES).distinct().count())
        .isEqualTo(1);
  }

  @Test
  void aResponseShownAgainIsARowOfItsOwnAndLabelsBecomeFinalWhenTheWindowHasClosed() {
    Lakehouse lake =
        label(
            folder,
            DateRange.of(DAY),
            List.of(
                shown("i", Events.RESPONSE, "abc"),
                after(10, "text_copied", "i", Events.COPIED_TEXT, "abc"),
                after(3_600, "response_shown", "i", Events.RESPONSE, "abc"),
                after(3_700, "response_regenerated", "i")));
    List<Row> rows =
        lake.read(BehaviorSignals.SPEC).orderBy(BehaviorSignals.SHOWN_AT).collectAsList();
    assertThat(rows)
        .extracting(row -> row.<Object>getAs(BehaviorSignals.COPY_SHARE))
        .containsExactly(1.0, null);
    assertThat(rows)
        .extracting(row -> row.<Object>getAs(BehaviorSignals.SESSION_RESULT))
        .containsExactly(null, "regenerated");
    assertThat(statuses(lake)).containsOnly("provisional").hasSize(2);

    DateRange closing = DateRange.of(DAY.plusDays(3));
    label(folder, closing, List.of(after(3 * 24 * 60 * 60, "response_shown", "late")));
    assertThat(statuses(lake)).containsExactlyInAnyOrder("final", "final", "provisional");
  }

  @Test
  void theFirstLandingDayAfterQuietOnesClosesTheirWindows() {
    int day = 24 * 60 * 60;
    // Too soon for a window to close, and a quiet day away from the first.
    label(
        folder,
        new DateRange(DAY, DAY.plusDays(3)),
        List.of(shown("first", Events.RESPONSE, "abc"), after(2 * day, "response_shown", "next")));
    Lakehouse lake = TestLakes.open(folder);
    assertThat(statuses(lake)).containsExactly("provisional", "provisional");

    label(folder, DateRange.of(DAY.plusDays(9)), List.of(after(9 * day, "response_shown", "last")));
    assertThat(statuses(lake)).containsExactlyInAnyOrder("final", "final", "provisional");
  }

  private static List<String> statuses(Lakehouse lake) {
    return lake.read(QualityLabels.SPEC).collectAsList().stream()
        .map(row -> row.<String>getAs(QualityLabels.STATUS))
        .toList();
  }

  @Test
  void anEmptyDayWritesNoRows() {
    Lakehouse lake = label(folder, DateRange.of(DAY), List.of());
    for (TableSpec table : new LabelStage().writes()) {
      assertThat(lake.read(table).isEmpty()).as(table.name()).isTrue();
    }
  }

  /** By user to see what came before and after, by interaction to gather; texts only there. */
  @Test
  void noTextCrossesTheFirstOfTwoExchanges() {
    DateRange day = DateRange.of(DAY);
    Dataset<Row> events =
        LandedEvents.read(TestLakes.open(shared), TestSpark.run(day), day.widen(1, 1));
    String plan =
        Responses.shownOn(day, events, BusyUsers.NONE, List.of(0.0, 1.0))
            .queryExecution()
            .executedPlan()
            .toString();
    List<String> exchanges =
        plan.lines().filter(line -> line.contains("Exchange ")).map(String::strip).toList();
    assertThat(exchanges).hasSize(2);
    assertThat(exchanges.get(0)).contains("tenant_id", "interaction_id");
    assertThat(exchanges.get(1)).contains("tenant_id", "user_id");
    String below = plan.substring(plan.indexOf(exchanges.get(1)));
    String crossing =
        below.lines().skip(1).filter(line -> line.contains("Project")).findFirst().orElseThrow();
    assertThat(crossing.replaceAll("CASE .*? AS words", "AS words").replaceAll(".* Project", ""))
        .contains("words", "micros")
        .doesNotContain("prompt", "response#", "final_text", "copied_text", "comment");
  }
}
