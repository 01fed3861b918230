package dev.flywheel.nightly;

import dev.flywheel.runner.Stage;
import java.util.List;

/** The stages of the nightly run, in order; the only place that lists them. */
public final class Nightly {
  private Nightly() {}

  /** New stages for one run: each reads what those before it wrote. */
  public static List<Stage> stages() {
    return List.of();
  }
}
