package dev.flywheel.text;

import java.util.Arrays;

/**
 * What two texts share, counted in runs of four code points.
 *
 * <p>Runs are compared by a 64-bit hash: two different ones of a pair of texts of a million code
 * points collide with a probability below one in a million.
 */
public final class FourGrams {
  private static final int LENGTH = 4;

  private FourGrams() {}

  /**
   * {@code (T - sum |c1 - c2|) / T}, c1 and c2 how often a run occurs in either text and T the
   * number of runs of both: 1 for equal texts, 0 for texts without a common run.
   *
   * @return -1 where a text has fewer than four code points
   */
  public static double similarity(int[] a, int[] b) {
    long[] left = sorted(a);
    long[] right = sorted(b);
    if (left.length == 0 || right.length == 0) {
      return -1;
    }
    return 2.0 * common(left, right) / (left.length + right.length);
  }

  /**
   * Share of the runs of {@code part} that are in {@code whole}, each as often as it is there. It
   * does not fall when the whole grows.
   *
   * @return -1 where {@code part} has fewer than four code points
   */
  public static double containment(int[] part, int[] whole) {
    long[] left = sorted(part);
    return left.length == 0 ? -1 : (double) common(left, sorted(whole)) / left.length;
  }

  /** Size of the intersection of two sorted bags. */
  private static int common(long[] a, long[] b) {
    int common = 0;
    for (int i = 0, j = 0; i < a.length && j < b.length; ) {
      if (a[i] == b[j]) {
        common++;
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    return common;
  }

  private static long[] sorted(int[] text) {
    var hashes = new long[Math.max(0, text.length - LENGTH + 1)];
    for (int i = 0; i < hashes.length; i++) {
      long hash = 0;
      for (int k = 0; k < LENGTH; k++) {
        hash = mix(hash + text[i + k] + 1);
      }
      hashes[i] = hash;
    }
    Arrays.sort(hashes);
    return hashes;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection. */
  private static long mix(long value) {
    long z = value * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
