package dev.flywheel.sample;

import java.util.PriorityQueue;

/**
 * How many to draw from each stratum: proportional to N_h to a power, with a floor, and exact in
 * total.
 *
 * <p>Rounds by the divisor method of Webster (Sainte-Laguë): the next record goes to the stratum
 * with the largest N_h^a / (n_h + 1/2). Unlike largest remainders it has no Alabama paradox: with a
 * larger total no stratum gets fewer, so that a larger sample contains a smaller one (Balinski and
 * Young, "Fair Representation", 1982).
 */
final class Allocation {
  private Allocation() {}

  /** One stratum's claim to its next record. */
  private record Claim(int stratum, double priority) implements Comparable<Claim> {
    @Override
    public int compareTo(Claim other) {
      int byPriority = Double.compare(other.priority, priority);
      return byPriority != 0 ? byPriority : Integer.compare(stratum, other.stratum);
    }
  }

  /**
   * Records to draw from each stratum.
   *
   * @param populations N_h of each stratum; equal claims are settled in this order
   * @param total records wanted; fewer are drawn where the population is smaller, more where the
   *     floors alone ask for more
   * @param power a in N_h^a: 1 is proportional, 0 is equal
   * @param floor least of each stratum, as far as it has them
   * @return n_h of each stratum, never more than N_h
   */
  static long[] of(long[] populations, long total, double power, long floor) {
    var sample = new long[populations.length];
    long left = total;
    for (int h = 0; h < sample.length; h++) {
      sample[h] = Math.min(floor, populations[h]);
      left -= sample[h];
    }
    var claims = new PriorityQueue<Claim>();
    for (int h = 0; h < sample.length; h++) {
      claim(claims, h, populations, sample, power);
    }
    for (; left > 0 && !claims.isEmpty(); left--) {
      int h = claims.remove().stratum();
      sample[h]++;
      claim(claims, h, populations, sample, power);
    }
    return sample;
  }

  private static void claim(
      PriorityQueue<Claim> claims, int h, long[] populations, long[] sample, double power) {
    if (sample[h] < populations[h]) {
      claims.add(new Claim(h, Math.pow((double) populations[h], power) / (sample[h] + 0.5)));
    }
  }
}
