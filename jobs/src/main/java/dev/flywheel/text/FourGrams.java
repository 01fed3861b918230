package dev.flywheel.text;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What two texts share, counted in runs of four code points.
 *
 * <p>Runs are compared by a 64-bit hash: two different ones of a pair of texts of a million code
 * points collide with a probability below one in a million.
 *
 * @param common runs that both have, each as often as the text that has it less often
 * @param ofPart runs of the first text; one where it is shorter than a run, which is then looked
 *     for as it is
 * @param ofWhole runs of the second; -1 where the first is shorter than a run
 */
record FourGrams(int common, int ofPart, int ofWhole) {
  private static final int LENGTH = 4;

  static FourGrams of(int[] part, int[] whole) {
    if (part.length > 0 && part.length < LENGTH) {
      return new FourGrams(contains(whole, part) ? 1 : 0, 1, -1);
    }
    int ofPart = count(part);
    int ofWhole = count(whole);
    return new FourGrams(
        ofPart == 0 || ofWhole == 0 ? 0 : common(part, whole, ofPart), ofPart, ofWhole);
  }

  /**
   * {@code (T - sum |c1 - c2|) / T}, c1 and c2 how often a run occurs in either text and T the
   * number of runs of both: 1 for equal texts, 0 for texts without a common run.
   *
   * @return null where the first text has fewer than four code points
   */
  Double similarity() {
    return ofPart == 0 || ofWhole < 0 ? null : 2.0 * common / (ofPart + ofWhole);
  }

  /**
   * Share of the runs of the first text that are in the second, each as often as it is there. It
   * does not fall when the second grows.
   *
   * @return null where the first text is empty
   */
  Double containment() {
    return ofPart == 0 ? null : (double) common / ofPart;
  }

  private static boolean contains(int[] whole, int[] part) {
    return IntStream.rangeClosed(0, whole.length - part.length)
        .anyMatch(start -> Arrays.equals(whole, start, start + part.length, part, 0, part.length));
  }

  private static int count(int[] text) {
    return Math.max(0, text.length - LENGTH + 1);
  }

  /** Size of the intersection of two bags: the runs of one in a table, those of the other taken. */
  private static int common(int[] part, int[] whole, int ofPart) {
    // At most half full, so that a search ends soon.
    int slots = Integer.highestOneBit(ofPart) << 2;
    var runs = new long[slots];
    // One more than are left of the run; 0 where the slot is free.
    var left = new int[slots];
    for (int i = 0; i < ofPart; i++) {
      long run = run(part, i);
      int slot = slot(run, runs, left);
      runs[slot] = run;
      left[slot] = Math.max(left[slot], 1) + 1;
    }
    int common = 0;
    for (int i = 0; i < count(whole); i++) {
      int slot = slot(run(whole, i), runs, left);
      if (left[slot] > 1) {
        left[slot]--;
        common++;
      }
    }
    return common;
  }

  /** Where the run is, or the free slot where it would be. */
  private static int slot(long run, long[] runs, int[] left) {
    int slot = (int) run & runs.length - 1;
    while (left[slot] != 0 && runs[slot] != run) {
      slot = slot + 1 & runs.length - 1;
    }
    return slot;
  }

  private static long run(int[] text, int start) {
    long hash = 0;
    for (int i = start; i < start + LENGTH; i++) {
      hash = mix(hash + text[i] + 1);
    }
    return hash;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection. */
  static long mix(long value) {
    long z = value * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
