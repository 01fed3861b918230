package dev.flywheel.stats;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** How well a score tells two classes apart. */
public final class Ranking {
  private Ranking() {}

  /** How many of each class have one score. */
  public record Tie(double score, long positives, long negatives) {}

  /**
   * Probability that a random positive scores higher than a random negative, a tie counting half:
   * the area under the ROC curve by the rank-sum of Mann and Whitney (1947).
   *
   * @param ties one entry per distinct score, in any order
   * @return 0 to 1; empty where one of the classes is
   */
  public static OptionalDouble auc(List<Tie> ties) {
    double won = 0;
    long below = 0;
    long positives = 0;
    for (Tie tie : ties.stream().sorted(Comparator.comparingDouble(Tie::score)).toList()) {
      won += (double) tie.positives() * (below + tie.negatives() / 2.0);
      below += tie.negatives();
      positives += tie.positives();
    }
    return positives == 0 || below == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(won / ((double) positives * below));
  }
}
