package dev.flywheel.label;

import java.util.Arrays;
import java.util.List;

/**
 * Learns from vote patterns alone how often each source is right, by the EM of Dawid and Skene
 * (1979) with two classes.
 *
 * <p>Abstaining is a symbol with a probability of its own in each class: who is content often says
 * nothing. A source that does not apply to a response contributes nothing to it. Human verdicts are
 * clamped. The result is a function of the counts; it does not depend on their order.
 */
final class DawidSkene {
  private static final int MAX_ITERATIONS = 500;
  private static final double TOLERANCE = 1e-9;

  /** Pseudo-count of each symbol in each class. */
  private static final double SMOOTHING = 1.0;

  private static final char[] SYMBOLS = {Sources.GOOD, Sources.BAD, Sources.ABSTAIN};

  private DawidSkene() {}

  /** What was learned. */
  static final class Fit {
    private final double priorGood;
    private final double[][][] likelihoods;
    private final double logLikelihood;
    private final int iterations;

    private Fit(double priorGood, double[][][] likelihoods, double logLikelihood, int iterations) {
      this.priorGood = priorGood;
      this.likelihoods = likelihoods;
      this.logLikelihood = logLikelihood;
      this.iterations = iterations;
    }

    /** Share of good responses. */
    double priorGood() {
      return priorGood;
    }

    /** Mean log likelihood per response, nats. */
    double logLikelihood() {
      return logLikelihood;
    }

    /** EM iterations until the likelihood stood still. */
    int iterations() {
      return iterations;
    }

    /** P(good), P(bad) and P(abstain) of a source if the response is good, then if it is bad. */
    List<Double> likelihoods(int source) {
      return Arrays.stream(likelihoods[source]).flatMapToDouble(Arrays::stream).boxed().toList();
    }

    /** Probability that a response with these votes is good. */
    double pGood(VoteCount pattern) {
      return clamped(pattern, jointLog(pattern, 0), jointLog(pattern, 1));
    }

    /** P(the vote is right | the source votes). */
    double accuracy(int source) {
      double[][] of = likelihoods[source];
      double right = priorGood * of[0][0] + (1 - priorGood) * of[1][1];
      double wrong = priorGood * of[0][1] + (1 - priorGood) * of[1][0];
      return right / (right + wrong);
    }

    private double jointLog(VoteCount pattern, int goodOrBad) {
      double sum = Math.log(goodOrBad == 0 ? priorGood : 1 - priorGood);
      for (int j = 0; j < likelihoods.length; j++) {
        int symbol = symbol(pattern.vote(j));
        if (symbol >= 0) {
          sum += Math.log(likelihoods[j][goodOrBad][symbol]);
        }
      }
      return sum;
    }
  }

  /**
   * Fits the model.
   *
   * @param patterns merged counts, see {@link VoteCount#merged}; at least one
   */
  static Fit fit(List<VoteCount> patterns) {
    int sources = patterns.get(0).votes().length();
    double total = patterns.stream().mapToLong(VoteCount::n).sum();
    double[] good = patterns.stream().mapToDouble(DawidSkene::voteShare).toArray();
    Fit fit = null;
    for (int iteration = 1; iteration <= MAX_ITERATIONS; iteration++) {
      Fit next = maximise(patterns, good, sources, total);
      double logLikelihood = 0;
      for (int v = 0; v < good.length; v++) {
        VoteCount pattern = patterns.get(v);
        double ifGood = next.jointLog(pattern, 0);
        double ifBad = next.jointLog(pattern, 1);
        good[v] = clamped(pattern, ifGood, ifBad);
        double likelihood =
            pattern.human() == null
                ? Math.max(ifGood, ifBad) + Math.log1p(Math.exp(-Math.abs(ifGood - ifBad)))
                : pattern.human().equals("good") ? ifGood : ifBad;
        logLikelihood += pattern.n() * likelihood;
      }
      logLikelihood /= total;
      boolean still = fit != null && Math.abs(logLikelihood - fit.logLikelihood) < TOLERANCE;
      fit = new Fit(next.priorGood, next.likelihoods, logLikelihood, iteration);
      if (still) {
        break;
      }
    }
    return fit;
  }

  /** Share of good among the votes, one vote each way added; the start of the EM. */
  static double voteShare(VoteCount pattern) {
    if (pattern.human() != null) {
      return pattern.human().equals("good") ? 1 : 0;
    }
    double good = pattern.votes().chars().filter(vote -> vote == Sources.GOOD).count();
    return (good + 0.5) / (pattern.nVotes() + 1);
  }

  private static Fit maximise(List<VoteCount> patterns, double[] good, int sources, double total) {
    var counts = new double[sources][2][SYMBOLS.length];
    double goodTotal = SMOOTHING;
    for (int v = 0; v < good.length; v++) {
      VoteCount pattern = patterns.get(v);
      double ifGood = good[v] * pattern.n();
      goodTotal += ifGood;
      for (int j = 0; j < sources; j++) {
        int symbol = symbol(pattern.vote(j));
        if (symbol >= 0) {
          counts[j][0][symbol] += ifGood;
          counts[j][1][symbol] += pattern.n() - ifGood;
        }
      }
    }
    for (double[][] source : counts) {
      for (double[] symbols : source) {
        double sum = SYMBOLS.length * SMOOTHING;
        for (double count : symbols) {
          sum += count;
        }
        for (int l = 0; l < symbols.length; l++) {
          symbols[l] = (symbols[l] + SMOOTHING) / sum;
        }
      }
    }
    return new Fit(goodTotal / (total + 2 * SMOOTHING), counts, Double.NaN, 0);
  }

  private static double clamped(VoteCount pattern, double logGood, double logBad) {
    if (pattern.human() != null) {
      return pattern.human().equals("good") ? 1 : 0;
    }
    return 1 / (1 + Math.exp(logBad - logGood));
  }

  /** Index of a vote among the symbols; -1 where the source does not apply. */
  private static int symbol(char vote) {
    for (int l = 0; l < SYMBOLS.length; l++) {
      if (SYMBOLS[l] == vote) {
        return l;
      }
    }
    return -1;
  }
}
