package dev.flywheel.report;

import dev.flywheel.stats.Wilson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Where the marks of the page's charts go, in the units of each chart's view box. */
final class Charts {
  private Charts() {}

  /** A share with its interval on one day. */
  record Point(String label, double share, Wilson interval) {}

  /**
   * A share over days.
   *
   * @param windowX left edge of the days that the report is about
   * @param windowWidth from there to the right edge
   * @param bands outlines of the interval, one per run of days without a gap
   * @param lines the share, one per run of days
   * @param whiskers intervals of days without a neighbour
   */
  public record TimeChart(
      int width,
      int height,
      int left,
      int right,
      int top,
      int bottom,
      String windowX,
      String windowWidth,
      List<Tick> shares,
      List<Tick> days,
      List<String> bands,
      List<String> lines,
      List<Bar> whiskers,
      List<Dot> dots) {}

  /** A labelled place on an axis. */
  public record Tick(String at, String label) {}

  /** A mark with what it says. */
  public record Dot(String x, String y, String says) {}

  /** A vertical stroke. */
  public record Bar(String x, String y1, String y2) {}

  /**
   * A share and its interval on a common axis from left to right.
   *
   * @param reference share of all, for comparison; empty string where there is none
   */
  public record IntervalMark(String from, String to, String at, String reference) {}

  /**
   * A bar per day.
   *
   * @param current whether the day belongs to the report's window
   * @param known whether there is a value for the day; without one the height is 0
   */
  public record Column(
      String x, String y, String height, boolean current, boolean known, String says) {}

  /**
   * Draws a share over the slots of {@code days}, empty ones being days without responses.
   *
   * @param current number of slots at the end that the report is about
   */
  static TimeChart timeChart(List<String> labels, List<Optional<Point>> days, int current) {
    int width = 460;
    int height = 220;
    int left = 46;
    int right = 448;
    int top = 12;
    int bottom = 188;
    List<Point> known = days.stream().flatMap(Optional::stream).toList();
    double[] scale =
        niceScale(
            known.stream().mapToDouble(p -> p.interval().lower()).min().orElse(0),
            known.stream().mapToDouble(p -> p.interval().upper()).max().orElse(1));
    double step = (double) (right - left) / days.size();
    var shares = new ArrayList<Tick>();
    int ticks = (int) Math.round((scale[1] - scale[0]) / scale[2]);
    for (int i = 0; i <= ticks; i++) {
      double share = scale[0] + i * scale[2];
      shares.add(new Tick(at(y(share, scale, top, bottom)), axisLabel(share, scale)));
    }
    var dayTicks = new ArrayList<Tick>();
    for (int i = days.size() - 1; i >= 0; i -= 3) {
      dayTicks.add(0, new Tick(at(left + (i + 0.5) * step), labels.get(i)));
    }
    var bands = new ArrayList<String>();
    var lines = new ArrayList<String>();
    var whiskers = new ArrayList<Bar>();
    var dots = new ArrayList<Dot>();
    for (List<Integer> run : runs(days)) {
      var line = new StringBuilder();
      var upper = new StringBuilder();
      var lower = new StringBuilder();
      for (int i : run) {
        Point point = days.get(i).orElseThrow();
        String x = at(left + (i + 0.5) * step);
        String y = at(y(point.share(), scale, top, bottom));
        String high = at(y(point.interval().upper(), scale, top, bottom));
        String low = at(y(point.interval().lower(), scale, top, bottom));
        line.append(line.isEmpty() ? "M" : "L").append(x).append(' ').append(y);
        upper.append(upper.isEmpty() ? "M" : "L").append(x).append(' ').append(high);
        lower.insert(0, "L" + x + " " + low);
        dots.add(new Dot(x, y, point.label()));
        if (run.size() == 1) {
          whiskers.add(new Bar(x, high, low));
        }
      }
      if (run.size() > 1) {
        lines.add(line.toString());
        bands.add(upper + lower.toString() + "Z");
      }
    }
    return new TimeChart(
        width,
        height,
        left,
        right,
        top,
        bottom,
        at(left + (days.size() - current) * step),
        at(current * step),
        List.copyOf(shares),
        List.copyOf(dayTicks),
        List.copyOf(bands),
        List.copyOf(lines),
        List.copyOf(whiskers),
        List.copyOf(dots));
  }

  /** Slots with a point, cut where a day is missing. */
  private static List<List<Integer>> runs(List<Optional<Point>> days) {
    var runs = new ArrayList<List<Integer>>();
    for (int i = 0; i < days.size(); i++) {
      if (days.get(i).isPresent()) {
        if (i == 0 || days.get(i - 1).isEmpty()) {
          runs.add(new ArrayList<>());
        }
        runs.get(runs.size() - 1).add(i);
      }
    }
    return runs;
  }

  private static double y(double share, double[] scale, int top, int bottom) {
    return bottom - (share - scale[0]) / (scale[1] - scale[0]) * (bottom - top);
  }

  /**
   * Lower end, upper end and step of an axis of round shares around {@code low} to {@code high}.
   */
  static double[] niceScale(double low, double high) {
    double[] steps = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25};
    for (double step : steps) {
      double from = Math.max(0, Math.floor(low / step + 1e-9) * step);
      double to = Math.min(1, Math.ceil(high / step - 1e-9) * step);
      if (to - from <= 5 * step + 1e-9 && to > from) {
        return new double[] {from, to, step};
      }
    }
    return new double[] {0, 1, 0.25};
  }

  /** A share on an axis as {@link #niceScale} makes it, as exact as the axis is. */
  static String axisLabel(double share, double[] scale) {
    return scale[2] < 0.01
        ? String.format(Locale.ROOT, "%.1f%%", share * 100)
        : Figures.wholePercent(share);
  }

  /** Places a share and its interval on an axis from {@code from} to {@code to}. */
  static IntervalMark intervalMark(
      double share, Wilson interval, OptionalDouble reference, double from, double to, int width) {
    return new IntervalMark(
        at(x(interval.lower(), from, to, width)),
        at(x(interval.upper(), from, to, width)),
        at(x(share, from, to, width)),
        reference.isEmpty() ? "" : at(x(reference.getAsDouble(), from, to, width)));
  }

  private static double x(double share, double from, double to, int width) {
    int margin = 5;
    return margin + (share - from) / (to - from) * (width - 2 * margin);
  }

  /**
   * One column per day, as high as its value among them.
   *
   * @param values empty for days for which there is none
   */
  static List<Column> columns(
      List<OptionalDouble> values, List<String> says, int current, int height, int pitch) {
    double most = values.stream().mapToDouble(v -> v.orElse(0)).max().orElse(0);
    return IntStream.range(0, values.size())
        .mapToObj(
            i -> {
              double value = values.get(i).orElse(0);
              // A failure is never drawn as none.
              double bar = value == 0 ? 0 : Math.max(1.5, value / most * (height - 1));
              return new Column(
                  at((double) i * pitch),
                  at(height - bar),
                  at(bar),
                  i >= values.size() - current,
                  values.get(i).isPresent(),
                  says.get(i));
            })
        .toList();
  }

  private static String at(double place) {
    String fixed = String.format(Locale.ROOT, "%.1f", place);
    return fixed.endsWith(".0") ? fixed.substring(0, fixed.length() - 2) : fixed;
  }
}
