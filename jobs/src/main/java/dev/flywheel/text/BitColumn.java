package dev.flywheel.text;

import java.util.Arrays;

/**
 * A column of the matrix of edit distances, as what each row adds to the value above it: one, none
 * or minus one, 64 rows a word.
 *
 * <p>Bit-parallel after Myers (1999) in the form of Hyyrö (2003). A row has a bit in a word of
 * positions where its code point is that of the column.
 */
final class BitColumn {
  static final int WORD = 64;

  /** What a row does over two columns in which it rises by one each. */
  static final int BOTH_UP = 0b101;

  private final long[] up;
  private final long[] down;

  /** A column of {@code words} words whose rows all rise. */
  BitColumn(int words) {
    this.up = new long[words];
    this.down = new long[words];
    Arrays.fill(up, -1L);
  }

  /** Lets all rows of a word rise. */
  void open(int word) {
    up[word] = -1L;
    down[word] = 0;
  }

  /** How much the lowest row of a word is above the lowest one of the word before. */
  int rise(int word) {
    return Long.bitCount(up[word]) - Long.bitCount(down[word]);
  }

  /** How much the lowest row of the word of {@code row} is above that row. */
  int riseBelow(int row) {
    // A shift by 64 is none: below the last row of a word there is nothing.
    long below = row % WORD == WORD - 1 ? 0 : -1L << (row + 1);
    int word = row / WORD;
    return Long.bitCount(up[word] & below) - Long.bitCount(down[word] & below);
  }

  /**
   * Moves some words on by two columns.
   *
   * <p>Two at a time: each word of a column waits for the one above it, so that a processor has
   * nothing to do in between but the column beside it.
   *
   * @param positions where the code points of the columns are
   * @param at what to add to a word for its place in {@code positions}, in the first column
   * @param nextAt in the second one
   * @param steps what the row above does: bit 0 up by one in the first column, bit 1 down, bits 2
   *     and 3 in the second one
   * @return what the lowest row does
   */
  int advance(int first, int last, long[] positions, int at, int nextAt, int steps) {
    long[] up = this.up;
    long[] down = this.down;
    long upIn = steps & 1L;
    long downIn = steps >>> 1 & 1L;
    long nextUpIn = steps >>> 2 & 1L;
    long nextDownIn = steps >>> 3 & 1L;
    for (int w = first; w <= last; w++) {
      long vp = up[w];
      long vn = down[w];
      long x = positions[at + w] | downIn;
      long d0 = (((x & vp) + vp) ^ vp) | x | vn;
      long hp = vn | ~(d0 | vp);
      long hn = d0 & vp;
      long hpShifted = (hp << 1) | upIn;
      vp = ((hn << 1) | downIn) | ~(d0 | hpShifted);
      vn = hpShifted & d0;
      upIn = hp >>> (WORD - 1);
      downIn = hn >>> (WORD - 1);
      x = positions[nextAt + w] | nextDownIn;
      d0 = (((x & vp) + vp) ^ vp) | x | vn;
      hp = vn | ~(d0 | vp);
      hn = d0 & vp;
      hpShifted = (hp << 1) | nextUpIn;
      up[w] = ((hn << 1) | nextDownIn) | ~(d0 | hpShifted);
      down[w] = hpShifted & d0;
      nextUpIn = hp >>> (WORD - 1);
      nextDownIn = hn >>> (WORD - 1);
    }
    return (int) (upIn | downIn << 1 | nextUpIn << 2 | nextDownIn << 3);
  }

  /** How much a row rises over two columns. */
  static int across(int steps) {
    return (steps & 1) - (steps >>> 1 & 1) + (steps >>> 2 & 1) - (steps >>> 3);
  }
}
