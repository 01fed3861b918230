package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;

import dev.flywheel.tables.Embeddings;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;

/** Gives failures their vectors, and no text more than one run of the model. */
final class Embedder {
  /** No built-in function runs a model. Dear, so the planner must not duplicate it. */
  private static final UserDefinedFunction EMBED =
      udf(
              (UDF1<String, float[]>) text -> SentenceEncoder.shared().embed(text),
              DataTypes.createArrayType(DataTypes.FloatType, false))
          .asNondeterministic();

  private Embedder() {}

  /**
   * {@code failures} with model and vector. A vector depends on text and model alone, so it makes
   * no difference which of them come from {@code known}.
   *
   * @param known rows of {@code embeddings}, in which texts are looked up by hash
   * @param tasks number of tasks that share the texts not found there
   */
  static Dataset<Row> embed(Dataset<Row> failures, Dataset<Row> known, int tasks) {
    Dataset<Row> found =
        known
            .where(col(Embeddings.EMBEDDING_MODEL).equalTo(SentenceEncoder.MODEL))
            .select(Embeddings.TEXT_HASH, Embeddings.EMBEDDING)
            .dropDuplicates(Embeddings.TEXT_HASH);
    Dataset<Row> made =
        failures
            .select(Embeddings.TEXT_HASH, FailureTexts.TEXT)
            .dropDuplicates(Embeddings.TEXT_HASH)
            .join(found, new String[] {Embeddings.TEXT_HASH}, "left_anti")
            // Few bytes but much work: left alone, adaptive execution would make one task of it.
            .repartition(tasks)
            .select(
                col(Embeddings.TEXT_HASH),
                EMBED.apply(col(FailureTexts.TEXT)).as(Embeddings.EMBEDDING));
    return failures
        .join(found.unionByName(made), Embeddings.TEXT_HASH)
        .withColumn(Embeddings.EMBEDDING_MODEL, lit(SentenceEncoder.MODEL));
  }
}
