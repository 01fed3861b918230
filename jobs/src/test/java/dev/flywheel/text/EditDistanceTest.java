package dev.flywheel.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.TestSpark;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.commons.text.similarity.SimilarityInput;
import org.apache.spark.sql.Row;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

/** The bit-parallel kernel against implementations that nobody here wrote, and the textbook. */
class EditDistanceTest {
  /** What texts are made of, from two letters to every plane of Unicode. */
  private static final int[][] ALPHABETS = {
    {'a', 'b'},
    {'a', 'b', 'c', ' ', 'é', 0x4e2d, 0x1f600},
    // Letters with marks apart and composed, joiners, directions, flags, skin tones.
    {'e', 0x301, 0xe9, 0x200d, 0x202e, 0x1f468, 0x1f3fd, 0x1f1e9, 0x1f1ea, 0xfe0f, '\n', 0},
    {}
  };

  /** Wagner and Fischer (1974), two rows. */
  private static int textbook(int[] a, int[] b) {
    int[] above = new int[b.length + 1];
    Arrays.setAll(above, j -> j);
    for (int i = 1; i <= a.length; i++) {
      int[] row = new int[b.length + 1];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length];
  }

  /** Few letters, so that texts have much in common; some beyond the first plane. */
  private static int[] text(SplittableRandom random, int length) {
    int[] alphabet = {'a', 'b', 'c', ' ', 'é', 0x4e2d, 0x1f600};
    return random.ints(length, 0, alphabet.length).map(i -> alphabet[i]).toArray();
  }

  @Test
  void agreesWithTheTextbookOnShortAndOnLongTexts() {
    var random = new SplittableRandom(7);
    for (int n = 0; n < 3_000; n++) {
      int longest = n % 10 == 0 ? 700 : 130;
      int[] a = text(random, random.nextInt(longest));
      int[] b = text(random, random.nextInt(longest));
      assertThat(EditDistance.of(a, b)).isEqualTo(textbook(a, b)).isEqualTo(EditDistance.of(b, a));
    }
  }

  /** Any code point but surrogates, which no text has alone. */
  private static int anyCodePoint(SplittableRandom random) {
    int codePoint = random.nextInt(Character.MAX_CODE_POINT + 1);
    return Character.getType(codePoint) == Character.SURROGATE ? 'x' : codePoint;
  }

  private static int[] fuzz(SplittableRandom random, int[] alphabet, int longest) {
    return random
        .ints(random.nextInt(longest + 1))
        .map(
            any ->
                alphabet.length == 0
                    ? anyCodePoint(random)
                    : alphabet[Math.floorMod(any, alphabet.length)])
        .toArray();
  }

  /** The text with every so many code points replaced, left out or doubled. */
  static int[] edited(SplittableRandom random, int[] text, double share) {
    return Arrays.stream(text)
        .flatMap(
            codePoint -> {
              double edit = random.nextDouble() / share;
              return edit > 1
                  ? IntStream.of(codePoint)
                  : edit < 0.34
                      ? IntStream.empty()
                      : edit < 0.67
                          ? IntStream.of('#')
                          : IntStream.of(codePoint, anyCodePoint(random));
            })
        .toArray();
  }

  private static SimilarityInput<Integer> input(int[] text) {
    return new SimilarityInput<>() {
      @Override
      public Integer at(int index) {
        return text[index];
      }

      @Override
      public int length() {
        return text.length;
      }
    };
  }

  @Test
  void agreesWithCommonsTextOnAHundredThousandPairs() {
    var random = new SplittableRandom(11);
    LevenshteinDistance peer = LevenshteinDistance.getDefaultInstance();
    for (int n = 0; n < 100_000; n++) {
      int[] alphabet = ALPHABETS[n % ALPHABETS.length];
      int longest = n % 100 == 0 ? 300 : 40;
      int[] a = fuzz(random, alphabet, longest);
      int[] b = n % 3 == 0 ? edited(random, a, 0.2) : fuzz(random, alphabet, longest);
      int found = EditDistance.of(a, b);
      if (found != peer.apply(input(a), input(b))) {
        assertThat(found)
            .as("%s and %s", Arrays.toString(a), Arrays.toString(b))
            .isEqualTo(peer.apply(input(a), input(b)));
      }
    }
  }

  /** Texts long enough for the band: alike, with a part moved, cut off, put in, or unlike. */
  @Test
  void agreesWithTheUnbandedKernelWhereverTheBandEnds() {
    var random = new SplittableRandom(12);
    for (int n = 0; n < 600; n++) {
      int[] alphabet = ALPHABETS[n % ALPHABETS.length];
      int[] a = fuzz(random, alphabet, 4_000);
      double share = new double[] {0.001, 0.02, 0.1, 0.4}[n / 4 % 4];
      int[] b = n % 7 == 0 ? fuzz(random, alphabet, 4_000) : edited(random, a, share);
      int cut = random.nextInt(b.length + 1);
      int[] parts =
          switch (n % 5) {
            case 0 ->
                IntStream.concat(Arrays.stream(b, cut, b.length), Arrays.stream(b, 0, cut))
                    .toArray();
            case 1 -> Arrays.copyOfRange(b, Math.min(cut, 700), b.length);
            case 2 ->
                Stream.of(
                        Arrays.copyOf(b, cut),
                        fuzz(random, alphabet, 900),
                        Arrays.copyOfRange(b, cut, b.length))
                    .flatMapToInt(Arrays::stream)
                    .toArray();
            default -> b;
          };
      assertThat(EditDistance.of(a, parts)).isEqualTo(EditDistance.unbanded(a, parts));
    }
  }

  @Test
  void givesUpOnTextsThatAreLongAndUnlikeOnly() {
    var random = new SplittableRandom(13);
    int[] a = text(random, 20_000);
    int[] unlike = text(random, 20_000);
    assertThat(EditDistance.within(a, unlike, 100_000_000)).isEqualTo(EditDistance.TOO_LONG);
    assertThat(EditDistance.within(a, edited(random, a, 0.01), 100_000_000)).isBetween(100, 300);
    assertThat(EditDistance.within(a, a, 0)).isZero();
  }

  @Test
  void agreesWithTheTextbookAcrossStrips() {
    var random = new SplittableRandom(8);
    for (int length : new int[] {4_095, 4_096, 4_097, 9_000}) {
      int[] a = text(random, length);
      int[] b = text(random, length + 33);
      assertThat(EditDistance.of(a, b)).isEqualTo(textbook(a, b));
    }
  }

  @Test
  void sparkCallsItFromGeneratedCodeAndInSql() {
    var spark = TestSpark.session();
    Row row =
        spark
            .sql(
                "SELECT flywheel.edit_distance(a, b) d, levenshtein(a, b) s,"
                    + " flywheel.edit_distance(a, null) n FROM VALUES ('grüße 😀', 'grusse') t(a,"
                    + " b)")
            .head();
    assertThat(row.<Integer>getAs("d")).isEqualTo(row.<Integer>getAs("s")).isEqualTo(5);
    assertThat(row.<Integer>getAs("n")).isEqualTo(-1);
    var texts =
        spark
            .range(100)
            .selectExpr("repeat(hex(id * 7919), 5) AS a", "repeat(hex(id * 104729), 4) AS b");
    assertThat(texts.where("flywheel.edit_distance(a, b) <> levenshtein(a, b)").count()).isZero();
  }

  @Test
  void retainedIsExactUnlessItWouldTakeTooLong() {
    Row row =
        TestSpark.session()
            .sql(
                "SELECT flywheel.retained(a, b, 1000000) exact, flywheel.retained(a, b, 2)"
                    + " by_words, flywheel.word_distance(a, b) words FROM VALUES ('one two three"
                    + " four', 'one 2 three four') t(a, b)")
            .head();
    assertThat(row.<Row>getAs("exact").<Double>getAs("retained")).isEqualTo(1 - 3.0 / 18);
    assertThat(row.<Row>getAs("exact").<Boolean>getAs("approximate")).isFalse();
    assertThat(row.<Row>getAs("by_words").<Double>getAs("retained")).isEqualTo(0.75);
    assertThat(row.<Row>getAs("by_words").<Boolean>getAs("approximate")).isTrue();
    assertThat(row.<Integer>getAs("words")).isEqualTo(1);
  }

  @Test
  void wordsOfScriptsWithoutSpacesAreTheirCharacters() {
    assertThat(Words.distance("日本語 text", "日木語\u3000text")).isEqualTo(1);
    assertThat(Words.distance(" \n", "")).isZero();
    assertThat(Words.retained("", " ", 0)).isEqualTo(1);
  }

  @Test
  void textsOfTooManyWordsAreComparedByFourGrams() {
    // Each character is a word, 30 by 30.
    Row row =
        TestSpark.session()
            .sql(
                "SELECT flywheel.retained(repeat('日本語', 10), repeat('日本人', 10), 99) r,"
                    + " flywheel.four_grams(repeat('日本語', 10), repeat('日本人', 10)) g")
            .head();
    assertThat(row.<Row>getAs("r").<Double>getAs("retained"))
        .isEqualTo(row.<Row>getAs("g").<Double>getAs("similarity"));
    assertThat(row.<Row>getAs("r").<Boolean>getAs("approximate")).isTrue();
  }

  @Test
  void bytesThatAreNotUtf8AreReplacedAsSparkReplacesThem() {
    var random = new SplittableRandom(14);
    for (int n = 0; n < 20_000; n++) {
      var bytes = new byte[random.nextInt(12)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (random.nextInt(4) == 0 ? 'a' : 0x80 + random.nextInt(0x80));
      }
      UTF8String text = UTF8String.fromBytes(bytes);
      assertThat(CodePoints.of(text)).isEqualTo(text.toString().codePoints().toArray());
    }
  }
}
