package dev.flywheel.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is claimed of every pass of the band, whichever bound it is given. */
class BandTest {
  /** Letters from {@code from}, few, so that texts have much in common. */
  private static IntStream letters(SplittableRandom random, int length, int from) {
    return random.ints(length, from, from + 4);
  }

  /** The text with a share of its letters replaced, left out or doubled. */
  private static IntStream edited(SplittableRandom random, int[] text, double share) {
    return Arrays.stream(EditDistanceTest.edited(random, text, share));
  }

  private static int[] joined(IntStream... parts) {
    return Arrays.stream(parts).flatMapToInt(part -> part).toArray();
  }

  /** Texts that are alike here and unlike there, so that every guess from a part is wrong. */
  private static int[][] pair(SplittableRandom random, int kind, int most) {
    int[] alike = letters(random, 1 + random.nextInt(most), 'a').toArray();
    int[] other = letters(random, 1 + random.nextInt(most), 'a').toArray();
    int more = random.nextInt(most / 2);
    return switch (kind) {
      // The same rate all over, from nearly equal to nothing in common.
      case 0 -> new int[][] {alike, edited(random, alike, random.nextDouble()).toArray()};
      case 1 -> new int[][] {alike, other};
      // Unlike first and alike then, and the other way round.
      case 2 ->
          new int[][] {
            joined(letters(random, more, 'a'), Arrays.stream(alike)),
            joined(letters(random, more, 'a'), edited(random, alike, 0.03))
          };
      case 3 ->
          new int[][] {
            joined(IntStream.of('x'), Arrays.stream(alike), letters(random, more, 'a')),
            joined(IntStream.of('y'), edited(random, alike, 0.03), letters(random, more, 'a'))
          };
      // Nothing in common at the end: there every bound by the rest of the text is met exactly.
      case 4 ->
          new int[][] {
            joined(Arrays.stream(alike), letters(random, more, 'p')),
            joined(edited(random, alike, 0.1), letters(random, more, 't'))
          };
      // A part moved from the beginning to the end: the way leads far off the diagonal.
      case 5 ->
          new int[][] {
            joined(letters(new SplittableRandom(more), more / 2, 'p'), Arrays.stream(alike)),
            joined(Arrays.stream(alike), letters(new SplittableRandom(more), more / 2, 'p'))
          };
      // Much longer.
      default ->
          new int[][] {
            alike, joined(letters(random, more, 'a'), Arrays.stream(alike), Arrays.stream(other))
          };
    };
  }

  /** Rows and columns as a band takes them. */
  private static int[][] matrix(int[][] pair) {
    boolean first = pair[0].length <= pair[1].length;
    int[] rows = pair[first ? 0 : 1];
    int[] columns = pair[first ? 1 : 0];
    int more = columns.length % 2;
    return new int[][] {
      Arrays.copyOf(rows, rows.length + more), Arrays.copyOf(columns, columns.length + more)
    };
  }

  @Test
  void aPassFindsTheDistanceIfItsBoundAllowsAndNeverLess() {
    var random = new SplittableRandom(21);
    for (int n = 0; n < 3_000; n++) {
      int[][] matrix = matrix(pair(random, n % 7, 900));
      if (matrix[0].length == 0) {
        continue;
      }
      int distance = EditDistance.unbanded(matrix[0], matrix[1]);
      var band = new Band(matrix[0], matrix[1]);
      int[] bounds = {
        distance,
        distance + 1,
        distance + random.nextInt(200),
        matrix[1].length,
        distance - 1,
        distance - 1 - random.nextInt(200)
      };
      for (int bound : bounds) {
        int found = band.pass(bound, Long.MAX_VALUE);
        if (bound >= distance) {
          assertThat(found).as("pair %d, bound %d", n, bound).isEqualTo(distance);
        } else {
          assertThat(found < 0 || found >= distance).as("pair %d, bound %d", n, bound).isTrue();
        }
      }
    }
  }

  @Test
  void theFirstGuessOfTheBoundMayBeWrong() {
    var random = new SplittableRandom(22);
    for (int n = 0; n < 700; n++) {
      int[][] pair = pair(random, n % 7, 4_000);
      int distance = EditDistance.unbanded(pair[0], pair[1]);
      assertThat(EditDistance.of(pair[0], pair[1])).as("pair %d", n).isEqualTo(distance);
      assertThat(EditDistance.of(pair[1], pair[0])).as("pair %d", n).isEqualTo(distance);
    }
  }

  /** Texts that nearly repeat themselves, moved by a piece: the straight way is hardly dearer. */
  @Test
  void aResultAboveItsBoundIsNotTakenForTheDistance() {
    var random = new SplittableRandom(23);
    int above = 0;
    for (int n = 0; n < 3_000; n++) {
      int length = 512 + 2 * random.nextInt(100);
      int letters = random.nextInt(2, 5);
      int moved = random.nextInt(30, 100);
      int period = random.nextInt(2, 60);
      int[] text = random.ints(length + moved, 0, letters).toArray();
      for (int i = period; i < text.length; i++) {
        text[i] = random.nextInt(100) < 97 ? text[i - period] : text[i];
      }
      int[] rows = joined(IntStream.of('x'), Arrays.stream(text, 0, length), IntStream.of('x'));
      int[] columns =
          joined(IntStream.of('y'), Arrays.stream(text, moved, length + moved), IntStream.of('y'));
      int distance = EditDistance.unbanded(rows, columns);
      above += new Band(rows, columns).pass(BitColumn.WORD, Long.MAX_VALUE) > distance ? 1 : 0;
      assertThat(EditDistance.of(rows, columns)).as("pair %d", n).isEqualTo(distance);
    }
    assertThat(above).isPositive();
  }
}
