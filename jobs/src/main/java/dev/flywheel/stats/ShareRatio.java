package dev.flywheel.stats;

/**
 * How many times as large a share is in one of two independent groups as in the other, with the
 * lower end of its 95 % interval by MOVER-R (Donner and Zou 2012), made of the two Wilson
 * intervals.
 *
 * @param ratio infinite where the other share is 0
 * @param lower lower end; finite, and 0 where the share itself is 0
 */
public record ShareRatio(double ratio, double lower) {

  /** The share {@code hits / trials} over {@code otherHits / otherTrials}. */
  public static ShareRatio of(long hits, long trials, long otherHits, long otherTrials) {
    if (trials == 0 || otherTrials == 0) {
      throw new IllegalArgumentException("A ratio needs trials on both sides");
    }
    double p1 = (double) hits / trials;
    double p2 = (double) otherHits / otherTrials;
    double lower = Wilson.of(hits, trials).lower();
    double otherUpper = Wilson.of(otherHits, otherTrials).upper();
    double above = lower * (2 * p1 - lower);
    double below = otherUpper * (2 * p2 - otherUpper);
    // The usual form, (p1 p2 - root) / below, multiplied out: it divides by 0 where below is 0.
    double root = Math.sqrt(Math.max(0, p1 * p2 * p1 * p2 - above * below));
    return new ShareRatio(
        otherHits == 0 ? Double.POSITIVE_INFINITY : p1 / p2,
        hits == 0 ? 0 : above / (p1 * p2 + root));
  }
}
