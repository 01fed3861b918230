package dev.flywheel.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BenjaminiHochbergTest {
  /** The worked example of the paper (1995, section 4.1): four of fifteen are rejected. */
  @Test
  void agreesWithThePaper() {
    List<Double> pValues =
        List.of(
            0.0459, 0.0001, 0.0004, 0.3240, 0.0019, 0.0095, 0.0201, 0.4262, 0.0278, 0.0298, 0.0344,
            0.5719, 0.6528, 0.7590, 1.0000);
    assertThat(BenjaminiHochberg.threshold(pValues, 0.05)).isEqualTo(0.0095);
  }

  @Test
  void aLaterTestCarriesEarlierOnesWithIt() {
    assertThat(BenjaminiHochberg.threshold(List.of(0.03, 0.04), 0.05)).isEqualTo(0.04);
  }

  @Test
  void rejectsNothingOfNothingAndNothingOfChance() {
    assertThat(BenjaminiHochberg.threshold(List.of(), 0.05)).isNegative();
    assertThat(BenjaminiHochberg.threshold(List.of(0.2, 0.6), 0.05)).isNegative();
  }
}
