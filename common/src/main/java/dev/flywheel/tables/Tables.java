package dev.flywheel.tables;

import java.util.List;

/** Every table of a lake, in the order in which the nightly run writes them. */
public final class Tables {
  public static final List<TableSpec> ALL =
      List.of(
          Events.SPEC,
          Quarantine.SPEC,
          Interactions.SPEC,
          BehaviorSignals.SPEC,
          QualityLabels.SPEC,
          VotePatterns.SPEC,
          LabelModels.SPEC,
          LabelSources.SPEC,
          EvalDraws.SPEC,
          EvalDatasetRecords.SPEC,
          EvalDatasetVersions.SPEC,
          Embeddings.SPEC,
          FailureClusters.SPEC,
          FailureAssignments.SPEC,
          IssueIdentities.SPEC,
          FailureIssues.SPEC,
          IssueTrends.SPEC,
          QualityTrends.SPEC,
          FailureReports.SPEC,
          RunManifest.SPEC);

  private Tables() {}
}
