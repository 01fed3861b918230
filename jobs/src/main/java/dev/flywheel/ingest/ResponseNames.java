package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import java.util.Arrays;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Finds the one id of a response that records of a landing day name in different ways: by an id of
 * the application's own, by the id that the model's provider gave it, by its span. The first of
 * these that any of its records says is its id; of several of one kind, the smallest. A span within
 * which the provider answered more than once tells none of these answers from another.
 */
final class ResponseNames {
  private static final String NAME = "_name";
  private static final String ID = "_id";
  private static final String HAS_ONE_ANSWER = "_has_one_answer";
  private static final String[] NAMES = {
    ParsedLines.SPAN, ParsedLines.RESPONSE_ID, Events.INTERACTION_ID
  };
  private static final String[] NAMED = {TableSpec.LANDING_DATE, Events.TENANT_ID, NAME};

  private ResponseNames() {}

  /**
   * The lines, each under the one id of its response.
   *
   * @param ownIds whether any record has an id of the application's own
   */
  static Dataset<Row> resolved(Dataset<Row> lines, boolean ownIds) {
    Column byName = is(ParsedLines.SPAN);
    if (ownIds) {
      byName = byName.or(is(ParsedLines.RESPONSE_ID));
    }
    Column[] columns = Arrays.stream(lines.columns()).map(name -> col(name)).toArray(Column[]::new);
    Dataset<Row> found =
        lines
            .where(byName)
            .withColumn(NAME, col(Events.INTERACTION_ID))
            .join(ids(lines, ownIds), NAMED, "left")
            .withColumns(
                Map.of(
                    Events.INTERACTION_ID, coalesce(col(ID), col(Events.INTERACTION_ID)),
                    Events.USER_ID, standIn(Events.USER_ID),
                    Events.SESSION_ID, standIn(Events.SESSION_ID)))
            .select(columns);
    return lines.where(byName.unary_$bang()).select(columns).union(found);
  }

  /** What is nobody's act carries its interaction where others have a user. */
  private static Column standIn(String person) {
    Column stands = col(person).equalTo(col(Events.INTERACTION_ID)).and(col(ID).isNotNull());
    return when(stands, col(ID)).otherwise(col(person));
  }

  /** The id that each span and each id of a provider stands for. */
  private static Dataset<Row> ids(Dataset<Row> lines, boolean ownIds) {
    Column own = is(ParsedLines.SPAN).or(is(ParsedLines.RESPONSE_ID)).unary_$bang();
    Dataset<Row> named =
        lines
            .select(
                col(TableSpec.LANDING_DATE),
                col(Events.TENANT_ID),
                col(ParsedLines.SPAN),
                col(ParsedLines.RESPONSE_ID),
                when(own, col(Events.INTERACTION_ID)).as(Events.INTERACTION_ID))
            // Only what has two names tells that they are one.
            .na()
            .drop(2, NAMES);
    if (!ownIds) {
      return idsBy(ParsedLines.SPAN, withProviders(named));
    }
    Dataset<Row> byProviders =
        told(named, ParsedLines.RESPONSE_ID, idsBy(ParsedLines.RESPONSE_ID, named));
    Dataset<Row> bySpans =
        told(
            byProviders,
            ParsedLines.SPAN,
            idsBy(ParsedLines.SPAN, byProviders).where(HAS_ONE_ANSWER));
    Dataset<Row> ofProviders = idsBy(ParsedLines.RESPONSE_ID, bySpans);
    Dataset<Row> all = told(bySpans, ParsedLines.RESPONSE_ID, ofProviders);
    return ofProviders
        .union(idsBy(ParsedLines.SPAN, withProviders(all)))
        .groupBy(key())
        .agg(min(ID).as(ID));
  }

  /** Records without an id learn it by a name of theirs. */
  private static Dataset<Row> told(Dataset<Row> named, String name, Dataset<Row> ids) {
    Column asks = col(Events.INTERACTION_ID).isNull().and(col(name).isNotNull());
    Column[] columns = Arrays.stream(named.columns()).map(each -> col(each)).toArray(Column[]::new);
    Dataset<Row> told =
        named
            .where(asks)
            .withColumn(NAME, col(name))
            .join(ids, NAMED, "left")
            .withColumn(Events.INTERACTION_ID, col(ID))
            .select(columns);
    return named.where(asks.unary_$bang()).union(told);
  }

  /** Records without an id go by that of the provider. */
  private static Dataset<Row> withProviders(Dataset<Row> named) {
    return named.withColumn(
        Events.INTERACTION_ID, coalesce(col(Events.INTERACTION_ID), col(ParsedLines.RESPONSE_ID)));
  }

  private static Dataset<Row> idsBy(String name, Dataset<Row> named) {
    return named
        .where(col(name).isNotNull())
        .withColumn(NAME, col(name))
        .groupBy(key())
        .agg(
            min(Events.INTERACTION_ID).as(ID),
            min(ParsedLines.RESPONSE_ID)
                .eqNullSafe(max(ParsedLines.RESPONSE_ID))
                .as(HAS_ONE_ANSWER))
        .where(col(ID).isNotNull());
  }

  private static Column[] key() {
    return Arrays.stream(NAMED).map(name -> col(name)).toArray(Column[]::new);
  }

  /** Whether a record counts under this name of it, for want of an id of its own. */
  private static Column is(String name) {
    return coalesce(col(Events.INTERACTION_ID).equalTo(col(name)), lit(false));
  }
}
