package dev.flywheel.report;

import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.stats.ShareChange;
import java.util.List;
import java.util.function.Predicate;

/**
 * Labels of several days.
 *
 * @param days days with responses
 */
record Totals(int days, long responses, long good, long bad, long uncertain, long provisional) {
  /** Fewer days are not compared as a week. */
  private static final int WORKING_WEEK = 5;

  static Totals of(List<Quality> all, Predicate<Quality> which) {
    List<Quality> days = all.stream().filter(which).toList();
    return new Totals(
        days.size(),
        days.stream().mapToLong(Quality::responses).sum(),
        days.stream().mapToLong(Quality::good).sum(),
        days.stream().mapToLong(Quality::bad).sum(),
        days.stream().mapToLong(Quality::uncertain).sum(),
        days.stream().mapToLong(Quality::provisional).sum());
  }

  double goodShare() {
    return (double) good / responses;
  }

  ShareChange goodChange(Totals before) {
    return ShareChange.of(good, responses, before.good, before.responses);
  }

  /** What these days are called, seen from the window after them. */
  String name() {
    return days >= WORKING_WEEK
        ? "the week before"
        : "the " + Figures.count(days, "day", "days") + " of the week before that had responses";
  }
}
