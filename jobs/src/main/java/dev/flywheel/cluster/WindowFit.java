package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Embeddings;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.mllib.clustering.KMeans;
import org.apache.spark.mllib.clustering.KMeansModel;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * K-means by cosine over the failures of one window.
 *
 * <p>The result depends on rows, settings and seed, not on partitioning: the rows with the smallest
 * hashes, at most {@code cluster.max_items} of them, are laid out in one partition in the order of
 * their hashes, so that every sum is taken in the same order.
 */
final class WindowFit {
  private static final int ITERATIONS = 10;

  private final Settings.Cluster settings;
  private final long seed;

  WindowFit(Settings.Cluster settings, long seed) {
    this.settings = settings;
    this.seed = seed;
  }

  /**
   * Unit centroids of the clusters, in no order that means anything; none for an empty window. Runs
   * a few small jobs.
   *
   * @param window one row per failure, with its key and vector
   */
  List<UnitVector> centroids(Dataset<Row> window) {
    // Read by the search for seeds and by every iteration.
    JavaRDD<Vector> points = points(window).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      List<UnitVector> seeds =
          points.mapPartitions(new SeedSearch(settings.minK(), settings.maxK(), seed)).collect();
      return seeds.isEmpty() ? seeds : refine(points, seeds);
    } finally {
      points.unpersist();
    }
  }

  private JavaRDD<Vector> points(Dataset<Row> window) {
    Column[] key = FailureTexts.keyAnd();
    Column hash =
        xxhash64(Stream.concat(Stream.of(lit(seed)), Arrays.stream(key)).toArray(Column[]::new));
    Column[] order = Stream.concat(Stream.of(hash), Arrays.stream(key)).toArray(Column[]::new);
    return window
        .orderBy(order)
        .limit(settings.maxItems())
        .select(col(Embeddings.EMBEDDING))
        .coalesce(1)
        .javaRDD()
        .map(WindowFit::vector);
  }

  private static Vector vector(Row row) {
    List<Float> values = row.getList(row.fieldIndex(Embeddings.EMBEDDING));
    return Vectors.dense(values.stream().mapToDouble(Float::doubleValue).toArray());
  }

  private List<UnitVector> refine(JavaRDD<Vector> points, List<UnitVector> seeds) {
    Vector[] start =
        seeds.stream().map(seed -> Vectors.dense(seed.toArray())).toArray(Vector[]::new);
    KMeansModel model =
        new KMeans()
            .setK(start.length)
            .setInitialModel(new KMeansModel(start))
            .setMaxIterations(ITERATIONS)
            .setDistanceMeasure("cosine")
            .setSeed(seed)
            .run(points.rdd());
    return Arrays.stream(model.clusterCenters())
        .map(center -> UnitVector.along(center.toArray()))
        .toList();
  }
}
