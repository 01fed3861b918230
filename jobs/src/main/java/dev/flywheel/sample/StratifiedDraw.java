package dev.flywheel.sample;

import static dev.flywheel.tables.TableSpec.EVENT_DATE;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.xxhash64;

import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDraws;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * Bottom-k sampling by hash: of each stratum the n_h responses with the smallest hashes, so exactly
 * n_h of them, the same ones for any partitioning, and nested: a larger n_h keeps all of a smaller.
 * Every response of a stratum is equally likely, so its inclusion probability is n_h / N_h.
 */
final class StratifiedDraw {
  private static final String HASH = "hash";

  private StratifiedDraw() {}

  /**
   * The drawn responses: one row each, with its key, stratum, sizes and rank. Only keys, segments
   * and hashes are read, and only those below the design's limits are shuffled.
   *
   * @param design rows of {@link SampleDesign}
   */
  static Dataset<Row> of(
      Dataset<Row> interactions, Dataset<Row> design, Settings.Sample policy, long seed) {
    return interactions
        .select(
            col(EVENT_DATE),
            col(EvalDraws.TENANT_ID),
            col(EvalDraws.INTERACTION_ID),
            col(EvalDraws.SHOWN_AT),
            Strata.of(policy).as(EvalDraws.STRATUM),
            hash(seed).as(HASH))
        .join(broadcast(design), columns(EVENT_DATE, EvalDraws.STRATUM))
        .where(col(HASH).leq(col(SampleDesign.LAST_HASH)))
        .withColumn(EvalDraws.DRAW_RANK, rank())
        .where(col(EvalDraws.DRAW_RANK).leq(col(EvalDraws.STRATUM_SAMPLE)))
        .drop(HASH, SampleDesign.LAST_HASH);
  }

  /** Names of the columns that identify a response within its event date. */
  static String[] key() {
    return columns(EVENT_DATE, EvalDraws.TENANT_ID, EvalDraws.INTERACTION_ID, EvalDraws.SHOWN_AT);
  }

  static Column hash(long seed) {
    return xxhash64(
        lit(seed),
        col(EvalDraws.TENANT_ID),
        col(EvalDraws.INTERACTION_ID),
        col(EvalDraws.SHOWN_AT));
  }

  /** Equal hashes are settled by the key, so that no order of rows can decide. */
  private static Column rank() {
    return row_number()
        .over(
            Window.partitionBy(EVENT_DATE, EvalDraws.STRATUM)
                .orderBy(HASH, EvalDraws.TENANT_ID, EvalDraws.INTERACTION_ID, EvalDraws.SHOWN_AT))
        .cast("long");
  }

  private static String[] columns(String... names) {
    return names;
  }
}
