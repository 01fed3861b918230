package dev.flywheel.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.TestSpark;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class WordHashesTest {
  private static final int ALL = 1_000;

  private static final String SCRIPTS =
      Words.WITHOUT_SPACES.stream().map("\\p{Is%s}"::formatted).collect(Collectors.joining());

  /** The same words, by a regular expression. */
  private static final Pattern WORD =
      Pattern.compile(
          "[\\p{L}\\p{M}\\p{N}&&[%1$s]]|[\\p{L}\\p{M}\\p{N}&&[^%1$s]]+".formatted(SCRIPTS));

  private static Set<String> words(String text) {
    return WORD.matcher(text.toLowerCase(Locale.ROOT))
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toSet());
  }

  private static Set<Long> hashes(String text) {
    return LongStream.of(WordHashes.of(text, ALL)).boxed().collect(Collectors.toSet());
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings()
        .withChars("aAbBßİσ19 ,.-_'\n\u0301\u0e01\u0e31日本。ひ가🙂𠮷½")
        .ofMaxLength(40);
  }

  @Property
  void wordsInCommonAreHashesInCommon(@ForAll("texts") String a, @ForAll("texts") String b) {
    assertThat(hashes(a)).hasSameSizeAs(words(a));
    var common = new HashSet<>(words(a));
    common.retainAll(words(b));
    var found = new HashSet<>(hashes(a));
    found.retainAll(hashes(b));
    assertThat(found).hasSameSizeAs(common);
  }

  @Test
  void ofManyTheSmallestStandForAll() {
    String text = "one two three four five six seven";
    long[] all = WordHashes.of(text, ALL);
    assertThat(all).hasSize(7).isSorted();
    assertThat(WordHashes.of(text + " " + text, 3)).isEqualTo(Arrays.copyOf(all, 3));
    assertThat(WordHashes.of(" ,;- ", ALL)).isEmpty();
  }

  @Test
  void sqlSeesThem() {
    assertThat(
            TestSpark.session()
                .sql(
                    "select flywheel.word_hashes('Why? WHY not', 9) = flywheel.word_hashes('not"
                        + " why', 9), size(flywheel.word_hashes('a b c', 2))")
                .first()
                .mkString("|"))
        .isEqualTo("true|2");
  }
}
