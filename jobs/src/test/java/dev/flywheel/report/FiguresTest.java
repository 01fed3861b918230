package dev.flywheel.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.stats.Wilson;
import java.time.LocalDate;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void readTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(Figures.count(1234567)).isEqualTo("1,234,567");
      assertThat(Figures.percent(0.8214)).isEqualTo("82.1%");
      assertThat(Figures.day(LocalDate.of(2026, 3, 5))).isEqualTo("5 Mar");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void smallSharesKeepADigitThatTells() {
    assertThat(Figures.percent(0.0042)).isEqualTo("0.42%");
    assertThat(Figures.percent(0)).isEqualTo("0.0%");
    assertThat(Figures.percent(new Wilson(0.001, 0.0054))).isEqualTo("0.10–0.54%");
  }

  @Test
  void changesCarryTheirSign() {
    assertThat(Figures.points(-0.0123)).isEqualTo("−1.2");
    assertThat(Figures.points(0.004)).isEqualTo("+0.4");
    assertThat(Figures.points(-0.0002)).isEqualTo("±0.0");
  }

  @Test
  void rangesAreNoLongerThanNeeded() {
    assertThat(Figures.range(LocalDate.of(2026, 1, 6), LocalDate.of(2026, 1, 12)))
        .isEqualTo("6–12 January 2026");
    assertThat(Figures.range(LocalDate.of(2026, 1, 28), LocalDate.of(2026, 2, 3)))
        .isEqualTo("28 January – 3 February 2026");
    assertThat(Figures.range(LocalDate.of(2025, 12, 30), LocalDate.of(2026, 1, 5)))
        .isEqualTo("30 December 2025 – 5 January 2026");
  }
}
