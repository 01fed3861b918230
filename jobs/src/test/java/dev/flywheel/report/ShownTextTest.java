package dev.flywheel.report;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.TestSpark;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Encoders;
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
  void whatIsTakenOutCannotMakeAnAddressThatWasNotRedacted() {
    String address = "anna.becker@hal\u200Bden.example";
    assertThat(ShownText.title("from " + address)).isEqualTo("from [email]");
    List<String> texts =
        Arrays.asList("to " + address, "\u0646\u200C\u0627@halden.example", "a\fb", null);
    List<String> excerpts =
        TestSpark.session()
            .createDataset(texts, Encoders.STRING())
            .select(ShownText.excerpt(col("value")))
            .as(Encoders.STRING())
            .collectAsList();
    assertThat(excerpts.stream().map(ShownText::shown))
        .containsExactly("to [email]", "[email]", "a\nb", null);
  }

  @Test
  void aTextWithoutAnythingToSeeIsNotTakenForOneThatWasNotLogged() {
    assertThat(ShownText.shown("\u200B\u200E")).isEqualTo("(blank)");
    assertThat(ShownText.shown(null)).isNull();
  }
}
