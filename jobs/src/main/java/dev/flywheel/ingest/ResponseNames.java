package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Finds the one id of a response that records of a landing day name in different ways: by an id of
 * the application's own, by the id that the model's provider gave it, by its span. The first of
 * these that any of its records says is its id; of several of one kind, the smallest.
 */
final class ResponseNames {
  private static final String NAME = "_name";
  private static final String ID = "_id";
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
            .withColumn(Events.INTERACTION_ID, coalesce(col(ID), col(Events.INTERACTION_ID)))
            .select(columns);
    return lines.where(byName.unary_$bang()).select(columns).union(found);
  }

  /** The id that each span and each id of a provider stands for. */
  private static Dataset<Row> ids(Dataset<Row> lines, boolean ownIds) {
    Column own = is(ParsedLines.SPAN).or(is(ParsedLines.RESPONSE_ID)).unary_$bang();
    Dataset<Row> named =
        lines
            .where(col(ParsedLines.SPAN).isNotNull().or(col(ParsedLines.RESPONSE_ID).isNotNull()))
            .select(
                col(TableSpec.LANDING_DATE),
                col(Events.TENANT_ID),
                col(ParsedLines.SPAN),
                col(ParsedLines.RESPONSE_ID),
                when(own, col(Events.INTERACTION_ID)).as(Events.INTERACTION_ID));
    if (!ownIds) {
      return idsBy(ParsedLines.SPAN, withProviders(named));
    }
    Dataset<Row> ofSpans = told(named, ParsedLines.SPAN);
    Dataset<Row> ofBoth = told(ofSpans, ParsedLines.RESPONSE_ID);
    return idsBy(ParsedLines.RESPONSE_ID, ofSpans)
        .union(idsBy(ParsedLines.SPAN, withProviders(ofBoth)));
  }

  /** Records without an id learn that of the records that share their name. */
  private static Dataset<Row> told(Dataset<Row> named, String name) {
    return named
        .withColumn(NAME, col(name))
        .join(idsBy(name, named), NAMED, "left")
        .withColumn(Events.INTERACTION_ID, coalesce(col(Events.INTERACTION_ID), col(ID)))
        .drop(NAME, ID);
  }

  /** Records without an id go by that of the provider. */
  private static Dataset<Row> withProviders(Dataset<Row> named) {
    return named.withColumn(
        Events.INTERACTION_ID, coalesce(col(Events.INTERACTION_ID), col(ParsedLines.RESPONSE_ID)));
  }

  private static Dataset<Row> idsBy(String name, Dataset<Row> named) {
    return named
        .where(col(name).isNotNull().and(col(Events.INTERACTION_ID).isNotNull()))
        .groupBy(col(TableSpec.LANDING_DATE), col(Events.TENANT_ID), col(name).as(NAME))
        .agg(min(Events.INTERACTION_ID).as(ID));
  }

  /** Whether a record counts under this name of it, for want of an id of its own. */
  private static Column is(String name) {
    return coalesce(col(Events.INTERACTION_ID).equalTo(col(name)), lit(false));
  }
}
