package dev.flywheel.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.LabelModels;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.LandedEvent;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From events in a lake to the tables of the label stage, on rows small enough to see. */
class LabelStageTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final DateRange LANDING = DateRange.of(DAY);
  private static final String SHOWN = "2026-01-05T10:00:00Z";

  @TempDir Path folder;

  private Lakehouse label(LandedEvent... events) {
    return label(LANDING, events);
  }

  private Lakehouse label(DateRange landing, LandedEvent... events) {
    Lakehouse lake = TestLakes.open(folder);
    LandedEvent.land(lake, landing, List.of(events));
    new LabelStage().run(lake, TestSpark.run(landing), TestSpark.settings(Map.of()));
    return lake;
  }

  private Row signals(LandedEvent... events) {
    return only(label(events), BehaviorSignals.SPEC);
  }

  private static Row only(Lakehouse lake, TableSpec table) {
    List<Row> rows = lake.read(table).collectAsList();
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  private static LandedEvent shown(Object... payload) {
    return LandedEvent.of("response_shown", "i", SHOWN, payload);
  }

  private static LandedEvent later(String type, int seconds, Object... payload) {
    return LandedEvent.of(
        type, "i", java.time.Instant.parse(SHOWN).plusSeconds(seconds).toString(), payload);
  }

  @Test
  void whatTheSurfaceDoesNotOfferIsNotApplicableAndWhatItOffersIsNotObserved() {
    Row row = signals(shown(Events.CAPABILITIES, List.of("copy"), Events.RESPONSE, "text"));
    assertThat(row.<String>getAs(BehaviorSignals.COPY_OUTCOME)).isEqualTo("not_observed");
    assertThat(row.<String>getAs(BehaviorSignals.EDIT_OUTCOME)).isEqualTo("not_applicable");
    assertThat(row.<String>getAs(BehaviorSignals.RATING_OUTCOME)).isEqualTo("not_applicable");
    assertThat(row.<String>getAs(BehaviorSignals.SESSION_OUTCOME)).isEqualTo("not_observed");
    assertThat(row.<Double>getAs(BehaviorSignals.COPY_SHARE)).isNull();
  }

  @Test
  void editsAreMeasuredAtEachHorizon() {
    Row row =
        signals(
            shown(Events.CAPABILITIES, List.of("edit"), Events.RESPONSE, "abcdefghij"),
            later("response_edited", 20, Events.FINAL_TEXT, "abcdefghiX"),
            later("response_edited", 25, Events.FINAL_TEXT, "abcdefghXX"),
            later("response_edited", 400, Events.FINAL_TEXT, "abcdXXXXXX"),
            later("response_edited", 5_000, Events.FINAL_TEXT, "XXXXXXXXXX"));
    assertThat(row.<Double>getAs(BehaviorSignals.EDIT_RETAINED_30S)).isEqualTo(0.8);
    assertThat(row.<Double>getAs(BehaviorSignals.EDIT_RETAINED_2M)).isEqualTo(0.8);
    assertThat(row.<Double>getAs(BehaviorSignals.EDIT_RETAINED_5M)).isEqualTo(0.8);
    assertThat(row.<Double>getAs(BehaviorSignals.EDIT_RETAINED_10M)).isCloseTo(0.4, within(1e-12));
    assertThat(row.<Double>getAs(BehaviorSignals.EDIT_RETAINED_15M)).isCloseTo(0.4, within(1e-12));
    assertThat(row.<Double>getAs(BehaviorSignals.EDIT_RETAINED)).isZero();
  }

  @Test
  void aTextThatOnlyGrewIsStillThere() {
    Row row =
        signals(
            shown(Events.RESPONSE, "the quick brown fox"),
            later("response_edited", 9, Events.FINAL_TEXT, "the quick brown fox" + "-".repeat(99)));
    assertThat(row.<Double>getAs(BehaviorSignals.SURVIVAL_CONTAINMENT)).isEqualTo(1.0);
    assertThat(row.<Double>getAs(BehaviorSignals.SURVIVAL_SIMILARITY)).isLessThan(0.3);
  }

  @Test
  void overlappingCopiesCountOnce() {
    Row row =
        signals(
            shown(Events.RESPONSE, "0123456789"),
            later("text_copied", 5, Events.COPIED_TEXT, " 2345 "),
            later("text_copied", 6, Events.COPY_START, 4, Events.COPY_END, 8),
            later("text_copied", 7, Events.COPIED_TEXT, "not in it"));
    assertThat(row.<Double>getAs(BehaviorSignals.COPY_SHARE)).isEqualTo(0.6);
  }

  @Test
  void codeThatFailedFirstIsFixedAfterError() {
    Row row =
        signals(
            shown(Events.RESPONSE, "```\nx = 1\n```", Events.CAPABILITIES, List.of("run")),
            later("code_executed", 5, Events.SUCCEEDED, false, Events.EXECUTED_TEXT, "x = 1"),
            later("code_executed", 50, Events.SUCCEEDED, true, Events.EXECUTED_TEXT, "x = 2"));
    assertThat(row.<String>getAs(BehaviorSignals.CODE_RESULT)).isEqualTo("fixed_after_error");
  }

  @Test
  void runningAppliesOnlyWhereThereIsCode() {
    Row row = signals(shown(Events.RESPONSE, "no code", Events.CAPABILITIES, List.of("run")));
    assertThat(row.<String>getAs(BehaviorSignals.CODE_OUTCOME)).isEqualTo("not_applicable");
  }

  @Test
  void quickRephraseMarksThePreviousAnswerBad() {
    Lakehouse lake =
        label(
            shown(Events.PROMPT, "convert ten dollars to euros"),
            LandedEvent.of(
                "response_shown",
                "j",
                "2026-01-05T10:00:40Z",
                Events.PROMPT,
                "convert ten dollars to euros please"));
    Map<String, Row> rows = byInteraction(lake, BehaviorSignals.SPEC);
    Row first = rows.get("i");
    assertThat(first.<String>getAs(BehaviorSignals.SESSION_RESULT)).isEqualTo("rephrased");
    assertThat(first.<Double>getAs(BehaviorSignals.NEXT_PROMPT_SECONDS)).isEqualTo(40.0);
    assertThat(first.<Double>getAs(BehaviorSignals.REPHRASE_SIMILARITY))
        .isCloseTo(5 / 6.0, within(1e-12));
    assertThat(rows.get("j").<Double>getAs(BehaviorSignals.SESSION_GAP_SECONDS)).isEqualTo(40.0);
    assertThat(first.<Boolean>getAs(BehaviorSignals.STARTS_SESSION)).isTrue();
    assertThat(rows.get("j").<Boolean>getAs(BehaviorSignals.STARTS_SESSION)).isFalse();
    assertThat(byInteraction(lake, QualityLabels.SPEC).get("i").<String>getAs(QualityLabels.LABEL))
        .isEqualTo("bad");
  }

  @Test
  void aFollowUpOnAnotherMatterIsEngagement() {
    Lakehouse lake =
        label(
            shown(Events.PROMPT, "convert ten dollars to euros"),
            LandedEvent.of(
                "response_shown", "j", "2026-01-05T10:03:00Z", Events.PROMPT, "and the weather"));
    assertThat(
            byInteraction(lake, BehaviorSignals.SPEC)
                .get("i")
                .<String>getAs(BehaviorSignals.SESSION_RESULT))
        .isEqualTo("engaged");
  }

  @Test
  void aSessionThatEndsAtOnceIsABounceUnlessSomethingWasDone() {
    assertThat(
            signals(shown(), later("session_ended", 20))
                .<String>getAs(BehaviorSignals.SESSION_RESULT))
        .isEqualTo("bounced");
    assertThat(
            signals(
                    shown(Events.RESPONSE, "a"),
                    later("text_copied", 10, Events.COPIED_TEXT, "a"),
                    later("session_ended", 20))
                .<String>getAs(BehaviorSignals.SESSION_RESULT))
        .isNull();
  }

  @Test
  void repeatsAndEventsOutsideTheWindowDoNotCount() {
    LandedEvent edit = later("response_edited", 60, Events.FINAL_TEXT, "abc");
    Lakehouse lake =
        label(
            new DateRange(DAY, DAY.plusDays(3)),
            shown(Events.RESPONSE, "abc"),
            edit,
            edit.with(TableSpec.LANDING_DATE, DAY.plusDays(1)),
            LandedEvent.of("suggestion_clicked", "i", "2026-01-05T09:59:59Z"),
            LandedEvent.of("suggestion_clicked", "i", "2026-01-06T10:00:01Z"));
    assertThat(only(lake, Interactions.SPEC).<Long>getAs(Interactions.N_EVENTS)).isEqualTo(2);
    assertThat(only(lake, BehaviorSignals.SPEC).<String>getAs(BehaviorSignals.SESSION_RESULT))
        .isNull();
  }

  @Test
  void aResponseShownAgainIsARowOfItsOwnWithWhatCameAfter() {
    Lakehouse lake =
        label(
            shown(Events.RESPONSE, "abc"),
            later("text_copied", 10, Events.COPIED_TEXT, "abc"),
            LandedEvent.of("response_shown", "i", "2026-01-05T11:00:00Z", Events.RESPONSE, "abc"),
            later("response_regenerated", 3_700));
    List<Row> rows =
        lake.read(BehaviorSignals.SPEC).orderBy(BehaviorSignals.SHOWN_AT).collectAsList();
    assertThat(rows)
        .extracting(row -> row.<Object>getAs(BehaviorSignals.COPY_SHARE))
        .containsExactly(1.0, null);
    assertThat(rows)
        .extracting(row -> row.<Object>getAs(BehaviorSignals.SESSION_RESULT))
        .containsExactly(null, "regenerated");
  }

  @Test
  void thePromptIsTheLastUserMessageWhereMessagesAreLogged() {
    Lakehouse lake =
        label(
            shown(
                Events.MESSAGES,
                List.of(
                    message("user", "first"), message("assistant", "x"), message("user", "last"))));
    assertThat(only(lake, Interactions.SPEC).<String>getAs(Interactions.PROMPT)).isEqualTo("last");
  }

  private static Row message(String role, String content) {
    return org.apache.spark.sql.RowFactory.create(role, content);
  }

  @Test
  void aHumanVerdictStandsAgainstEveryOtherVote() {
    Lakehouse lake =
        label(
            shown(Events.CAPABILITIES, List.of("rate")),
            later("feedback_submitted", 5, Events.THUMBS, "up"),
            later(
                "assessment_recorded",
                50,
                Events.ASSESSMENT_NAME,
                "quality",
                Events.ASSESSMENT_SOURCE_TYPE,
                "HUMAN",
                Events.ASSESSMENT_SCORE,
                0.0));
    Row row = only(lake, QualityLabels.SPEC);
    assertThat(row.<Double>getAs(QualityLabels.P_GOOD)).isZero();
    assertThat(row.<String>getAs(QualityLabels.LABEL)).isEqualTo("bad");
    assertThat(row.<Object, Object>getJavaMap(row.fieldIndex(QualityLabels.VOTES)))
        .containsEntry("human", "bad")
        .containsEntry("rating", "good")
        .containsEntry("task", "not_applicable");
  }

  @Test
  void twoSourcesAreTooFewToLearnFrom() {
    Row model = only(label(shown()), LabelModels.SPEC);
    assertThat(model.<String>getAs(LabelModels.METHOD)).isEqualTo("majority_vote");
    assertThat(model.<String>getAs(LabelModels.METHOD_REASON)).contains("0 sources");
  }

  @Test
  void labelsAreProvisionalUntilTheDayThatClosesTheWindowHasLanded() {
    Lakehouse lake = label(shown());
    assertThat(only(lake, QualityLabels.SPEC).<String>getAs(QualityLabels.STATUS))
        .isEqualTo("provisional");
    DateRange closing = DateRange.of(DAY.plusDays(3));
    label(closing, LandedEvent.of("response_shown", "late", "2026-01-08T10:00:00Z"));
    assertThat(byInteraction(lake, QualityLabels.SPEC).get("i").<String>getAs(QualityLabels.STATUS))
        .isEqualTo("final");
  }

  @Test
  void anEmptyDayWritesNoRows() {
    Lakehouse lake = label();
    for (TableSpec table : new LabelStage().writes()) {
      assertThat(lake.read(table).isEmpty()).as(table.name()).isTrue();
    }
  }

  @Test
  void twiceEqualsOnceForAnyPartitioning() {
    var events = new ArrayList<LandedEvent>();
    for (int n = 0; n < 60; n++) {
      String at = "2026-01-05T10:%02d:00Z".formatted(n);
      String id = "i" + n;
      String user = "u" + n % 7;
      events.add(
          LandedEvent.of(
              "response_shown", id, at, Events.USER_ID, user, Events.RESPONSE, "text " + n));
      events.add(
          LandedEvent.of(
              n % 3 == 0 ? "response_regenerated" : "suggestion_accepted",
              id,
              "2026-01-05T11:%02d:00Z".formatted(n),
              Events.USER_ID,
              user));
      events.add(
          LandedEvent.of(
              "feedback_submitted",
              id,
              "2026-01-05T12:%02d:00Z".formatted(n),
              Events.USER_ID,
              user,
              Events.STARS,
              1 + n % 5));
    }
    String before = TestSpark.session().conf().get("spark.sql.shuffle.partitions");
    try {
      TestSpark.session().conf().set("spark.sql.shuffle.partitions", "1");
      label(events.toArray(LandedEvent[]::new));
      Map<String, List<String>> once = TestLakes.lawfulRows(folder);
      TestSpark.session().conf().set("spark.sql.shuffle.partitions", "7");
      label(events.toArray(LandedEvent[]::new));
      assertThat(TestLakes.lawfulRows(folder)).isEqualTo(once);
      assertThat(once.get("quality_labels")).hasSize(60);
    } finally {
      TestSpark.session().conf().set("spark.sql.shuffle.partitions", before);
    }
  }

  private static Map<String, Row> byInteraction(Lakehouse lake, TableSpec table) {
    return lake.read(table).collectAsList().stream()
        .collect(
            java.util.stream.Collectors.toMap(
                row -> row.<String>getAs(Interactions.INTERACTION_ID), row -> row));
  }
}
