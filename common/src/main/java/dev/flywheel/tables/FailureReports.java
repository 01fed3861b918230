package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** What the failure report of each date says: one row per issue, in order of rank. */
public final class FailureReports {
  public static final String RANK = "rank";
  public static final String ISSUE_ID = "issue_id";
  public static final String TITLE = "title";
  public static final String STATUS = "status";
  public static final String FAILURES = "failures";
  public static final String DISTINCT_USERS = "distinct_users";
  public static final String FAILURE_RATE = "failure_rate";
  public static final String CI_LOWER = "ci_lower";
  public static final String CI_UPPER = "ci_upper";
  public static final String TOP_SEGMENT = "top_segment";
  public static final String TOP_LIFT = "top_lift";

  /** Event dates, up to and including its own, that a report is about. */
  public static final int WINDOW_DAYS = FailureClusters.WINDOW_DAYS;

  /** Event dates that the page of a report shows: its window and the one before. */
  public static final int PAGE_DAYS = 2 * WINDOW_DAYS;

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "failure_reports",
              "What the failure report of each date says: one row per issue, in order of rank.",
              "Last day the report covers, UTC.")
          .required(
              RANK,
              DataTypes.IntegerType,
              "From 1, the issue that costs most good responses first.")
          .required(ISSUE_ID, DataTypes.StringType, "Stable identity of the issue.")
          .required(TITLE, DataTypes.StringType, "Words that set the issue apart.")
          .required(
              STATUS,
              DataTypes.StringType,
              "new, ongoing or regressed; a resolved issue has no row.")
          .required(FAILURES, DataTypes.LongType, "Failures in the report's window.")
          .required(DISTINCT_USERS, DataTypes.LongType, "Users among them.")
          .required(
              FAILURE_RATE, DataTypes.DoubleType, "failures over all responses of the window.")
          .required(
              CI_LOWER,
              DataTypes.DoubleType,
              "Lower end of the 95 % Wilson interval of failure_rate.")
          .required(CI_UPPER, DataTypes.DoubleType, "Upper end of it.")
          .optional(
              TOP_SEGMENT,
              DataTypes.StringType,
              "Segment with the highest lift of those that stand out, as dimension=value; null"
                  + " where none does, and for an issue of few users. A segment stands out when the"
                  + " issue is more frequent in it than elsewhere in the window by Fisher's exact"
                  + " test, at a false discovery rate of 5 % over all large segments and issues of"
                  + " the report (Benjamini and Hochberg), and has ten failures or more in it.")
          .optional(
              TOP_LIFT,
              DataTypes.DoubleType,
              "The issue's rate in that segment over its rate in all other responses of the window;"
                  + " null where none stands out, or where the issue occurs nowhere else.")
          .key(TableSpec.EVENT_DATE, RANK)
          // The page of a date also shows the window before.
          .reach(IssueTrends.SPEC.reach().plus(PAGE_DAYS - 1, 0))
          .build();

  private FailureReports() {}
}
