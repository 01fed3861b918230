package dev.flywheel.cli;

import java.util.ArrayList;
import java.util.List;

/** Stack traces without messages: those of Spark may quote the data it was working on. */
final class StackTraces {
  private static final int FRAMES_PER_CAUSE = 40;

  private StackTraces() {}

  /** Class and frames of {@code failure} and of each of its causes. */
  static List<String> frames(Throwable failure) {
    var lines = new ArrayList<String>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      lines.add((cause == failure ? "" : "caused by ") + cause.getClass().getName());
      StackTraceElement[] frames = cause.getStackTrace();
      for (int i = 0; i < Math.min(frames.length, FRAMES_PER_CAUSE); i++) {
        lines.add("    at " + frames[i]);
      }
      if (frames.length > FRAMES_PER_CAUSE) {
        lines.add("    and " + (frames.length - FRAMES_PER_CAUSE) + " more");
      }
    }
    return lines;
  }
}
