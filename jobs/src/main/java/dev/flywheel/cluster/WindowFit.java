package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.date_add;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.xxhash64;

import dev.flywheel.cluster.Memberships.Clustering;
import dev.flywheel.lake.Parallel;
import dev.flywheel.run.DateRange;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Embeddings;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.TableSpec;
import java.io.Serializable;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.mllib.clustering.KMeans;
import org.apache.spark.mllib.clustering.KMeansModel;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.rdd.PartitionPruningRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import scala.runtime.AbstractFunction1;

/**
 * K-means by cosine over the failures of each date's window.
 *
 * <p>The result depends on rows, settings and seed, not on partitioning: of each window the rows
 * with the smallest hashes, at most {@code cluster.max_items} of them, are laid out in one
 * partition in the order of their hashes, so that every sum is taken in the same order.
 */
final class WindowFit {
  private static final int ITERATIONS = 10;

  private static final String WINDOW_DATE = "window_date";
  private static final String NUMBER = "number";
  private static final String HASH = "hash";
  private static final String BOUND = "bound";
  private static final StructType WINDOWS =
      new StructType()
          .add(WINDOW_DATE, DataTypes.DateType)
          .add(NUMBER, DataTypes.IntegerType)
          .add(BOUND, DataTypes.LongType);

  private final Settings.Cluster settings;
  private final long seed;

  WindowFit(Settings.Cluster settings, long seed) {
    this.settings = settings;
    this.seed = seed;
  }

  /**
   * Clusters of each date's window, in no order that means anything; none for an empty window. Runs
   * a few small jobs.
   *
   * @param vectors failures of all windows, with key and vector
   * @param dates last days of the windows
   */
  List<Clustering> fit(Dataset<Row> vectors, List<LocalDate> dates) {
    if (dates.isEmpty()) {
      return List.of();
    }
    // Read by the search for seeds and by every iteration.
    JavaRDD<Vector> points = points(vectors, dates).persist(StorageLevel.MEMORY_AND_DISK());
    try (var parallel = new Parallel()) {
      var search = new SeedSearch(settings.minK(), settings.maxK(), seed);
      List<List<UnitVector>> seeds = points.mapPartitions(search).collect();
      var clusterings = new ArrayList<Supplier<Clustering>>();
      for (int i = 0; i < seeds.size(); i++) {
        LocalDate date = dates.get(i);
        List<UnitVector> start = seeds.get(i);
        JavaRDD<Vector> window = partition(points, i);
        clusterings.add(parallel.start(() -> new Clustering(date, refined(window, start))));
      }
      return clusterings.stream().map(Supplier::get).toList();
    } finally {
      points.unpersist();
    }
  }

  /** One partition per date, in the order of the dates. */
  private JavaRDD<Vector> points(Dataset<Row> vectors, List<LocalDate> dates) {
    Column[] key = FailureTexts.keyAnd();
    Column hash =
        xxhash64(Stream.concat(Stream.of(lit(seed)), Arrays.stream(key)).toArray(Column[]::new));
    Column[] order = Stream.concat(Stream.of(col(HASH)), Arrays.stream(key)).toArray(Column[]::new);
    Column windows =
        sequence(
            col(TableSpec.EVENT_DATE),
            date_add(col(TableSpec.EVENT_DATE), FailureClusters.WINDOW_DAYS - 1));
    int most = settings.maxItems();
    return vectors
        .select(FailureTexts.keyAnd(Embeddings.EMBEDDING))
        .withColumn(HASH, hash)
        .withColumn(WINDOW_DATE, explode(windows))
        .join(broadcast(windows(vectors, dates)), WINDOW_DATE)
        .where(col(BOUND).isNull().or(col(HASH).lt(col(BOUND))))
        .repartitionById(dates.size(), col(NUMBER))
        .sortWithinPartitions(order)
        .select(Embeddings.EMBEDDING)
        .javaRDD()
        .mapPartitions(rows -> first(most, rows));
  }

  /**
   * The windows, each with the hash below which the rows to cluster lie: a few more than asked for,
   * so that hardly any that is left out crosses the exchange. Null for a window that is small.
   */
  private Dataset<Row> windows(Dataset<Row> vectors, List<LocalDate> dates) {
    Map<LocalDate, Long> failures =
        vectors.groupBy(TableSpec.EVENT_DATE).agg(count(lit(1)).as(NUMBER)).collectAsList().stream()
            .collect(
                Collectors.toMap(
                    row -> row.<Date>getAs(TableSpec.EVENT_DATE).toLocalDate(),
                    row -> row.<Long>getAs(NUMBER)));
    var rows = new ArrayList<Row>();
    for (LocalDate date : dates) {
      long size =
          DateRange.of(date).widen(FailureClusters.WINDOW_DAYS - 1, 0).toList().stream()
              .mapToLong(day -> failures.getOrDefault(day, 0L))
              .sum();
      rows.add(RowFactory.create(Date.valueOf(date), rows.size(), bound(size)));
    }
    return vectors.sparkSession().createDataFrame(rows, WINDOWS);
  }

  private Long bound(long size) {
    long most = settings.maxItems();
    double share = (most + 4 * Math.sqrt((double) most) + 8) / (double) size;
    return share >= 1 ? null : (long) (share * 0x1p64 - 0x1p63);
  }

  private static Iterator<Vector> first(int most, Iterator<Row> rows) {
    Spliterator<Row> all = Spliterators.spliteratorUnknownSize(rows, Spliterator.ORDERED);
    return StreamSupport.stream(all, false).limit(most).map(WindowFit::vector).iterator();
  }

  private static Vector vector(Row row) {
    List<Float> values = row.getList(row.fieldIndex(Embeddings.EMBEDDING));
    return Vectors.dense(values.stream().mapToDouble(Float::doubleValue).toArray());
  }

  private static JavaRDD<Vector> partition(JavaRDD<Vector> points, int number) {
    return PartitionPruningRDD.create(points.rdd(), new Only(number)).toJavaRDD();
  }

  private List<UnitVector> refined(JavaRDD<Vector> points, List<UnitVector> seeds) {
    if (seeds.isEmpty()) {
      return seeds;
    }
    Vector[] start =
        seeds.stream().map(from -> Vectors.dense(from.toArray())).toArray(Vector[]::new);
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

  /** Picks one partition. */
  private static final class Only extends AbstractFunction1<Object, Object>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int number;

    Only(int number) {
      this.number = number;
    }

    @Override
    public Object apply(Object partition) {
      return partition.equals(number);
    }
  }
}
