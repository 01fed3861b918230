package dev.flywheel.label;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Vote patterns as numbers: what models are fitted on. For two classes in the product; for any
 * number of them, so that models can be held against published figures.
 *
 * <p>A source votes for one of {@link #classes} classes or abstains, which is the symbol after the
 * last class. What does not apply to a pattern is not in it.
 */
final class VoteTable {
  /** The classes of the product. */
  static final int GOOD = 0;

  static final int BAD = 1;

  /** In place of the class of a pattern that nobody judged. */
  private static final int UNKNOWN = -1;

  private final int classes;

  private final int sources;

  /** For each pattern, {@code source * symbols + symbol} of the sources that apply. */
  private final int[][] cells;

  private final double[] n;
  private final int[] known;

  private VoteTable(int classes, int sources, int[][] cells, double[] n, int[] known) {
    this.classes = classes;
    this.sources = sources;
    this.cells = cells;
    this.n = n;
    this.known = known;
  }

  /**
   * The table of the product's patterns.
   *
   * @param patterns merged counts, see {@link VoteCount#merged}; at least one
   */
  static VoteTable of(List<VoteCount> patterns) {
    int size = patterns.size();
    var cells = new int[size][];
    var n = new double[size];
    var known = new int[size];
    for (int v = 0; v < size; v++) {
      VoteCount pattern = patterns.get(v);
      cells[v] = cells(pattern);
      n[v] = pattern.n();
      known[v] = pattern.human() == null ? UNKNOWN : pattern.human().equals("good") ? GOOD : BAD;
    }
    return new VoteTable(2, patterns.get(0).votes().length(), cells, n, known);
  }

  /**
   * A table of single items.
   *
   * @param votes for each item, source and class in turns
   */
  static VoteTable of(int classes, int sources, List<int[]> votes) {
    var cells = new int[votes.size()][];
    var n = new double[votes.size()];
    var known = new int[votes.size()];
    for (int v = 0; v < cells.length; v++) {
      int[] vote = votes.get(v);
      cells[v] = new int[vote.length / 2];
      for (int i = 0; i < cells[v].length; i++) {
        cells[v][i] = vote[2 * i] * (classes + 1) + vote[2 * i + 1];
      }
      n[v] = 1;
      known[v] = UNKNOWN;
    }
    return new VoteTable(classes, sources, cells, n, known);
  }

  /** Source and symbol of each source that applies to a pattern of the product. */
  static int[] cells(VoteCount pattern) {
    var cells = new ArrayList<Integer>();
    for (int j = 0; j < pattern.votes().length(); j++) {
      int symbol =
          switch (pattern.vote(j)) {
            case Sources.GOOD -> GOOD;
            case Sources.BAD -> BAD;
            case Sources.ABSTAIN -> 2;
            default -> -1;
          };
      if (symbol >= 0) {
        cells.add(3 * j + symbol);
      }
    }
    return cells.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The same patterns counted otherwise. */
  VoteTable withCounts(double[] counts) {
    return new VoteTable(classes, sources, cells, counts, known);
  }

  /** The same patterns as if nobody had judged any. */
  VoteTable unjudged() {
    var unknown = new int[known.length];
    Arrays.fill(unknown, UNKNOWN);
    return new VoteTable(classes, sources, cells, n, unknown);
  }

  /** This table's patterns, and behind them those of another one of the same sources. */
  VoteTable and(VoteTable other) {
    int size = size();
    int all = size + other.size();
    var allCells = Arrays.copyOf(cells, all);
    var allN = Arrays.copyOf(n, all);
    var allKnown = Arrays.copyOf(known, all);
    System.arraycopy(other.cells, 0, allCells, size, other.size());
    System.arraycopy(other.n, 0, allN, size, other.size());
    System.arraycopy(other.known, 0, allKnown, size, other.size());
    return new VoteTable(classes, sources, allCells, allN, allKnown);
  }

  int classes() {
    return classes;
  }

  int symbols() {
    return classes + 1;
  }

  int sources() {
    return sources;
  }

  int size() {
    return n.length;
  }

  int[] cells(int pattern) {
    return cells[pattern];
  }

  double n(int pattern) {
    return n[pattern];
  }

  double total() {
    double total = 0;
    for (double count : n) {
      total += count;
    }
    return total;
  }

  boolean isJudged(int pattern) {
    return known[pattern] != UNKNOWN;
  }

  /** The class that a person gave; only of a judged pattern. */
  int verdict(int pattern) {
    return known[pattern];
  }

  /** Share of each class among the votes, one vote spread over all classes added. */
  double[] voteShare(int pattern) {
    return voteShare(cells[pattern], classes);
  }

  static double[] voteShare(int[] cells, int classes) {
    var share = new double[classes];
    Arrays.fill(share, 1.0 / classes);
    double votes = 1;
    for (int cell : cells) {
      int symbol = cell % (classes + 1);
      if (symbol < classes) {
        share[symbol]++;
        votes++;
      }
    }
    for (int y = 0; y < classes; y++) {
      share[y] /= votes;
    }
    return share;
  }
}
