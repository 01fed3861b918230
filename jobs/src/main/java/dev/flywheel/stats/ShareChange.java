package dev.flywheel.stats;

/**
 * By how much a share changed between two independent samples, with the 95 % hybrid score interval
 * of Newcombe (1998, method 10): made of the two Wilson intervals, never outside -1 to 1.
 *
 * @param change later share minus earlier share
 * @param lower lower end
 * @param upper upper end
 */
public record ShareChange(double change, double lower, double upper) {

  /** The change from {@code before} of {@code beforeTrials} to {@code now} of {@code nowTrials}. */
  public static ShareChange of(long now, long nowTrials, long before, long beforeTrials) {
    if (nowTrials == 0 || beforeTrials == 0) {
      throw new IllegalArgumentException("A change needs trials on both sides");
    }
    double p1 = (double) now / nowTrials;
    double p2 = (double) before / beforeTrials;
    Wilson w1 = Wilson.of(now, nowTrials);
    Wilson w2 = Wilson.of(before, beforeTrials);
    double change = p1 - p2;
    return new ShareChange(
        change,
        change - Math.hypot(p1 - w1.lower(), w2.upper() - p2),
        change + Math.hypot(w1.upper() - p1, p2 - w2.lower()));
  }

  /** Whether the interval leaves out no change. */
  public boolean isClear() {
    return lower > 0 || upper < 0;
  }
}
