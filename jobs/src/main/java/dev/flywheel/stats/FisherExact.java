package dev.flywheel.stats;

import org.apache.commons.math3.special.Gamma;

/** Fisher's exact test of two shares (1922), one-sided: exact for few observations, too. */
public final class FisherExact {
  /** Terms that no longer change the sum of a double. */
  private static final double NEGLIGIBLE = 1e-17;

  private FisherExact() {}

  /**
   * Probability of {@code hits} or more in a group, were hits spread over all by chance.
   *
   * @param hits hits in the group
   * @param size size of the group
   * @param allHits hits in the whole, the group included
   * @param all size of the whole
   * @return 0 to 1
   */
  public static double upperTail(long hits, long size, long allHits, long all) {
    if (hits < 0 || hits > size || hits > allHits || size > all || allHits - hits > all - size) {
      throw new IllegalArgumentException(
          "%d of %d in the group, %d of %d in all are no table"
              .formatted(hits, size, allHits, all));
    }
    long most = Math.min(size, allHits);
    double mode = (size + 1.0) * (allHits + 1.0) / (all + 2.0);
    double term =
        Math.exp(
            logChoose(allHits, hits)
                + logChoose(all - allHits, size - hits)
                - logChoose(all, size));
    double sum = term;
    for (long k = hits; k < most; k++) {
      term *= (double) (allHits - k) * (size - k) / ((k + 1.0) * (all - allHits - size + k + 1.0));
      sum += term;
      if (k > mode && term < sum * NEGLIGIBLE) {
        break;
      }
    }
    return Math.min(1, sum);
  }

  private static double logChoose(long n, long k) {
    return Gamma.logGamma(n + 1.0) - Gamma.logGamma(k + 1.0) - Gamma.logGamma(n - k + 1.0);
  }
}
