package dev.flywheel.label;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Turns a model's beliefs into probabilities, learned from responses that people judged: by a
 * logistic curve (Platt 1999), from many of them by the best monotone curve (isotonic regression,
 * Zadrozny and Elkan 2002) where that is closer to verdicts it has not seen. Never turns the order
 * of two beliefs around.
 *
 * @param points slope and intercept of {@code logit(p)} for Platt; beliefs and their probabilities
 *     in turns, ascending, for isotonic; empty for none
 */
record Calibration(String method, List<Double> points) {
  static final String PLATT = "platt";
  static final String ISOTONIC = "isotonic";
  static final Calibration NONE = new Calibration("none", List.of());

  /** Judged responses from which a curve of any form is better than a logistic one. */
  private static final long ISOTONIC_FROM = 1_000;

  /** A belief beyond this logit is as good as certain and must not lead the curve alone. */
  private static final double MOST_LOGIT = 10;

  /**
   * Variances of the priors of the logistic curve, squared logits. People may well be stricter or
   * milder than the sources; that a belief means half as much as it says is less to be expected.
   */
  private static final double OF_SLOPE = 1.0 / 16;

  private static final double OF_INTERCEPT = 1;

  private static final int BINS = 10;

  /**
   * Judged responses of one belief.
   *
   * @param good how many of them are good
   */
  record Judged(double belief, double good, double n) {}

  Calibration {
    points = List.copyOf(points);
  }

  /**
   * Learns the curve from beliefs that did not know the verdicts.
   *
   * @param folds two parts or more of the responses that people judged
   */
  static Calibration fit(List<List<Judged>> folds) {
    return fit(folds, verdicts(folds));
  }

  /**
   * @param verdicts of how many responses, those held out included, decide which curves are tried
   */
  private static Calibration fit(List<List<Judged>> folds, double verdicts) {
    List<Judged> all = all(folds);
    if (verdicts < ISOTONIC_FROM) {
      return platt(all);
    }
    double ofPlatt = brier(crossFitted(folds, Calibration::platt));
    double ofIsotonic = brier(crossFitted(folds, Calibration::isotonic));
    return ofIsotonic < ofPlatt ? isotonic(all) : platt(all);
  }

  /** Beliefs of each fold as the other folds calibrate them. */
  static List<Judged> crossFitted(List<List<Judged>> folds) {
    return crossFitted(
        folds,
        others -> {
          // The others are parts of their own, so that the form of the curve is chosen without
          // the fold that it is measured on.
          int half = others.size() / 2;
          return fit(
              List.of(others.subList(0, half), others.subList(half, others.size())),
              verdicts(folds));
        });
  }

  private static double verdicts(List<List<Judged>> folds) {
    return all(folds).stream().mapToDouble(Judged::n).sum();
  }

  private static List<Judged> crossFitted(
      List<List<Judged>> folds, Function<List<Judged>, Calibration> learn) {
    var fitted = new ArrayList<Judged>();
    for (int fold = 0; fold < folds.size(); fold++) {
      var others = new ArrayList<>(folds);
      others.remove(fold);
      Calibration curve = learn.apply(all(others));
      folds
          .get(fold)
          .forEach(one -> fitted.add(new Judged(curve.apply(one.belief()), one.good(), one.n())));
    }
    return fitted;
  }

  private static List<Judged> all(List<List<Judged>> folds) {
    return folds.stream().flatMap(List::stream).toList();
  }

  double apply(double belief) {
    return switch (method) {
      case PLATT -> 1 / (1 + Math.exp(-(points.get(0) * logit(belief) + points.get(1))));
      case ISOTONIC -> interpolated(belief);
      default -> belief;
    };
  }

  /**
   * Newton's method on the log loss. Slope and intercept have a normal prior around those that
   * change nothing, which keeps them finite and lets few verdicts say little.
   */
  private static Calibration platt(List<Judged> judged) {
    double good = judged.stream().mapToDouble(Judged::good).sum();
    double bad = judged.stream().mapToDouble(Judged::n).sum() - good;
    double slope = 1;
    double intercept = 0;
    for (int iteration = 0; iteration < 100; iteration++) {
      double g0 = (slope - 1) / OF_SLOPE;
      double g1 = intercept / OF_INTERCEPT;
      double h00 = 1 / OF_SLOPE;
      double h01 = 0;
      double h11 = 1 / OF_INTERCEPT;
      for (Judged one : judged) {
        double x = logit(one.belief());
        double p = 1 / (1 + Math.exp(-(slope * x + intercept)));
        double error = one.n() * p - one.good();
        double spread = one.n() * p * (1 - p);
        g0 += error * x;
        g1 += error;
        h00 += spread * x * x;
        h01 += spread * x;
        h11 += spread;
      }
      double determinant = h00 * h11 - h01 * h01;
      double slopeStep = (h11 * g0 - h01 * g1) / determinant;
      double interceptStep = (h00 * g1 - h01 * g0) / determinant;
      double scale = Math.min(1, 2 / Math.max(Math.abs(slopeStep), Math.abs(interceptStep)));
      slope -= scale * slopeStep;
      intercept -= scale * interceptStep;
      if (Math.abs(slopeStep) + Math.abs(interceptStep) < 1e-10) {
        break;
      }
    }
    return slope > 0
        ? new Calibration(PLATT, List.of(slope, intercept))
        // What people say does not rise with the belief: all that is known is the share of good.
        : new Calibration(PLATT, List.of(0.0, logit((good + 1) / (good + bad + 2))));
  }

  private record Block(double beliefs, double good, double n) {
    double share() {
      return good / n;
    }

    Block and(Block other) {
      return new Block(beliefs + other.beliefs, good + other.good, n + other.n);
    }
  }

  /** Pools neighbours until their shares of good rise. */
  private static Calibration isotonic(List<Judged> judged) {
    double total = judged.stream().mapToDouble(Judged::n).sum();
    // Equal beliefs are one point of the curve.
    var byBelief = new TreeMap<Double, Block>();
    for (Judged one : judged) {
      byBelief.merge(
          one.belief(), new Block(one.n() * one.belief(), one.good(), one.n()), Block::and);
    }
    var blocks = new ArrayList<Block>();
    byBelief
        .values()
        .forEach(
            block -> {
              Block last = block;
              while (!blocks.isEmpty() && blocks.get(blocks.size() - 1).share() >= last.share()) {
                last = blocks.remove(blocks.size() - 1).and(last);
              }
              blocks.add(last);
            });
    var points = new ArrayList<Double>();
    for (Block block : blocks) {
      points.add(block.beliefs() / block.n());
      points.add(within(block.share(), 1 / (total + 2), 1 - 1 / (total + 2)));
    }
    return new Calibration(ISOTONIC, points);
  }

  private double interpolated(double belief) {
    int last = points.size() - 2;
    if (belief <= points.get(0)) {
      return points.get(1);
    }
    for (int i = 2; i <= last; i += 2) {
      if (belief <= points.get(i)) {
        double share = (belief - points.get(i - 2)) / (points.get(i) - points.get(i - 2));
        return points.get(i - 1) + share * (points.get(i + 1) - points.get(i - 1));
      }
    }
    return points.get(last + 1);
  }

  static double logit(double p) {
    return within(Math.log(p) - Math.log1p(-p), -MOST_LOGIT, MOST_LOGIT);
  }

  private static double within(double value, double least, double most) {
    return Math.max(least, Math.min(most, value));
  }

  /** Mean squared error of probabilities (Brier 1950). */
  static double brier(List<Judged> judged) {
    double n = 0;
    double sum = 0;
    for (Judged one : judged) {
      n += one.n();
      sum +=
          one.good() * Math.pow(1 - one.belief(), 2)
              + (one.n() - one.good()) * Math.pow(one.belief(), 2);
    }
    return sum / n;
  }

  /** By how much less the squared error of {@code one} is than that of {@code other}. */
  static Gain gain(List<Judged> one, List<Judged> other) {
    double n = 0;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < one.size(); i++) {
      Judged judged = one.get(i);
      double ofOne = judged.belief();
      double ofOther = other.get(i).belief();
      double ifGood = Math.pow(1 - ofOther, 2) - Math.pow(1 - ofOne, 2);
      double ifBad = Math.pow(ofOther, 2) - Math.pow(ofOne, 2);
      double bad = judged.n() - judged.good();
      n += judged.n();
      sum += judged.good() * ifGood + bad * ifBad;
      squares += judged.good() * ifGood * ifGood + bad * ifBad * ifBad;
    }
    return Gain.of(sum, squares, n);
  }

  /** Expected calibration error over ten bins of equal width. */
  static double expectedError(List<Judged> judged) {
    var n = new double[BINS];
    var beyond = new double[BINS];
    for (Judged one : judged) {
      int bin = Math.min(BINS - 1, (int) (BINS * one.belief()));
      n[bin] += one.n();
      beyond[bin] += one.n() * one.belief() - one.good();
    }
    return Arrays.stream(beyond).map(Math::abs).sum() / Arrays.stream(n).sum();
  }
}
