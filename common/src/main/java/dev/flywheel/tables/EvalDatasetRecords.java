package dev.flywheel.tables;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Records of the published eval sets: one row per record and the version that added it. Version v
 * of a set is the rows with added_in_version <= v and (retired_in_version is null or > v).
 */
public final class EvalDatasetRecords {
  public static final String DATASET_NAME = "dataset_name";
  public static final String DATASET_RECORD_ID = "dataset_record_id";
  public static final String ADDED_IN_VERSION = "added_in_version";
  public static final String RETIRED_IN_VERSION = "retired_in_version";
  public static final String TENANT_ID = "tenant_id";
  public static final String INTERACTION_ID = "interaction_id";
  public static final String INPUTS = "inputs";
  public static final String EXPECTATIONS = "expectations";
  public static final String SOURCE = "source";
  public static final String SPLIT = "split";
  public static final String STRATUM = "stratum";
  public static final String INCLUSION_PROBABILITY = "inclusion_probability";
  public static final String SAMPLING_WEIGHT = "sampling_weight";
  public static final String DEDUP_GROUP_ID = "dedup_group_id";
  public static final String CONTENT_HASH = "content_hash";

  private static final DataType INPUTS_TYPE =
      new StructType()
          .add("prompt", DataTypes.StringType, true)
          .add("messages", Events.MESSAGES_TYPE, true);

  private static final DataType EXPECTATIONS_TYPE =
      new StructType()
          .add("expected_response", DataTypes.StringType, true)
          .add("label", DataTypes.StringType, true)
          .add("p_good", DataTypes.DoubleType, true);

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "eval_dataset_records",
              "Records of the published eval sets: one row per record and the version that added"
                  + " it. Version v of a set is the rows with added_in_version <= v and"
                  + " (retired_in_version is null or > v).",
              "Day the response was shown, UTC.")
          .required(DATASET_NAME, DataTypes.StringType, "Name of the eval set.")
          .required(
              DATASET_RECORD_ID,
              DataTypes.StringType,
              "Stable identity of the record: a hash of set, tenant, interaction and shown_at.")
          .required(ADDED_IN_VERSION, DataTypes.IntegerType, "First version that holds this row.")
          .optional(
              RETIRED_IN_VERSION,
              DataTypes.IntegerType,
              "First version that no longer holds it; null while it stands.")
          .required(TENANT_ID, DataTypes.StringType, "Customer or workspace.")
          .required(INTERACTION_ID, DataTypes.StringType, "Where the record comes from.")
          .required(
              INPUTS,
              INPUTS_TYPE,
              "What the feature was asked: prompt, messages; null where not logged.")
          .required(
              EXPECTATIONS,
              EXPECTATIONS_TYPE,
              "What is known of a good answer: expected_response is what the user made of the"
                  + " response, else the response itself where it was good, else null, as it is"
                  + " where they deleted all of it; label and p_good are those of the response as"
                  + " shown, null where it has no label.")
          .required(SOURCE, DataTypes.StringType, "How the record came about: traffic.")
          .required(SPLIT, DataTypes.StringType, "eval or holdout.")
          .required(STRATUM, DataTypes.StringType, "Values of the stratum's columns.")
          .required(
              INCLUSION_PROBABILITY,
              DataTypes.DoubleType,
              "Probability with which the record was drawn, before the draw was split.")
          .required(
              SAMPLING_WEIGHT,
              DataTypes.DoubleType,
              "Responses that this record stands for: over both splits together they add up to"
                  + " traffic, over one they do not.")
          .required(DEDUP_GROUP_ID, DataTypes.StringType, "As in eval_draws.")
          .required(CONTENT_HASH, DataTypes.LongType, "Hash over all published content of the row.")
          .key(DATASET_NAME, DATASET_RECORD_ID, ADDED_IN_VERSION)
          .statistics(ADDED_IN_VERSION, RETIRED_IN_VERSION)
          .reach(EvalDraws.SPEC.reach())
          .build();

  private EvalDatasetRecords() {}
}
