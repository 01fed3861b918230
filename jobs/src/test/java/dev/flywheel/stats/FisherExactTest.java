package dev.flywheel.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.math3.distribution.HypergeometricDistribution;
import org.junit.jupiter.api.Test;

class FisherExactTest {
  /** The lady tasting tea: three of her four cups right, of eight; Fisher (1935). */
  @Test
  void agreesWithTheTeaExperiment() {
    assertThat(FisherExact.upperTail(3, 4, 4, 8)).isCloseTo(17.0 / 70, within(1e-12));
    assertThat(FisherExact.upperTail(4, 4, 4, 8)).isCloseTo(1.0 / 70, within(1e-12));
  }

  /** Convictions of twins, one-sided p as in R's fisher.test: 10 of 13 against 2 of 17. */
  @Test
  void agreesWithFishersTwins() {
    assertThat(FisherExact.upperTail(10, 13, 12, 30)).isCloseTo(0.0004652, within(5e-8));
  }

  @Property(tries = 100)
  void agreesWithAnotherImplementation(
      @ForAll @IntRange(min = 1, max = 5000) int all,
      @ForAll @IntRange(min = 0, max = 5000) int drawnHits,
      @ForAll @IntRange(min = 0, max = 5000) int drawnSize,
      @ForAll @IntRange(min = 0, max = 5000) int drawn) {
    int allHits = drawnHits % (all + 1);
    int size = drawnSize % (all + 1);
    int least = Math.max(0, size - (all - allHits));
    int hits = least + drawn % (Math.min(size, allHits) - least + 1);
    assertThat(FisherExact.upperTail(hits, size, allHits, all))
        .isCloseTo(
            new HypergeometricDistribution(all, allHits, size).upperCumulativeProbability(hits),
            within(1e-9));
  }

  @Test
  void staysExactForManyResponses() {
    assertThat(FisherExact.upperTail(1_000, 100_000, 10_000, 1_000_000)).isBetween(0.49, 0.52);
    assertThat(FisherExact.upperTail(2_000, 100_000, 10_000, 1_000_000)).isLessThan(1e-100);
  }

  @Test
  void refusesWhatIsNoTable() {
    assertThatIllegalArgumentException().isThrownBy(() -> FisherExact.upperTail(5, 4, 6, 10));
  }
}
