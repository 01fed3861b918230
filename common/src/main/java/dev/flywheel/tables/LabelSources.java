package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** How each labelling source behaves: one row per event date and source. */
public final class LabelSources {
  public static final String SOURCE = "source";
  public static final String N_INTERACTIONS = "n_interactions";
  public static final String COVERAGE = "coverage";
  public static final String OVERLAPS = "overlaps";
  public static final String CONFLICTS = "conflicts";
  public static final String EMPIRICAL_ACCURACY = "empirical_accuracy";
  public static final String LEARNED_ACCURACY = "learned_accuracy";
  public static final String N_JUDGED = "n_judged";
  public static final String EMPIRICAL_LOWER = "empirical_lower";
  public static final String EMPIRICAL_UPPER = "empirical_upper";
  public static final String DEPENDENCE = "dependence";
  public static final String WEIGHT = "weight";
  public static final String GOOD_SHARE = "good_share";
  public static final String COVERAGE_BEFORE = "coverage_before";
  public static final String GOOD_SHARE_BEFORE = "good_share_before";
  public static final String DRIFT = "drift";

  /** Event dates before its own with which a day's votes are compared. */
  public static final int DRIFT_DAYS = 28;

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "label_sources",
              "How each labelling source behaves: one row per event date and source.",
              "Day the responses were shown, UTC.")
          .required(SOURCE, DataTypes.StringType, "Name of the source.")
          .required(N_INTERACTIONS, DataTypes.LongType, "Responses of the day.")
          .required(
              COVERAGE,
              DataTypes.DoubleType,
              "Share of responses on which the source votes, 0 to 1.")
          .required(OVERLAPS, DataTypes.DoubleType, "Share on which it and another source vote.")
          .required(
              CONFLICTS, DataTypes.DoubleType, "Share on which it and another source disagree.")
          .optional(
              EMPIRICAL_ACCURACY,
              DataTypes.DoubleType,
              "Agreement with human verdicts; null where there is none.")
          .optional(
              LEARNED_ACCURACY,
              DataTypes.DoubleType,
              "P(vote is right | the source votes) under the label model; null where it never votes"
                  + " or the model learned nothing.")
          .optional(
              N_JUDGED,
              DataTypes.LongType,
              "Responses of the day on which it votes and a person judged.")
          .optional(
              EMPIRICAL_LOWER,
              DataTypes.DoubleType,
              "Lower end of the 95 % interval of empirical_accuracy (Wilson); null without it.")
          .optional(
              EMPIRICAL_UPPER,
              DataTypes.DoubleType,
              "Upper end of the same; null without empirical_accuracy.")
          .optional(
              DEPENDENCE,
              DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType),
              "Per other source, how much the two go together beyond what the quality of the"
                  + " responses explains, -1 to 1: 0 independent, 1 copies. Over the fit window;"
                  + " sources of which nothing can be said are left out.")
          .optional(
              WEIGHT,
              DataTypes.DoubleType,
              "Its power in the likelihood, below 1 where it repeats others; null for the majority"
                  + " vote.")
          .optional(
              GOOD_SHARE,
              DataTypes.DoubleType,
              "Share of good among its votes of the day, 0 to 1; null where it never votes.")
          .optional(
              COVERAGE_BEFORE,
              DataTypes.DoubleType,
              "Its coverage over the 28 days before; null where there are none.")
          .optional(
              GOOD_SHARE_BEFORE,
              DataTypes.DoubleType,
              "Its good_share over the 28 days before; null where it never voted then.")
          .optional(
              DRIFT,
              DataTypes.DoubleType,
              "Population stability index of its votes (good, bad, abstain) against the 28 days"
                  + " before: under 0.1 stable, above 0.25 a large change; null without a day"
                  + " before.")
          .key(TableSpec.EVENT_DATE, SOURCE)
          .reach(VotePatterns.SPEC.reach().plus(DRIFT_DAYS, 0))
          .build();

  private LabelSources() {}
}
