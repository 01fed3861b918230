package dev.flywheel.label;

import java.util.Arrays;

/**
 * What the vote takes sources to be: all right equally often, and silent or not whatever the
 * quality.
 */
final class EqualSources {
  private static final int MAX_ITERATIONS = 500;
  private static final double TOLERANCE = 1e-6;

  private final double[] logPrior;
  private final double right;
  private final double wrong;

  /** For each source, the log probability that it votes, and that it abstains. */
  private final double[] logSpeaks;

  private final double[] weights;

  private EqualSources(
      double[] logPrior, double right, double wrong, double[] logSpeaks, double[] weights) {
    this.weights = weights;
    this.logPrior = logPrior;
    this.right = right;
    this.wrong = wrong;
    this.logSpeaks = logSpeaks;
  }

  /**
   * Fits it by EM, beginning with the share of the votes.
   *
   * @param weights power of each source in the likelihood
   */
  static EqualSources fit(VoteTable table, double[] weights) {
    int symbols = table.symbols();
    int classes = table.classes();
    var speaks = new double[table.sources()][2];
    // Smoothed as the model is, or the difference between the two would be one of smoothing.
    double[] pooled = {classes, 1};
    var posteriors = new double[table.size()][];
    for (int v = 0; v < posteriors.length; v++) {
      posteriors[v] = table.voteShare(v);
      for (int cell : table.cells(v)) {
        int silent = cell % symbols < classes ? 0 : 1;
        speaks[cell / symbols][silent] += table.n(v);
        pooled[silent] += table.n(v);
      }
    }
    var logSpeaks = new double[2 * table.sources()];
    for (int j = 0; j < table.sources(); j++) {
      double all = speaks[j][0] + speaks[j][1] + DawidSkene.SHRINKAGE;
      for (int silent = 0; silent < 2; silent++) {
        double likeOthers = pooled[silent] / (pooled[0] + pooled[1]);
        logSpeaks[2 * j + silent] =
            Math.log((speaks[j][silent] + DawidSkene.SHRINKAGE * likeOthers) / all);
      }
    }
    EqualSources fitted = null;
    double before = Double.NEGATIVE_INFINITY;
    for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      var prior = new double[classes];
      Arrays.fill(prior, 1);
      double right = 1;
      double votes = 2;
      for (int v = 0; v < posteriors.length; v++) {
        for (int y = 0; y < classes; y++) {
          prior[y] += table.n(v) * posteriors[v][y];
        }
        for (int cell : table.cells(v)) {
          if (cell % symbols < classes) {
            right += table.n(v) * posteriors[v][cell % symbols];
            votes += table.n(v);
          }
        }
      }
      for (int y = 0; y < classes; y++) {
        prior[y] = Math.log(prior[y] / (table.total() + classes));
      }
      fitted =
          new EqualSources(
              prior,
              Math.log(right / votes),
              Math.log((1 - right / votes) / (classes - 1)),
              logSpeaks,
              weights);
      double logLikelihood = 0;
      for (int v = 0; v < posteriors.length; v++) {
        posteriors[v] = fitted.joint(table.cells(v));
        double sum = logSum(posteriors[v]);
        logLikelihood += table.n(v) * sum;
        for (int y = 0; y < classes; y++) {
          posteriors[v][y] = Math.exp(posteriors[v][y] - sum);
        }
      }
      if (logLikelihood - before < TOLERANCE * table.total()) {
        break;
      }
      before = logLikelihood;
    }
    return fitted;
  }

  /** As {@link DawidSkene.Fit#logProbability}. */
  double logProbability(int[] cells) {
    double speaking = 0;
    int symbols = logPrior.length + 1;
    for (int cell : cells) {
      speaking +=
          weights[cell / symbols]
              * logSpeaks[2 * (cell / symbols) + (cell % symbols < logPrior.length ? 0 : 1)];
    }
    return speaking + logSum(joint(cells));
  }

  private double[] joint(int[] cells) {
    double[] joint = logPrior.clone();
    int symbols = logPrior.length + 1;
    for (int cell : cells) {
      for (int y = 0; cell % symbols < logPrior.length && y < joint.length; y++) {
        joint[y] += weights[cell / symbols] * (cell % symbols == y ? right : wrong);
      }
    }
    return joint;
  }

  private static double logSum(double[] logs) {
    double most = Arrays.stream(logs).max().getAsDouble();
    return most + Math.log(Arrays.stream(logs).map(log -> Math.exp(log - most)).sum());
  }
}
