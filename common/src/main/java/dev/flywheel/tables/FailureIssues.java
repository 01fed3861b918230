package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/**
 * Failure issues as of each event date: one row per issue and event date; the newest date is the
 * present state.
 */
public final class FailureIssues {
  public static final String ISSUE_ID = "issue_id";
  public static final String CLUSTER_ID = "cluster_id";
  public static final String TITLE = "title";
  public static final String STATUS = "status";
  public static final String FIRST_SEEN = "first_seen";
  public static final String LAST_SEEN = "last_seen";
  public static final String MERGED_INTO = "merged_into";
  public static final String FAILURES = "failures";
  public static final String DISTINCT_USERS = "distinct_users";
  public static final String EXEMPLARS = "exemplars";
  public static final String EXEMPLAR_KEYS = "exemplar_keys";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "failure_issues",
              "Failure issues as of each event date: one row per issue and event date; the newest"
                  + " date is the present state.",
              "Day as of which the issue is described, UTC.")
          .required(ISSUE_ID, DataTypes.StringType, "Stable identity of the issue.")
          .required(
              CLUSTER_ID,
              DataTypes.IntegerType,
              "Cluster of that date that is the issue; -1 once resolved.")
          .required(TITLE, DataTypes.StringType, "Words that set the issue apart.")
          .required(STATUS, DataTypes.StringType, "new, ongoing, regressed or resolved.")
          .required(FIRST_SEEN, DataTypes.DateType, "First event date with a failure of the issue.")
          .required(LAST_SEEN, DataTypes.DateType, "Last event date with a failure of the issue.")
          .optional(
              MERGED_INTO,
              DataTypes.StringType,
              "Issue that took most of its failures on the date that it was resolved; null where"
                  + " none did.")
          .required(FAILURES, DataTypes.LongType, "Failures in the trailing window.")
          .required(DISTINCT_USERS, DataTypes.LongType, "Users among them.")
          .required(
              EXEMPLARS,
              DataTypes.createArrayType(DataTypes.StringType),
              "interaction_id of typical failures; empty below the user threshold. Senders may use"
                  + " one for several responses: exemplar_keys tells them apart.")
          .optional(
              EXEMPLAR_KEYS,
              FailureClusters.EXEMPLAR_KEYS_TYPE,
              "Keys of exemplars in the same order; null where not known.")
          .key(TableSpec.EVENT_DATE, ISSUE_ID)
          .statistics(ISSUE_ID)
          .reach(FailureClusters.SPEC.reach())
          .build();

  private FailureIssues() {}
}
