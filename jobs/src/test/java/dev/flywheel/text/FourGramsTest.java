package dev.flywheel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FourGramsTest {
  private static int[] text(String text) {
    return text.codePoints().toArray();
  }

  @Test
  void similarityCountsRunsAsOftenAsTheyOccur() {
    // abcd bcde against abcd bcdx: 4 runs, one on either side that the other lacks.
    assertThat(FourGrams.similarity(text("abcde"), text("abcdx"))).isCloseTo(0.5, within(1e-12));
    // aaaa twice against aaaa four times.
    assertThat(FourGrams.similarity(text("aaaaa"), text("aaaaaaa")))
        .isCloseTo(4 / 6.0, within(1e-12));
  }

  @Test
  void containmentDoesNotFallWhenTheWholeGrows() {
    assertThat(FourGrams.containment(text("hello world"), text("well, hello world, and more")))
        .isEqualTo(1.0);
    assertThat(FourGrams.containment(text("abcde"), text("abcdx"))).isEqualTo(0.5);
  }

  @Test
  void shortTextsHaveNoAnswer() {
    assertThat(FourGrams.similarity(text("abc"), text("abcd"))).isEqualTo(-1);
    assertThat(FourGrams.containment(text("abc"), text("abcd"))).isEqualTo(-1);
    assertThat(FourGrams.containment(text("abcd"), text(""))).isZero();
  }
}
