package dev.flywheel.stats;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sqrt;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;

/**
 * The 95 % interval of a share, after Wilson (1927): never outside 0 to 1, and honest for few
 * observations and for shares near the ends.
 *
 * <p>Takes observations to be independent. Where some users bring many of them it is narrower than
 * it should be.
 *
 * @param lower lower end, 0 to 1
 * @param upper upper end, 0 to 1
 */
public record Wilson(double lower, double upper) {
  /** Quantile of the standard normal distribution for 95 %. */
  public static final double Z = 1.959963984540054;

  /**
   * The interval of {@code successes / trials}; 0 to 1, which is to say nothing, without a trial.
   */
  public static Wilson of(long successes, long trials) {
    if (successes < 0 || successes > trials) {
      throw new IllegalArgumentException(
          "%d successes of %d trials are no share".formatted(successes, trials));
    }
    if (trials == 0) {
      return new Wilson(0, 1);
    }
    double n = trials;
    double share = successes / n;
    double centre = share + Z * Z / (2 * n);
    double spread = Z * Math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
    double scale = 1 + Z * Z / n;
    return new Wilson(
        successes == 0 ? 0 : (centre - spread) / scale,
        successes == trials ? 1 : (centre + spread) / scale);
  }

  /** Lower end as a column; 0 without a trial, null where an argument is. */
  public static Column lower(Column successes, Column trials) {
    return when(successes.equalTo(0), lit(0.0)).otherwise(end(successes, trials, -1));
  }

  /** Upper end as a column; 1 without a trial, null where an argument is. */
  public static Column upper(Column successes, Column trials) {
    return when(successes.equalTo(trials), lit(1.0)).otherwise(end(successes, trials, 1));
  }

  private static Column end(Column successes, Column trials, int side) {
    Column n = trials.cast("double");
    Column share = successes.cast("double").divide(n);
    Column centre = share.plus(lit(Z * Z / 2).divide(n));
    Column variance =
        share.multiply(lit(1.0).minus(share)).divide(n).plus(lit(Z * Z / 4).divide(n.multiply(n)));
    Column spread = sqrt(variance).multiply(side * Z);
    return centre.plus(spread).divide(lit(Z * Z).divide(n).plus(1));
  }
}
