package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** Sentence embeddings of failures: one row per failing response that has text. */
public final class Embeddings {
  public static final String TENANT_ID = "tenant_id";
  public static final String INTERACTION_ID = "interaction_id";
  public static final String SHOWN_AT = "shown_at";
  public static final String TEXT_HASH = "text_hash";
  public static final String EMBEDDING_MODEL = "embedding_model";
  public static final String EMBEDDING = "embedding";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "embeddings",
              "Sentence embeddings of failures: one row per failing response that has text.",
              "Day the response was shown, UTC.")
          .required(TENANT_ID, DataTypes.StringType, "Customer or workspace.")
          .required(INTERACTION_ID, DataTypes.StringType, "The sender's identity of the response.")
          .required(SHOWN_AT, DataTypes.TimestampType, "When the response was shown.")
          .required(
              TEXT_HASH,
              DataTypes.StringType,
              "SHA-256 of the embedded text: equal texts are embedded once.")
          .required(EMBEDDING_MODEL, DataTypes.StringType, "Model that made the vector.")
          .required(
              EMBEDDING,
              DataTypes.createArrayType(DataTypes.FloatType),
              "Unit vector; 384 dimensions for all-MiniLM-L6-v2.")
          .key(TENANT_ID, INTERACTION_ID, SHOWN_AT)
          .statistics(INTERACTION_ID)
          .reach(QualityLabels.SPEC.reach())
          .build();

  private Embeddings() {}
}
