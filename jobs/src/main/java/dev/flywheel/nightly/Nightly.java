package dev.flywheel.nightly;

import dev.flywheel.cluster.ClusterStage;
import dev.flywheel.ingest.IngestStage;
import dev.flywheel.label.LabelStage;
import dev.flywheel.report.ReportStage;
import dev.flywheel.runner.Stage;
import dev.flywheel.sample.SampleStage;
import java.util.List;

/** The stages of the nightly run, in order; the only place that lists them. */
public final class Nightly {
  private Nightly() {}

  /** New stages for one run: each reads what those before it wrote. */
  public static List<Stage> stages() {
    return List.of(
        new IngestStage(),
        new LabelStage(),
        new SampleStage(),
        new ClusterStage(),
        new ReportStage());
  }
}
