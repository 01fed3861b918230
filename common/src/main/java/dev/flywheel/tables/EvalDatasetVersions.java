package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** Published versions of the eval sets: one row per set and version. */
public final class EvalDatasetVersions {
  public static final String DATASET_NAME = "dataset_name";
  public static final String VERSION = "version";
  public static final String N_RECORDS = "n_records";
  public static final String N_ADDED = "n_added";
  public static final String N_RETIRED = "n_retired";
  public static final String CONTENT_HASH = "content_hash";
  public static final String PUBLISHED_AT = "published_at";
  public static final String RUN_ID = "run_id";

  public static final TableSpec SPEC =
      TableSpec.registry(
              "eval_dataset_versions",
              "Published versions of the eval sets: one row per set and version.")
          .required(DATASET_NAME, DataTypes.StringType, "Name of the eval set.")
          .required(VERSION, DataTypes.IntegerType, "From 1, without gaps.")
          .required(N_RECORDS, DataTypes.LongType, "Records of the version.")
          .required(
              N_ADDED,
              DataTypes.LongType,
              "Rows that first stand in it: records that are new or changed.")
          .required(
              N_RETIRED,
              DataTypes.LongType,
              "Rows of the version before that no longer stand: records that are gone or changed.")
          .required(
              CONTENT_HASH,
              DataTypes.LongType,
              "Order-independent hash over the records; equal content has equal hashes.")
          .required(PUBLISHED_AT, DataTypes.TimestampType, "When it was published.")
          .required(RUN_ID, DataTypes.StringType, "Run that published it.")
          .key(DATASET_NAME, VERSION)
          .statistics(DATASET_NAME, VERSION)
          .build();

  private EvalDatasetVersions() {}
}
