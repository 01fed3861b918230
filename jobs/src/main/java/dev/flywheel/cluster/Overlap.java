package dev.flywheel.cluster;

/**
 * How two clusterings divide the failures that lie in the windows of both: their numbers by cluster
 * of the left and of the right one.
 */
final class Overlap {
  private final long[][] both;

  /**
   * @param left number of clusters on the left
   * @param right number of clusters on the right
   */
  Overlap(int left, int right) {
    this.both = new long[left][right];
  }

  Overlap set(int left, int right, long failures) {
    both[left][right] = failures;
    return this;
  }

  long both(int left, int right) {
    return both[left][right];
  }

  /** Failures in both clusters over failures in either; 0 where there is none. */
  double jaccard(int left, int right) {
    return ratio(both[left][right], ofLeft(left) + ofRight(right) - both[left][right]);
  }

  /** Share of the right cluster's failures that lie in the left one; 0 where it has none. */
  double absorbed(int left, int right) {
    return ratio(both[left][right], ofRight(right));
  }

  /** Share of the left cluster's failures that lie in the right one; 0 where it has none. */
  double cameFrom(int left, int right) {
    return ratio(both[left][right], ofLeft(left));
  }

  private long ofLeft(int left) {
    long sum = 0;
    for (long failures : both[left]) {
      sum += failures;
    }
    return sum;
  }

  private long ofRight(int right) {
    long sum = 0;
    for (long[] row : both) {
      sum += row[right];
    }
    return sum;
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
