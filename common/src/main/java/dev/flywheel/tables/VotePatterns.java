package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/**
 * How often each combination of votes occurred: one row per event date, pattern and human verdict.
 * What the label model is fitted on.
 */
public final class VotePatterns {
  public static final String VOTE_PATTERN = "vote_pattern";
  public static final String HUMAN_VERDICT = "human_verdict";
  public static final String SOURCES = "sources";
  public static final String N = "n";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "vote_patterns",
              "How often each combination of votes occurred: one row per event date, pattern"
                  + " and human verdict. What the label model is fitted on.",
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
              SOURCES, DataTypes.StringType, "Names of the sources in order, joined by commas.")
          .required(N, DataTypes.LongType, "Responses with this pattern.")
          .key(TableSpec.EVENT_DATE, VOTE_PATTERN, HUMAN_VERDICT)
          .reach(new Reach(1, 1))
          .build();

  private VotePatterns() {}
}
