package dev.flywheel.cluster;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.ml.clustering.DoublePoint;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.clustering.MultiKMeansPlusPlusClusterer;
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

  /** Dimensions in which distances are taken. */
  private static final int DIMENSIONS = 96;

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
    List<Shadow> shadows = shadows(sample);
    List<UnitVector> directions = sample.stream().map(UnitVector::along).toList();
    List<UnitVector> best = List.of();
    double bestSilhouette = Double.NEGATIVE_INFINITY;
    for (int k : candidates(directions.stream().distinct().count())) {
      List<UnitVector> centroids = centroids(shadows, k);
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

  private List<UnitVector> centroids(List<Shadow> sample, int k) {
    var clusterer =
        new KMeansPlusPlusClusterer<Shadow>(
            k, ITERATIONS, SeedSearch::distance, new Well19937c(seed));
    return new MultiKMeansPlusPlusClusterer<>(clusterer, TRIALS)
        .cluster(sample).stream()
            .filter(cluster -> !cluster.getPoints().isEmpty())
            .map(cluster -> mean(cluster.getPoints()))
            .toList();
  }

  private static UnitVector mean(List<Shadow> members) {
    var sum = new double[members.get(0).whole.length];
    for (Shadow member : members) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += member.whole[i];
      }
    }
    return UnitVector.along(sum);
  }

  /**
   * A point as it is looked at: projected at random onto fewer dimensions, which keeps distances to
   * some ten per cent (Achlioptas 2003) and leaves a quarter of the sums.
   */
  private static final class Shadow extends DoublePoint {
    private static final long serialVersionUID = 1L;

    private final double[] whole;

    Shadow(double[] whole, double[] seen) {
      super(seen);
      this.whole = whole;
    }
  }

  private List<Shadow> shadows(List<double[]> points) {
    int dimensions = points.get(0).length;
    if (dimensions <= DIMENSIONS) {
      return points.stream().map(point -> new Shadow(point, point)).toList();
    }
    var random = new Well19937c(seed);
    var signs = new Array2DRowRealMatrix(DIMENSIONS, dimensions);
    for (int row = 0; row < DIMENSIONS; row++) {
      for (int column = 0; column < dimensions; column++) {
        signs.setEntry(row, column, random.nextBoolean() ? 1 : -1);
      }
    }
    return points.stream().map(point -> new Shadow(point, signs.operate(point))).toList();
  }

  /** Euclidean; in four sums that the processor adds side by side, since the search is all this. */
  private static double distance(double[] a, double[] b) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      double d0 = a[i] - b[i];
      double d1 = a[i + 1] - b[i + 1];
      double d2 = a[i + 2] - b[i + 2];
      double d3 = a[i + 3] - b[i + 3];
      sum0 += d0 * d0;
      sum1 += d1 * d1;
      sum2 += d2 * d2;
      sum3 += d3 * d3;
    }
    for (; i < a.length; i++) {
      sum0 += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum0 + sum1 + sum2 + sum3);
  }
}
