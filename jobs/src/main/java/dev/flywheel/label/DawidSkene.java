package dev.flywheel.label;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Learns from vote patterns alone how often each source is right, by the EM of Dawid and Skene
 * (1979).
 *
 * <p>Abstaining is a symbol with a probability of its own in each class: who is content often says
 * nothing. A source that does not apply to a response contributes nothing to it. Human verdicts are
 * clamped. Each row of a source's table is shrunk to the row of all sources together with the
 * weight of one response, so that a source with few votes is taken to be like the others. Sources
 * that repeat each other have weights below one, their powers in the likelihood. The result is a
 * function of the counts; it does not depend on their order.
 */
final class DawidSkene {
  private static final int MAX_ITERATIONS = 500;
  private static final double TOLERANCE = 1e-9;

  /** Fits on parts of the data are compared with each other only, to fewer digits. */
  private static final double TOLERANCE_OF_PARTS = 1e-6;

  /** Responses of each class that a source is taken to have voted on as all sources do. */
  static final double SHRINKAGE = 1;

  /** Pseudo-count of each class, and of each symbol in each class of all sources together. */
  private static final double SMOOTHING = 1;

  private DawidSkene() {}

  /** What was learned. */
  static final class Fit {
    private final int symbols;
    private final double[] prior;

    /** By class and cell. */
    private final double[][] logLikelihoods;

    private final double[] weights;
    private final double logLikelihood;
    private final int iterations;

    private Fit(
        int symbols,
        double[] prior,
        double[][] logLikelihoods,
        double[] weights,
        double logLikelihood,
        int iterations) {
      this.symbols = symbols;
      this.prior = prior;
      this.logLikelihoods = logLikelihoods;
      this.weights = weights;
      this.logLikelihood = logLikelihood;
      this.iterations = iterations;
    }

    /** Share of good responses. */
    double priorGood() {
      return prior[VoteTable.GOOD];
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
      var values = new ArrayList<Double>();
      for (double[] ofClass : logLikelihoods) {
        for (int l = 0; l < symbols; l++) {
          values.add(Math.exp(ofClass[source * symbols + l]));
        }
      }
      return values;
    }

    /** Probability that a response with these votes is good. */
    double pGood(VoteCount pattern) {
      return pattern.human() == null
          ? posterior(VoteTable.cells(pattern))[VoteTable.GOOD]
          : pattern.human().equals("good") ? 1 : 0;
    }

    /** Probability of each class given the votes. */
    double[] posterior(int[] cells) {
      double[] joint = joint(cells, weights);
      normalise(joint);
      return joint;
    }

    /** What a vote adds to the log odds of good. */
    double evidence(int cell) {
      return weights[cell / symbols]
          * (logLikelihoods[VoteTable.GOOD][cell] - logLikelihoods[VoteTable.BAD][cell]);
    }

    /** P(the vote is right | the source votes). */
    double accuracy(int source) {
      double right = 0;
      double votes = 0;
      for (int y = 0; y < prior.length; y++) {
        for (int l = 0; l < prior.length; l++) {
          double both = prior[y] * Math.exp(logLikelihoods[y][source * symbols + l]);
          votes += both;
          right += l == y ? both : 0;
        }
      }
      return right / votes;
    }

    /**
     * Log probability of the votes; with weights below one a composite likelihood, which can be
     * compared with that of another model of the same weights.
     */
    double logProbability(int[] cells) {
      return normalise(joint(cells, weights));
    }

    private double[] joint(int[] cells, double[] powers) {
      var joint = new double[prior.length];
      for (int y = 0; y < joint.length; y++) {
        double sum = Math.log(prior[y]);
        for (int cell : cells) {
          sum += powers[cell / symbols] * logLikelihoods[y][cell];
        }
        joint[y] = sum;
      }
      return joint;
    }
  }

  /** Fits the model of independent sources; see {@link #fit(VoteTable, double[])}. */
  static Fit fit(List<VoteCount> patterns) {
    VoteTable table = VoteTable.of(patterns);
    var weights = new double[table.sources()];
    Arrays.fill(weights, 1);
    return fit(table, weights);
  }

  /**
   * Fits the model, beginning with the share of the votes.
   *
   * @param weights power of each source in the likelihood, from 0 to 1
   */
  static Fit fit(VoteTable table, double[] weights) {
    var posteriors = new double[table.size()][];
    for (int v = 0; v < posteriors.length; v++) {
      posteriors[v] = clamped(table, v, table.voteShare(v));
    }
    return iterate(table, weights, posteriors, TOLERANCE);
  }

  /** As {@link #fit(VoteTable, double[])} on a part, beginning with the beliefs of the whole. */
  static Fit refit(VoteTable table, Fit start) {
    var posteriors = new double[table.size()][];
    for (int v = 0; v < posteriors.length; v++) {
      posteriors[v] = clamped(table, v, start.posterior(table.cells(v)));
    }
    return iterate(table, start.weights, posteriors, TOLERANCE_OF_PARTS);
  }

  private static Fit iterate(
      VoteTable table, double[] weights, double[][] posteriors, double tolerance) {
    double total = table.total();
    Fit fit = null;
    for (int iteration = 1; iteration <= MAX_ITERATIONS; iteration++) {
      Fit next = maximise(table, weights, posteriors, total);
      double logLikelihood = 0;
      for (int v = 0; v < posteriors.length; v++) {
        double[] joint = next.joint(table.cells(v), weights);
        double ofVerdict = table.isJudged(v) ? joint[table.verdict(v)] : 0;
        double logProbability = normalise(joint);
        logLikelihood += table.n(v) * (table.isJudged(v) ? ofVerdict : logProbability);
        posteriors[v] = clamped(table, v, joint);
      }
      logLikelihood /= total;
      boolean still = fit != null && Math.abs(logLikelihood - fit.logLikelihood) < tolerance;
      fit =
          new Fit(next.symbols, next.prior, next.logLikelihoods, weights, logLikelihood, iteration);
      if (still) {
        break;
      }
    }
    return fit;
  }

  private static Fit maximise(
      VoteTable table, double[] weights, double[][] posteriors, double total) {
    int classes = table.classes();
    int symbols = table.symbols();
    var prior = new double[classes];
    Arrays.fill(prior, SMOOTHING);
    var counts = new double[classes][table.sources() * symbols];
    for (int v = 0; v < posteriors.length; v++) {
      for (int y = 0; y < classes; y++) {
        double share = posteriors[v][y] * table.n(v);
        prior[y] += share;
        for (int cell : table.cells(v)) {
          counts[y][cell] += share;
        }
      }
    }
    for (int y = 0; y < classes; y++) {
      prior[y] /= total + classes * SMOOTHING;
      shrink(counts[y], symbols);
    }
    return new Fit(symbols, prior, counts, weights, Double.NaN, 0);
  }

  /** Makes log probabilities of counts of a class, each source shrunk to all together. */
  private static void shrink(double[] counts, int symbols) {
    var pooled = new double[symbols];
    Arrays.fill(pooled, SMOOTHING);
    double all = symbols * SMOOTHING;
    for (int cell = 0; cell < counts.length; cell++) {
      pooled[cell % symbols] += counts[cell];
      all += counts[cell];
    }
    for (int from = 0; from < counts.length; from += symbols) {
      double sum = SHRINKAGE;
      for (int l = 0; l < symbols; l++) {
        sum += counts[from + l];
      }
      for (int l = 0; l < symbols; l++) {
        counts[from + l] = Math.log((counts[from + l] + SHRINKAGE * pooled[l] / all) / sum);
      }
    }
  }

  /** The class that a person gave, for sure; else the probabilities as they are. */
  private static double[] clamped(VoteTable table, int pattern, double[] probabilities) {
    if (table.isJudged(pattern)) {
      Arrays.fill(probabilities, 0);
      probabilities[table.verdict(pattern)] = 1;
    }
    return probabilities;
  }

  /** Makes probabilities of logs, in place; the log of their sum. */
  private static double normalise(double[] logs) {
    double most = Double.NEGATIVE_INFINITY;
    for (double log : logs) {
      most = Math.max(most, log);
    }
    double sum = 0;
    for (int y = 0; y < logs.length; y++) {
      logs[y] = Math.exp(logs[y] - most);
      sum += logs[y];
    }
    for (int y = 0; y < logs.length; y++) {
      logs[y] /= sum;
    }
    return most + Math.log(sum);
  }
}
