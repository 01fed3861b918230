package dev.flywheel.tables;

import java.util.List;
import org.apache.spark.sql.types.DataTypes;

/** How good responses were, by segment: one row per event date, dimension and segment. */
public final class QualityTrends {
  public static final String DIMENSION = "dimension";
  public static final String SEGMENT = "segment";
  public static final String RESPONSES = "responses";
  public static final String GOOD = "good";
  public static final String BAD = "bad";
  public static final String UNCERTAIN = "uncertain";
  public static final String PROVISIONAL = "provisional";
  public static final String MEAN_P_GOOD = "mean_p_good";
  public static final String GOOD_SHARE = "good_share";
  public static final String CI_LOWER = "ci_lower";
  public static final String CI_UPPER = "ci_upper";
  public static final String DISTINCT_USERS = "distinct_users";

  /** Dimension and segment of the row that stands for all responses of a date. */
  public static final String ALL = "all";

  /** Columns of interactions that make segments; the same as in issue_trends. */
  public static final List<String> DIMENSIONS =
      List.of(
          Interactions.USER_TYPE,
          Interactions.QUERY_CATEGORY,
          Interactions.SURFACE,
          Interactions.LANGUAGE,
          Interactions.MODEL,
          Interactions.RELEASE);

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "quality_trends",
              "How good responses were, by segment: one row per event date, dimension and segment.",
              "Day the responses were shown, UTC.")
          .required(
              DIMENSION,
              DataTypes.StringType,
              "all, user_type, query_category, surface, language, model or release.")
          .required(
              SEGMENT,
              DataTypes.StringType,
              "Value of the dimension; 'all' for all. Responses that name none are in 'all' only.")
          .required(RESPONSES, DataTypes.LongType, "Labelled responses of the segment.")
          .required(GOOD, DataTypes.LongType, "Responses labelled good.")
          .required(BAD, DataTypes.LongType, "Responses labelled bad: the failures.")
          .required(UNCERTAIN, DataTypes.LongType, "Responses labelled uncertain.")
          .required(PROVISIONAL, DataTypes.LongType, "Responses whose label is not final yet.")
          .required(
              MEAN_P_GOOD,
              DataTypes.DoubleType,
              "Mean of p_good: the expected share of good responses, 0 to 1.")
          .required(GOOD_SHARE, DataTypes.DoubleType, "good / responses.")
          .required(
              CI_LOWER,
              DataTypes.DoubleType,
              "Lower end of the 95 % Wilson interval of good_share.")
          .required(CI_UPPER, DataTypes.DoubleType, "Upper end of it.")
          .required(DISTINCT_USERS, DataTypes.LongType, "Users among the responses.")
          .key(TableSpec.EVENT_DATE, DIMENSION, SEGMENT)
          .reach(QualityLabels.SPEC.reach())
          .build();

  private QualityTrends() {}
}
