package dev.flywheel.text;

import java.util.Arrays;

/**
 * Levenshtein distance over code points: the fewest insertions, deletions and replacements that
 * turn one text into the other. Exact.
 *
 * <p>A code point is one unit, also beyond the first plane. Texts are not normalised: a letter with
 * a combining mark is two units, the composed letter one, and the two spellings differ by two.
 *
 * <p>Bit-parallel after Myers (1999) in the form of Hyyrö (2003): 64 cells of a {@link BitColumn}
 * are one word and a column costs ⌈m/64⌉ word steps. An equal beginning and end are cut off first.
 * Long texts are worked through in a {@link Band} around the diagonal (Ukkonen 1985): about half of
 * the matrix where they have nothing in common, hardly any of it where they have nearly everything.
 * Short ones, and those a band is not worth it for, are worked through whole, in strips of {@value
 * #STRIP_WORDS} words, which hand their lowest row to the next: memory grows with the texts, not
 * with their product or their alphabet.
 */
public final class EditDistance {
  /** What {@link #within} answers where the distance would cost more than allowed. */
  public static final int TOO_LONG = -1;

  private static final int WORD = BitColumn.WORD;
  private static final int STRIP_WORDS = 64;
  private static final int STRIP = STRIP_WORDS * WORD;

  /** Rows from which a band is tried; below, a column is hardly longer than the band is wide. */
  private static final int BAND_FROM = 8 * WORD;

  private EditDistance() {}

  /** Distance of two texts given as code points; 0 to the length of the longer one. */
  public static int of(int[] a, int[] b) {
    return within(a, b, Long.MAX_VALUE);
  }

  /**
   * As {@link #of}, unless the parts of the texts that differ are long and dissimilar.
   *
   * @param mostCells most cells of the matrix to work through, the product of the lengths
   * @return {@link #TOO_LONG} where it would take more
   */
  public static int within(int[] a, int[] b, long mostCells) {
    int shorter = Math.min(a.length, b.length);
    int mismatch = Arrays.mismatch(a, 0, shorter, b, 0, shorter);
    int prefix = mismatch < 0 ? shorter : mismatch;
    int suffix = 0;
    while (suffix < shorter - prefix && a[a.length - 1 - suffix] == b[b.length - 1 - suffix]) {
      suffix++;
    }
    int longer = Math.max(a.length, b.length) - prefix - suffix;
    if (prefix + suffix == shorter) {
      return longer;
    }
    // Columns go in twos. An odd one is made up for by an equal one in both: the first that was cut
    // off or, where none was, the 0 that a copy beyond the end is filled with.
    int kept = longer % 2 - suffix;
    int[] left = Arrays.copyOfRange(a, prefix, a.length + kept);
    int[] right = Arrays.copyOfRange(b, prefix, b.length + kept);
    boolean leftIsShorter = a.length <= b.length;
    int[] rows = leftIsShorter ? left : right;
    int[] columns = leftIsShorter ? right : left;
    boolean all = (long) (shorter - prefix - suffix) * longer <= mostCells;
    if (rows.length >= BAND_FROM) {
      int mostEdits = all ? columns.length : rows.length / 2;
      int distance = new Band(rows, columns).distance(mostEdits, mostCells);
      if (distance >= 0) {
        return distance;
      }
    }
    return all ? strips(rows, columns) : TOO_LONG;
  }

  /** As {@link #of} by every cell of the matrix, for measuring what the band saves. */
  public static int unbanded(int[] a, int[] b) {
    int[] rows = a.length <= b.length ? a : b;
    int[] columns = a.length <= b.length ? b : a;
    int more = 2 - columns.length % 2;
    return strips(
        Arrays.copyOf(rows, rows.length + more), Arrays.copyOf(columns, columns.length + more));
  }

  /** Works through {@code rows}, the rows of the matrix, strip by strip. */
  private static int strips(int[] rows, int[] columns) {
    // What the row above a strip does over two columns.
    var steps = new byte[columns.length / 2];
    Arrays.fill(steps, (byte) BitColumn.BOTH_UP);
    BitColumn column = null;
    for (int from = 0; from < rows.length; from += STRIP) {
      int to = Math.min(rows.length, from + STRIP);
      column = strip(Arrays.copyOfRange(rows, from, to), columns, steps);
    }
    int distance = rows.length + WORD - 1 - (rows.length - 1) % WORD;
    for (byte step : steps) {
      distance += BitColumn.across(step);
    }
    return distance - column.riseBelow((rows.length - 1) % STRIP);
  }

  /** Replaces the steps of the row above {@code rows} by those of its lowest row. */
  private static BitColumn strip(int[] rows, int[] columns, byte[] steps) {
    int words = (rows.length + WORD - 1) / WORD;
    var alphabet = new Alphabet(rows);
    long[] positions = alphabet.positions(rows, words);
    var column = new BitColumn(words);
    for (int j = 0; j < columns.length; j += 2) {
      int at = alphabet.number(columns[j]) * words;
      int nextAt = alphabet.number(columns[j + 1]) * words;
      steps[j / 2] = (byte) column.advance(0, words - 1, positions, at, nextAt, steps[j / 2]);
    }
    return column;
  }

  /** Numbers the code points of a text from 1; 0 is any other. */
  static final class Alphabet {
    private static final int DIRECT = 0x250;

    private final int[] direct = new int[DIRECT];
    private int[] codePoints = new int[16];
    private int[] numbers = new int[16];
    private int beyond;
    private int size = 1;

    Alphabet(int[] text) {
      for (int codePoint : text) {
        if (codePoint < DIRECT) {
          if (direct[codePoint] == 0) {
            direct[codePoint] = size++;
          }
        } else if (numbers[place(codePoint)] == 0) {
          if (++beyond > codePoints.length / 2) {
            grow();
          }
          int place = place(codePoint);
          codePoints[place] = codePoint;
          numbers[place] = size++;
        }
      }
    }

    int number(int codePoint) {
      return codePoint < DIRECT ? direct[codePoint] : numbers[place(codePoint)];
    }

    int[] numbers(int[] text) {
      var numbers = new int[text.length];
      for (int i = 0; i < text.length; i++) {
        numbers[i] = number(text[i]);
      }
      return numbers;
    }

    /** Numbers given out, 0 among them. */
    int size() {
      return size;
    }

    /**
     * Where a code point beyond the direct ones is, or would be; a number of 0 marks a free place.
     */
    private int place(int codePoint) {
      int mask = codePoints.length - 1;
      int place = (codePoint * 0x9E3779B9) >>> 7 & mask;
      while (numbers[place] != 0 && codePoints[place] != codePoint) {
        place = (place + 1) & mask;
      }
      return place;
    }

    private void grow() {
      int[] oldCodePoints = codePoints;
      int[] oldNumbers = numbers;
      codePoints = new int[2 * oldCodePoints.length];
      numbers = new int[2 * oldNumbers.length];
      for (int i = 0; i < oldNumbers.length; i++) {
        if (oldNumbers[i] != 0) {
          int place = place(oldCodePoints[i]);
          codePoints[place] = oldCodePoints[i];
          numbers[place] = oldNumbers[i];
        }
      }
    }

    /** A bit for each position of each code point, {@code words} words a code point. */
    long[] positions(int[] text, int words) {
      var positions = new long[size * words];
      for (int i = 0; i < text.length; i++) {
        positions[number(text[i]) * words + i / WORD] |= 1L << (i % WORD);
      }
      return positions;
    }
  }
}
