package dev.flywheel.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShownTextTest {
  @Test
  void cutsBetweenCharactersAndSaysSo() {
    assertThat(ShownText.shown("😀".repeat(301))).isEqualTo("😀".repeat(300) + "…");
    assertThat(ShownText.shown("😀".repeat(300))).isEqualTo("😀".repeat(300));
  }

  @Test
  void keepsLinesButNothingThatSteersTheDisplay() {
    assertThat(ShownText.shown("a\r\nb\u2028c\u202Ed\u0000e\uD800f")).isEqualTo("a\nb\ncdef");
    assertThat(ShownText.name(" a\n\u202Eb\tc ")).isEqualTo("a b c");
  }

  @Test
  void titlesAreRedactedBeforeTheyAreCut() {
    String title = "x".repeat(70) + " anna.becker@halden.example";
    assertThat(ShownText.title(title)).isEqualTo("x".repeat(70) + " [email]");
  }

  @Test
  void aTextWithoutAnythingToSeeIsNotTakenForOneThatWasNotLogged() {
    assertThat(ShownText.shown("\u200B\u200E")).isEqualTo("(blank)");
    assertThat(ShownText.shown(null)).isNull();
  }
}
