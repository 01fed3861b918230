package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** How often each issue occurred, by segment: one row per event date, issue and segment. */
public final class IssueTrends {
  public static final String ISSUE_ID = "issue_id";
  public static final String DIMENSION = "dimension";
  public static final String SEGMENT = "segment";
  public static final String FAILURES = "failures";
  public static final String INTERACTIONS = "interactions";
  public static final String DISTINCT_USERS = "distinct_users";
  public static final String FAILURE_RATE = "failure_rate";
  public static final String CI_LOWER = "ci_lower";
  public static final String CI_UPPER = "ci_upper";
  public static final String LIFT = "lift";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "issue_trends",
              "How often each issue occurred, by segment: one row per event date, issue and"
                  + " segment.",
              "Day the responses were shown, UTC.")
          .required(
              ISSUE_ID,
              DataTypes.StringType,
              "Stable identity of the issue. One that no cluster of the date is has no row: how"
                  + " often it occurred is not known.")
          .required(
              DIMENSION,
              DataTypes.StringType,
              "all, user_type, query_category, surface, language, model or release.")
          .required(
              SEGMENT,
              DataTypes.StringType,
              "Value of the dimension; 'all' for all. Only all has a row without failures.")
          .required(FAILURES, DataTypes.LongType, "Failures of the issue on that date.")
          .required(INTERACTIONS, DataTypes.LongType, "Responses of the segment on that date.")
          .required(DISTINCT_USERS, DataTypes.LongType, "Users among the failures.")
          .required(FAILURE_RATE, DataTypes.DoubleType, "failures / interactions.")
          .required(
              CI_LOWER,
              DataTypes.DoubleType,
              "Lower end of the 95 % Wilson interval of failure_rate.")
          .required(CI_UPPER, DataTypes.DoubleType, "Upper end of it.")
          .optional(
              LIFT,
              DataTypes.DoubleType,
              "failure_rate over that of all other responses of the day; null where theirs is 0."
                  + " Without interval: ci_lower and ci_upper are those of failure_rate.")
          .key(TableSpec.EVENT_DATE, ISSUE_ID, DIMENSION, SEGMENT)
          .statistics(ISSUE_ID)
          .reach(FailureClusters.SPEC.reach())
          .build();

  private IssueTrends() {}
}
