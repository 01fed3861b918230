package dev.flywheel.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShareRatioTest {
  /** The formula of Donner and Zou in Python. */
  @Test
  void agreesWithTheFormulaElsewhere() {
    assertRatio(ShareRatio.of(12, 40, 2, 80), 12, 3.064337918);
    assertRatio(ShareRatio.of(30, 100, 20, 200), 3, 1.797624910);
    assertRatio(ShareRatio.of(718, 1000, 1, 1000), 718, 127.123790088);
  }

  @Test
  void aShareOfNothingElsewhereHasAFiniteLowerEnd() {
    ShareRatio ratio = ShareRatio.of(12, 40, 0, 80);

    assertThat(ratio.ratio()).isInfinite();
    assertThat(ratio.lower()).isCloseTo(6.008101696, within(1e-8));
  }

  @Property(tries = 200)
  void theLowerEndIsNoMoreThanTheRatioAndGrowsWithTheHits(
      @ForAll @IntRange(min = 0, max = 99) int hits,
      @ForAll @IntRange(min = 1, max = 200) int otherHits) {
    ShareRatio ratio = ShareRatio.of(hits, 100, otherHits, 200);

    assertThat(ratio.lower()).isBetween(0.0, ratio.ratio());
    assertThat(ShareRatio.of(hits + 1, 100, otherHits, 200).lower()).isGreaterThan(ratio.lower());
  }

  private static void assertRatio(ShareRatio found, double ratio, double lower) {
    assertThat(found.ratio()).isCloseTo(ratio, within(1e-9));
    assertThat(found.lower()).isCloseTo(lower, within(1e-8));
  }
}
