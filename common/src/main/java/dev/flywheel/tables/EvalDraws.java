package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** The statistical sample of each event date: one row per drawn response. */
public final class EvalDraws {
  public static final String DATASET_NAME = "dataset_name";
  public static final String TENANT_ID = "tenant_id";
  public static final String INTERACTION_ID = "interaction_id";
  public static final String SHOWN_AT = "shown_at";
  public static final String STRATUM = "stratum";
  public static final String STRATUM_POPULATION = "stratum_population";
  public static final String STRATUM_SAMPLE = "stratum_sample";
  public static final String INCLUSION_PROBABILITY = "inclusion_probability";
  public static final String SAMPLING_WEIGHT = "sampling_weight";
  public static final String DRAW_RANK = "draw_rank";
  public static final String DEDUP_GROUP_ID = "dedup_group_id";
  public static final String SPLIT = "split";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "eval_draws",
              "The statistical sample of each event date: one row per drawn response.",
              "Day the response was shown, UTC.")
          .required(DATASET_NAME, DataTypes.StringType, "Eval set the draw belongs to.")
          .required(TENANT_ID, DataTypes.StringType, "Customer or workspace.")
          .required(INTERACTION_ID, DataTypes.StringType, "The sender's identity of the response.")
          .required(SHOWN_AT, DataTypes.TimestampType, "When the response was shown.")
          .required(
              STRATUM, DataTypes.StringType, "Values of the stratum's columns, joined by ' / '.")
          .required(
              STRATUM_POPULATION, DataTypes.LongType, "Responses of the stratum on that date, N_h.")
          .required(
              STRATUM_SAMPLE,
              DataTypes.LongType,
              "Drawn responses of the stratum on that date, n_h.")
          .required(INCLUSION_PROBABILITY, DataTypes.DoubleType, "n_h / N_h.")
          .required(
              SAMPLING_WEIGHT,
              DataTypes.DoubleType,
              "Responses that this one stands for, N_h / n_h.")
          .required(
              DRAW_RANK,
              DataTypes.LongType,
              "Position in the stratum by hash, from 1; a larger sample contains a smaller one.")
          .required(
              DEDUP_GROUP_ID,
              DataTypes.StringType,
              "Hash of what was asked, normalised: the prompt and, in a conversation, the user's"
                  + " earlier turns; of the messages where no request is logged. Equal texts share"
                  + " it and never part over splits; a response without any is a group of its own.")
          .required(
              SPLIT,
              DataTypes.StringType,
              "eval or holdout: holdout where any request of the conversation is one of the"
                  + " holdout, so that no record of eval quotes one.")
          .key(DATASET_NAME, TENANT_ID, INTERACTION_ID, SHOWN_AT)
          .statistics(INTERACTION_ID)
          .reach(QualityLabels.SPEC.reach())
          .build();

  private EvalDraws() {}
}
