package dev.flywheel.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.TestSpark;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The bit-parallel kernel against the textbook recurrence and against Spark's levenshtein. */
class EditDistanceTest {
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
}
