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
    // Away from the mode the terms only fall, so that the first is never lost to underflow.
    return hits > (size + 1.0) * (allHits + 1.0) / (all + 2.0)
        ? Math.min(1, upward(hits, size, allHits, all))
        : Math.max(0, 1 - downward(hits - 1, size, allHits, all));
  }

  /** Probability of {@code from} or more, from above the mode. */
  private static double upward(long from, long size, long allHits, long all) {
    double term = probability(from, size, allHits, all);
    double sum = term;
    for (long k = from; k < Math.min(size, allHits) && term > sum * NEGLIGIBLE; k++) {
      term *= (double) (allHits - k) * (size - k) / ((k + 1.0) * (all - allHits - size + k + 1.0));
      sum += term;
    }
    return sum;
  }

  /** Probability of {@code from} or fewer, from below the mode. */
  private static double downward(long from, long size, long allHits, long all) {
    long least = Math.max(0, size - (all - allHits));
    if (from < least) {
      return 0;
    }
    double term = probability(from, size, allHits, all);
    double sum = term;
    for (long k = from; k > least && term > sum * NEGLIGIBLE; k--) {
      term *= (double) k * (all - allHits - size + k) / ((allHits - k + 1.0) * (size - k + 1.0));
      sum += term;
    }
    return sum;
  }

  private static double probability(long hits, long size, long allHits, long all) {
    return Math.exp(
        logChoose(allHits, hits) + logChoose(all - allHits, size - hits) - logChoose(all, size));
  }

  private static double logChoose(long n, long k) {
    return Gamma.logGamma(n + 1.0) - Gamma.logGamma(k + 1.0) - Gamma.logGamma(n - k + 1.0);
  }
}
