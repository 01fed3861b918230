package dev.flywheel.text;

import java.util.Arrays;

/**
 * Levenshtein distance over code points: the fewest insertions, deletions and replacements that
 * turn one text into the other. Exact.
 *
 * <p>A code point is one unit, also beyond the first plane. Texts are not normalised: a letter with
 * a combining mark is two units, the composed letter one, and the two spellings differ by two.
 *
 * <p>Bit-parallel after Myers (1999) in the form of Hyyrö (2003): 64 cells of a column are one word
 * and a column costs ⌈m/64⌉ word steps. An equal beginning and end are cut off first. Long texts
 * are first tried in a {@link Band} around the diagonal (Ukkonen 1985), which costs little where
 * they differ much and nearly everything where they do not. What is left is worked through in
 * strips of {@value #STRIP_WORDS} words, which hand their lowest row to the next: memory grows with
 * the texts, not with their product or their alphabet.
 */
public final class EditDistance {
  /** What {@link #within} answers where the distance would cost more than allowed. */
  public static final int TOO_LONG = -1;

  static final int WORD = 64;
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
    int[] left = Arrays.copyOfRange(a, prefix, a.length - suffix);
    int[] right = Arrays.copyOfRange(b, prefix, b.length - suffix);
    if (left.length == 0 || right.length == 0) {
      return Math.max(left.length, right.length);
    }
    return left.length <= right.length
        ? trimmed(left, right, mostCells)
        : trimmed(right, left, mostCells);
  }

  /** As {@link #of} by every cell of the matrix, for measuring what the band saves. */
  public static int unbanded(int[] a, int[] b) {
    return a.length <= b.length ? strips(a, b) : strips(b, a);
  }

  private static int trimmed(int[] rows, int[] columns, long mostCells) {
    long cells = (long) rows.length * columns.length;
    if (rows.length >= BAND_FROM) {
      int distance = new Band(rows, columns).distance(Math.min(mostCells, cells / 2) / WORD);
      if (distance >= 0) {
        return distance;
      }
    }
    return cells > mostCells ? TOO_LONG : strips(rows, columns);
  }

  /** Works through {@code rows}, the rows of the matrix, strip by strip. */
  private static int strips(int[] rows, int[] columns) {
    // What the row above a strip does from one column to the next: bit 0 up by one, bit 1 down.
    var steps = new byte[columns.length];
    Arrays.fill(steps, (byte) 1);
    for (int from = 0; from < rows.length; from += STRIP) {
      strip(Arrays.copyOfRange(rows, from, Math.min(rows.length, from + STRIP)), columns, steps);
    }
    int distance = rows.length;
    for (byte step : steps) {
      distance += (step & 1) - (step >>> 1);
    }
    return distance;
  }

  /**
   * Replaces the steps of the row above {@code rows} by those of its lowest row.
   *
   * <p>Two columns at a time: each word of a column waits for the one above it, so that a processor
   * has nothing to do in between but the column beside it.
   */
  private static void strip(int[] rows, int[] columns, byte[] steps) {
    int words = (rows.length + WORD - 1) / WORD;
    int lowest = (rows.length - 1) % WORD;
    var alphabet = new Alphabet(rows);
    long[] equal = alphabet.positions(rows, words);
    var up = new long[words];
    var down = new long[words];
    Arrays.fill(up, -1L);
    int j = 0;
    for (; j + 1 < columns.length; j += 2) {
      int at = alphabet.number(columns[j]) * words;
      int nextAt = alphabet.number(columns[j + 1]) * words;
      long upIn = steps[j] & 1L;
      long downIn = (long) steps[j] >>> 1;
      long nextUpIn = steps[j + 1] & 1L;
      long nextDownIn = (long) steps[j + 1] >>> 1;
      long hp = 0;
      long hn = 0;
      long nextHp = 0;
      long nextHn = 0;
      for (int w = 0; w < words; w++) {
        long vp = up[w];
        long vn = down[w];
        long x = equal[at + w] | downIn;
        long d0 = (((x & vp) + vp) ^ vp) | x | vn;
        hp = vn | ~(d0 | vp);
        hn = d0 & vp;
        long hpShifted = (hp << 1) | upIn;
        vp = ((hn << 1) | downIn) | ~(d0 | hpShifted);
        vn = hpShifted & d0;
        upIn = hp >>> (WORD - 1);
        downIn = hn >>> (WORD - 1);
        x = equal[nextAt + w] | nextDownIn;
        d0 = (((x & vp) + vp) ^ vp) | x | vn;
        nextHp = vn | ~(d0 | vp);
        nextHn = d0 & vp;
        hpShifted = (nextHp << 1) | nextUpIn;
        up[w] = ((nextHn << 1) | nextDownIn) | ~(d0 | hpShifted);
        down[w] = hpShifted & d0;
        nextUpIn = nextHp >>> (WORD - 1);
        nextDownIn = nextHn >>> (WORD - 1);
      }
      steps[j] = step(hp, hn, lowest);
      steps[j + 1] = step(nextHp, nextHn, lowest);
    }
    if (j < columns.length) {
      int at = alphabet.number(columns[j]) * words;
      long upIn = steps[j] & 1L;
      long downIn = (long) steps[j] >>> 1;
      long hp = 0;
      long hn = 0;
      for (int w = 0; w < words; w++) {
        long x = equal[at + w] | downIn;
        long d0 = (((x & up[w]) + up[w]) ^ up[w]) | x | down[w];
        hp = down[w] | ~(d0 | up[w]);
        hn = d0 & up[w];
        long hpShifted = (hp << 1) | upIn;
        up[w] = ((hn << 1) | downIn) | ~(d0 | hpShifted);
        down[w] = hpShifted & d0;
        upIn = hp >>> (WORD - 1);
        downIn = hn >>> (WORD - 1);
      }
      steps[j] = step(hp, hn, lowest);
    }
  }

  /** What one row does from a column to the next. */
  private static byte step(long hp, long hn, int row) {
    return (byte) (((hp >>> row) & 1) | (((hn >>> row) & 1) << 1));
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
