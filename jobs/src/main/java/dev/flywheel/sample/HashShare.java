package dev.flywheel.sample;

/** Shares of the 64-bit hash range, in the order of signed longs. */
final class HashShare {
  private static final double RANGE = 0x1p64;

  private HashShare() {}

  /** The last hash of the lowest {@code share} of all hashes; the largest long from 1 on. */
  static long last(double share) {
    return share >= 1 ? Long.MAX_VALUE : (long) ((share - 0.5) * RANGE);
  }
}
