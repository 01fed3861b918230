package dev.flywheel.report;

import static java.util.stream.Collectors.groupingBy;

import dev.flywheel.report.Evidence.Issue;
import dev.flywheel.report.Evidence.Place;
import dev.flywheel.report.Evidence.SegmentName;
import dev.flywheel.report.Segments.Segment;
import dev.flywheel.stats.BenjaminiHochberg;
import dev.flywheel.stats.FisherExact;
import dev.flywheel.stats.ShareRatio;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** A segment with fewer failures than this does not stand out, however rare they are. */
  static final int MIN_FAILURES = 10;

  private StandOuts() {}

  /**
   * A segment that stands out.
   *
   * @param failures failures of the issue in it
   * @param responses all responses of it
   * @param elsewhere failures of the issue in all other responses
   * @param ratio rate in the segment over the rate elsewhere
   */
  record StandOut(
      SegmentName name, long failures, long responses, long elsewhere, ShareRatio ratio) {
    /** Infinite where the issue occurs nowhere else. */
    double lift() {
      return ratio.ratio();
    }

    /** Share of the issue's failures that lie in the segment. */
    double shareOfIssue() {
      return (double) failures / (failures + elsewhere);
    }

    double rate() {
      return (double) failures / responses;
    }

    boolean isOnlyHere() {
      return elsewhere == 0;
    }

    /** Whether so few failures lie elsewhere that their rate, and with it the lift, is a guess. */
    boolean isRareElsewhere() {
      return elsewhere < MIN_FAILURES;
    }
  }

  /** Of those that occur nowhere else, the one where it is most frequent tells most. */
  private static final Comparator<StandOut> ORDER =
      Comparator.comparingDouble(StandOut::lift)
          .thenComparingDouble(StandOut::rate)
          .reversed()
          .thenComparing(place -> place.name().dimension())
          .thenComparing(place -> place.name().segment());

  /**
   * An issue and a segment.
   *
   * @param failures of the issue in the segment
   * @param users among them
   * @param p of Fisher's test
   */
  private record Tested(Issue issue, Segment segment, long failures, long users, double p) {
    static Tested of(Issue issue, Segment segment, Optional<Place> place, long allResponses) {
      long failures = place.map(Place::failures).orElse(0L);
      long elsewhere = issue.failures() - failures;
      // Not so where labels were made anew and issues not yet.
      boolean fits =
          failures <= segment.responses()
              && elsewhere >= 0
              && elsewhere <= allResponses - segment.responses();
      return new Tested(
          issue,
          segment,
          failures,
          place.map(Place::users).orElse(0L),
          fits
              ? FisherExact.upperTail(failures, segment.responses(), issue.failures(), allResponses)
              : 1);
    }

    StandOut standOut(long allResponses) {
      long elsewhere = issue.failures() - failures;
      return new StandOut(
          segment.name(),
          failures,
          segment.responses(),
          elsewhere,
          ShareRatio.of(
              failures, segment.responses(), elsewhere, allResponses - segment.responses()));
    }
  }

  /**
   * By issue, the segments that stand out, highest lift first.
   *
   * <p>Which pairs are tested does not depend on where failures lie: every large segment for each
   * open issue of enough users. Those of few failures or users are left out after the test.
   *
   * @param minUsers of the issue in the window, and of its failures in a segment that stands out
   */
  static Map<String, List<StandOut>> of(Evidence evidence, int minUsers) {
    long responses = evidence.responses();
    // A segment that holds all responses has no elsewhere.
    List<Segment> segments =
        Segments.of(evidence, minUsers).stream()
            .filter(segment -> segment.responses() < responses)
            .toList();
    Map<String, Map<SegmentName, Place>> places =
        evidence.places().stream()
            .collect(
                groupingBy(Place::issueId, Collectors.toMap(Place::name, Function.identity())));
    var tested = new ArrayList<Tested>();
    for (Issue issue : evidence.issues()) {
      if (!issue.isResolved() && issue.users() >= minUsers) {
        Map<SegmentName, Place> ofIssue = places.getOrDefault(issue.id(), Map.of());
        for (Segment segment : segments) {
          Optional<Place> place = Optional.ofNullable(ofIssue.get(segment.name()));
          tested.add(Tested.of(issue, segment, place, responses));
        }
      }
    }
    double threshold =
        BenjaminiHochberg.threshold(tested.stream().map(Tested::p).toList(), FALSE_DISCOVERY_RATE);
    return tested.stream()
        .filter(
            test ->
                test.p() <= threshold
                    && test.failures() >= MIN_FAILURES
                    && test.users() >= minUsers)
        .collect(
            groupingBy(
                test -> test.issue().id(),
                Collectors.collectingAndThen(
                    Collectors.mapping(test -> test.standOut(responses), Collectors.toList()),
                    standOuts -> standOuts.stream().sorted(ORDER).toList())));
  }
}
