package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.split;
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
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Puts together what several records say of one response, where a format tells it in more than one:
 * a span and the event of the same call, a trace's root and the calls within it. Looks at one
 * landing day at a time, so that its rows depend on nothing but its own files.
 */
final class Correlation {
  private static final String KNOWN = "_known";
  private static final String OTHERS = "_others";

  /** What identifies a response within a landing day. */
  private static final List<String> RESPONSE =
      List.of(TableSpec.LANDING_DATE, Events.TENANT_ID, Events.INTERACTION_ID);

  /** Added up over the calls within a trace, where its root does not say it. */
  private static final Set<String> AMOUNTS =
      Set.of(Events.INPUT_TOKENS, Events.OUTPUT_TOKENS, Events.COST_USD);

  private Correlation() {}

  /**
   * The lines with every response in one row, on the days on which one may have several.
   *
   * @param tallies of the lines; say what there is to do
   */
  static Dataset<Row> of(Dataset<Row> lines, DayTallies tallies) {
    Dataset<Row> result = lines;
    // This step and the last change nothing on the days that do not need them.
    if (tallies.any(Tally::resolves)) {
      result = resolved(result);
    }
    // This one would take the repeats out of the days that do not need it.
    List<LocalDate> days = tallies.where(Tally::tellsTwice);
    if (!days.isEmpty()) {
      result = merged(result, days);
    }
    return tallies.any(Tally::hasUnplaced) ? placed(result) : result;
  }

  /** Whether {@link #of} would change anything. */
  static boolean isNeeded(DayTallies tallies) {
    return tallies.any(day -> day.resolves() || day.tellsTwice() || day.hasUnplaced());
  }

  /** What only names a span belongs to the response that names the same span and itself. */
  private static Dataset<Row> resolved(Dataset<Row> lines) {
    Column waits = coalesce(col(ParsedLines.SPAN).equalTo(col(Events.INTERACTION_ID)), lit(false));
    Dataset<Row> known =
        lines
            .where(col(ParsedLines.SPAN).isNotNull().and(waits.unary_$bang()))
            .groupBy(TableSpec.LANDING_DATE, Events.TENANT_ID, ParsedLines.SPAN)
            .agg(min(Events.INTERACTION_ID).as(KNOWN));
    Column[] columns = columns(lines);
    Dataset<Row> found =
        lines
            .where(waits)
            .join(
                known,
                CollectionConverters.asScala(
                        List.of(TableSpec.LANDING_DATE, Events.TENANT_ID, ParsedLines.SPAN))
                    .toSeq(),
                "left")
            .withColumn(Events.INTERACTION_ID, coalesce(col(KNOWN), col(Events.INTERACTION_ID)))
            .select(columns);
    return lines.where(waits.unary_$bang()).select(columns).union(found);
  }

  /**
   * One row for each response of {@code days}: a column has the value of the first record that says
   * it, in the order of {@link ParsedLines#part}. What only adds to a response makes none by
   * itself.
   */
  private static Dataset<Row> merged(Dataset<Row> lines, List<LocalDate> days) {
    Column isPart =
        col(ParsedLines.PART).isNotNull().and(col(TableSpec.LANDING_DATE).isInCollection(days));
    Column rank =
        struct(
            col(ParsedLines.PART),
            col(Events.SOURCE_FILE),
            col(Events.SOURCE_LINE),
            col(Events.SOURCE_RECORD));
    Column[] values =
        Arrays.stream(lines.columns())
            .filter(name -> !RESPONSE.contains(name))
            .map(name -> first(name, rank).as(name))
            .toArray(Column[]::new);
    Dataset<Row> responses =
        lines
            .where(isPart)
            .groupBy(RESPONSE.stream().map(name -> col(name)).toArray(Column[]::new))
            .agg(values[0], Arrays.copyOfRange(values, 1, values.length))
            .where(col(ParsedLines.PART).lt(ParsedLines.part(ParsedLines.ADDS, true)));
    Column[] columns = columns(lines);
    return lines.where(isPart.unary_$bang()).select(columns).union(responses.select(columns));
  }

  private static Column first(String name, Column rank) {
    Column said = col(name).isNotNull();
    if (!AMOUNTS.contains(name)) {
      return min_by(col(name), when(said, rank));
    }
    Column adds = col(ParsedLines.PART).geq(ParsedLines.part(ParsedLines.ADDS, true));
    Column calls =
        collect_list(
            when(
                said.and(adds),
                struct(
                    col(Events.EVENT_ID),
                    col(Events.SOURCE_FILE),
                    col(Events.SOURCE_LINE),
                    col(Events.SOURCE_RECORD),
                    col(name).cast("double").as(KNOWN))));
    // In one order: a sum of doubles depends on it.
    Column sum =
        aggregate(
                sort_array(calls),
                struct(lit(0.0).as(OTHERS), lit("").as(Events.EVENT_ID), lit(0.0).as(KNOWN)),
                Correlation::withCall,
                sums -> sums.getField(OTHERS).plus(sums.getField(KNOWN)))
            .cast(ParsedLines.SCHEMA.apply(name).dataType());
    return coalesce(
        min_by(col(name), when(said.and(adds.unary_$bang()), rank)), when(size(calls).gt(0), sum));
  }

  /** A call that was exported twice is the same call, and what was said last of it stands. */
  private static Column withCall(Column sums, Column call) {
    Column others = sums.getField(OTHERS);
    return struct(
        when(sums.getField(Events.EVENT_ID).equalTo(call.getField(Events.EVENT_ID)), others)
            .otherwise(others.plus(sums.getField(KNOWN)))
            .as(OTHERS),
        call.getField(Events.EVENT_ID).as(Events.EVENT_ID),
        call.getField(KNOWN).as(KNOWN));
  }

  /** Fills in who a response was shown to, or says that nobody knows. */
  private static Dataset<Row> placed(Dataset<Row> lines) {
    Column isPart = col(ParsedLines.PART).isNotNull();
    Column trace = split(col(ParsedLines.SPAN), "-").getItem(0);
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
