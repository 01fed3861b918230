package dev.flywheel.text;

import java.util.Arrays;

/**
 * The edit distance of two texts that are much alike, from the cells near the diagonal alone.
 *
 * <p>For a bound k, only cells through which a way of k edits can lead are worked through: those
 * whose value and distance from the last diagonal are together at most k (Ukkonen 1985), in blocks
 * of 64 rows. Values inside are never below the true ones, since a row outside is taken to rise by
 * one at each column; a way of at most k edits stays inside, and its values are the true ones. So a
 * result of at most k is the distance. Where the band dies out, how far it came says how large k
 * should have been.
 *
 * <p>Positions of code points are kept for the blocks of the band alone: memory does not grow with
 * the product of text and alphabet.
 */
final class Band {
  private static final int WORD = EditDistance.WORD;
  private static final int FIRST_RING = 16;

  /** Most words of positions, 32 MiB; a band that needs more is not worth it. */
  private static final int MOST_POSITIONS = 1 << 22;

  private static final int GAVE_UP = Integer.MIN_VALUE;

  private final int[] rows;
  private final int[] columns;
  private final int symbols;
  private final int blocks;

  /** How many rows the last diagonal is away from the first. */
  private final int shift;

  private final long[] up;
  private final long[] down;

  /** Value of the lowest row of each block. */
  private final int[] lowest;

  private int ring;
  private long[] equal;
  private int[] loaded;
  private long steps;

  /**
   * @param rows the shorter text, code points
   * @param columns the other one
   */
  Band(int[] rows, int[] columns) {
    var alphabet = new EditDistance.Alphabet(rows);
    this.rows = Arrays.stream(rows).map(alphabet::number).toArray();
    this.columns = Arrays.stream(columns).map(alphabet::number).toArray();
    this.symbols = alphabet.size();
    this.blocks = (rows.length + WORD - 1) / WORD;
    this.shift = columns.length - rows.length;
    this.up = new long[blocks];
    this.down = new long[blocks];
    this.lowest = new int[blocks];
  }

  /**
   * The distance, or -1 where the texts are too different for a band.
   *
   * @param mostSteps word steps after which to give up
   */
  int distance(long mostSteps) {
    if (!resize(FIRST_RING)) {
      return -1;
    }
    int bound = shift + WORD;
    while (bound <= rows.length / 2) {
      int found = pass(bound, mostSteps);
      if (found >= 0 && found <= bound) {
        return found;
      }
      if (found == GAVE_UP) {
        return -1;
      }
      bound = found >= 0 ? found : larger(bound, -found);
    }
    return -1;
  }

  /** A bound that should do, when this one only did up to a column. */
  private int larger(int bound, int column) {
    long needed = shift + (long) (bound - shift) * columns.length / column * 9 / 8 + WORD;
    return (int) Math.min(Integer.MAX_VALUE / 2, Math.max(needed, 2L * bound - shift));
  }

  /**
   * One way through all columns.
   *
   * @return a value that is the distance if it is at most {@code bound}; the negative number of the
   *     column where no way of so few edits is left; {@link #GAVE_UP}
   */
  private int pass(int bound, long mostSteps) {
    int first = 0;
    int last = 0;
    open(0, WORD);
    for (int j = 1; j <= columns.length; j++) {
      int at = columns[j - 1] * ring;
      long upIn = 1;
      long downIn = 0;
      int mask = ring - 1;
      for (int b = first; b <= last; b++) {
        long vp = up[b];
        long vn = down[b];
        long x = equal[at + (b & mask)] | downIn;
        long d0 = (((x & vp) + vp) ^ vp) | x | vn;
        long hp = vn | ~(d0 | vp);
        long hn = d0 & vp;
        long hpShifted = (hp << 1) | upIn;
        up[b] = ((hn << 1) | downIn) | ~(d0 | hpShifted);
        down[b] = hpShifted & d0;
        upIn = hp >>> (WORD - 1);
        downIn = hn >>> (WORD - 1);
        lowest[b] += (int) (upIn - downIn);
      }
      steps += last - first + 1;
      // A way enters the next block from the lowest cell of this one, here or a column before.
      while (last < blocks - 1
          && lowest[last] - 1 + Math.max(0, shift - j + (last + 1) * WORD) <= bound) {
        int before = lowest[last] - (int) (upIn - downIn);
        last++;
        if (last - first >= ring && !resize(2 * ring)) {
          return GAVE_UP;
        }
        open(last, before + WORD);
        // As above, for a block whose rows all rise by one from one to the next.
        long x = equal[columns[j - 1] * ring + (last & (ring - 1))] | downIn;
        long d0 = -x | x;
        up[last] = ((d0 << 1) | downIn) | ~(d0 | upIn);
        down[last] = upIn & d0;
        upIn = 0;
        downIn = d0 >>> (WORD - 1);
        lowest[last] -= (int) downIn;
        steps++;
      }
      while (first <= last && isHopeless(last, j, bound)) {
        last--;
      }
      while (first <= last && isHopeless(first, j, bound)) {
        first++;
      }
      if (first > last) {
        return -j;
      }
      if (steps > mostSteps) {
        return GAVE_UP;
      }
    }
    return last == blocks - 1 ? lastCell() : -columns.length;
  }

  /** Whether every cell of a block lies on ways of more than {@code bound} edits only. */
  private boolean isHopeless(int block, int column, int bound) {
    // Values differ by at most one from row to row; to reach the last diagonal costs its distance.
    int least = lowest[block] - (WORD - 1) + Math.max(0, shift - column + block * WORD + 1);
    int leastBelowIt = lowest[block] - (block + 1) * WORD + column - shift;
    return Math.max(least, leastBelowIt) > bound;
  }

  /** Value of the last row of the text, which is not the last one of its block. */
  private int lastCell() {
    int block = blocks - 1;
    int inBlock = rows.length - block * WORD;
    long beyond = inBlock == WORD ? 0 : -1L << inBlock;
    return lowest[block] - Long.bitCount(up[block] & beyond) + Long.bitCount(down[block] & beyond);
  }

  private void open(int block, int value) {
    load(block);
    up[block] = -1L;
    down[block] = 0;
    lowest[block] = value;
  }

  /** Puts the positions of a block into the ring, in place of those of another. */
  private void load(int block) {
    int slot = block & (ring - 1);
    int before = loaded[slot];
    if (before == block) {
      return;
    }
    if (before >= 0) {
      for (int i = before * WORD; i < Math.min(rows.length, (before + 1) * WORD); i++) {
        equal[rows[i] * ring + slot] = 0;
      }
    }
    for (int i = block * WORD; i < Math.min(rows.length, (block + 1) * WORD); i++) {
      equal[rows[i] * ring + slot] |= 1L << (i % WORD);
    }
    loaded[slot] = block;
  }

  /** Makes room for more blocks; false where it would be too much. */
  private boolean resize(int size) {
    if ((long) symbols * size > MOST_POSITIONS) {
      return false;
    }
    int[] present = loaded == null ? new int[0] : loaded;
    ring = size;
    equal = new long[symbols * size];
    loaded = new int[size];
    Arrays.fill(loaded, -1);
    for (int block : present) {
      if (block >= 0) {
        load(block);
      }
    }
    return true;
  }
}
