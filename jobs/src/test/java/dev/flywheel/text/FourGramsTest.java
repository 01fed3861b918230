package dev.flywheel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class FourGramsTest {
  private static FourGrams of(String part, String whole) {
    return FourGrams.of(part.codePoints().toArray(), whole.codePoints().toArray());
  }

  @Test
  void similarityCountsRunsAsOftenAsTheyOccur() {
    // abcd bcde against abcd bcdx: 4 runs, one on either side that the other lacks.
    assertThat(of("abcde", "abcdx").similarity()).isCloseTo(0.5, within(1e-12));
    // aaaa twice against aaaa four times.
    assertThat(of("aaaaa", "aaaaaaa").similarity()).isCloseTo(4 / 6.0, within(1e-12));
  }

  @Test
  void containmentDoesNotFallWhenTheWholeGrows() {
    assertThat(of("hello world", "well, hello world, and more").containment()).isEqualTo(1.0);
    assertThat(of("abcde", "abcdx").containment()).isEqualTo(0.5);
  }

  @Test
  void shortTextsHaveNoAnswer() {
    assertThat(of("abc", "abcd").similarity()).isNull();
    assertThat(of("", "abcd").containment()).isNull();
    assertThat(of("abc", "").similarity()).isNull();
    assertThat(of("abcd", "").containment()).isZero();
  }

  @Test
  void whereAllWasDeletedNothingIsShared() {
    assertThat(of("abcd", "").similarity()).isZero();
    assertThat(of("abcde", "abc").similarity()).isZero();
  }

  @Test
  void aTextShorterThanARunIsThereOrNot() {
    assertThat(of("abc", "xxabcxx").containment()).isEqualTo(1.0);
    assertThat(of("7", "7").containment()).isEqualTo(1.0);
    assertThat(of("abc", "ab c").containment()).isZero();
    assertThat(of("abc", "ab").containment()).isZero();
  }

  @Property
  void commonRunsAreThoseThatCanBeCrossedOut(
      @ForAll @StringLength(min = 4, max = 60) @CharRange(from = 'a', to = 'c') String part,
      @ForAll @StringLength(max = 60) @CharRange(from = 'a', to = 'c') String whole) {
    List<String> left = runs(whole);
    long common = runs(part).stream().filter(left::remove).count();
    assertThat(of(part, whole))
        .isEqualTo(new FourGrams((int) common, runs(part).size(), runs(whole).size()));
  }

  private static List<String> runs(String text) {
    return new ArrayList<>(
        IntStream.rangeClosed(0, text.length() - 4)
            .mapToObj(start -> text.substring(start, start + 4))
            .toList());
  }
}
