package dev.flywheel.report;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.stats.Wilson;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.QualityTrends;
import dev.flywheel.tables.TableSpec;
import java.util.ArrayList;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Counts labels by segment; the rows of {@code quality_trends}. */
final class SegmentQuality {
  private static final String PART = "part";

  private SegmentQuality() {}

  /** One row per event date, dimension and segment of the labelled responses. */
  static Dataset<Row> of(Dataset<Row> labels, Dataset<Row> interactions) {
    return labels
        .join(
            interactions.select(
                namesAnd(
                    QualityTrends.DIMENSIONS,
                    TableSpec.EVENT_DATE,
                    Interactions.TENANT_ID,
                    Interactions.INTERACTION_ID,
                    Interactions.SHOWN_AT)),
            new String[] {
              TableSpec.EVENT_DATE,
              QualityLabels.TENANT_ID,
              QualityLabels.INTERACTION_ID,
              QualityLabels.SHOWN_AT
            },
            "inner")
        .withColumn(PART, explode(parts()))
        .withColumn(QualityTrends.DIMENSION, col(PART).getField(QualityTrends.DIMENSION))
        .withColumn(QualityTrends.SEGMENT, col(PART).getField(QualityTrends.SEGMENT))
        .where(col(QualityTrends.SEGMENT).isNotNull())
        .groupBy(TableSpec.EVENT_DATE, QualityTrends.DIMENSION, QualityTrends.SEGMENT)
        .agg(
            count(lit(1)).as(QualityTrends.RESPONSES),
            labelled("good").as(QualityTrends.GOOD),
            labelled("bad").as(QualityTrends.BAD),
            labelled("uncertain").as(QualityTrends.UNCERTAIN),
            count(when(col(QualityLabels.STATUS).equalTo("provisional"), 1))
                .as(QualityTrends.PROVISIONAL),
            // A sum of doubles depends on the order in which partitions arrive.
            sum(round(col(QualityLabels.P_GOOD), 9).cast("decimal(20,9)"))
                .cast("double")
                .divide(count(lit(1)))
                .as(QualityTrends.MEAN_P_GOOD),
            count_distinct(col(QualityLabels.TENANT_ID), col(QualityLabels.USER_ID))
                .as(QualityTrends.DISTINCT_USERS))
        .withColumn(
            QualityTrends.GOOD_SHARE,
            col(QualityTrends.GOOD).cast("double").divide(col(QualityTrends.RESPONSES)))
        .withColumn(
            QualityTrends.CI_LOWER,
            Wilson.lower(col(QualityTrends.GOOD), col(QualityTrends.RESPONSES)))
        .withColumn(
            QualityTrends.CI_UPPER,
            Wilson.upper(col(QualityTrends.GOOD), col(QualityTrends.RESPONSES)));
  }

  private static Column labelled(String label) {
    return count(when(col(QualityLabels.LABEL).equalTo(label), 1));
  }

  /** The segments a response belongs to; a null segment where it names none. */
  private static Column parts() {
    var parts = new ArrayList<Column>();
    parts.add(part(QualityTrends.ALL, lit(QualityTrends.ALL)));
    QualityTrends.DIMENSIONS.forEach(dimension -> parts.add(part(dimension, col(dimension))));
    return array(parts.toArray(Column[]::new));
  }

  private static Column part(String dimension, Column segment) {
    return struct(lit(dimension).as(QualityTrends.DIMENSION), segment.as(QualityTrends.SEGMENT));
  }

  private static Column[] namesAnd(java.util.List<String> names, String... more) {
    return java.util.stream.Stream.concat(names.stream(), java.util.Arrays.stream(more))
        .map(name -> col(name))
        .toArray(Column[]::new);
  }
}
