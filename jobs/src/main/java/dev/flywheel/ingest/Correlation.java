package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.TableSpec;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Puts together what several records say of one response, where a format tells it in more than one:
 * a span and the event of the same call, a trace's root and the calls within it. Looks at one
 * landing day at a time, so that its rows depend on nothing but its own files.
 */
final class Correlation {
  private static final double LARGEST_SUM = 9e18;

  private static final String LAST = "_last";
  private static final String AMOUNT = "_amount";
  private static final String OTHERS = "_others";
  private static final String PLACED = "_placed";

  /** What identifies a response within a landing day. */
  private static final List<String> RESPONSE =
      List.of(TableSpec.LANDING_DATE, Events.TENANT_ID, Events.INTERACTION_ID);

  /** Added up over the calls within a trace, where its root does not say it. */
  private static final Set<String> AMOUNTS =
      Set.of(Events.INPUT_TOKENS, Events.OUTPUT_TOKENS, Events.COST_USD);

  /** Taken from the calls within a trace, where its root does not say it. */
  private static final Set<String> ADDED =
      Set.of(
          Events.USER_ID,
          Events.SESSION_ID,
          Events.CONVERSATION_ID,
          Events.MODEL,
          Events.PROMPT_NAME,
          Events.PROMPT_VERSION);

  /** What the record with the text says best: which one it is, when it was shown, its texts. */
  private static final Set<String> OF_TEXT =
      Set.of(
          Events.EVENT_ID,
          Events.EVENT_TIME,
          Events.EVENT_DATE,
          Events.PROMPT,
          Events.MESSAGES,
          Events.RESPONSE,
          Events.SOURCE_FILE,
          Events.SOURCE_LINE,
          Events.SOURCE_RECORD,
          Quarantine.LINE_BYTES,
          Quarantine.LINE_TEXT);

  private static final Column TELLS =
      col(ParsedLines.PART).lt(ParsedLines.part(ParsedLines.OF_NONE, false));
  private static final Column IS_WITHIN =
      col(ParsedLines.PART).equalTo(ParsedLines.part(ParsedLines.WITHIN, true));
  private static final Column PLACE =
      struct(col(Events.SOURCE_FILE), col(Events.SOURCE_LINE), col(Events.SOURCE_RECORD));
  private static final Column BY_TEXT = struct(col(ParsedLines.PART), PLACE);
  private static final Column BY_SOURCE =
      struct(pmod(col(ParsedLines.PART), lit(ParsedLines.SOURCES)), col(ParsedLines.PART), PLACE);

  private Correlation() {}

  /**
   * The lines with every response in one row, on the days on which one may have several.
   *
   * @param tallies of the lines; say what there is to do
   */
  static Dataset<Row> of(Dataset<Row> lines, DayTallies tallies) {
    boolean flags = tallies.any(Tally::hasFlags);
    Dataset<Row> result = flags ? ExperimentArms.without(lines) : lines;
    // This step and the last change nothing on the days that do not need them.
    if (tallies.any(Tally::resolves)) {
      result = ResponseNames.resolved(result, tallies.any(Tally::hasOwnNames));
    }
    // This one would take the repeats out of the days that do not need it.
    List<LocalDate> days = tallies.where(Tally::tellsTwice);
    if (!days.isEmpty()) {
      result = merged(result, days);
    }
    if (flags) {
      result = ExperimentArms.given(result, lines);
    }
    return tallies.any(Tally::hasUnplaced) ? placed(result) : result;
  }

  /** Whether {@link #of} would change anything. */
  static boolean isNeeded(DayTallies tallies) {
    return tallies.any(
        day -> day.resolves() || day.tellsTwice() || day.hasFlags() || day.hasUnplaced());
  }

  /**
   * One row for each response of {@code days}: a column has the value of the first record that says
   * it. When it was shown and its texts are of one that has its text, if any has; all else is taken
   * from the application before a library's event, and from that before a span.
   */
  private static Dataset<Row> merged(Dataset<Row> lines, List<LocalDate> days) {
    Column isPart =
        col(ParsedLines.PART).isNotNull().and(col(TableSpec.LANDING_DATE).isInCollection(days));
    String[] told =
        Arrays.stream(lines.columns())
            .filter(name -> !RESPONSE.contains(name))
            .toArray(String[]::new);
    Column hasText = col(Events.RESPONSE).isNotNull();
    // Where nothing tells of the response, the last text within it is what was shown.
    Column last =
        max_by(
            struct(Arrays.stream(told).map(name -> col(name)).toArray(Column[]::new)),
            when(IS_WITHIN.and(hasText), struct(col(Events.EVENT_TIME), PLACE)));
    Dataset<Row> responses =
        lines
            .where(isPart)
            .groupBy(RESPONSE.stream().map(name -> col(name)).toArray(Column[]::new))
            .agg(
                last.as(LAST),
                Arrays.stream(told).map(name -> value(name).as(name)).toArray(Column[]::new))
            .withColumns(
                Arrays.stream(told)
                    .filter(name -> !AMOUNTS.contains(name))
                    .collect(Collectors.toMap(name -> name, Correlation::ofLast)))
            .where(TELLS.or(IS_WITHIN.and(hasText)));
    Column[] columns = columns(lines);
    return lines.where(isPart.unary_$bang()).select(columns).union(responses.select(columns));
  }

  private static Column ofLast(String name) {
    return when(IS_WITHIN, coalesce(col(LAST).getField(name), col(name))).otherwise(col(name));
  }

  private static Column value(String name) {
    Column said = col(name).isNotNull();
    if (name.equals(ParsedLines.PART)) {
      return min(name);
    }
    if (ADDED.contains(name)) {
      return min_by(col(name), when(said, BY_SOURCE));
    }
    Column first =
        min_by(col(name), when(said.and(TELLS), OF_TEXT.contains(name) ? BY_TEXT : BY_SOURCE));
    return AMOUNTS.contains(name) ? coalesce(first, sum(name)) : first;
  }

  /** Of the calls within a response. */
  private static Column sum(String name) {
    Column calls =
        collect_list(
            when(
                col(name).isNotNull().and(IS_WITHIN),
                struct(
                    col(Events.EVENT_ID), PLACE.as(PLACED), col(name).cast("double").as(AMOUNT))));
    // In one order: a sum of doubles depends on it.
    Column sum =
        aggregate(
            sort_array(calls),
            struct(lit(0.0).as(OTHERS), lit("").as(Events.EVENT_ID), lit(0.0).as(AMOUNT)),
            Correlation::withCall,
            sums -> sums.getField(OTHERS).plus(sums.getField(AMOUNT)));
    // What no column can hold, as of two counts of 2^64 - 1, was no count.
    return when(
        size(calls).gt(0).and(sum.leq(lit(LARGEST_SUM))),
        sum.cast(ParsedLines.SCHEMA.apply(name).dataType()));
  }

  /** A call that was exported twice is the same call, and what was said last of it stands. */
  private static Column withCall(Column sums, Column call) {
    Column others = sums.getField(OTHERS);
    return struct(
        when(sums.getField(Events.EVENT_ID).equalTo(call.getField(Events.EVENT_ID)), others)
            .otherwise(others.plus(sums.getField(AMOUNT)))
            .as(OTHERS),
        call.getField(Events.EVENT_ID).as(Events.EVENT_ID),
        call.getField(AMOUNT).as(AMOUNT));
  }

  /** Fills in who a response was shown to, or says that nobody knows. */
  private static Dataset<Row> placed(Dataset<Row> lines) {
    Column isPart = col(ParsedLines.PART).isNotNull();
    Column trace = ParsedLines.trace();
    Column user =
        coalesce(col(Events.USER_ID), col(Events.SESSION_ID), col(Events.CONVERSATION_ID));
    Column session =
        coalesce(col(Events.SESSION_ID), col(Events.CONVERSATION_ID), trace, col(Events.USER_ID));
    Column unknown = isPart.and(user.isNull());
    return lines
        .withColumn(
            Quarantine.REASON,
            when(unknown, QuarantineReason.MISSING_FIELD.code()).otherwise(col(Quarantine.REASON)))
        .withColumns(
            Map.of(
                Events.USER_ID, when(isPart, user).otherwise(col(Events.USER_ID)),
                Events.SESSION_ID, when(isPart, session).otherwise(col(Events.SESSION_ID))));
  }

  /** The responses that nobody is known to have seen. */
  static Dataset<Row> nobodys(Dataset<Row> lines) {
    return lines.where(col(ParsedLines.PART).isNotNull().and(col(Quarantine.REASON).isNotNull()));
  }

  private static Column[] columns(Dataset<Row> lines) {
    return Arrays.stream(lines.columns()).map(name -> col(name)).toArray(Column[]::new);
  }
}
