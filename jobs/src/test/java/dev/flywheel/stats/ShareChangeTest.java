package dev.flywheel.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ShareChangeTest {
  /** Published values: Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10. */
  @Test
  void agreesWithNewcombesTable() {
    assertChange(56, 70, 48, 80, 0.0524, 0.3339);
    assertChange(9, 10, 3, 10, 0.1705, 0.8090);
    assertChange(10, 10, 0, 10, 0.6075, 1.0000);
  }

  @Test
  void isClearOnlyWhereTheIntervalLeavesOutNoChange() {
    assertThat(ShareChange.of(56, 70, 48, 80).isClear()).isTrue();
    assertThat(ShareChange.of(5, 56, 0, 29).isClear()).isFalse();
  }

  private static void assertChange(
      long now, long nowTrials, long before, long beforeTrials, double lower, double upper) {
    ShareChange change = ShareChange.of(now, nowTrials, before, beforeTrials);
    assertThat(change.lower()).isCloseTo(lower, within(5e-5));
    assertThat(change.upper()).isCloseTo(upper, within(5e-5));
  }
}
