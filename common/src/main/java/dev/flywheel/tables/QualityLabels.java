package dev.flywheel.tables;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** How good each response was: one row per response. */
public final class QualityLabels {
  public static final String TENANT_ID = "tenant_id";
  public static final String INTERACTION_ID = "interaction_id";
  public static final String SHOWN_AT = "shown_at";
  public static final String USER_ID = "user_id";
  public static final String P_GOOD = "p_good";
  public static final String LABEL = "label";
  public static final String STATUS = "status";
  public static final String VOTES = "votes";
  public static final String N_SOURCES = "n_sources";
  public static final String VOTE_PATTERN = "vote_pattern";
  public static final String LABEL_MODEL_VERSION = "label_model_version";
  public static final String EVIDENCE = "evidence";

  /** Fields of the elements of {@link #EVIDENCE}. */
  public static final String EVIDENCE_SOURCE = "source";

  public static final String EVIDENCE_VOTE = "vote";
  public static final String EVIDENCE_LOG_ODDS = "log_odds";

  public static final ArrayType EVIDENCE_TYPE =
      DataTypes.createArrayType(
          new StructType()
              .add(EVIDENCE_SOURCE, DataTypes.StringType)
              .add(EVIDENCE_VOTE, DataTypes.StringType)
              .add(EVIDENCE_LOG_ODDS, DataTypes.DoubleType));

  /** Event dates, up to and including its own, whose votes a day's label model is fitted on. */
  public static final int FIT_WINDOW_DAYS = 7;

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "quality_labels",
              "How good each response was: one row per response.",
              "Day the response was shown, UTC.")
          .required(TENANT_ID, DataTypes.StringType, "Customer or workspace.")
          .required(INTERACTION_ID, DataTypes.StringType, "The sender's identity of the response.")
          .required(SHOWN_AT, DataTypes.TimestampType, "When the response was shown.")
          .required(USER_ID, DataTypes.StringType, "Person who saw the response.")
          .required(P_GOOD, DataTypes.DoubleType, "Probability that the response was good, 0 to 1.")
          .required(LABEL, DataTypes.StringType, "good, bad or uncertain.")
          .required(
              STATUS,
              DataTypes.StringType,
              "final once events of the landing day that closes the observation window (the day"
                  + " after event_date plus the lookback), or of a later one, are in the lake;"
                  + " provisional before.")
          .required(
              VOTES,
              DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType),
              "Vote of each source: good, bad, abstain (it could tell and did not) or"
                  + " not_applicable (the surface does not offer what it watches).")
          .required(N_SOURCES, DataTypes.IntegerType, "Sources that voted good or bad.")
          .required(
              VOTE_PATTERN,
              DataTypes.StringType,
              "The votes in the order of the model's sources: g good, b bad, - abstain, . not"
                  + " applicable.")
          .required(
              LABEL_MODEL_VERSION,
              DataTypes.StringType,
              "Model that made the label; see label_models.")
          .optional(
              EVIDENCE,
              EVIDENCE_TYPE,
              "Why p_good is what it is: what each source that applies brings to the log odds of"
                  + " good, largest first, after 'human' (a verdict decides alone) and 'prior' (the"
                  + " share of good responses) and before 'calibration'. They add up to the log"
                  + " odds of p_good; log_odds is null for the majority vote.")
          .key(TENANT_ID, INTERACTION_ID, SHOWN_AT)
          .statistics(INTERACTION_ID, LABEL, STATUS, P_GOOD)
          .reach(VotePatterns.SPEC.reach().plus(FIT_WINDOW_DAYS - 1, 0))
          .build();

  private QualityLabels() {}
}
