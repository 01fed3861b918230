package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.hash;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.to_date;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import java.nio.file.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Generated logs as interactions, with labels that are made from the planted truth. */
final class PlantedLake {
  private PlantedLake() {}

  /** Generates logs below {@code folder}. */
  static void generate(Path folder, DateRange landing, int interactionsPerDay) {
    Generator.run(
        GeneratorOptions.of(
            folder.resolve("raw"), folder.resolve("truth"), landing, interactionsPerDay, 42));
  }

  /**
   * Fills a lake's interactions and labels with the generated logs of {@code dates}.
   *
   * @param wrongPercent share of labels that say the opposite of the truth
   */
  static void fill(Lakehouse lake, Path folder, DateRange dates, int wrongPercent) {
    Dataset<Row> shown = shown(lake, folder).where(Lakehouse.within(TableSpec.EVENT_DATE, dates));
    lake.replace(Interactions.SPEC, dates, shown.withColumn(Interactions.N_EVENTS, lit(1L)));
    Column bad = col("quality").equalTo("bad");
    Column wrong = pmod(hash(col(Interactions.INTERACTION_ID)), lit(100)).lt(wrongPercent);
    lake.replace(
        QualityLabels.SPEC,
        dates,
        shown
            .join(
                truth(lake, folder).drop(TableSpec.EVENT_DATE),
                new String[] {Interactions.TENANT_ID, Interactions.INTERACTION_ID})
            .withColumn(
                QualityLabels.LABEL,
                when(bad.notEqual(wrong), lit(FailureTexts.BAD)).otherwise(lit("good")))
            .withColumn(QualityLabels.P_GOOD, when(bad.notEqual(wrong), 0.1).otherwise(0.9))
            .withColumn(QualityLabels.STATUS, lit("final"))
            .withColumn(QualityLabels.VOTES, map(lit("edit"), lit("bad")))
            .withColumn(QualityLabels.N_SOURCES, lit(1))
            .withColumn(QualityLabels.VOTE_PATTERN, lit("b"))
            .withColumn(QualityLabels.LABEL_MODEL_VERSION, lit("planted")));
  }

  static Dataset<Row> truth(Lakehouse lake, Path folder) {
    return lake.spark()
        .read()
        .json(folder.resolve("truth").resolve(Generator.TRUTH_FILE).toString());
  }

  private static Dataset<Row> shown(Lakehouse lake, Path folder) {
    String schema =
        "event_type STRING, event_time TIMESTAMP, tenant_id STRING, interaction_id STRING,"
            + " user_id STRING, session_id STRING, prompt STRING,"
            + " messages ARRAY<STRUCT<role: STRING, content: STRING>>, response STRING,"
            + " user_type STRING, query_category STRING, surface STRING, language STRING,"
            + " model STRING, release STRING";
    return lake.spark()
        .read()
        .schema(schema)
        .json(folder.resolve("raw").resolve("*").toString())
        .where("event_type = 'response_shown' AND interaction_id IS NOT NULL")
        .where("user_id IS NOT NULL AND session_id IS NOT NULL AND event_time IS NOT NULL")
        .dropDuplicates(Interactions.INTERACTION_ID)
        .withColumn(Interactions.TENANT_ID, coalesce(col("tenant_id"), lit("default")))
        .withColumn(
            Interactions.PROMPT,
            coalesce(col("prompt"), element_at(col("messages"), -1).getField("content")))
        .drop("messages")
        .withColumnRenamed("event_time", Interactions.SHOWN_AT)
        .withColumn(TableSpec.EVENT_DATE, to_date(col(Interactions.SHOWN_AT)));
  }
}
