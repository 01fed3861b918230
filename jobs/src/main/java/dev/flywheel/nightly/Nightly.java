package dev.flywheel.nightly;

import dev.flywheel.cluster.ClusterStage;
import dev.flywheel.ingest.IngestStage;
import dev.flywheel.label.LabelStage;
import dev.flywheel.report.ReportStage;
import dev.flywheel.run.FlywheelException;
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

  /**
   * The named stages, in the order of the night whatever the order of the names.
   *
   * @throws FlywheelException (usage) when a name is no stage of the night
   */
  public static List<Stage> stages(List<String> names) {
    List<Stage> all = stages();
    List<String> known = all.stream().map(Stage::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw FlywheelException.usage(
            "'%s' is no stage of the nightly run. Stages, in order: %s.",
            name, String.join(", ", known));
      }
    }
    return all.stream().filter(stage -> names.contains(stage.name())).toList();
  }
}
