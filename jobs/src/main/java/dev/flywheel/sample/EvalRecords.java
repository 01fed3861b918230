package dev.flywheel.sample;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What is published of a drawn response. */
final class EvalRecords {
  private static final String GOOD = "good";
  private static final String TRAFFIC = "traffic";

  private EvalRecords() {}

  /**
   * The drawn responses with their texts and labels: one row each, with every column of {@code
   * eval_draws} and of a record but its versions.
   *
   * <p>The draws are few, so they are broadcast to the texts and labels, of which nothing is
   * shuffled.
   *
   * @param drawn rows of {@link StratifiedDraw}
   */
  static Dataset<Row> of(
      Dataset<Row> drawn, Dataset<Row> interactions, Dataset<Row> labels, Settings.Sample policy) {
    Dataset<Row> texts =
        interactions.select(
            columns(
                StratifiedDraw.key(),
                Interactions.PROMPT,
                Interactions.MESSAGES,
                Interactions.RESPONSE,
                Interactions.FINAL_TEXT));
    Dataset<Row> labelled =
        labels
            .select(columns(StratifiedDraw.key(), QualityLabels.LABEL, QualityLabels.P_GOOD))
            .join(broadcast(drawn.select(columns(StratifiedDraw.key()))), StratifiedDraw.key());
    Dataset<Row> records =
        texts
            .join(broadcast(drawn), StratifiedDraw.key())
            .join(broadcast(labelled), StratifiedDraw.key(), "left")
            .withColumn(EvalDraws.DATASET_NAME, lit(policy.dataset()))
            .withColumn(
                EvalDraws.INCLUSION_PROBABILITY,
                ratio(EvalDraws.STRATUM_SAMPLE, EvalDraws.STRATUM_POPULATION))
            .withColumn(
                EvalDraws.SAMPLING_WEIGHT,
                ratio(EvalDraws.STRATUM_POPULATION, EvalDraws.STRATUM_SAMPLE))
            .withColumn(EvalDraws.DEDUP_GROUP_ID, DedupGroups.id())
            .withColumn(
                EvalDraws.SPLIT,
                DedupGroups.split(
                    col(EvalDraws.DEDUP_GROUP_ID),
                    col(Interactions.PROMPT),
                    col(Interactions.MESSAGES),
                    policy.holdoutShare()))
            .withColumn(EvalDatasetRecords.DATASET_RECORD_ID, recordId())
            .withColumn(
                EvalDatasetRecords.INPUTS,
                struct(col(Interactions.PROMPT), col(Interactions.MESSAGES)))
            .withColumn(EvalDatasetRecords.EXPECTATIONS, expectations())
            .withColumn(EvalDatasetRecords.SOURCE, lit(TRAFFIC));
    return records.withColumn(EvalDatasetRecords.CONTENT_HASH, contentHash());
  }

  private static Column recordId() {
    return DedupGroups.digest(
        col(EvalDraws.DATASET_NAME),
        col(EvalDraws.TENANT_ID),
        col(EvalDraws.INTERACTION_ID),
        unix_micros(col(EvalDraws.SHOWN_AT)).cast("string"));
  }

  private static Column expectations() {
    return struct(
        expectedResponse().as("expected_response"),
        col(QualityLabels.LABEL),
        col(QualityLabels.P_GOOD));
  }

  /**
   * What the user made of the response; where they left it alone, the response itself if it was
   * good. Null where neither tells of a good answer, and where the user deleted all of it.
   */
  private static Column expectedResponse() {
    Column edited = col(Interactions.FINAL_TEXT);
    return when(edited.isNotNull(), when(trim(edited).notEqual(""), edited))
        .when(col(QualityLabels.LABEL).equalTo(GOOD), nullif(col(Interactions.RESPONSE), lit("")));
  }

  /** Of the JSON, whose field names tell a null from a value that moved to the next column. */
  private static Column contentHash() {
    Column[] content =
        Arrays.stream(EvalDatasetRecords.SPEC.schema().fieldNames())
            .filter(
                name ->
                    !name.equals(EvalDatasetRecords.ADDED_IN_VERSION)
                        && !name.equals(EvalDatasetRecords.RETIRED_IN_VERSION)
                        && !name.equals(EvalDatasetRecords.CONTENT_HASH))
            .map(name -> col(name))
            .toArray(Column[]::new);
    return xxhash64(to_json(struct(content)));
  }

  private static Column ratio(String part, String whole) {
    return col(part).cast("double").divide(col(whole).cast("double"));
  }

  private static Column[] columns(String[] key, String... more) {
    return java.util.stream.Stream.concat(Arrays.stream(key), Arrays.stream(more))
        .map(name -> col(name))
        .toArray(Column[]::new);
  }
}
