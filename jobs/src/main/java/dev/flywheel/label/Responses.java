package dev.flywheel.label;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.ingest.LandedEvents;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.TableSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * Responses with everything users did with them: one row per response shown to one user.
 *
 * <p>Two exchanges. By user, to see what came before and after: times, sessions and hashed words
 * only. By interaction, to gather its events with their texts; what was found by user travels
 * along. Keys begin with what differs most: Spark sorts by the first bytes of the first.
 */
final class Responses {
  /** What happens to a response within this time after it was shown counts. */
  static final int OBSERVATION_SECONDS = 24 * 60 * 60;

  static final String EDITS = "edits";

  /** The texts that were the last before one of the {@link #HORIZONS}, or after all of them. */
  static final String SAVES = "saves";

  static final String COPIES = "copies";
  static final String RUNS = "runs";
  static final String ACCEPTED = "accepted";
  static final String COMPLETED = "completed";
  static final String CLICKED = "clicked";
  static final String REGENERATED = "regenerated";
  static final String ENDED_AT = "ended_at";
  static final String N_ACTIONS = "n_actions";
  static final String ASKED_TO_RATE = "asked_to_rate";
  static final String THUMBS = "thumbs";
  static final String STARS = "stars";
  static final String HELPFUL = "helpful";
  static final String REPORTED = "reported";
  static final String VERDICT = "verdict";

  /** Fields of the elements of {@link #EDITS} and {@link #RUNS}. */
  static final String AT = "at";

  static final String ID = "id";

  /** Field of the elements of {@link #SAVES}: how many horizons had passed. */
  static final String STAGE = "stage";

  static final String TEXT = "text";

  /** Seconds after a response was shown at which its edited text is looked at. */
  static final List<Integer> HORIZONS = List.of(30, 120, 300, 600, 900);

  private static final long MICROS = 1_000_000;

  private static final String SHOWN = "shown";
  private static final String BY_USER = "by_user";

  /** The columns of a response that come from the event that showed it. */
  private static final List<String> OF_SHOWN =
      List.of(
          Events.USER_ID,
          Events.SESSION_ID,
          Events.PROMPT,
          Events.MESSAGES,
          Events.RESPONSE,
          Events.CONVERSATION_ID,
          Events.TURN_INDEX,
          Events.MODEL,
          Events.PROMPT_NAME,
          Events.PROMPT_VERSION,
          Events.RELEASE,
          Events.USER_TYPE,
          Events.QUERY_CATEGORY,
          Events.SURFACE,
          Events.LANGUAGE,
          Events.EXPERIMENT_VARIANT,
          Events.INPUT_TOKENS,
          Events.OUTPUT_TOKENS,
          Events.LATENCY_MS,
          Events.COST_USD,
          Events.RETRIEVAL,
          Events.CAPABILITIES);

  private Responses() {}

  /**
   * The responses shown on {@code dates}.
   *
   * @param events rows of {@code events}, repeats included, of {@code dates} and a day before and
   *     after
   * @param busy those of their users whose time is cut
   * @param humanScores worst and best score of people's assessments
   */
  static Dataset<Row> shownOn(
      DateRange dates, Dataset<Row> events, BusyUsers busy, List<Double> humanScores) {
    Dataset<Row> together =
        events
            .unionByName(BeforeAndAfter.ofShown(events, busy), true)
            .repartition(col(Events.TENANT_ID), col(Events.INTERACTION_ID));
    return gather(LandedEvents.withoutRepeats(together), dates, humanVerdict(humanScores))
        .withColumn(
            Interactions.PROMPT, request(col(Interactions.PROMPT), col(Interactions.MESSAGES)));
  }

  /** One row per response from its events, whose texts are here for the first time. */
  private static Dataset<Row> gather(Dataset<Row> events, DateRange dates, Column humanVerdict) {
    WindowSpec sofar =
        Window.partitionBy(Events.INTERACTION_ID, Events.TENANT_ID)
            .orderBy(Events.EVENT_TIME)
            .rangeBetween(Window.unboundedPreceding(), Window.currentRow());
    Column shownAt = max(when(isA("response_shown"), col(Events.EVENT_TIME))).over(sofar);
    Column sinceShown =
        unix_micros(col(Events.EVENT_TIME)).minus(unix_micros(col(Interactions.SHOWN_AT)));
    Column late = sinceShown.gt(OBSERVATION_SECONDS * MICROS);
    Column eventDate = col(Interactions.SHOWN_AT).cast("date");
    Dataset<Row> rows =
        events
            // Events belong to the last time the response was shown before them; those before the
            // first time belong to none.
            .withColumn(Interactions.SHOWN_AT, shownAt)
            .where(col(Interactions.SHOWN_AT).isNotNull().and(late.unary_$bang()))
            .withColumn(TableSpec.EVENT_DATE, eventDate)
            .where(Lakehouse.within(TableSpec.EVENT_DATE, dates))
            .withColumn(STAGE, when(col(Events.FINAL_TEXT).isNotNull(), stage(sinceShown)))
            .groupBy(
                Interactions.INTERACTION_ID,
                Interactions.TENANT_ID,
                Interactions.SHOWN_AT,
                TableSpec.EVENT_DATE)
            .agg(
                first(isA("response_shown"), OF_SHOWN).as(SHOWN),
                first(isByUser(), BeforeAndAfter.FIELDS).as(BY_USER),
                count(when(not(isByUser()), lit(1))).as(Interactions.N_EVENTS),
                count(when(isAction(), lit(1))).as(N_ACTIONS),
                all("response_edited").as(EDITS),
                lastSaves().as(SAVES),
                all(
                        "text_copied",
                        col(Events.COPIED_TEXT).as(TEXT),
                        col(Events.COPY_START),
                        col(Events.COPY_END))
                    .as(COPIES),
                all("code_executed", col(Events.EXECUTED_TEXT).as(TEXT), col(Events.SUCCEEDED))
                    .as(RUNS),
                lastOf("suggestion_accepted", "suggestion_dismissed").as(ACCEPTED),
                lastOf("task_completed", "task_abandoned").as(COMPLETED),
                ever("suggestion_clicked").as(CLICKED),
                ever("response_regenerated").as(REGENERATED),
                ever("rating_prompt_shown").as(ASKED_TO_RATE),
                min(when(isA("session_ended"), col(Events.EVENT_TIME))).as(ENDED_AT),
                last(col(Events.THUMBS)).as(THUMBS),
                last(col(Events.STARS)).as(STARS),
                last(col(Events.HELPFUL)).as(HELPFUL),
                max(when(trim(col(Events.REPORT_REASON)).notEqual(""), lit(true))).as(REPORTED),
                last(col(Events.COMMENT)).as(Interactions.COMMENT),
                last(humanVerdict).as(VERDICT));
    Column[] columns =
        Stream.of(
                Stream.of(rows.columns())
                    .filter(name -> !name.equals(SHOWN) && !name.equals(BY_USER))
                    .map(name -> col(name)),
                OF_SHOWN.stream().map(name -> col(SHOWN).getField(name).as(name)),
                BeforeAndAfter.FIELDS.stream().map(name -> col(BY_USER).getField(name).as(name)))
            .flatMap(part -> part)
            .toArray(Column[]::new);
    return rows.select(columns);
  }

  /** The fields of the event of the smallest id, where two claim to be the same. */
  private static Column first(Column condition, List<String> fields) {
    Column[] columns = fields.stream().map(name -> col(name)).toArray(Column[]::new);
    return min_by(when(condition, struct(columns)), when(condition, col(Events.EVENT_ID)));
  }

  private static Column all(String eventType, Column... fields) {
    Column[] columns =
        Stream.concat(
                Stream.of(col(Events.EVENT_TIME).as(AT), col(Events.EVENT_ID).as(ID)),
                Arrays.stream(fields))
            .toArray(Column[]::new);
    return collect_list(when(isA(eventType), struct(columns)));
  }

  /** Number of horizons that have passed {@code sinceShown}, microseconds. */
  private static Column stage(Column sinceShown) {
    Column stage = lit(0);
    for (int horizon : HORIZONS) {
      stage = stage.plus(when(sinceShown.gt(horizon * MICROS), 1).otherwise(0));
    }
    return stage;
  }

  /**
   * The last text of each stage, in order: an editor that saves at every key logs thousands, each
   * as long as the document, and they would all have to lie in one row.
   */
  private static Column lastSaves() {
    Column[] last =
        IntStream.rangeClosed(0, HORIZONS.size())
            .mapToObj(
                stage ->
                    max_by(
                        struct(lit(stage).as(STAGE), col(Events.FINAL_TEXT).as(TEXT)),
                        when(
                            col(STAGE).equalTo(stage),
                            struct(col(Events.EVENT_TIME), col(Events.EVENT_ID)))))
            .toArray(Column[]::new);
    return array_compact(array(last));
  }

  /** Whether the last event of two types is of the first; null without either. */
  private static Column lastOf(String yes, String no) {
    return last(when(isA(yes), lit(true)).when(isA(no), lit(false)));
  }

  private static Column last(Column value) {
    return max_by(
        value, when(value.isNotNull(), struct(col(Events.EVENT_TIME), col(Events.EVENT_ID))));
  }

  private static Column ever(String eventType) {
    return max(isA(eventType));
  }

  private static Column isByUser() {
    return isA(BeforeAndAfter.EVENT_TYPE);
  }

  private static Column isA(String eventType) {
    return col(Events.EVENT_TYPE).equalTo(eventType);
  }

  /** Whether the user did something with the response. */
  private static Column isAction() {
    return col(Events.EVENT_TYPE)
        .isin(
            "response_edited",
            "text_copied",
            "suggestion_accepted",
            "suggestion_dismissed",
            "code_executed",
            "task_completed",
            "task_abandoned",
            "suggestion_clicked",
            "response_regenerated",
            "feedback_submitted");
  }

  /** good or bad where a person judged the quality; null otherwise. */
  private static Column humanVerdict(List<Double> scores) {
    Column label = lower(col(Events.ASSESSMENT_LABEL));
    Column score = col(Events.ASSESSMENT_SCORE);
    double worst = scores.get(0);
    double best = scores.get(1);
    return when(
        col(Events.ASSESSMENT_SOURCE_TYPE)
            .equalTo("HUMAN")
            .and(lower(col(Events.ASSESSMENT_NAME)).equalTo("quality")),
        when(label.isin("good", "bad"), label)
            .when(score.between((worst + best) / 2, best), lit("good"))
            .when(score.between(worst, best), lit("bad")));
  }

  /**
   * What the user asked: the prompt, where that is blank the last user message; null where neither
   * is logged.
   */
  static Column request(Column prompt, Column messages) {
    Column fromUser = filter(messages, message -> message.getField("role").equalTo("user"));
    return coalesce(
        when(trim(prompt).notEqual(""), prompt),
        try_element_at(fromUser, lit(-1)).getField("content"),
        prompt);
  }
}
