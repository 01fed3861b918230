package dev.flywheel.label;

import static dev.flywheel.label.LabelledLake.DAY;
import static dev.flywheel.label.LabelledLake.after;
import static dev.flywheel.label.LabelledLake.byInteraction;
import static dev.flywheel.label.LabelledLake.shown;
import static java.util.stream.Collectors.joining;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.ingest.LandedEvents;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.LandedEvent;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users did, as signals, on responses small enough to see. The cases share one lake and one
 * run; each has a user of its own.
 */
class SignalsTest {
  private static final DateRange LANDING = new DateRange(DAY, DAY.plusDays(3));

  @TempDir static Path shared;
  private static Map<String, Row> signals;
  private static Map<String, Row> labels;
  private static Map<String, Row> interactions;

  private static List<LandedEvent> cases() {
    LandedEvent edit = after(60, "response_edited", "repeat", Events.FINAL_TEXT, "abc");
    return List.of(
        shown("silent", Events.CAPABILITIES, List.of("copy"), Events.RESPONSE, "text"),
        //
        shown("edits", Events.CAPABILITIES, List.of("edit"), Events.RESPONSE, "abcdefghij"),
        after(20, "response_edited", "edits", Events.FINAL_TEXT, "abcdefghiX"),
        after(25, "response_edited", "edits", Events.FINAL_TEXT, "abcdefghXX"),
        after(400, "response_edited", "edits", Events.FINAL_TEXT, "abcdXXXXXX"),
        after(5_000, "response_edited", "edits", Events.FINAL_TEXT, "XXXXXXXXXX"),
        //
        shown("grows", Events.RESPONSE, "the quick brown fox"),
        after(
            9,
            "response_edited",
            "grows",
            Events.FINAL_TEXT,
            "the quick brown fox" + "-".repeat(99)),
        //
        shown("copies", Events.RESPONSE, "0123456789"),
        after(5, "text_copied", "copies", Events.COPIED_TEXT, " 2345 "),
        after(6, "text_copied", "copies", Events.COPY_START, 4, Events.COPY_END, 8),
        after(7, "text_copied", "copies", Events.COPIED_TEXT, "not in it"),
        shown("indents", Events.RESPONSE, "if x:\n    y = 1\nend"),
        after(5, "text_copied", "indents", Events.COPIED_TEXT, "\tif x:\n\t\ty = 1\n"),
        //
        shown("runs", Events.RESPONSE, "```\nx = 1\n```", Events.CAPABILITIES, List.of("run")),
        after(5, "code_executed", "runs", Events.SUCCEEDED, false, Events.EXECUTED_TEXT, "x = 1"),
        after(30, "response_edited", "runs", Events.FINAL_TEXT, "```\nx = 2\n```"),
        after(50, "code_executed", "runs", Events.SUCCEEDED, true, Events.EXECUTED_TEXT, "x = 2"),
        //
        shown("does not say", Events.RESPONSE, "```\nx = 1\n```"),
        after(5, "code_executed", "does not say", Events.EXECUTED_TEXT, "x = 1"),
        shown("indents code", Events.RESPONSE, "```\nfor x in y:\n  print(x)\n```"),
        after(
            5,
            "code_executed",
            "indents code",
            Events.SUCCEEDED,
            true,
            Events.EXECUTED_TEXT,
            "\tfor x in y:\r\n\t\tprint(x)\r\n"),
        shown("edits code", Events.RESPONSE, "Try:\n```\nfor x in y:\n  print(x)\n```"),
        after(
            5,
            "code_executed",
            "edits code",
            Events.SUCCEEDED,
            true,
            Events.EXECUTED_TEXT,
            words(9, 50) + "for x in y:\n  print(x, x)\n"),
        shown("runs other code", Events.RESPONSE, "```\nfor x in y:\n  print(x)\n```"),
        after(
            5,
            "code_executed",
            "runs other code",
            Events.SUCCEEDED,
            true,
            Events.EXECUTED_TEXT,
            "SELECT count(*) FROM t"),
        //
        shown("no code", Events.RESPONSE, "no code", Events.CAPABILITIES, List.of("run")),
        //
        shown("rephrases", Events.PROMPT, "convert ten dollars to euros"),
        after(40, "response_shown", "rephrases", Events.PROMPT, "convert ten dollars to euros now")
            .with(Events.INTERACTION_ID, "rephrases again"),
        //
        shown("loads anew", Events.PROMPT, "convert ten dollars to euros"),
        after(20, "response_shown", "loads anew", Events.PROMPT, "convert ten dollars to euros"),
        after(200, "response_shown", "loads anew", Events.PROMPT, "and the weather")
            .with(Events.INTERACTION_ID, "loads anew, then asks"),
        //
        shown("writes without spaces", Events.PROMPT, "把十美元换成欧元"),
        after(40, "response_shown", "writes without spaces", Events.PROMPT, "请把十美元换成欧元")
            .with(Events.INTERACTION_ID, "writes without spaces again"),
        //
        shown("follows up", Events.PROMPT, "convert ten dollars to euros"),
        after(180, "response_shown", "follows up", Events.PROMPT, "and the weather")
            .with(Events.INTERACTION_ID, "follows up again"),
        //
        shown("bounces"),
        after(20, "session_ended", "bounces"),
        shown("takes and leaves", Events.RESPONSE, "a"),
        after(10, "text_copied", "takes and leaves", Events.COPIED_TEXT, "a"),
        after(20, "session_ended", "takes and leaves"),
        //
        shown("repeat", Events.RESPONSE, "abc"),
        edit,
        edit.with(TableSpec.LANDING_DATE, DAY.plusDays(1)),
        after(-1, "suggestion_clicked", "repeat"),
        after(24 * 60 * 60 + 1, "suggestion_clicked", "repeat"),
        //
        shown(
            "messages",
            Events.MESSAGES,
            List.of(message("user", "first"), message("assistant", "x"), message("user", "last"))),
        //
        shown("empty", Events.RESPONSE, ""),
        after(5, "response_edited", "empty", Events.FINAL_TEXT, ""),
        after(6, "text_copied", "empty", Events.COPIED_TEXT, ""),
        shown("one letter", Events.RESPONSE, "a"),
        after(5, "response_edited", "one letter", Events.FINAL_TEXT, "a b"),
        shown("not logged"),
        after(5, "response_edited", "not logged", Events.FINAL_TEXT, "mine"),
        after(6, "text_copied", "not logged", Events.COPIED_TEXT, "copied"),
        after(7, "code_executed", "not logged", Events.SUCCEEDED, true),
        shown("too early", Events.RESPONSE, "abcd", Events.CAPABILITIES, List.of("edit")),
        after(-5, "response_edited", "too early", Events.FINAL_TEXT, "wxyz"),
        after(-9, "session_ended", "too early"),
        shown("in a large file", Events.RESPONSE, words(1, 100)),
        after(
            5,
            "response_edited",
            "in a large file",
            Events.FINAL_TEXT,
            words(2, 200_000) + words(1, 100)),
        shown("two large files", Events.RESPONSE, words(3, 25_000)),
        after(5, "response_edited", "two large files", Events.FINAL_TEXT, words(4, 25_000)),
        after(5_000, "response_edited", "two large files", Events.FINAL_TEXT, ""),
        //
        shown("copies nothing", Events.RESPONSE, "abcdef", Events.CAPABILITIES, List.of("copy")),
        after(5, "text_copied", "copies nothing", Events.COPIED_TEXT, ""),
        after(6, "text_copied", "copies nothing", Events.COPY_START, 4, Events.COPY_END, 4),
        shown("keeps a few", Events.RESPONSE, ");"),
        after(5, "response_edited", "keeps a few", Events.FINAL_TEXT, words(5, 50) + ");"),
        shown("saves without a text", Events.RESPONSE, "abcd"),
        after(20, "response_edited", "saves without a text", Events.FINAL_TEXT, "abcX"),
        after(25, "response_edited", "saves without a text"),
        shown("copies what was rendered", Events.RESPONSE, "Use **git reset** now"),
        after(5, "text_copied", "copies what was rendered", Events.COPIED_TEXT, "Use git reset"),
        shown("runs nothing first", Events.RESPONSE, "```\nx = 10\n```"),
        after(5, "code_executed", "runs nothing first", Events.SUCCEEDED, true)
            .with(Events.EXECUTED_TEXT, "\n"),
        after(9, "code_executed", "runs nothing first", Events.SUCCEEDED, false)
            .with(Events.EXECUTED_TEXT, "x = 10"),
        shown("runs a word of it", Events.RESPONSE, "```\nalso = 1\n```"),
        after(5, "code_executed", "runs a word of it", Events.SUCCEEDED, true)
            .with(Events.EXECUTED_TEXT, "ls"),
        shown("reports nothing", Events.CAPABILITIES, List.of("rate")),
        after(5, "feedback_submitted", "reports nothing", Events.THUMBS, "up")
            .with(Events.REPORT_REASON, " "),
        //
        shown("logs no requests"),
        after(5, "response_shown", "logs no requests")
            .with(Events.INTERACTION_ID, "logs no requests again"),
        shown("asks again and waits", Events.PROMPT, "convert ten dollars to euros"),
        after(65, "response_shown", "asks again and waits")
            .with(Events.PROMPT, "convert ten dollars to euros please")
            .with(Events.LATENCY_MS, 45_000L)
            .with(Events.INTERACTION_ID, "asks again and waits for it"),
        shown("sees two answers", Events.PROMPT, "convert ten dollars to euros"),
        after(2, "response_shown", "sees two answers")
            .with(Events.PROMPT, "convert ten dollars to euros")
            .with(Events.LATENCY_MS, 5_000L)
            .with(Events.INTERACTION_ID, "sees two answers, the other"),
        shown("works in steps", Events.PROMPT, "convert ten dollars to euros"),
        after(9, "response_shown", "works in steps")
            .with(Events.PROMPT, "convert ten dollars to euros")
            .with(Events.MESSAGES, List.of(message("user", "convert"), message("tool", "9.20")))
            .with(Events.INTERACTION_ID, "works in steps, the second"));
  }

  /** Words of seven letters and a blank. */
  private static String words(long seed, int n) {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder();
    for (int i = 0; i < n; i++) {
      text.append(random.ints(7, 'a', 'z').mapToObj(Character::toString).collect(joining()));
      text.append(' ');
    }
    return text.toString();
  }

  private static Row message(String role, String content) {
    return RowFactory.create(role, content);
  }

  @BeforeAll
  static void label() {
    Lakehouse lake = LabelledLake.label(shared, LANDING, cases());
    signals = byInteraction(lake, BehaviorSignals.SPEC);
    labels = byInteraction(lake, QualityLabels.SPEC);
    interactions = byInteraction(lake, Interactions.SPEC);
  }

  private static Object signal(String of, String column) {
    return signals.get(of).getAs(column);
  }

  @Test
  void whatTheSurfaceDoesNotOfferIsNotApplicableAndWhatItOffersIsNotObserved() {
    assertThat((String) signal("silent", BehaviorSignals.COPY_OUTCOME)).isEqualTo("not_observed");
    assertThat((String) signal("silent", BehaviorSignals.EDIT_OUTCOME)).isEqualTo("not_applicable");
    assertThat((String) signal("silent", BehaviorSignals.RATING_OUTCOME))
        .isEqualTo("not_applicable");
    assertThat((String) signal("silent", BehaviorSignals.SESSION_OUTCOME))
        .isEqualTo("not_observed");
    assertThat((Double) signal("silent", BehaviorSignals.COPY_SHARE)).isNull();
  }

  @Test
  void editsAreMeasuredAtEachHorizon() {
    assertThat((Double) signal("edits", BehaviorSignals.EDIT_RETAINED_30S)).isEqualTo(0.8);
    assertThat((Double) signal("edits", BehaviorSignals.EDIT_RETAINED_2M)).isEqualTo(0.8);
    assertThat((Double) signal("edits", BehaviorSignals.EDIT_RETAINED_5M)).isEqualTo(0.8);
    assertThat((Double) signal("edits", BehaviorSignals.EDIT_RETAINED_10M)).isEqualTo(0.4);
    assertThat((Double) signal("edits", BehaviorSignals.EDIT_RETAINED_15M)).isEqualTo(0.4);
    assertThat((Double) signal("edits", BehaviorSignals.EDIT_RETAINED)).isZero();
  }

  /** An editor saves a document of megabytes thousands of times: one row cannot hold them all. */
  @Test
  void ofTheSavesBetweenTwoHorizonsOnlyTheLastIsHeld() {
    Dataset<Row> events =
        LandedEvents.read(TestLakes.open(shared), TestSpark.run(LANDING), LANDING.widen(1, 1));
    List<String> saves =
        Responses.shownOn(LANDING, events, BusyUsers.NONE, List.of(0.0, 1.0))
            .where(col(Interactions.INTERACTION_ID).equalTo("edits"))
            .select(col(Responses.SAVES).getField(Responses.TEXT))
            .head()
            .getList(0);
    assertThat(saves).containsExactly("abcdefghXX", "abcdXXXXXX", "XXXXXXXXXX");
  }

  @Test
  void aTextThatOnlyGrewIsStillThere() {
    assertThat((Double) signal("grows", BehaviorSignals.SURVIVAL_CONTAINMENT)).isEqualTo(1.0);
    assertThat((Double) signal("grows", BehaviorSignals.SURVIVAL_SIMILARITY)).isLessThan(0.3);
  }

  @Test
  void overlappingCopiesCountOnce() {
    assertThat((Double) signal("copies", BehaviorSignals.COPY_SHARE)).isEqualTo(0.6);
  }

  @Test
  void aCopyOfNothingTakesNothing() {
    assertThat((String) signal("copies nothing", BehaviorSignals.COPY_OUTCOME))
        .isEqualTo("observed");
    assertThat((Double) signal("copies nothing", BehaviorSignals.COPY_SHARE)).isZero();
    assertThat(vote("copies nothing", "uptake")).isEqualTo("abstain");
  }

  @Test
  void ofAResponseThatWasDeletedNothingSurvives() {
    assertThat((Double) signal("two large files", BehaviorSignals.SURVIVAL_SIMILARITY)).isZero();
    assertThat((Double) signal("two large files", BehaviorSignals.SURVIVAL_CONTAINMENT)).isZero();
  }

  @Test
  void textThatWasIndentedByTheEditorIsCopiedText() {
    assertThat((Double) signal("indents", BehaviorSignals.COPY_SHARE)).isEqualTo(15 / 19.0);
  }

  @Test
  void codeThatFailedFirstIsFixedAfterError() {
    assertThat((String) signal("runs", BehaviorSignals.CODE_RESULT)).isEqualTo("fixed_after_error");
    assertThat(signals.get("runs").<String>getList(codeSteps()))
        .containsExactly("failed", "edited", "ran");
    assertThat(signal("no code", BehaviorSignals.CODE_STEPS)).isNull();
  }

  private static int codeSteps() {
    return BehaviorSignals.SPEC.schema().fieldIndex(BehaviorSignals.CODE_STEPS);
  }

  @Test
  void textsThatAreEmptyShortOrNotLoggedMakeNoSignalOfNothing() {
    assertThat((Double) signal("empty", BehaviorSignals.EDIT_RETAINED)).isEqualTo(1.0);
    assertThat(signal("empty", BehaviorSignals.COPY_SHARE)).isNull();
    assertThat(signal("empty", BehaviorSignals.SURVIVAL_SIMILARITY)).isNull();
    assertThat((Double) signal("one letter", BehaviorSignals.EDIT_RETAINED)).isEqualTo(1 - 2.0 / 3);
    assertThat((Double) signal("one letter", BehaviorSignals.SURVIVAL_CONTAINMENT)).isEqualTo(1.0);
    assertThat(vote("keeps a few", "edit")).isEqualTo("good");
    assertThat((Double) signal("saves without a text", BehaviorSignals.EDIT_RETAINED))
        .isEqualTo(0.75);
    assertThat(signal("reports nothing", BehaviorSignals.REPORTED)).isNull();
    assertThat(vote("reports nothing", "rating")).isEqualTo("good");
    assertThat((String) signal("not logged", BehaviorSignals.EDIT_OUTCOME)).isEqualTo("observed");
    assertThat(signal("not logged", BehaviorSignals.EDIT_RETAINED)).isNull();
    assertThat((String) signal("not logged", BehaviorSignals.CODE_RESULT)).isEqualTo("ran_as_is");
  }

  @Test
  void aCopyThatIsNotFoundWasTakenNobodyKnowsHowMuchOfIt() {
    for (String user : List.of("not logged", "copies what was rendered")) {
      assertThat(signal(user, BehaviorSignals.COPY_SHARE)).as(user).isNull();
      assertThat(vote(user, "uptake")).as(user).isEqualTo("good");
    }
  }

  @Test
  void aRunOfNothingOrOfAWordIsNoRunOfTheResponse() {
    assertThat((String) signal("runs nothing first", BehaviorSignals.CODE_RESULT))
        .isEqualTo("error");
    assertThat(signal("runs a word of it", BehaviorSignals.CODE_RESULT)).isNull();
  }

  private static String vote(String of, String source) {
    return labels.get(of).<String, String>getJavaMap(votes()).get(source);
  }

  private static int votes() {
    return QualityLabels.SPEC.schema().fieldIndex(QualityLabels.VOTES);
  }

  @Test
  void whatFollowsIsARequestThatWasMadeAfterwards() {
    assertThat(signal("logs no requests", BehaviorSignals.SESSION_RESULT)).isNull();
    assertThat((String) signal("logs no requests", BehaviorSignals.SESSION_OUTCOME))
        .isEqualTo("not_applicable");
    assertThat((String) signal("logs no requests again", BehaviorSignals.SESSION_OUTCOME))
        .as("nothing follows")
        .isEqualTo("not_observed");
    assertThat((Double) signal("asks again and waits", BehaviorSignals.NEXT_PROMPT_SECONDS))
        .isEqualTo(20.0);
    assertThat((String) signal("asks again and waits", BehaviorSignals.SESSION_RESULT))
        .isEqualTo("rephrased");
    for (String user : List.of("sees two answers", "works in steps")) {
      assertThat(signal(user, BehaviorSignals.NEXT_PROMPT_SECONDS)).as(user).isNull();
      assertThat(signal(user, BehaviorSignals.SESSION_RESULT)).as(user).isNull();
    }
  }

  @Test
  void whatHappenedBeforeTheResponseWasShownIsNotAboutIt() {
    assertThat((String) signal("too early", BehaviorSignals.EDIT_OUTCOME))
        .isEqualTo("not_observed");
    assertThat(signal("too early", BehaviorSignals.EDIT_RETAINED)).isNull();
    assertThat(signal("too early", BehaviorSignals.SESSION_RESULT)).isNull();
  }

  @Test
  void textsOfMegabytesAreCompared() {
    assertThat((Boolean) signal("in a large file", BehaviorSignals.EDIT_APPROXIMATE)).isFalse();
    assertThat((Double) signal("in a large file", BehaviorSignals.SURVIVAL_CONTAINMENT))
        .isEqualTo(1.0);
    assertThat((Boolean) signal("two large files", BehaviorSignals.EDIT_APPROXIMATE)).isTrue();
    assertThat((Double) signal("two large files", BehaviorSignals.EDIT_RETAINED)).isLessThan(0.01);
  }

  @Test
  void aRunOfTheResponsesCodeCountsHoweverItIsIndented() {
    assertThat((String) signal("indents code", BehaviorSignals.CODE_RESULT)).isEqualTo("ran_as_is");
    assertThat((String) signal("edits code", BehaviorSignals.CODE_RESULT))
        .isEqualTo("ran_after_edit");
  }

  @Test
  void aRunOfOtherCodeOrOfUnknownOutcomeSaysNothing() {
    assertThat((String) signal("runs other code", BehaviorSignals.CODE_RESULT)).isNull();
    assertThat((String) signal("does not say", BehaviorSignals.CODE_RESULT)).isNull();
    assertThat(
            signals
                .get("does not say")
                .<String>getList(
                    signals.get("does not say").fieldIndex(BehaviorSignals.CODE_STEPS)))
        .containsExactly("tried");
    assertThat(
            labels
                .get("does not say")
                .<Object, Object>getJavaMap(
                    labels.get("does not say").fieldIndex(QualityLabels.VOTES)))
        .containsEntry("code", "abstain");
  }

  @Test
  void runningAppliesOnlyWhereThereIsCode() {
    assertThat((String) signal("no code", BehaviorSignals.CODE_OUTCOME))
        .isEqualTo("not_applicable");
  }

  @Test
  void quickRephraseMarksThePreviousAnswerBad() {
    assertThat((String) signal("rephrases", BehaviorSignals.SESSION_RESULT)).isEqualTo("rephrased");
    assertThat((Double) signal("rephrases", BehaviorSignals.NEXT_PROMPT_SECONDS)).isEqualTo(40.0);
    assertThat((Double) signal("rephrases", BehaviorSignals.REPHRASE_SIMILARITY))
        .isCloseTo(5 / 6.0, within(1e-12));
    assertThat((Double) signal("rephrases again", BehaviorSignals.SESSION_GAP_SECONDS))
        .isEqualTo(40.0);
    assertThat((Boolean) signal("rephrases", BehaviorSignals.STARTS_SESSION)).isTrue();
    assertThat((Boolean) signal("rephrases again", BehaviorSignals.STARTS_SESSION)).isFalse();
    assertThat(labels.get("rephrases").<String>getAs(QualityLabels.LABEL)).isEqualTo("bad");
  }

  @Test
  void theSameResponseShownAgainIsNoNewRequest() {
    assertThat((String) signal("loads anew", BehaviorSignals.SESSION_RESULT)).isEqualTo("engaged");
    assertThat((Double) signal("loads anew", BehaviorSignals.NEXT_PROMPT_SECONDS)).isEqualTo(200.0);
  }

  @Test
  void eachCharacterIsAWordWhereNoSpaceStandsBetweenWords() {
    assertThat((String) signal("writes without spaces", BehaviorSignals.SESSION_RESULT))
        .isEqualTo("rephrased");
    assertThat((Double) signal("writes without spaces", BehaviorSignals.REPHRASE_SIMILARITY))
        .isEqualTo(7 / 8.0);
  }

  @Test
  void aFollowUpOnAnotherMatterIsEngagement() {
    assertThat((String) signal("follows up", BehaviorSignals.SESSION_RESULT)).isEqualTo("engaged");
  }

  @Test
  void aSessionThatEndsAtOnceIsABounceUnlessSomethingWasDone() {
    assertThat((String) signal("bounces", BehaviorSignals.SESSION_RESULT)).isEqualTo("bounced");
    assertThat((String) signal("takes and leaves", BehaviorSignals.SESSION_RESULT)).isNull();
  }

  @Test
  void repeatsAndEventsOutsideTheWindowDoNotCount() {
    assertThat(interactions.get("repeat").<Long>getAs(Interactions.N_EVENTS)).isEqualTo(2);
    assertThat((String) signal("repeat", BehaviorSignals.SESSION_RESULT)).isNull();
  }

  @Test
  void thePromptIsTheLastUserMessageWhereMessagesAreLogged() {
    assertThat(interactions.get("messages").<String>getAs(Interactions.PROMPT)).isEqualTo("last");
  }

  @Test
  void twiceEqualsOnceForAnyPartitioning() {
    Map<String, List<String>> once = TestLakes.lawfulRows(shared);
    // One response was shown twice.
    assertThat(once.get("quality_labels")).hasSize(labels.size() + 1);
    var conf = TestSpark.session().conf();
    String before = conf.get("spark.sql.shuffle.partitions");
    try {
      for (String partitions : List.of("1", "7")) {
        conf.set("spark.sql.shuffle.partitions", partitions);
        LabelledLake.label(shared, LANDING, cases());
        assertThat(TestLakes.lawfulRows(shared)).isEqualTo(once);
      }
    } finally {
      conf.set("spark.sql.shuffle.partitions", before);
    }
  }
}
