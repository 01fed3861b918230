package dev.flywheel.stats;

import java.util.List;

/**
 * The step-up procedure of Benjamini and Hochberg (1995): of the tests it rejects, a share of at
 * most {@code rate} is expected to be false.
 */
public final class BenjaminiHochberg {
  private BenjaminiHochberg() {}

  /**
   * The largest p-value that is rejected; every test with that p-value or a smaller one is.
   *
   * @param pValues of all tests made, in any order
   * @param rate false discovery rate
   * @return below 0 when none is rejected
   */
  public static double threshold(List<Double> pValues, double rate) {
    List<Double> sorted = pValues.stream().sorted().toList();
    for (int rank = sorted.size(); rank > 0; rank--) {
      if (sorted.get(rank - 1) <= rate * rank / sorted.size()) {
        return sorted.get(rank - 1);
      }
    }
    return -1;
  }
}
