package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Gives responses the arms of the experiments that were looked up anywhere in their trace, where
 * the response itself names none: an application asks for its flags while it handles a request, and
 * seldom within the call of the model.
 */
final class ExperimentArms {
  private static final String TRACE = "_trace";
  private static final String ARMS = "_arms";
  private static final String[] KEY = {TableSpec.LANDING_DATE, Events.TENANT_ID, TRACE};

  private static final Column IS_FLAG =
      col(ParsedLines.PART).eqNullSafe(ParsedLines.part(ParsedLines.OF_FLAG, false));

  private ExperimentArms() {}

  /** The lines that are more than flags. */
  static Dataset<Row> without(Dataset<Row> lines) {
    return lines.where(IS_FLAG.unary_$bang());
  }

  /**
   * The lines, and responses among them with their arms.
   *
   * @param lines each response in one row
   * @param flags lines with the flags among them
   */
  static Dataset<Row> given(Dataset<Row> lines, Dataset<Row> flags) {
    Dataset<Row> arms =
        flags
            .where(IS_FLAG)
            .withColumn(TRACE, ParsedLines.trace())
            .groupBy(Arrays.stream(KEY).map(name -> col(name)).toArray(Column[]::new))
            .agg(array_join(array_sort(collect_set(col(Events.EXPERIMENT_VARIANT))), ",").as(ARMS));
    Column[] columns = Arrays.stream(lines.columns()).map(name -> col(name)).toArray(Column[]::new);
    Column asks =
        col(ParsedLines.PART)
            .isNotNull()
            .and(col(Events.EXPERIMENT_VARIANT).isNull())
            .and(col(ParsedLines.SPAN).isNotNull());
    Dataset<Row> told =
        lines
            .where(asks)
            .withColumn(TRACE, ParsedLines.trace())
            .join(arms, KEY, "left")
            .withColumn(Events.EXPERIMENT_VARIANT, col(ARMS))
            .select(columns);
    return lines.where(asks.unary_$bang()).select(columns).union(told);
  }
}
