package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** The label model of each event date: one row per event date. */
public final class LabelModels {
  public static final String LABEL_MODEL_VERSION = "label_model_version";
  public static final String METHOD = "method";
  public static final String METHOD_REASON = "method_reason";
  public static final String WINDOW_FROM = "window_from";
  public static final String N_INTERACTIONS = "n_interactions";
  public static final String N_PATTERNS = "n_patterns";
  public static final String PRIOR_GOOD = "prior_good";
  public static final String LOG_LIKELIHOOD = "log_likelihood";
  public static final String ITERATIONS = "iterations";
  public static final String PARAMETERS = "parameters";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "label_models",
              "The label model of each event date: one row per event date.",
              "Day whose responses the model labels, UTC.")
          .required(
              LABEL_MODEL_VERSION,
              DataTypes.StringType,
              "Identity of the model: a hash of its sources, method and parameters.")
          .required(
              METHOD,
              DataTypes.StringType,
              "dawid_skene, or majority_vote where there was too little to learn from.")
          .required(METHOD_REASON, DataTypes.StringType, "Why this method.")
          .required(WINDOW_FROM, DataTypes.DateType, "First event date of the fit window.")
          .required(N_INTERACTIONS, DataTypes.LongType, "Responses in the fit window.")
          .required(N_PATTERNS, DataTypes.LongType, "Distinct vote patterns in the fit window.")
          .required(PRIOR_GOOD, DataTypes.DoubleType, "Learned share of good responses, 0 to 1.")
          .required(
              LOG_LIKELIHOOD,
              DataTypes.DoubleType,
              "Mean log likelihood per response of the window, nats; 0 for the majority vote.")
          .required(ITERATIONS, DataTypes.IntegerType, "EM iterations.")
          .required(
              PARAMETERS,
              DataTypes.createMapType(
                  DataTypes.StringType, DataTypes.createArrayType(DataTypes.DoubleType)),
              "Per source: P(good|good), P(bad|good), P(abstain|good), P(good|bad), P(bad|bad),"
                  + " P(abstain|bad); empty for the majority vote.")
          .key(TableSpec.EVENT_DATE)
          .reach(new Reach(1 + QualityLabels.FIT_WINDOW_DAYS - 1, 1))
          .build();

  private LabelModels() {}
}
