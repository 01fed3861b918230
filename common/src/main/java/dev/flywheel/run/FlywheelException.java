package dev.flywheel.run;

/**
 * A failure whose message is meant for the person who runs the command: what happened, why, and
 * what to do. Never carries user text.
 */
public final class FlywheelException extends RuntimeException {
  private final ExitCode exitCode;

  private FlywheelException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** Arguments or configuration are wrong. */
  public static FlywheelException usage(String format, Object... args) {
    return new FlywheelException(ExitCode.USAGE, String.format(format, args), null);
  }

  /** As {@link #usage(String, Object...)}, where another failure told of it. */
  public static FlywheelException usage(Throwable cause, String format, Object... args) {
    return new FlywheelException(ExitCode.USAGE, String.format(format, args), cause);
  }

  /** The data, or a comparison, does not pass. */
  public static FlywheelException gate(String format, Object... args) {
    return new FlywheelException(ExitCode.GATE, String.format(format, args), null);
  }

  /** There is no input for the interval. */
  public static FlywheelException nothingToDo(String format, Object... args) {
    return new FlywheelException(ExitCode.NOTHING_TO_DO, String.format(format, args), null);
  }

  /** A conflict: the same command may succeed later. */
  public static FlywheelException transientFailure(String format, Object... args) {
    return new FlywheelException(ExitCode.TRANSIENT, String.format(format, args), null);
  }

  /** A conflict or an outage, of which another failure told. */
  public static FlywheelException transientFailure(Throwable cause, String format, Object... args) {
    return new FlywheelException(ExitCode.TRANSIENT, String.format(format, args), cause);
  }

  public ExitCode exitCode() {
    return exitCode;
  }
}
