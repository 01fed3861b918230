package dev.flywheel.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.stats.Clustering.Cell;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusteringTest {
  @Test
  void clustersThatAreTheClassesHaveOne() {
    assertThat(v(new Cell("0", "a", 3), new Cell("1", "b", 7))).isCloseTo(1, within(1e-12));
    assertThat(v(new Cell("0", "a", 3))).isEqualTo(1);
  }

  @Test
  void oneClusterForTwoClassesHasZero() {
    assertThat(v(new Cell("0", "a", 5), new Cell("0", "b", 5))).isCloseTo(0, within(1e-12));
  }

  @Test
  void clustersThatSayNothingHaveZero() {
    assertThat(
            v(
                new Cell("0", "a", 2),
                new Cell("0", "b", 2),
                new Cell("1", "a", 2),
                new Cell("1", "b", 2)))
        .isCloseTo(0, within(1e-12));
  }

  @Test
  void aClassSplitInTwoLosesCompletenessAlone() {
    // Classes a a b b in clusters 0 1 2 2: homogeneity 1; H(K) = 1.5 bit, H(K|C) = 0.5 bit, so
    // completeness is 2/3 and V is 0.8, as sklearn.metrics.v_measure_score([0,0,1,1],[0,1,2,2]).
    assertThat(v(new Cell("0", "a", 1), new Cell("1", "a", 1), new Cell("2", "b", 2)))
        .isCloseTo(0.8, within(1e-12));
  }

  @Test
  void withoutItemsThereIsNoMeasure() {
    assertThat(Clustering.vMeasure(List.of())).isEmpty();
  }

  private static double v(Cell... cells) {
    return Clustering.vMeasure(List.of(cells)).orElseThrow();
  }
}
