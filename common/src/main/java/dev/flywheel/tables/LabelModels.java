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
  public static final String SOURCES = "sources";
  public static final String N_HUMAN = "n_human";
  public static final String WEIGHTS = "weights";
  public static final String HELD_OUT_GAIN = "held_out_gain";
  public static final String HELD_OUT_ERROR = "held_out_error";
  public static final String BRIER_MODEL = "brier_model";
  public static final String BRIER_VOTE = "brier_vote";
  public static final String CALIBRATION = "calibration";
  public static final String CALIBRATION_POINTS = "calibration_points";
  public static final String CALIBRATION_ERROR = "calibration_error";
  public static final String N_RATEABLE = "n_rateable";
  public static final String N_RATED = "n_rated";
  public static final String RATED_GOOD = "rated_good";
  public static final String RATED_GOOD_LOWER = "rated_good_lower";
  public static final String RATED_GOOD_UPPER = "rated_good_upper";
  public static final String RATED_GOOD_SNIPS = "rated_good_snips";
  public static final String RATED_GOOD_ROBUST = "rated_good_robust";
  public static final String RATED_GOOD_ROBUST_LOWER = "rated_good_robust_lower";
  public static final String RATED_GOOD_ROBUST_UPPER = "rated_good_robust_upper";
  public static final String EFFECTIVE_RATINGS = "effective_ratings";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "label_models",
              "The label model of each event date: one row per event date.",
              "Day whose responses the model labels, UTC.")
          .required(
              LABEL_MODEL_VERSION,
              DataTypes.StringType,
              "Identity of the model: a hash of its sources, method and parameters.")
          .required(METHOD, DataTypes.StringType, "dawid_skene or majority_vote.")
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
          .optional(
              SOURCES,
              DataTypes.StringType,
              "Names of the sources in order, then # and a hash of their conditions.")
          .optional(N_HUMAN, DataTypes.LongType, "Responses of the fit window that people judged.")
          .optional(
              WEIGHTS,
              DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType),
              "Per source its power in the likelihood: 1, and less where it repeats others; empty"
                  + " for the majority vote.")
          .optional(
              HELD_OUT_GAIN,
              DataTypes.DoubleType,
              "Mean log probability of the votes on responses that were held out, of the model less"
                  + " that of equally good sources, nats; null where people's verdicts chose or"
                  + " nothing could be fitted.")
          .optional(
              HELD_OUT_ERROR,
              DataTypes.DoubleType,
              "Standard error of held_out_gain; null as held_out_gain.")
          .optional(
              BRIER_MODEL,
              DataTypes.DoubleType,
              "Mean squared error of the calibrated model on judged responses whose verdict it was"
                  + " not told (cross-fitted), 0 to 1; null with too few verdicts.")
          .optional(
              BRIER_VOTE,
              DataTypes.DoubleType,
              "The same of the calibrated majority vote; null with too few verdicts.")
          .optional(
              CALIBRATION,
              DataTypes.StringType,
              "How beliefs become p_good: none with too few verdicts, else platt; isotonic from"
                  + " 1,000 verdicts on, where it is closer to verdicts it was not told.")
          .optional(
              CALIBRATION_POINTS,
              DataTypes.createArrayType(DataTypes.DoubleType),
              "platt: slope and intercept on the logit of the belief; isotonic: belief and"
                  + " probability in turns, ascending; empty for none.")
          .optional(
              CALIBRATION_ERROR,
              DataTypes.DoubleType,
              "Expected calibration error of p_good on the same responses, ten bins, 0 to 1; null"
                  + " with too few verdicts.")
          .optional(
              N_RATEABLE,
              DataTypes.LongType,
              "Responses of the fit window that could have been rated; null where too few were"
                  + " rated to say who rates, as all that follow.")
          .optional(N_RATED, DataTypes.LongType, "Those of them that were rated good or bad.")
          .optional(
              RATED_GOOD,
              DataTypes.DoubleType,
              "Share of good among the ratings, 0 to 1: of those who rate, who are not like the"
                  + " rest.")
          .optional(
              RATED_GOOD_LOWER,
              DataTypes.DoubleType,
              "Lower end of its 95 % interval (Wilson), which covers chance and not who rates.")
          .optional(RATED_GOOD_UPPER, DataTypes.DoubleType, "Upper end of the same.")
          .optional(
              RATED_GOOD_SNIPS,
              DataTypes.DoubleType,
              "The share if all rated, ratings weighted by one over the propensity of rating"
                  + " (SNIPS), 0 to 1.")
          .optional(
              RATED_GOOD_ROBUST,
              DataTypes.DoubleType,
              "The same, doubly robust. Corrects for user type, query category and what the user"
                  + " did; not for rating that depends on quality beyond them.")
          .optional(
              RATED_GOOD_ROBUST_LOWER, DataTypes.DoubleType, "Lower end of its 95 % interval.")
          .optional(RATED_GOOD_ROBUST_UPPER, DataTypes.DoubleType, "Upper end of the same.")
          .optional(
              EFFECTIVE_RATINGS,
              DataTypes.DoubleType,
              "How many equally weighted ratings the weighted ones are worth.")
          .key(TableSpec.EVENT_DATE)
          .reach(QualityLabels.SPEC.reach())
          .build();

  private LabelModels() {}
}
