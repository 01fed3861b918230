package dev.flywheel.report;

import static java.util.stream.Collectors.groupingBy;

import dev.flywheel.report.Evidence.Trend;
import dev.flywheel.report.Segments.Name;
import dev.flywheel.report.Segments.Segment;
import dev.flywheel.stats.BenjaminiHochberg;
import dev.flywheel.stats.FisherExact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which segments an issue stands out in: more frequent there than elsewhere by Fisher's exact test,
 * at a false discovery rate of 5 % over all segments and open issues of one report.
 *
 * <p>The test takes responses to be independent; a few users with many failures each can make a
 * segment stand out.
 */
final class StandOuts {
  static final double FALSE_DISCOVERY_RATE = 0.05;

  /** Fewer failures than this in a segment are not tested. */
  static final int MIN_FAILURES = 10;

  private StandOuts() {}

  /**
   * A segment that stands out.
   *
   * @param failures failures of the issue in it
   * @param responses all responses of it
   * @param lift rate in the segment over the rate elsewhere; infinite where it occurs nowhere else
   * @param shareOfIssue share of the issue's failures that lie in the segment
   */
  record StandOut(Name name, long failures, long responses, double lift, double shareOfIssue) {
    double rate() {
      return (double) failures / responses;
    }

    boolean isOnlyHere() {
      return Double.isInfinite(lift);
    }
  }

  /** Of those that occur nowhere else, the one where it is most frequent tells most. */
  private static final Comparator<StandOut> ORDER =
      Comparator.comparingDouble(StandOut::lift)
          .thenComparingDouble(StandOut::rate)
          .reversed()
          .thenComparing(place -> place.name().dimension())
          .thenComparing(place -> place.name().segment());

  private record Tested(String issueId, StandOut place, double p) {}

  /**
   * By issue, the segments that stand out, highest lift first.
   *
   * @param minUsers of the issue in the window, and of its failures in the segment on their busiest
   *     day; with fewer nothing is tested
   */
  static Map<String, List<StandOut>> of(Evidence evidence, int minUsers) {
    Map<Name, Segment> segments =
        Segments.of(evidence, minUsers).stream()
            .collect(Collectors.toMap(Segment::name, Function.identity()));
    Map<String, List<Trend>> byIssue =
        evidence.trends().stream()
            .filter(trend -> evidence.inWindow(trend.date()))
            .collect(groupingBy(Trend::issueId));
    long responses = evidence.responses();
    var tested = new ArrayList<Tested>();
    for (Evidence.Issue issue : evidence.issues()) {
      if (!issue.isResolved() && issue.users() >= minUsers) {
        tested.addAll(
            test(
                issue.id(),
                byIssue.getOrDefault(issue.id(), List.of()),
                segments,
                responses,
                minUsers));
      }
    }
    double threshold =
        BenjaminiHochberg.threshold(tested.stream().map(Tested::p).toList(), FALSE_DISCOVERY_RATE);
    return tested.stream()
        .filter(test -> test.p() <= threshold)
        .sorted(Comparator.comparing(Tested::place, ORDER))
        .collect(
            groupingBy(Tested::issueId, Collectors.mapping(Tested::place, Collectors.toList())));
  }

  private static List<Tested> test(
      String issueId,
      List<Trend> trends,
      Map<Name, Segment> segments,
      long allResponses,
      int minUsers) {
    long allFailures = trends.stream().filter(Trend::isOfAll).mapToLong(Trend::failures).sum();
    var tested = new ArrayList<Tested>();
    trends.stream()
        .filter(trend -> !trend.isOfAll())
        .collect(groupingBy(trend -> new Name(trend.dimension(), trend.segment())))
        .forEach(
            (name, days) -> {
              Segment segment = segments.get(name);
              long failures = days.stream().mapToLong(Trend::failures).sum();
              if (segment != null
                  && failures >= MIN_FAILURES
                  && days.stream().anyMatch(day -> day.users() >= minUsers)
                  && fits(failures, segment.responses(), allFailures, allResponses)) {
                tested.add(
                    new Tested(
                        issueId,
                        place(segment, failures, allFailures, allResponses),
                        FisherExact.upperTail(
                            failures, segment.responses(), allFailures, allResponses)));
              }
            });
    return tested;
  }

  /** Whether there is an elsewhere; and not so where labels were made anew and issues not yet. */
  private static boolean fits(long failures, long responses, long allFailures, long allResponses) {
    return responses < allResponses
        && failures <= responses
        && failures <= allFailures
        && allFailures - failures <= allResponses - responses;
  }

  private static StandOut place(
      Segment segment, long failures, long allFailures, long allResponses) {
    double here = (double) failures / segment.responses();
    double elsewhere = (double) (allFailures - failures) / (allResponses - segment.responses());
    return new StandOut(
        segment.name(),
        failures,
        segment.responses(),
        elsewhere == 0 ? Double.POSITIVE_INFINITY : here / elsewhere,
        (double) failures / allFailures);
  }
}
