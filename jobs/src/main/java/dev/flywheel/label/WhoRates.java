package dev.flywheel.label;

import dev.flywheel.stats.Wilson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;

/**
 * What the ratings say of all responses that could have been rated, though few were and those not
 * by chance: the share that would be rated good if everybody rated.
 *
 * <p>The propensity e of rating and the chance m of a good rating are logistic in the covariates.
 * With o = 1 where a response was rated and y = 1 where it was rated good:
 *
 * <ul>
 *   <li>naive: the mean of y over rated responses
 *   <li>SNIPS (Swaminathan and Joachims 2015): {@code sum(o y / e) / sum(o / e)}
 *   <li>doubly robust (Robins, Rotnitzky and Zhao 1994): {@code mean(m + o (y - m) / e)}, right if
 *       either model is, with the interval of its influence function
 * </ul>
 *
 * <p>Covariates explain only what they hold. Where rating depends on quality beyond them, no
 * correction here helps, and only people who judge responses drawn at random can tell. Responses of
 * one user are taken to be independent.
 *
 * @param n responses that could have been rated
 * @param nRated those that were
 * @param naive share of good ratings, with its 95 % interval
 * @param lower lower end of the 95 % interval of {@code doublyRobust}, as upper
 * @param effective how many equally weighted ratings the weighted ones are worth (Kish)
 */
record WhoRates(
    long n,
    long nRated,
    double naive,
    Wilson naiveInterval,
    double snips,
    double doublyRobust,
    double lower,
    double upper,
    double effective) {

  static final double LEAST_PROPENSITY = 0.01;

  /** Fewest ratings, and fewest of each kind, to learn from. */
  private static final long FEWEST_RATED = 50;

  private static final long FEWEST_OF_EACH_KIND = 5;

  /** Where next to nobody who could rate was silent, the logs do not say who could. */
  private static final double LEAST_SILENT = 0.1;

  /** A value of a covariate that fewer responses have is taken together with others like it. */
  private static final long FEWEST_OF_A_VALUE = 30;

  /** Values of a covariate that are told apart, the most frequent: the work grows by their cube. */
  private static final int MOST_VALUES = 50;

  private static final int ITERATIONS = 50;

  /** Keeps a value without a rating, or with good ones only, from an infinite coefficient. */
  private static final double RIDGE = 0.1;

  /**
   * Responses that do not differ in what is known before the rating.
   *
   * @param covariates one value for each covariate, in an order of their own; not null
   * @param good ratings that are good
   */
  record Cell(List<String> covariates, long n, long rated, long good) {
    Cell {
      covariates = List.copyOf(covariates);
    }
  }

  /** The rates; empty where too few are rated to learn from, or too few are silent. */
  static Optional<WhoRates> of(List<Cell> all) {
    List<Cell> cells = merged(all);
    long n = cells.stream().mapToLong(Cell::n).sum();
    long rated = cells.stream().mapToLong(Cell::rated).sum();
    long good = cells.stream().mapToLong(Cell::good).sum();
    if (rated < FEWEST_RATED
        || Math.min(good, rated - good) < FEWEST_OF_EACH_KIND
        || n - rated < LEAST_SILENT * n) {
      return Optional.empty();
    }
    double[][] design = design(cells);
    double[] propensities = new double[cells.size()];
    double[] outcomes = new double[cells.size()];
    double[] ratedCounts = cells.stream().mapToDouble(Cell::rated).toArray();
    double[] e = logistic(design, ratedCounts, cells.stream().mapToDouble(Cell::n).toArray());
    double[] m = logistic(design, cells.stream().mapToDouble(Cell::good).toArray(), ratedCounts);
    double weights = 0;
    double squaredWeights = 0;
    double goodWeights = 0;
    double robust = 0;
    for (int i = 0; i < propensities.length; i++) {
      Cell cell = cells.get(i);
      propensities[i] = Math.max(LEAST_PROPENSITY, probability(design[i], e));
      outcomes[i] = probability(design[i], m);
      weights += cell.rated() / propensities[i];
      squaredWeights += cell.rated() / (propensities[i] * propensities[i]);
      goodWeights += cell.good() / propensities[i];
      robust +=
          cell.n() * outcomes[i] + (cell.good() - cell.rated() * outcomes[i]) / propensities[i];
    }
    robust /= n;
    double variance = 0;
    for (int i = 0; i < propensities.length; i++) {
      Cell cell = cells.get(i);
      double silent = outcomes[i] - robust;
      double ifGood = silent + (1 - outcomes[i]) / propensities[i];
      double ifBad = silent - outcomes[i] / propensities[i];
      variance +=
          (cell.n() - cell.rated()) * silent * silent
              + cell.good() * ifGood * ifGood
              + (cell.rated() - cell.good()) * ifBad * ifBad;
    }
    double error = Wilson.Z * Math.sqrt(variance) / n;
    return Optional.of(
        new WhoRates(
            n,
            rated,
            (double) good / rated,
            Wilson.of(good, rated),
            goodWeights / weights,
            Math.max(0, Math.min(1, robust)),
            Math.max(0, robust - error),
            Math.min(1, robust + error),
            weights * weights / squaredWeights));
  }

  /** Equal cells added up, rare values taken together, in an order of their own. */
  private static List<Cell> merged(List<Cell> cells) {
    int covariates = cells.isEmpty() ? 0 : cells.get(0).covariates().size();
    var told = new ArrayList<Set<String>>();
    for (int k = 0; k < covariates; k++) {
      int covariate = k;
      told.add(
          frequent(
              cells.stream()
                  .collect(
                      Collectors.groupingBy(
                          cell -> cell.covariates().get(covariate),
                          Collectors.summingLong(Cell::n)))));
    }
    var sums = new TreeMap<String, Cell>();
    for (Cell cell : cells) {
      var values = new ArrayList<String>();
      for (int k = 0; k < covariates; k++) {
        String value = cell.covariates().get(k);
        values.add(told.get(k).contains(value) ? "=" + value : "");
      }
      sums.merge(
          String.join("\0", values),
          new Cell(values, cell.n(), cell.rated(), cell.good()),
          (a, b) ->
              new Cell(a.covariates(), a.n() + b.n(), a.rated() + b.rated(), a.good() + b.good()));
    }
    return List.copyOf(sums.values());
  }

  private static Set<String> frequent(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .filter(value -> value.getValue() >= FEWEST_OF_A_VALUE)
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(MOST_VALUES)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** An intercept, and an indicator for each value of each covariate but its first. */
  private static double[][] design(List<Cell> cells) {
    int covariates = cells.get(0).covariates().size();
    var columns = new ArrayList<TreeMap<String, Integer>>();
    int width = 1;
    for (int k = 0; k < covariates; k++) {
      var column = new TreeMap<String, Integer>();
      for (Cell cell : cells) {
        column.put(cell.covariates().get(k), 0);
      }
      boolean first = true;
      for (Map.Entry<String, Integer> value : column.entrySet()) {
        value.setValue(first ? 0 : width++);
        first = false;
      }
      columns.add(column);
    }
    var design = new double[cells.size()][width];
    for (int i = 0; i < design.length; i++) {
      for (int k = 0; k < covariates; k++) {
        design[i][columns.get(k).get(cells.get(i).covariates().get(k))] = 1;
      }
      design[i][0] = 1;
    }
    return design;
  }

  /** Coefficients by Newton's method, with a small ridge on all but the intercept. */
  private static double[] logistic(double[][] design, double[] successes, double[] trials) {
    int width = design[0].length;
    var coefficients = new double[width];
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      var gradient = new double[width];
      var hessian = new double[width][width];
      for (int a = 0; a < width; a++) {
        double ridge = a == 0 ? 1e-6 : RIDGE;
        gradient[a] = -ridge * coefficients[a];
        hessian[a][a] = ridge;
      }
      for (int i = 0; i < design.length; i++) {
        double p = probability(design[i], coefficients);
        for (int a = 0; a < width; a++) {
          if (design[i][a] != 0) {
            gradient[a] += successes[i] - trials[i] * p;
            for (int b = 0; b < width; b++) {
              hessian[a][b] += trials[i] * p * (1 - p) * design[i][b];
            }
          }
        }
      }
      double[] step =
          new CholeskyDecomposition(new Array2DRowRealMatrix(hessian, false))
              .getSolver()
              .solve(new ArrayRealVector(gradient, false))
              .toArray();
      double largest = 0;
      for (double change : step) {
        largest = Math.max(largest, Math.abs(change));
      }
      for (int a = 0; a < width; a++) {
        coefficients[a] += step[a] * Math.min(1, 2 / largest);
      }
      if (largest < 1e-9) {
        break;
      }
    }
    return coefficients;
  }

  private static double probability(double[] row, double[] coefficients) {
    double sum = 0;
    for (int a = 0; a < row.length; a++) {
      sum += row[a] * coefficients[a];
    }
    return 1 / (1 + Math.exp(-sum));
  }
}
