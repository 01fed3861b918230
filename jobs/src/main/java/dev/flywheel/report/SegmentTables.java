package dev.flywheel.report;

import dev.flywheel.report.Segments.Segment;
import dev.flywheel.stats.Wilson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** The tables of segments, one for each dimension, all drawn on one axis. */
final class SegmentTables {
  /** Segments of a dimension, the largest first; the rest is in quality_trends. */
  static final int MAX_SEGMENTS = 8;

  private static final int WIDTH = 130;

  private final Map<String, List<Segment>> byDimension;
  private final double goodOfAll;

  /** Lower end, upper end and step of the axis. */
  private final double[] scale;

  /**
   * @param minDistinctUsers users that a segment needs on one day
   * @param goodOfAll share of good responses of everybody; marked in each row
   */
  SegmentTables(Evidence evidence, int minDistinctUsers, double goodOfAll) {
    this.byDimension =
        Segments.of(evidence, minDistinctUsers).stream()
            .collect(
                Collectors.groupingBy(
                    segment -> segment.name().dimension(),
                    LinkedHashMap::new,
                    Collectors.collectingAndThen(
                        Collectors.toList(),
                        segments -> segments.stream().limit(MAX_SEGMENTS).toList())));
    this.goodOfAll = goodOfAll;
    List<Wilson> intervals =
        byDimension.values().stream().flatMap(List::stream).map(SegmentTables::good).toList();
    this.scale =
        Charts.niceScale(
            intervals.stream().mapToDouble(Wilson::lower).min().orElse(0),
            intervals.stream().mapToDouble(Wilson::upper).max().orElse(1));
  }

  List<Page.DimensionTable> tables() {
    return byDimension.entrySet().stream()
        .map(
            dimension ->
                new Page.DimensionTable(
                    ShownText.dimension(dimension.getKey()),
                    dimension.getValue().stream().map(this::line).toList()))
        .toList();
  }

  /** The ends of the axis, in words. */
  String axis() {
    return Charts.axisLabel(scale[0], scale) + " to " + Charts.axisLabel(scale[1], scale);
  }

  private static Wilson good(Segment segment) {
    return Wilson.of(segment.good(), segment.responses());
  }

  private Page.SegmentLine line(Segment segment) {
    double share = (double) segment.good() / segment.responses();
    return new Page.SegmentLine(
        ShownText.name(segment.name().segment()),
        Figures.count(segment.responses()),
        Figures.percent(share),
        Figures.percent(good(segment)),
        Figures.percent((double) segment.bad() / segment.responses()),
        Charts.intervalMark(
            share,
            good(segment),
            OptionalDouble.of(Math.min(scale[1], Math.max(scale[0], goodOfAll))),
            scale[0],
            scale[1],
            WIDTH));
  }
}
