package dev.flywheel.label;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.char_length;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.contains;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_extract_all;
import static org.apache.spark.sql.functions.shiftright;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.settings.Settings;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.text.TextFunctions;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What users did with each response, as signals: one row per response in, one out.
 *
 * <p>Each signal is observed, not_observed (the surface offers it and the user did not do it) or
 * not_applicable (the surface does not offer it). What was observed is offered, whatever the logs
 * say about the surface.
 */
final class Signals {
  static final String OBSERVED = "observed";
  static final String NOT_OBSERVED = "not_observed";
  static final String NOT_APPLICABLE = "not_applicable";

  static final String REGENERATED = "regenerated";
  static final String REPHRASED = "rephrased";
  static final String ENGAGED = "engaged";
  static final String BOUNCED = "bounced";

  static final String RAN_AS_IS = "ran_as_is";
  static final String RAN_AFTER_EDIT = "ran_after_edit";
  static final String FIXED_AFTER_ERROR = "fixed_after_error";
  static final String ERROR = "error";

  /** A request that comes sooner than this and is similar says that the answer did not serve. */
  private static final int REPHRASE_SECONDS = 60;

  /** Similar: half of the words of both requests are common. */
  private static final double REPHRASE_SIMILARITY = 0.5;

  /** A user who is silent for longer starts a new session. */
  private static final int SESSION_GAP_SECONDS = 30 * 60;

  /** A session that ends sooner than this after the response ends at once. */
  private static final int BOUNCE_SECONDS = 60;

  /** Steps of code that are kept; an editor that saves at every key has thousands. */
  private static final int MOST_STEPS = 50;

  /** Shorter texts are found in others by chance. */
  private static final int FEWEST_CODE_POINTS = 4;

  private static final String WHITE_SPACE = " \t\r\n";

  /** Text of which a third is changed at most is lightly edited (Ziegler et al. 2022). */
  private static final double LIGHTLY = 0.67;

  private static final String STEP = "step";
  private static final String KEPT = "kept";
  private static final String SHARED = "shared";
  private static final String CODE = "code";
  private static final String FIRST_RUN = "first_run";
  private static final String AS_SHOWN = "as_shown";
  private static final String RETAINED = "retained";

  private Signals() {}

  /**
   * The rows of {@code behavior_signals}.
   *
   * @param responses as {@link Responses} gathers them
   * @param settings what surfaces offer where the logs do not say, and how long texts may be
   */
  static Dataset<Row> of(Dataset<Row> responses, Settings.Label settings) {
    Column response = col(Interactions.RESPONSE);
    Column edited = size(col(Responses.EDITS)).gt(0);
    Column copied = size(col(Responses.COPIES)).gt(0);
    Column ran = size(col(Responses.RUNS)).gt(0);
    Column rated =
        coalesce(
                col(Responses.THUMBS),
                col(Responses.STARS).cast("string"),
                col(Responses.HELPFUL).cast("string"),
                col(Responses.REPORTED).cast("string"))
            .isNotNull();
    // In steps, since each is analysed as a whole: what the signals are made of, the signals.
    Dataset<Row> prepared =
        responses
            .withColumns(
                Map.of(
                    Interactions.CAPABILITIES,
                    coalesce(
                        col(Interactions.CAPABILITIES), strings(settings.defaultCapabilities())),
                    KEPT,
                    retainedAtSaves(response, settings.exactEditCells()),
                    SHARED,
                    TextFunctions.fourGrams(response, finalText()),
                    CODE,
                    when(ran, code(response)),
                    BehaviorSignals.SESSION_RESULT,
                    sessionResult()))
            .withColumn(FIRST_RUN, when(ran, firstRun(response)));
    Column edit = outcome(edited, offers("edit"));
    Column lastKept = try_element_at(col(KEPT), lit(-1)).getField(RETAINED);
    Column runnable = offers("run").and(coalesce(hasCode(response), lit(false)));
    return prepared.select(
        col(TableSpec.EVENT_DATE),
        col(Interactions.TENANT_ID),
        col(Interactions.INTERACTION_ID),
        col(Interactions.SHOWN_AT),
        col(Interactions.USER_ID),
        edit.as(BehaviorSignals.EDIT_OUTCOME),
        lastKept.getField(TextFunctions.RETAINED).as(BehaviorSignals.EDIT_RETAINED),
        retainedAt(0).as(BehaviorSignals.EDIT_RETAINED_30S),
        retainedAt(1).as(BehaviorSignals.EDIT_RETAINED_2M),
        retainedAt(2).as(BehaviorSignals.EDIT_RETAINED_5M),
        retainedAt(3).as(BehaviorSignals.EDIT_RETAINED_10M),
        retainedAt(4).as(BehaviorSignals.EDIT_RETAINED_15M),
        edit.as(BehaviorSignals.SURVIVAL_OUTCOME),
        col(SHARED).getField(TextFunctions.SIMILARITY).as(BehaviorSignals.SURVIVAL_SIMILARITY),
        col(SHARED).getField(TextFunctions.CONTAINMENT).as(BehaviorSignals.SURVIVAL_CONTAINMENT),
        outcome(copied, offers("copy")).as(BehaviorSignals.COPY_OUTCOME),
        when(copied, copiedShare(response)).as(BehaviorSignals.COPY_SHARE),
        outcome(col(Responses.ACCEPTED).isNotNull(), offers("accept"))
            .as(BehaviorSignals.ACCEPT_OUTCOME),
        col(Responses.ACCEPTED).as(BehaviorSignals.ACCEPTED),
        outcome(ran, runnable).as(BehaviorSignals.CODE_OUTCOME),
        when(ran, codeResult()).as(BehaviorSignals.CODE_RESULT),
        outcome(col(Responses.COMPLETED).isNotNull(), offers("task"))
            .as(BehaviorSignals.TASK_OUTCOME),
        col(Responses.COMPLETED).as(BehaviorSignals.TASK_COMPLETED),
        col(BehaviorSignals.SESSION_RESULT),
        outcome(col(BehaviorSignals.SESSION_RESULT).isNotNull(), not(asksUnknown()))
            .as(BehaviorSignals.SESSION_OUTCOME),
        col(BeforeAndAfter.NEXT_SECONDS).as(BehaviorSignals.NEXT_PROMPT_SECONDS),
        col(BeforeAndAfter.NEXT_SIMILARITY).as(BehaviorSignals.REPHRASE_SIMILARITY),
        col(BeforeAndAfter.GAP_SECONDS).as(BehaviorSignals.SESSION_GAP_SECONDS),
        coalesce(col(BeforeAndAfter.GAP_SECONDS).gt(SESSION_GAP_SECONDS), lit(true))
            .as(BehaviorSignals.STARTS_SESSION),
        outcome(rated, offers("rate").or(col(Responses.ASKED_TO_RATE)))
            .as(BehaviorSignals.RATING_OUTCOME),
        col(Responses.THUMBS).as(BehaviorSignals.THUMBS),
        col(Responses.STARS).as(BehaviorSignals.STARS),
        col(Responses.HELPFUL).as(BehaviorSignals.HELPFUL),
        col(Responses.REPORTED).as(BehaviorSignals.REPORTED),
        col(Responses.VERDICT).as(BehaviorSignals.HUMAN_VERDICT),
        when(
                edited,
                exists(
                    col(KEPT), save -> save.getField(RETAINED).getField(TextFunctions.APPROXIMATE)))
            .as(BehaviorSignals.EDIT_APPROXIMATE),
        col(Interactions.USER_TYPE).as(BehaviorSignals.USER_TYPE),
        col(Interactions.QUERY_CATEGORY).as(BehaviorSignals.QUERY_CATEGORY),
        when(ran, codeSteps()).as(BehaviorSignals.CODE_STEPS));
  }

  /** The user's text at the last edit; null without one. */
  static Column finalText() {
    return try_element_at(col(Responses.SAVES), lit(-1)).getField(Responses.TEXT);
  }

  private static Column outcome(Column observed, Column offered) {
    return when(observed, lit(OBSERVED)).when(offered, lit(NOT_OBSERVED)).otherwise(NOT_APPLICABLE);
  }

  private static Column offers(String capability) {
    return array_contains(col(Interactions.CAPABILITIES), capability);
  }

  /** How much of the response each of the saves kept. */
  private static Column retainedAtSaves(Column response, long mostCells) {
    return transform(
        col(Responses.SAVES),
        save ->
            struct(
                save.getField(Responses.STAGE).as(Responses.STAGE),
                TextFunctions.retained(response, save.getField(Responses.TEXT), mostCells)
                    .as(RETAINED)));
  }

  private static Column retainedAt(int horizon) {
    Column until = filter(col(KEPT), save -> save.getField(Responses.STAGE).leq(horizon));
    return when(
        size(col(KEPT)).gt(0),
        when(
                size(until).gt(0),
                try_element_at(until, lit(-1)).getField(RETAINED).getField(TextFunctions.RETAINED))
            .otherwise(when(col(Interactions.RESPONSE).isNotNull(), lit(1.0))));
  }

  /**
   * Length of the union of the copied spans over the length of the response, 0 where nothing was in
   * them; null where none of them is known.
   */
  private static Column copiedShare(Column response) {
    Column length = char_length(response);
    Column spans =
        transform(
            col(Responses.COPIES),
            copy -> {
              // Null where the text is not in the response, as after a change of words.
              Column found = TextFunctions.copiedSpan(response, copy.getField(Responses.TEXT));
              Column foundStart = shiftright(found, 32).cast("int");
              Column foundEnd = found.bitwiseAND(lit(0xFFFFFFFFL)).cast("int");
              Column none = when(copy.getField(Responses.TEXT).equalTo(""), lit(0));
              Column start = coalesce(copy.getField("copy_start"), none, foundStart);
              Column end = coalesce(copy.getField("copy_end"), none, foundEnd);
              return when(
                  start.isNotNull().and(end.isNotNull()),
                  struct(greatest(start, lit(0)).as("start"), least(end, length).as("end")));
            });
    Column known = filter(spans, span -> span.getField("end").geq(span.getField("start")));
    Column covered =
        aggregate(
            array_sort(known),
            struct(lit(0).as("reach"), lit(0).as("covered")),
            (sofar, span) ->
                struct(
                    greatest(sofar.getField("reach"), span.getField("end")).as("reach"),
                    sofar
                        .getField("covered")
                        .plus(
                            greatest(
                                lit(0),
                                span.getField("end")
                                    .minus(
                                        greatest(sofar.getField("reach"), span.getField("start")))))
                        .as("covered")),
            sofar -> sofar.getField("covered"));
    return when(length.gt(0).and(size(known).gt(0)), covered.cast("double").divide(length));
  }

  private static Column hasCode(Column response) {
    return contains(response, lit("```"));
  }

  /** The first run whose outcome is logged and whose text, where that is, is the response's. */
  private static Column firstRun(Column response) {
    Column ofResponse =
        filter(
            array_sort(col(Responses.RUNS)),
            run ->
                run.getField(Events.SUCCEEDED)
                    .isNotNull()
                    .and(
                        isAsShown(response, run)
                            .or(isMostly(run.getField(Responses.TEXT), response))
                            .or(isMostly(col(CODE), run.getField(Responses.TEXT)))));
    return get(
        transform(
            slice(ofResponse, 1, 1),
            run ->
                struct(
                    run.getField(Responses.AT).as(Responses.AT),
                    run.getField(Events.SUCCEEDED).as(Events.SUCCEEDED),
                    isAsShown(response, run).as(AS_SHOWN))),
        lit(0));
  }

  /** What came of running the code. Null where the response's was not run. */
  private static Column codeResult() {
    Column first = col(FIRST_RUN);
    Column fixed =
        exists(
            col(Responses.RUNS),
            run ->
                run.getField(Events.SUCCEEDED)
                    .and(run.getField(Responses.AT).geq(first.getField(Responses.AT))));
    return when(first.getField(Events.SUCCEEDED).and(first.getField(AS_SHOWN)), RAN_AS_IS)
        .when(first.getField(Events.SUCCEEDED), RAN_AFTER_EDIT)
        .when(fixed, FIXED_AFTER_ERROR)
        .when(first.isNotNull(), ERROR);
  }

  /**
   * Whether the response holds what was run, or is it where that is short, white space aside; taken
   * for granted if not logged.
   */
  private static Column isAsShown(Column response, Column run) {
    Column text = run.getField(Responses.TEXT);
    Column bare = trim(text, WHITE_SPACE);
    Column found =
        when(
                char_length(bare).geq(FEWEST_CODE_POINTS),
                TextFunctions.copiedSpan(response, text).isNotNull())
            .otherwise(bare.notEqual("").and(bare.equalTo(trim(col(CODE), WHITE_SPACE))));
    return text.isNull().or(response.isNull()).or(found);
  }

  /** Whether a text is in another, a light edit apart; false where it is too short to tell. */
  private static Column isMostly(Column part, Column whole) {
    return coalesce(
        char_length(part)
            .geq(FEWEST_CODE_POINTS)
            .and(
                TextFunctions.fourGrams(part, whole)
                    .getField(TextFunctions.CONTAINMENT)
                    .geq(LIGHTLY)),
        lit(false));
  }

  /** The fenced blocks of a response; all of it where it has none. */
  private static Column code(Column response) {
    Column blocks = regexp_extract_all(response, lit("(?s)```[^\n]*\n(.*?)```"), lit(1));
    return when(size(blocks).gt(0), array_join(blocks, "\n")).otherwise(response);
  }

  /** Runs and edits in order of time, without their texts. */
  private static Column codeSteps() {
    Column ran =
        transform(
            col(Responses.RUNS),
            run ->
                struct(
                    run.getField(Responses.AT).as(Responses.AT),
                    run.getField(Responses.ID).as(Responses.ID),
                    when(run.getField(Events.SUCCEEDED).isNull(), "tried")
                        .when(run.getField(Events.SUCCEEDED), "ran")
                        .otherwise("failed")
                        .as(STEP)));
    Column edited =
        transform(
            col(Responses.EDITS),
            edit ->
                struct(
                    edit.getField(Responses.AT).as(Responses.AT),
                    edit.getField(Responses.ID).as(Responses.ID),
                    lit("edited").as(STEP)));
    return transform(
        slice(array_sort(concat(ran, edited)), 1, MOST_STEPS), step -> step.getField(STEP));
  }

  /**
   * Whether a request follows that may be the same again or a follow-up, and the words of either
   * are not logged: nobody knows then what was asked.
   */
  private static Column asksUnknown() {
    Column followed =
        col(BeforeAndAfter.NEXT_SECONDS)
            .leq(REPHRASE_SECONDS)
            .or(
                col(BeforeAndAfter.NEXT_IN_SESSION)
                    .and(col(BeforeAndAfter.NEXT_SECONDS).leq(SESSION_GAP_SECONDS)));
    return coalesce(followed, lit(false)).and(col(BeforeAndAfter.NEXT_SIMILARITY).isNull());
  }

  /** The first that holds; null where none does. */
  private static Column sessionResult() {
    Column soon = col(BeforeAndAfter.NEXT_SECONDS).leq(REPHRASE_SECONDS);
    // Null where the words of either are not logged.
    Column similar = col(BeforeAndAfter.NEXT_SIMILARITY).geq(REPHRASE_SIMILARITY);
    Column followsUp =
        col(BeforeAndAfter.NEXT_IN_SESSION)
            .and(col(BeforeAndAfter.NEXT_SECONDS).leq(SESSION_GAP_SECONDS))
            .and(not(similar));
    Column endsAtOnce =
        unix_micros(col(Responses.ENDED_AT))
            .minus(unix_micros(col(Interactions.SHOWN_AT)))
            .leq(BOUNCE_SECONDS * 1_000_000L);
    return when(col(Responses.REGENERATED), REGENERATED)
        .when(soon.and(similar), REPHRASED)
        .when(col(Responses.CLICKED).or(followsUp), ENGAGED)
        .when(endsAtOnce.and(col(Responses.N_ACTIONS).equalTo(0)), BOUNCED);
  }

  private static Column strings(List<String> values) {
    return array(values.stream().map(value -> lit(value)).toArray(Column[]::new))
        .cast("array<string>");
  }
}
