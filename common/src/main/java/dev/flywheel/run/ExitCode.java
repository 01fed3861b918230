package dev.flywheel.run;

/** How a process ends; stable, because schedulers act on it. */
public enum ExitCode {
  OK(0),
  /** A defect or an unforeseen failure; worth one retry and a look. */
  UNEXPECTED(1),
  /** Wrong arguments or configuration; a retry cannot help. */
  USAGE(2),
  /** Bad data above the configured share, or a regression found by a comparison. */
  GATE(3),
  /** No input for the interval. */
  NOTHING_TO_DO(4),
  /** A conflict or an outage; worth a retry. */
  TRANSIENT(75);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
