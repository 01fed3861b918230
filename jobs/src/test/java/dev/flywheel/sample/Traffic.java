package dev.flywheel.sample;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestSpark;
import java.time.LocalDate;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Made-up interactions and labels, of which everything follows from a row's number. */
final class Traffic {
  private Traffic() {}

  /**
   * Responses of one day, spread over it: 7 in 10 users are free, 2 pro, 1 without a type; 4 in 5
   * requests are chat, 1 code. Every fifth response was edited, every third labelled bad.
   */
  static Dataset<Row> interactions(LocalDate day, long responses) {
    Dataset<Row> rows =
        TestSpark.session()
            .range(responses)
            .withColumn(TableSpec.EVENT_DATE, lit(java.sql.Date.valueOf(day)))
            .withColumn(Interactions.TENANT_ID, lit("default"))
            .withColumn(Interactions.INTERACTION_ID, id())
            .withColumn(Interactions.USER_ID, concat(lit("u"), col("id").mod(97)))
            .withColumn(Interactions.SESSION_ID, concat(lit("s"), col("id").mod(97)))
            .withColumn(Interactions.SHOWN_AT, shownAt(day, responses))
            .withColumn(Interactions.PROMPT, concat(lit("Question "), col("id").mod(200)))
            .withColumn(Interactions.RESPONSE, concat(lit("Answer "), col("id")))
            .withColumn(
                Interactions.FINAL_TEXT,
                when(col("id").mod(5).equalTo(0), concat(lit("Better "), col("id"))))
            .withColumn(
                Interactions.USER_TYPE,
                when(col("id").mod(10).lt(7), "free").when(col("id").mod(10).lt(9), "pro"))
            .withColumn(
                Interactions.QUERY_CATEGORY, when(col("id").mod(5).lt(4), "chat").otherwise("code"))
            .withColumn(Interactions.N_EVENTS, lit(1L));
    return rows.to(nullable(Interactions.SPEC));
  }

  /** One label for each response of {@link #interactions}. */
  static Dataset<Row> labels(LocalDate day, long responses) {
    Column bad = col("id").mod(3).equalTo(0);
    return TestSpark.session()
        .range(responses)
        .withColumn(TableSpec.EVENT_DATE, lit(java.sql.Date.valueOf(day)))
        .withColumn(QualityLabels.TENANT_ID, lit("default"))
        .withColumn(QualityLabels.INTERACTION_ID, id())
        .withColumn(QualityLabels.SHOWN_AT, shownAt(day, responses))
        .withColumn(QualityLabels.USER_ID, concat(lit("u"), col("id").mod(97)))
        .withColumn(QualityLabels.P_GOOD, when(bad, 0.1).otherwise(0.9))
        .withColumn(QualityLabels.LABEL, when(bad, "bad").otherwise("good"))
        .withColumn(QualityLabels.STATUS, lit("final"))
        .withColumn(QualityLabels.VOTES, map(lit("task"), lit("good")))
        .withColumn(QualityLabels.N_SOURCES, lit(1))
        .withColumn(QualityLabels.VOTE_PATTERN, lit("g"))
        .withColumn(QualityLabels.LABEL_MODEL_VERSION, lit("m"))
        .to(nullable(QualityLabels.SPEC));
  }

  private static Column id() {
    return concat(lit("i"), col("id"));
  }

  private static Column shownAt(LocalDate day, long responses) {
    long start = day.toEpochDay() * 86_400;
    return expr("timestamp_seconds(%d + id * 86400 div %d)".formatted(start, responses));
  }

  /** A contract's columns, of which Spark cannot know that none of these rows has a null. */
  private static StructType nullable(TableSpec table) {
    var schema = new StructType();
    for (StructField field : table.schema().fields()) {
      schema = schema.add(field.name(), field.dataType(), true);
    }
    return schema;
  }
}
