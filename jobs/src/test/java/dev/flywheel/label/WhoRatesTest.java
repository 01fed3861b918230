package dev.flywheel.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.label.WhoRates.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Rates of a population whose rating depends on who rates and on what they did. */
class WhoRatesTest {
  private static final String[] TYPES = {"free", "pro", "team"};
  private static final double[] RATES = {-2.8, -2.0, -1.2};
  private static final double[] LIKES = {-0.6, 0.4, 1.6};

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** One draw of the population, and the share that is good in it. */
  private static List<Cell> draw(SplittableRandom random, int n) {
    var cells = new ArrayList<Cell>();
    for (int i = 0; i < n; i++) {
      int type = random.nextInt(3);
      int category = random.nextInt(2);
      boolean acted = random.nextDouble() < 0.3;
      double likes = LIKES[type] + 0.8 * category + (acted ? 0.9 : 0);
      double rates = RATES[type] + 0.5 * category + (acted ? 1.5 : 0);
      boolean good = random.nextDouble() < logistic(likes);
      boolean rated = random.nextDouble() < logistic(rates);
      cells.add(
          new Cell(
              List.of(TYPES[type], "c" + category, acted ? "acted" : "none"),
              1,
              rated ? 1 : 0,
              rated && good ? 1 : 0));
    }
    return cells;
  }

  /** What everybody would say, by summing over the population. */
  private static double truth() {
    double sum = 0;
    for (int type = 0; type < 3; type++) {
      for (int category = 0; category < 2; category++) {
        for (int acted = 0; acted < 2; acted++) {
          sum +=
              logistic(LIKES[type] + 0.8 * category + 0.9 * acted) * (acted == 1 ? 0.3 : 0.7) / 6;
        }
      }
    }
    return sum;
  }

  @Test
  void theDoublyRobustIntervalCoversTheTruthAndTheNaiveOneMisses() {
    var random = new SplittableRandom(1);
    int covered = 0;
    int naiveCovered = 0;
    double robust = 0;
    double snips = 0;
    int simulations = 500;
    for (int i = 0; i < simulations; i++) {
      WhoRates rates = WhoRates.of(draw(random, 4_000)).orElseThrow();
      covered += rates.lower() <= truth() && truth() <= rates.upper() ? 1 : 0;
      naiveCovered +=
          rates.naiveInterval().lower() <= truth() && truth() <= rates.naiveInterval().upper()
              ? 1
              : 0;
      robust += rates.doublyRobust() / simulations;
      snips += rates.snips() / simulations;
      assertThat(rates.effective()).isLessThan((double) rates.nRated());
    }
    assertThat(covered / (double) simulations).isCloseTo(0.95, within(0.02));
    assertThat(naiveCovered / (double) simulations).isLessThan(0.2);
    assertThat(robust).isCloseTo(truth(), within(0.005));
    assertThat(snips).isCloseTo(truth(), within(0.01));
  }

  @Test
  void whereEverybodyIsAsLikelyToRateNothingIsCorrected() {
    List<Cell> cells =
        List.of(
            new Cell(List.of("free"), 1_000, 100, 80), new Cell(List.of("pro"), 1_000, 100, 40));
    WhoRates rates = WhoRates.of(cells).orElseThrow();
    assertThat(rates.naive()).isEqualTo(0.6);
    assertThat(rates.snips()).isCloseTo(0.6, within(1e-3));
    assertThat(rates.doublyRobust()).isCloseTo(0.6, within(1e-3));
    assertThat(rates.effective()).isCloseTo(200, within(0.01));
  }

  @Test
  void fewRatingsSayNothing() {
    assertThat(WhoRates.of(List.of())).isEmpty();
    assertThat(WhoRates.of(List.of(new Cell(List.of("free"), 1_000, 49, 30)))).isEmpty();
    assertThat(WhoRates.of(List.of(new Cell(List.of("free"), 1_000, 90, 90)))).isEmpty();
  }

  @Test
  void theOrderOfTheCellsDoesNotMatter() {
    List<Cell> cells = draw(new SplittableRandom(2), 4_000);
    var reversed = new ArrayList<>(cells);
    java.util.Collections.reverse(reversed);
    assertThat(WhoRates.of(reversed)).isEqualTo(WhoRates.of(cells));
  }
}
