package dev.flywheel.export;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * What to export.
 *
 * @param dataset name of the eval set
 * @param version its version; the newest published one where empty
 * @param split which side of the split
 * @param targets harnesses to write for, one file each
 * @param raw texts as logged, instead of redacted
 */
public record ExportRequest(
    String dataset, OptionalInt version, Split split, List<Target> targets, boolean raw) {

  /** Sides of the split; holdout is what no training and no tuning may see. */
  public enum Split {
    EVAL,
    HOLDOUT,
    ALL;

    /** As on the command line, in file names and in the tables. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Name of a target's file; whatever is not the default shows in it. */
  String fileName(Target target) {
    return target + (split == Split.EVAL ? "" : "." + split) + (raw ? ".raw" : "") + ".jsonl";
  }
}
