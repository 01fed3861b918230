package dev.flywheel.label;

import static org.apache.spark.sql.functions.array_intersect;
import static org.apache.spark.sql.functions.array_union;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.text.TextFunctions;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * What a user did before and after each response: one exchange by user, of times, sessions and
 * hashed words only.
 *
 * <p>A request is a response that was shown, at the time it was asked for: not one that is shown
 * again within a day, as when a page is loaded anew, and not one to what a tool said, as between
 * the steps of an agent.
 */
final class BeforeAndAfter {
  /** The type of the rows, which travel on among the events of their response. */
  static final String EVENT_TYPE = "by_user";

  /** Since the user's last act before the response; null where none was within observation. */
  static final String GAP_SECONDS = "gap_seconds";

  /** Until the user's next request, its session and its words; null as above. */
  static final String NEXT_SECONDS = "next_seconds";

  static final String NEXT_IN_SESSION = "next_in_session";
  static final String NEXT_SIMILARITY = "next_similarity";

  static final List<String> FIELDS =
      List.of(GAP_SECONDS, NEXT_SECONDS, NEXT_IN_SESSION, NEXT_SIMILARITY);

  /** Columns of {@link #narrow}, beside those of {@code events}. */
  static final String MICROS = "micros";

  static final String SHOWN = "shown";
  static final String IS_ACT = "is_act";
  static final String WORDS = "words";

  /** Whether it was the user who was answered, and not a tool. */
  static final String ANSWERS_USER = "answers_user";

  /** When the response was asked for; microseconds. */
  static final String ASKED_AT = "asked_at";

  private static final long MICROS_OF_SECOND = 1_000_000;
  private static final long MICROS_OF_MILLI = 1_000;

  /** Of more words than these, those with the smallest hashes stand for all (Broder 1997). */
  private static final int MOST_WORDS = 200;

  /** A day, in milliseconds: no answer takes longer. */
  private static final long LONGEST_LATENCY = 86_400_000;

  private static final String BACKWARDS = "backwards";
  private static final String IS_REQUEST = "is_request";
  private static final String NEXT = "next";

  private BeforeAndAfter() {}

  /**
   * One row per event that showed a response, repeats included.
   *
   * @param events rows of {@code events}
   * @param busy those of their users whose time is cut
   */
  static Dataset<Row> ofShown(Dataset<Row> events, BusyUsers busy) {
    Dataset<Row> byUser = busy.cut(narrow(events)).repartition(busy.keys());
    WindowSpec before =
        Window.partitionBy(busy.keys())
            .orderBy(MICROS)
            .rangeBetween(Window.unboundedPreceding(), -1);
    // Backwards in time: a frame that only grows costs one pass, one that shrinks a pass a row.
    WindowSpec after =
        Window.partitionBy(busy.keys())
            .orderBy(col(MICROS).desc())
            .rangeBetween(Window.unboundedPreceding(), -1);
    Column next = max(when(col(IS_REQUEST), request()));
    Column gap = seconds(col(MICROS).minus(lastAct().over(before)));
    // What was asked for before the response was shown does not follow on it.
    Column untilShown = seconds(micros(col(NEXT)).minus(col(MICROS)));
    Column untilAsked = seconds(col(NEXT).getField(ASKED_AT).minus(col(MICROS)));
    Column until =
        when(withinObservation(untilShown).isNotNull().and(untilAsked.geq(0)), untilAsked);
    return byUser
        .withColumn(GAP_SECONDS, gap)
        .where(col(SHOWN))
        .withColumn(IS_REQUEST, col(ANSWERS_USER).and(not(busy.shownAgain())))
        .withColumn(NEXT, next.over(after))
        .where(BusyUsers.isEvent())
        .select(
            col(Events.TENANT_ID),
            col(Events.INTERACTION_ID),
            // Beside the event that showed the response, not a repeat of it.
            concat(lit(EVENT_TYPE + ":"), col(Events.EVENT_ID)).as(Events.EVENT_ID),
            col(Events.EVENT_TIME),
            col(Events.EVENT_DATE),
            col(TableSpec.LANDING_DATE),
            col(Events.SOURCE_FILE),
            col(Events.SOURCE_LINE),
            col(Events.SOURCE_RECORD),
            lit(EVENT_TYPE).as(Events.EVENT_TYPE),
            withinObservation(col(GAP_SECONDS)).as(GAP_SECONDS),
            until.as(NEXT_SECONDS),
            when(
                    until.isNotNull(),
                    col(NEXT).getField(Events.SESSION_ID).equalTo(col(Events.SESSION_ID)))
                .as(NEXT_IN_SESSION),
            when(until.isNotNull(), jaccard(col(WORDS), col(NEXT).getField(WORDS)))
                .as(NEXT_SIMILARITY));
  }

  /** What is known of each event here, without any text. */
  private static Dataset<Row> narrow(Dataset<Row> events) {
    Column shown = col(Events.EVENT_TYPE).equalTo("response_shown");
    Column micros = unix_micros(col(Events.EVENT_TIME));
    Column toTool =
        coalesce(
            try_element_at(col(Events.MESSAGES), lit(-1)).getField("role").equalTo("tool"),
            lit(false));
    Column latency =
        least(greatest(coalesce(col(Events.LATENCY_MS), lit(0)), lit(0)), lit(LONGEST_LATENCY));
    return events.select(
        col(Events.TENANT_ID),
        col(Events.USER_ID),
        col(Events.INTERACTION_ID),
        col(Events.EVENT_ID),
        col(Events.EVENT_TIME),
        col(Events.EVENT_DATE),
        col(Events.SESSION_ID),
        col(TableSpec.LANDING_DATE),
        col(Events.SOURCE_FILE),
        col(Events.SOURCE_LINE),
        col(Events.SOURCE_RECORD),
        micros.as(MICROS),
        shown.as(SHOWN),
        shown.and(not(toTool)).as(ANSWERS_USER),
        micros.minus(latency.multiply(MICROS_OF_MILLI)).as(ASKED_AT),
        // What others think of a response is nothing its user does.
        col(Events.EVENT_TYPE).notEqual("assessment_recorded").as(IS_ACT),
        when(
                shown,
                TextFunctions.wordHashes(
                    Responses.request(col(Events.PROMPT), col(Events.MESSAGES)), MOST_WORDS))
            .as(WORDS));
  }

  /** When the last of the user's acts was; microseconds. */
  static Column lastAct() {
    return max(when(col(IS_ACT), col(MICROS)));
  }

  /** What is known of a request; the first one is the greatest. */
  static Column request() {
    return struct(
        negate(col(MICROS)).as(BACKWARDS),
        col(Events.EVENT_ID),
        col(Events.SESSION_ID),
        col(ASKED_AT),
        col(WORDS));
  }

  /** When the answer to a {@link #request} was shown; microseconds. */
  static Column micros(Column request) {
    return negate(request.getField(BACKWARDS));
  }

  /**
   * Whether a response had been shown already within the observation before, among the rows that
   * have the same {@code keys}. Not whether ever: that would depend on how many days were read.
   */
  static Column shownAgain(Column... keys) {
    var before =
        Window.partitionBy(keys)
            .orderBy(MICROS)
            .rangeBetween(-Responses.OBSERVATION_SECONDS * MICROS_OF_SECOND, -1);
    return coalesce(max(col(SHOWN)).over(before), lit(false));
  }

  /** Exact where both are whole; else estimated by the words of both with the smallest hashes. */
  private static Column jaccard(Column a, Column b) {
    Column whole = size(a).lt(MOST_WORDS).and(size(b).lt(MOST_WORDS));
    Column all = array_union(a, b);
    Column union = when(whole, all).otherwise(slice(sort_array(all), 1, MOST_WORDS));
    Column common = array_intersect(array_intersect(a, b), union);
    return when(size(all).gt(0), size(common).cast("double").divide(size(union)));
  }

  private static Column seconds(Column micros) {
    return micros.cast("double").divide(MICROS_OF_SECOND);
  }

  private static Column withinObservation(Column seconds) {
    return when(seconds.leq(Responses.OBSERVATION_SECONDS), seconds);
  }
}
