package dev.flywheel.cluster;

import dev.flywheel.lake.Cached;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Embeddings;
import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.IssueIdentities;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Groups failures by what they say, and keeps the identity of the groups from night to night.
 *
 * <p>Vectors, clusters, assignments and counts are functions of labels and interactions. Which
 * issue a cluster is depends on history, and is registered before anything that shows it is
 * published: a run that dies in between and is run again finds its own decisions.
 */
public final class ClusterStage implements Stage {
  @Override
  public String name() {
    return "cluster";
  }

  @Override
  public List<TableSpec> reads() {
    return List.of(QualityLabels.SPEC, Interactions.SPEC);
  }

  @Override
  public List<TableSpec> writes() {
    return List.of(
        Embeddings.SPEC,
        IssueIdentities.SPEC,
        FailureClusters.SPEC,
        FailureAssignments.SPEC,
        FailureIssues.SPEC,
        IssueTrends.SPEC);
  }

  @Override
  public String run(Lakehouse lake, RunContext run, Settings settings) {
    DateRange dates = run.affected(FailureClusters.SPEC);
    DateRange window = dates.widen(FailureClusters.WINDOW_DAYS - 1, 0);
    Dataset<Row> texts =
        FailureTexts.of(
            lake.read(QualityLabels.SPEC, window), lake.read(Interactions.SPEC, window));
    // Read for the texts to embed and to join the vectors to.
    try (Cached failures = Cached.of(texts);
        // Read by embeddings, by the fit of every date and by the memberships.
        Cached vectors = Cached.of(embed(lake, failures.rows(), window))) {
      DateRange embedded = run.affected(Embeddings.SPEC);
      lake.replace(
          Embeddings.SPEC,
          embedded,
          vectors.rows().where(Lakehouse.within(TableSpec.EVENT_DATE, embedded)));
      return new FailureReview(lake, run, settings, dates).publish(vectors.rows());
    }
  }

  private static Dataset<Row> embed(Lakehouse lake, Dataset<Row> failures, DateRange window) {
    int tasks = lake.spark().sparkContext().defaultParallelism();
    return Embedder.embed(failures, lake.read(Embeddings.SPEC, window), tasks);
  }
}
