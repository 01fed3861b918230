package dev.flywheel.report;

import dev.flywheel.report.StandOuts.StandOut;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.stats.Wilson;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The report of one date.
 *
 * @param issues open issues, the one that costs most good responses first
 */
record Report(Evidence evidence, List<RankedIssue> issues) {

  /**
   * An open issue in its place.
   *
   * @param rank from 1
   * @param rate failures over all responses of the window
   * @param where segments that stand out, highest lift first
   */
  record RankedIssue(
      int rank, Evidence.Issue issue, double rate, Wilson interval, List<StandOut> where) {}

  /**
   * Ranks the open issues.
   *
   * @param minUsers segments with fewer users are not told apart
   * @throws FlywheelException (usage) where an issue has more failures than there are responses
   */
  static Report of(Evidence evidence, int minUsers) {
    long responses = evidence.responses();
    Map<String, List<StandOut>> standOuts = StandOuts.of(evidence, minUsers);
    var issues = new ArrayList<RankedIssue>();
    for (Evidence.Issue issue : evidence.issues()) {
      if (issue.isResolved()) {
        continue;
      }
      if (issue.failures() > responses) {
        throw FlywheelException.usage(
            "failure_issues has %d failures of one issue in the window up to %s, quality_labels"
                + " only %d responses: they were made from different labels. Run cluster for the"
                + " same days, then report.",
            issue.failures(), evidence.date(), responses);
      }
      issues.add(
          new RankedIssue(
              issues.size() + 1,
              issue,
              (double) issue.failures() / responses,
              Wilson.of(issue.failures(), responses),
              standOuts.getOrDefault(issue.id(), List.of())));
    }
    return new Report(evidence, List.copyOf(issues));
  }

  /** The report of a lake without any labelled response. */
  static Report empty(LocalDate date) {
    return new Report(
        new Evidence(
            date,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of()),
        List.of());
  }

  LocalDate date() {
    return evidence.date();
  }

  /** The rows of {@code failure_reports}, columns in the order of its contract. */
  List<Row> rows() {
    return issues.stream().map(this::row).toList();
  }

  private Row row(RankedIssue ranked) {
    StandOut top = ranked.where().isEmpty() ? null : ranked.where().get(0);
    return RowFactory.create(
        Date.valueOf(date()),
        ranked.rank(),
        ranked.issue().id(),
        ranked.issue().title(),
        ranked.issue().status(),
        ranked.issue().failures(),
        ranked.issue().users(),
        ranked.rate(),
        ranked.interval().lower(),
        ranked.interval().upper(),
        top == null ? null : top.name().dimension() + "=" + top.name().segment(),
        top == null || top.isOnlyHere() ? null : (Double) top.lift());
  }
}
