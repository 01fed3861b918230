package dev.flywheel.text;

import java.util.Arrays;

/**
 * The edit distance of two long texts from the cells near the diagonal alone.
 *
 * <p>For a bound k, only cells through which a way of k edits can lead are worked through: those
 * whose value and distance from the last diagonal are together at most k (Ukkonen 1985), in blocks
 * of 64 rows. Values inside are never below the true ones, since a row outside is taken to rise by
 * one at each column; a way of at most k edits stays inside, and its values are the true ones. So a
 * result of at most k is the distance. Where the band dies out, how far it came says how large k
 * should have been.
 *
 * <p>A value and what is left of the longer text, all of it replaced, are together never below the
 * distance: k falls to that on the way, and the band narrows. So it pays even where texts have
 * nothing in common.
 *
 * <p>Positions of code points are kept for the blocks of the band alone: memory does not grow with
 * the product of text and alphabet.
 */
final class Band {
  private static final int WORD = BitColumn.WORD;

  /** Most words of positions, 32 MiB; a band that needs more is not worth it. */
  private static final int MOST_POSITIONS = 1 << 22;

  private static final int GAVE_UP = Integer.MIN_VALUE;

  private final int[] rows;
  private final int[] columns;
  private final int symbols;
  private final int blocks;

  /** How many rows the last diagonal is away from the first. */
  private final int shift;

  private final BitColumn column;

  /** Positions of code points in {@code width} blocks from {@code origin}. */
  private long[] positions = {};

  private int width;
  private int origin;
  private long steps;

  /**
   * @param rows the shorter text, code points
   * @param columns the other one, of even length
   */
  Band(int[] rows, int[] columns) {
    var alphabet = new EditDistance.Alphabet(rows);
    this.rows = alphabet.numbers(rows);
    this.columns = alphabet.numbers(columns);
    this.symbols = alphabet.size();
    this.blocks = (rows.length + WORD - 1) / WORD;
    this.shift = columns.length - rows.length;
    this.column = new BitColumn(blocks);
  }

  /**
   * The distance, or -1 where a band is not worth it: for texts of very different lengths, and for
   * more kinds of code points than there is room for.
   *
   * @param mostEdits -1 also for a distance above that, most often
   * @param mostCells most cells to work through, also those of attempts with too small a bound
   */
  int distance(int mostEdits, long mostCells) {
    int bound = shift + WORD;
    if (bound > rows.length / 2) {
      return -1;
    }
    while (bound <= mostEdits) {
      int found = pass(bound, mostCells / WORD);
      if (found >= 0 && found <= bound) {
        return found;
      }
      if (found == GAVE_UP) {
        return -1;
      }
      bound = found >= 0 ? Math.min(columns.length, found) : larger(bound, -found);
    }
    return -1;
  }

  /**
   * A bound that should do, when this one only did up to a column; or one that gets far enough to
   * tell, where this was so near the beginning that it is a guess. That costs little: half the
   * bound is a quarter of the cells.
   */
  private int larger(int bound, int column) {
    long needed = shift + (long) (bound - shift) * columns.length / column * 9 / 8 + WORD;
    long telling = shift + (needed - shift) / 8;
    long twice = shift + 2L * (bound - shift);
    return (int) Math.min(columns.length, telling > twice ? telling : Math.max(needed, twice));
  }

  /**
   * One way through all columns.
   *
   * @return a value that is the distance if it is at most {@code mostEdits}; the negative number of
   *     the column where no way of so few edits is left; {@link #GAVE_UP}
   */
  int pass(int mostEdits, long mostSteps) {
    int bound = mostEdits;
    int first = 0;
    int last = 0;
    // Values of the row above the first block and of the lowest row of the last one.
    int top = 0;
    int bottom = WORD;
    column.open(0);
    for (int j = 0; j < columns.length; ) {
      // A way enters the next block from the lowest cell of this one, at the latest two columns on.
      while (last < blocks - 1
          && bottom - 2 + Math.max(0, shift - (j + 2) + (last + 1) * WORD) <= bound) {
        last++;
        column.open(last);
        bottom += WORD;
      }
      if ((first < origin || last >= origin + width) && !move(first, last)) {
        return GAVE_UP;
      }
      int at = columns[j] * width - origin;
      int nextAt = columns[j + 1] * width - origin;
      j += 2;
      top += 2;
      bottom +=
          BitColumn.across(column.advance(first, last, positions, at, nextAt, BitColumn.BOTH_UP));
      steps += 2L * (last - first + 1);
      if (j % WORD == 0) {
        bound = Math.min(bound, reached(first, last, top, j));
      }
      while (first <= last && isHopeless(last, bottom, j, bound)) {
        bottom -= column.rise(last);
        last--;
      }
      while (first <= last && isHopeless(first, top + column.rise(first), j, bound)) {
        top += column.rise(first);
        first++;
      }
      if (first > last) {
        return -j;
      }
      if (steps > mostSteps) {
        return GAVE_UP;
      }
    }
    return last == blocks - 1 ? bottom - column.riseBelow(rows.length - 1) : -columns.length;
  }

  /**
   * Edits that suffice for the whole, by the lowest rows of the blocks. Those beyond the text equal
   * nothing, so that their values are too high and never too low.
   */
  private int reached(int first, int last, int top, int j) {
    int fewest = Integer.MAX_VALUE;
    int value = top;
    for (int b = first; b <= last; b++) {
      value += column.rise(b);
      fewest = Math.min(fewest, value + Math.max(rows.length - (b + 1) * WORD, columns.length - j));
    }
    return fewest;
  }

  /** Whether every cell of a block lies on ways of more than {@code bound} edits only. */
  private boolean isHopeless(int block, int lowest, int column, int bound) {
    // Values differ by at most one from row to row; to reach the last diagonal costs its distance.
    int least = lowest - (WORD - 1) + Math.max(0, shift - column + block * WORD + 1);
    int leastBelowIt = lowest - (block + 1) * WORD + column - shift;
    return Math.max(least, leastBelowIt) > bound;
  }

  /**
   * Keeps positions for some blocks and for as many after them; false where it would be too much.
   */
  private boolean move(int first, int last) {
    width = Math.min(blocks, Math.max(width, 2 * (last - first + 1)));
    origin = Math.min(first, blocks - width);
    if ((long) symbols * width > MOST_POSITIONS) {
      return false;
    }
    if (positions.length == symbols * width) {
      Arrays.fill(positions, 0);
    } else {
      positions = new long[symbols * width];
    }
    for (int i = origin * WORD; i < Math.min(rows.length, (origin + width) * WORD); i++) {
      positions[rows[i] * width + i / WORD - origin] |= 1L << (i % WORD);
    }
    return true;
  }
}
