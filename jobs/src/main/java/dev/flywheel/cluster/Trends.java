package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.stats.Wilson;
import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.TableSpec;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/** How often issues occur, by segment. */
final class Trends {
  private static final String ALL = "all";
  private static final String CELL = "cell";
  private static final String SIZE = "size";
  private static final String USER = "user";

  private Trends() {}

  /**
   * Rows of {@code issue_trends}. Every issue has a row of dimension {@code all} on its date, if
   * only with zeros; a segment has one where it has failures. A response that does not say its
   * segment counts in {@code all} alone.
   *
   * @param failures one row per failure of a date and issue, with its user and dimensions
   * @param interactions all responses of these dates
   * @param issues event_date and issue_id of every issue that is a cluster on that date
   */
  static Dataset<Row> of(Dataset<Row> failures, Dataset<Row> interactions, Dataset<Row> issues) {
    Dataset<Row> traffic =
        interactions
            .select(col(TableSpec.EVENT_DATE), explode(cells()).as(CELL))
            .select(col(TableSpec.EVENT_DATE), col(CELL + ".*"))
            .groupBy(TableSpec.EVENT_DATE, IssueTrends.DIMENSION, IssueTrends.SEGMENT)
            .agg(count(lit(1)).as(IssueTrends.INTERACTIONS));
    String[] segment = {TableSpec.EVENT_DATE, IssueTrends.DIMENSION, IssueTrends.SEGMENT};
    Dataset<Row> counts = counts(failures, issues).join(traffic, segment);
    Column failed = col(IssueTrends.FAILURES);
    Column shown = col(IssueTrends.INTERACTIONS);
    return counts
        .withColumn(IssueTrends.FAILURE_RATE, failed.divide(shown))
        .withColumn(IssueTrends.CI_LOWER, Wilson.lower(failed, shown))
        .withColumn(IssueTrends.CI_UPPER, Wilson.upper(failed, shown))
        .withColumn(IssueTrends.LIFT, lift());
  }

  /**
   * One row per cluster that names a segment: {@link FailureClusters#SEGMENTS}, by name.
   *
   * @param members as {@link Memberships#members} makes them
   */
  static Dataset<Row> ofWindows(Dataset<Row> members) {
    return members
        .withColumn(CELL, explode(cells()))
        .where(col(CELL).getField(IssueTrends.DIMENSION).notEqual(ALL))
        // By user first, so that no step holds all users of a segment at once.
        .groupBy(
            col(Memberships.CLUSTERING),
            col(Memberships.CLUSTER),
            col(CELL),
            col(FailureAssignments.TENANT_ID),
            col(FailureAssignments.USER_ID))
        .agg(count(lit(1)).as(SIZE))
        .groupBy(Memberships.CLUSTERING, Memberships.CLUSTER, CELL)
        .agg(
            sum(SIZE).as(FailureClusters.FAILURES),
            count(lit(1)).as(FailureClusters.DISTINCT_USERS))
        .groupBy(Memberships.CLUSTERING, Memberships.CLUSTER)
        .agg(
            sort_array(
                    collect_list(
                        struct(
                            col(CELL + "." + IssueTrends.DIMENSION).as(FailureClusters.DIMENSION),
                            col(CELL + "." + IssueTrends.SEGMENT).as(FailureClusters.SEGMENT),
                            col(FailureClusters.FAILURES),
                            col(FailureClusters.DISTINCT_USERS))))
                .as(FailureClusters.SEGMENTS));
  }

  private static Dataset<Row> counts(Dataset<Row> failures, Dataset<Row> issues) {
    Dataset<Row> failing =
        failures.select(
            col(TableSpec.EVENT_DATE),
            col(IssueTrends.ISSUE_ID),
            struct(col(FailureAssignments.TENANT_ID), col(FailureAssignments.USER_ID)).as(USER),
            lit(1L).as(IssueTrends.FAILURES),
            explode(cells()).as(CELL));
    // Makes the row of an issue without failures on the date; adds to none.
    Dataset<Row> nothing =
        issues.select(
            col(TableSpec.EVENT_DATE),
            col(IssueTrends.ISSUE_ID),
            lit(null).cast(failing.schema().apply(USER).dataType()).as(USER),
            lit(0L).as(IssueTrends.FAILURES),
            cell(ALL, lit(ALL)).as(CELL));
    return failing
        .unionByName(nothing)
        .select(col("*"), col(CELL + ".*"))
        .groupBy(
            TableSpec.EVENT_DATE, IssueTrends.ISSUE_ID, IssueTrends.DIMENSION, IssueTrends.SEGMENT)
        .agg(
            sum(IssueTrends.FAILURES).as(IssueTrends.FAILURES),
            count_distinct(col(USER)).as(IssueTrends.DISTINCT_USERS));
  }

  /** The issue's rate in a segment over its rate in all other responses of the day. */
  private static Column lift() {
    WindowSpec issue = Window.partitionBy(TableSpec.EVENT_DATE, IssueTrends.ISSUE_ID);
    Column whole = col(IssueTrends.DIMENSION).equalTo(ALL);
    Column otherFailures =
        max(when(whole, col(IssueTrends.FAILURES))).over(issue).minus(col(IssueTrends.FAILURES));
    Column otherResponses =
        max(when(whole, col(IssueTrends.INTERACTIONS)))
            .over(issue)
            .minus(col(IssueTrends.INTERACTIONS));
    return when(
        otherFailures.gt(0),
        col(IssueTrends.FAILURES)
            .multiply(otherResponses)
            .divide(col(IssueTrends.INTERACTIONS).multiply(otherFailures)));
  }

  /** Every dimension with the row's value of it, where it has one. */
  private static Column cells() {
    Column[] cells =
        Stream.concat(
                Stream.of(cell(ALL, lit(ALL))),
                FailureTexts.DIMENSIONS.stream().map(name -> cell(name, col(name))))
            .toArray(Column[]::new);
    return filter(array(cells), cell -> cell.getField(IssueTrends.SEGMENT).isNotNull());
  }

  private static Column cell(String dimension, Column segment) {
    return struct(
        lit(dimension).as(IssueTrends.DIMENSION), segment.cast("string").as(IssueTrends.SEGMENT));
  }
}
