package dev.flywheel.stats;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** How well clusters agree with known classes. */
public final class Clustering {
  private Clustering() {}

  /** How many items of one class lie in one cluster. */
  public record Cell(String cluster, String known, long items) {}

  /**
   * Harmonic mean of homogeneity (a cluster holds one class) and completeness (a class lies in one
   * cluster), after Rosenberg and Hirschberg (2007) with beta 1.
   *
   * @param cells at most one entry per pair of cluster and class
   * @return 0 to 1; 1 where there is one class in one cluster; empty without items
   */
  public static OptionalDouble vMeasure(List<Cell> cells) {
    Map<String, Long> clusters = new HashMap<>();
    Map<String, Long> classes = new HashMap<>();
    for (Cell cell : cells) {
      clusters.merge(cell.cluster(), cell.items(), Long::sum);
      classes.merge(cell.known(), cell.items(), Long::sum);
    }
    long total = clusters.values().stream().mapToLong(Long::longValue).sum();
    if (total == 0) {
      return OptionalDouble.empty();
    }
    double joint = entropy(cells.stream().map(Cell::items).toList(), total);
    double ofClusters = entropy(clusters.values(), total);
    double ofClasses = entropy(classes.values(), total);
    double homogeneity = ofClasses == 0 ? 1 : 1 - (joint - ofClusters) / ofClasses;
    double completeness = ofClusters == 0 ? 1 : 1 - (joint - ofClasses) / ofClusters;
    double sum = homogeneity + completeness;
    return OptionalDouble.of(sum == 0 ? 0 : Math.max(0, 2 * homogeneity * completeness / sum));
  }

  private static double entropy(Collection<Long> counts, long total) {
    double entropy = 0;
    for (long count : counts) {
      if (count > 0) {
        double share = (double) count / total;
        entropy -= share * Math.log(share);
      }
    }
    return entropy;
  }
}
