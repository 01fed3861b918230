package dev.flywheel.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Levenshtein distance over code points: the fewest insertions, deletions and replacements that
 * turn one text into the other. Exact.
 *
 * <p>Bit-parallel after Myers (1999) in the form of Hyyrö (2003): 64 cells of a column are one word
 * and a column costs ⌈m/64⌉ word steps. An equal beginning and end are cut off first. The longer
 * text is worked through in strips of {@value #STRIP_WORDS} words, which hand their lowest row to
 * the next: memory grows with the texts, not with their product or their alphabet.
 */
public final class EditDistance {
  private static final int WORD = 64;
  private static final int STRIP_WORDS = 64;
  private static final int STRIP = STRIP_WORDS * WORD;

  private EditDistance() {}

  /** Distance of two texts given as code points; 0 to the length of the longer one. */
  public static int of(int[] a, int[] b) {
    int shorter = Math.min(a.length, b.length);
    int prefix = 0;
    while (prefix < shorter && a[prefix] == b[prefix]) {
      prefix++;
    }
    int suffix = 0;
    while (suffix < shorter - prefix && a[a.length - 1 - suffix] == b[b.length - 1 - suffix]) {
      suffix++;
    }
    int[] left = Arrays.copyOfRange(a, prefix, a.length - suffix);
    int[] right = Arrays.copyOfRange(b, prefix, b.length - suffix);
    if (left.length == 0 || right.length == 0) {
      return Math.max(left.length, right.length);
    }
    return left.length <= right.length ? strips(left, right) : strips(right, left);
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

  /** Replaces the steps of the row above {@code rows} by those of its lowest row. */
  private static void strip(int[] rows, int[] columns, byte[] steps) {
    int words = (rows.length + WORD - 1) / WORD;
    int last = words - 1;
    int lowest = (rows.length - 1) % WORD;
    var alphabet = new Alphabet(rows);
    long[] equal = alphabet.positions(rows, words);
    var up = new long[words];
    var down = new long[words];
    Arrays.fill(up, -1L);
    for (int j = 0; j < columns.length; j++) {
      int at = alphabet.number(columns[j]) * words;
      long upIn = steps[j] & 1L;
      long downIn = (long) steps[j] >>> 1;
      for (int w = 0; w < words; w++) {
        long vp = up[w];
        long vn = down[w];
        long x = equal[at + w] | downIn;
        long d0 = (((x & vp) + vp) ^ vp) | x | vn;
        long hp = vn | ~(d0 | vp);
        long hn = d0 & vp;
        if (w == last) {
          steps[j] = (byte) (((hp >>> lowest) & 1) | (((hn >>> lowest) & 1) << 1));
        }
        long hpShifted = (hp << 1) | upIn;
        long hnShifted = (hn << 1) | downIn;
        upIn = hp >>> (WORD - 1);
        downIn = hn >>> (WORD - 1);
        up[w] = hnShifted | ~(d0 | hpShifted);
        down[w] = hpShifted & d0;
      }
    }
  }

  /** Numbers the code points of a strip from 1; 0 is any other. */
  private static final class Alphabet {
    private static final int DIRECT = 0x250;

    private final int[] direct = new int[DIRECT];
    private final Map<Integer, Integer> beyond = new HashMap<>();
    private int size = 1;

    Alphabet(int[] text) {
      for (int codePoint : text) {
        if (codePoint >= DIRECT) {
          if (beyond.putIfAbsent(codePoint, size) == null) {
            size++;
          }
        } else if (direct[codePoint] == 0) {
          direct[codePoint] = size++;
        }
      }
    }

    int number(int codePoint) {
      return codePoint < DIRECT ? direct[codePoint] : beyond.getOrDefault(codePoint, 0);
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
