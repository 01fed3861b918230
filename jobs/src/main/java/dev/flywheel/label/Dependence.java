package dev.flywheel.label;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Which sources repeat each other: how much two of them go together beyond what the quality of the
 * response explains.
 *
 * <p>If sources err independently, the correlation of two is the product of what each has to do
 * with the quality, whatever that is: {@code r_ij = a_i a_j}. Then, for any two others, {@code r_ij
 * r_kl = r_ik r_jl} (Spearman 1904), so that every pair of others predicts {@code r_ij}. The median
 * of the predictions stands against single dependent pairs among the others. What is above it, as
 * the correlation of what the quality leaves unexplained, is the dependence: 0 for independent
 * sources, 1 for copies. It takes no labels, and at least four sources that vote together.
 *
 * <p>Where as many sources copy one another as are independent, nothing in the votes tells which
 * are which.
 */
final class Dependence {
  /** From this dependence on, sources share a vote. */
  static final double HANDLED = 0.2;

  private static final double FEWEST_TOGETHER = 100;
  private static final int FEWEST_PREDICTIONS = 2;

  /** Standard errors at which a correlation is taken to be there. */
  private static final double CERTAIN = 4;

  private static final double MOST_EXPLAINED = 0.95;

  private final double[][] between;

  private Dependence(double[][] between) {
    this.between = between;
  }

  /** Measures a table of the product's two classes; NaN for pairs of which nothing can be said. */
  static Dependence of(VoteTable table) {
    int sources = table.sources();
    var together = new double[sources][sources];
    double[][] r = correlations(table, together);
    var explained = new double[sources];
    for (int i = 0; i < sources; i++) {
      double share = median(predictions(r, together, i, i));
      explained[i] = Math.max(0, Math.min(MOST_EXPLAINED, share));
    }
    var between = new double[sources][sources];
    for (double[] row : between) {
      Arrays.fill(row, Double.NaN);
    }
    for (int i = 0; i < sources; i++) {
      for (int j = 0; j < i; j++) {
        List<Double> predictions = predictions(r, together, i, j);
        if (!Double.isNaN(r[i][j]) && predictions.size() >= FEWEST_PREDICTIONS) {
          double left = Math.sqrt((1 - explained[i]) * (1 - explained[j]));
          double beyond = (r[i][j] - median(predictions)) / left;
          boolean certain = Math.abs(beyond) > CERTAIN / Math.sqrt(together[i][j]);
          between[i][j] = certain ? Math.max(-1, Math.min(1, beyond)) : 0;
          between[j][i] = between[i][j];
        }
      }
    }
    return new Dependence(between);
  }

  /** Dependence of two sources, -1 to 1; NaN where nothing can be said. */
  double between(int i, int j) {
    return between[i][j];
  }

  /** Power of each source in the likelihood: k copies have 1/k each. */
  double[] weights() {
    var weights = new double[between.length];
    for (int i = 0; i < weights.length; i++) {
      double repeats = 0;
      for (double dependence : between[i]) {
        repeats += dependence >= HANDLED ? dependence : 0;
      }
      weights[i] = 1 / (1 + repeats);
    }
    return weights;
  }

  /** What each pair of others says of {@code r_ij}; for i = j, of the share of i explained. */
  private static List<Double> predictions(double[][] r, double[][] together, int i, int j) {
    var predictions = new ArrayList<Double>();
    for (int k = 0; k < r.length; k++) {
      for (int l = 0; l < r.length; l++) {
        boolean others = k != l && k != i && k != j && l != i && l != j;
        if (others && Math.abs(r[k][l]) > CERTAIN / Math.sqrt(together[k][l])) {
          double predicted = r[i][k] * r[j][l] / r[k][l];
          if (!Double.isNaN(predicted)) {
            predictions.add(predicted);
          }
        }
      }
    }
    return predictions;
  }

  /** Correlations of votes (good 1, bad -1, abstain 0) where both sources apply. */
  private static double[][] correlations(VoteTable table, double[][] together) {
    int sources = table.sources();
    int symbols = table.symbols();
    var products = new double[sources][sources];
    // Of the first source where the second applies too.
    var sums = new double[sources][sources];
    var squares = new double[sources][sources];
    for (int v = 0; v < table.size(); v++) {
      for (int a : table.cells(v)) {
        for (int b : table.cells(v)) {
          int i = a / symbols;
          int j = b / symbols;
          together[i][j] += table.n(v);
          products[i][j] += table.n(v) * value(a % symbols) * value(b % symbols);
          sums[i][j] += table.n(v) * value(a % symbols);
          squares[i][j] += table.n(v) * value(a % symbols) * value(a % symbols);
        }
      }
    }
    var r = new double[sources][sources];
    for (int i = 0; i < sources; i++) {
      for (int j = 0; j < sources; j++) {
        double n = together[i][j];
        double covariance = products[i][j] / n - sums[i][j] / n * (sums[j][i] / n);
        double variances =
            (squares[i][j] / n - Math.pow(sums[i][j] / n, 2))
                * (squares[j][i] / n - Math.pow(sums[j][i] / n, 2));
        r[i][j] =
            n >= FEWEST_TOGETHER && variances > 0 ? covariance / Math.sqrt(variances) : Double.NaN;
      }
    }
    return r;
  }

  private static int value(int symbol) {
    return symbol == VoteTable.GOOD ? 1 : symbol == VoteTable.BAD ? -1 : 0;
  }

  /** NaN without a value. */
  private static double median(List<Double> values) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    var sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }
}
