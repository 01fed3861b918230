package dev.flywheel.report;

import static java.util.stream.Collectors.groupingBy;

import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Evidence.SegmentName;
import dev.flywheel.tables.QualityTrends;
import java.util.Comparator;
import java.util.List;

/** Quality by segment over the window of a report. */
final class Segments {
  /** Fewer responses than this in a window say too little about a segment. */
  static final int MIN_RESPONSES = 30;

  private Segments() {}

  /** Labels of one segment over the window. */
  record Segment(SegmentName name, long responses, long good, long bad) {}

  private static final Comparator<Segment> ORDER =
      Comparator.comparingInt(
              (Segment segment) -> QualityTrends.DIMENSIONS.indexOf(segment.name().dimension()))
          .thenComparing(Comparator.comparingLong(Segment::responses).reversed())
          .thenComparing(segment -> segment.name().segment());

  /**
   * The segments that are large enough to be told apart, by dimension, the largest first. A
   * segment's users are those of its busiest day: the window has at least as many.
   */
  static List<Segment> of(Evidence evidence, int minUsers) {
    return evidence.quality().stream()
        .filter(row -> !row.isOfAll() && evidence.inWindow(row.date()))
        .collect(groupingBy(row -> new SegmentName(row.dimension(), row.segment())))
        .entrySet()
        .stream()
        .filter(group -> group.getValue().stream().anyMatch(row -> row.users() >= minUsers))
        .map(
            group ->
                new Segment(
                    group.getKey(),
                    group.getValue().stream().mapToLong(Quality::responses).sum(),
                    group.getValue().stream().mapToLong(Quality::good).sum(),
                    group.getValue().stream().mapToLong(Quality::bad).sum()))
        .filter(segment -> segment.responses() >= MIN_RESPONSES)
        .sorted(ORDER)
        .toList();
  }
}
