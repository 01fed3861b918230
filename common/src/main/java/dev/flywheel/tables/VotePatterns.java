package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/**
 * How often each combination of votes occurred: one row per event date, user type, query category,
 * pattern and human verdict. What the label model and the rates of ratings are learned from.
 */
public final class VotePatterns {
  public static final String VOTE_PATTERN = "vote_pattern";
  public static final String HUMAN_VERDICT = "human_verdict";
  public static final String SOURCES = "sources";
  public static final String N = "n";
  public static final String USER_TYPE = "user_type";
  public static final String QUERY_CATEGORY = "query_category";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "vote_patterns",
              "How often each combination of votes occurred: one row per event date, user type,"
                  + " query category, pattern and human verdict. What the label model and the rates"
                  + " of ratings are learned from.",
              "Day the responses were shown, UTC.")
          .required(
              VOTE_PATTERN,
              DataTypes.StringType,
              "The votes in the order of the sources: g good, b bad, - abstain, . not applicable.")
          .optional(
              HUMAN_VERDICT,
              DataTypes.StringType,
              "good or bad where a person judged; null otherwise.")
          .required(
              SOURCES,
              DataTypes.StringType,
              "Names of the sources in order, joined by commas, then # and a hash of their"
                  + " conditions. A model is fitted on patterns of the same sources only.")
          .required(N, DataTypes.LongType, "Responses with this pattern.")
          .optional(USER_TYPE, DataTypes.StringType, "Segment of the user; null where unknown.")
          .optional(
              QUERY_CATEGORY,
              DataTypes.StringType,
              "What kind of request it is; null where unknown.")
          .key(TableSpec.EVENT_DATE, USER_TYPE, QUERY_CATEGORY, VOTE_PATTERN, HUMAN_VERDICT)
          .reach(BehaviorSignals.SPEC.reach())
          .build();

  private VotePatterns() {}
}
