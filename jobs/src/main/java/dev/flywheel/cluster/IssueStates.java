package dev.flywheel.cluster;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * How issues stand as of each date, told date by date. An issue that no cluster is any more stays
 * listed, as resolved, for {@link #KNOWN_DAYS}.
 */
final class IssueStates {
  /** Days after its last cluster within which an issue is remembered, and may come back. */
  static final int KNOWN_DAYS = 14;

  static final String NEW = "new";
  static final String ONGOING = "ongoing";
  static final String REGRESSED = "regressed";
  static final String RESOLVED = "resolved";

  /** Number of no cluster. */
  static final int NONE = -1;

  /**
   * An issue as of one date.
   *
   * @param clusterId its cluster; {@link #NONE} once resolved
   * @param firstSeen first event date with a failure of it
   * @param lastSeen last event date with a failure of it
   * @param mergedInto issue that took most of its failures when it was resolved; null where none
   *     did
   */
  record State(
      String issueId,
      int clusterId,
      String title,
      String status,
      LocalDate firstSeen,
      LocalDate lastSeen,
      String mergedInto) {
    boolean active() {
      return clusterId != NONE;
    }
  }

  private final NavigableMap<LocalDate, List<State>> byDate = new TreeMap<>();

  /**
   * @param earlier states of dates before the first that is told, at least {@link #KNOWN_DAYS} back
   */
  IssueStates(Map<LocalDate, List<State>> earlier) {
    byDate.putAll(earlier);
  }

  /**
   * Tells the next date.
   *
   * @param clusters cluster of each issue of that date
   * @param absorbedBy issue of {@code date} that took most failures of an issue last active on the
   *     given date; null where none did
   * @return clusters' issues in the order given, then the resolved ones
   */
  List<State> tell(
      LocalDate date,
      Map<String, FailureCluster> clusters,
      BiFunction<LocalDate, String, String> absorbedBy) {
    NavigableMap<LocalDate, List<State>> before =
        byDate.subMap(date.minusDays(KNOWN_DAYS), true, date, false);
    Map<String, State> latest = new LinkedHashMap<>();
    Map<String, LocalDate> lastActive = new LinkedHashMap<>();
    before.forEach(
        (day, states) ->
            states.forEach(
                state -> {
                  latest.put(state.issueId(), state);
                  if (state.active()) {
                    lastActive.put(state.issueId(), day);
                  }
                }));
    var told = new ArrayList<State>();
    clusters.forEach(
        (issue, cluster) ->
            told.add(
                new State(
                    issue,
                    cluster.clusterId(),
                    cluster.title(),
                    status(latest.get(issue)),
                    latest.containsKey(issue)
                        ? latest.get(issue).firstSeen()
                        : cluster.facts().first(),
                    cluster.facts().last(),
                    null)));
    lastActive.forEach(
        (issue, day) -> {
          if (!clusters.containsKey(issue)) {
            State last = latest.get(issue);
            told.add(
                new State(
                    issue,
                    NONE,
                    last.title(),
                    RESOLVED,
                    last.firstSeen(),
                    last.lastSeen(),
                    // Asked once: later windows have ever fewer of its failures.
                    last.active() ? absorbedBy.apply(day, issue) : last.mergedInto()));
          }
        });
    byDate.put(date, told);
    return told;
  }

  /**
   * @param last how the issue stood on the date before; null when nobody knew it
   */
  private static String status(State last) {
    if (last == null) {
      return NEW;
    }
    return last.active() ? ONGOING : REGRESSED;
  }
}
