package dev.flywheel.cluster;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.ml.clustering.DoublePoint;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.clustering.MultiKMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.distance.EuclideanDistance;
import org.apache.commons.math3.random.Well19937c;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.mllib.linalg.Vector;

/**
 * Chooses the number of clusters, and where they start from, on the first points of a partition:
 * k-means++ (Arthur and Vassilvitskii 2007), the best of a few trials, for a few numbers, of which
 * the best silhouette wins, the smaller number among equals.
 *
 * <p>One task instead of some ten Spark jobs per number and trial, each of which costs more than
 * the arithmetic on so few points.
 */
final class SeedSearch implements FlatMapFunction<Iterator<Vector>, List<UnitVector>> {
  private static final long serialVersionUID = 1L;

  /** Points looked at. */
  private static final int SAMPLE = 600;

  /** Candidates for the number of clusters at the most. */
  private static final int CANDIDATES = 6;

  /** With one trial a third more issues lose their identity from one night to the next. */
  private static final int TRIALS = 4;

  private static final int ITERATIONS = 15;

  private final int minK;
  private final int maxK;
  private final long seed;

  SeedSearch(int minK, int maxK, long seed) {
    this.minK = minK;
    this.maxK = maxK;
    this.seed = seed;
  }

  /**
   * @param points unit vectors in canonical order, the first of which are a fair sample
   * @return one entry: where the clusters start from, empty without points
   */
  @Override
  public Iterator<List<UnitVector>> call(Iterator<Vector> points) {
    var sample = new ArrayList<double[]>(SAMPLE);
    while (points.hasNext() && sample.size() < SAMPLE) {
      sample.add(points.next().toArray());
    }
    return List.of(sample.isEmpty() ? List.<UnitVector>of() : best(sample)).iterator();
  }

  private List<UnitVector> best(List<double[]> sample) {
    List<UnitVector> directions = sample.stream().map(UnitVector::along).toList();
    List<UnitVector> best = List.of();
    double bestSilhouette = Double.NEGATIVE_INFINITY;
    for (int k : candidates(directions.stream().distinct().count())) {
      List<UnitVector> centroids = centroids(sample, k);
      int[] clusters = directions.stream().mapToInt(point -> point.nearest(centroids)).toArray();
      double silhouette = Silhouette.mean(sample, clusters, centroids.size());
      if (silhouette > bestSilhouette) {
        bestSilhouette = silhouette;
        best = centroids;
      }
    }
    return best;
  }

  /** Evenly spread numbers from fewest to most; as many clusters as points tell nothing. */
  private int[] candidates(long distinct) {
    int least = (int) Math.min(minK, distinct);
    int most = (int) Math.max(least, Math.min(maxK, distinct - 1));
    int count = Math.min(CANDIDATES, most - least + 1);
    return IntStream.range(0, count)
        .map(i -> count == 1 ? least : least + Math.round((most - least) * i / (count - 1f)))
        .toArray();
  }

  private List<UnitVector> centroids(List<double[]> sample, int k) {
    var clusterer =
        new KMeansPlusPlusClusterer<DoublePoint>(
            k, ITERATIONS, new EuclideanDistance(), new Well19937c(seed));
    return new MultiKMeansPlusPlusClusterer<>(clusterer, TRIALS)
        .cluster(sample.stream().map(DoublePoint::new).toList()).stream()
            .filter(cluster -> !cluster.getPoints().isEmpty())
            .map(cluster -> UnitVector.along(cluster.getCenter().getPoint()))
            .toList();
  }
}
