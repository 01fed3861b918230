package dev.flywheel.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.stats.Ranking.Tie;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RankingTest {
  @Test
  void aucOfAHandWorkedExampleWithATie() {
    // Positives .8 .5 .5, negatives .5 .2: of 6 pairs, 4 won and 2 tied.
    List<Tie> ties = List.of(new Tie(0.8, 1, 0), new Tie(0.2, 0, 1), new Tie(0.5, 2, 1));

    assertThat(Ranking.auc(ties).orElseThrow()).isCloseTo(5.0 / 6, within(1e-12));
  }

  @Test
  void aucNeedsBothClasses() {
    assertThat(Ranking.auc(List.of())).isEmpty();
    assertThat(Ranking.auc(List.of(new Tie(0.3, 5, 0)))).isEmpty();
    assertThat(Ranking.auc(List.of(new Tie(0.3, 0, 5)))).isEmpty();
  }

  @Property(tries = 200)
  void aucIsTheShareOfPairsWon(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 5) Integer> positives,
      @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 5) Integer> negatives) {
    double won = 0;
    for (int positive : positives) {
      for (int negative : negatives) {
        won += positive > negative ? 1 : positive == negative ? 0.5 : 0;
      }
    }
    var counts = new TreeMap<Integer, long[]>();
    positives.forEach(score -> counts.computeIfAbsent(score, s -> new long[2])[0]++);
    negatives.forEach(score -> counts.computeIfAbsent(score, s -> new long[2])[1]++);
    var ties = new ArrayList<Tie>();
    counts.descendingMap().forEach((score, n) -> ties.add(new Tie(score, n[0], n[1])));

    assertThat(Ranking.auc(ties).orElseThrow())
        .isCloseTo(won / (positives.size() * negatives.size()), within(1e-12));
  }
}
