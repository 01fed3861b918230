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
          .key(TableSpec.EVENT_DATE, SOURCE)
          .reach(new Reach(1 + QualityLabels.FIT_WINDOW_DAYS - 1, 1))
          .build();

  private LabelSources() {}
}
