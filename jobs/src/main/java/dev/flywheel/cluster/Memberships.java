package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.unix_date;

import dev.flywheel.tables.Embeddings;
import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.TableSpec;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Which cluster a failure belongs to, in each of several clusterings whose windows hold it: that of
 * the nearest centroid, the first of equals.
 */
final class Memberships {
  static final String CLUSTERING = "clustering";
  static final String CLUSTER = "cluster";

  private static final String MEMBERSHIPS = "memberships";
  private static final String MEMBERSHIP = "membership";
  private static final String OTHER = "other";
  private static final String LEFT = "left";
  private static final String RIGHT = "right";
  private static final String BOTH = "both";

  /**
   * The clusters of one date.
   *
   * @param date last day of the window
   * @param centroids by number of the cluster
   */
  record Clustering(LocalDate date, List<UnitVector> centroids) implements Serializable {
    /** Whether the window holds failures of {@code day}, days of the epoch. */
    boolean holds(long day) {
      long last = date.toEpochDay();
      return day <= last && day > last - FailureClusters.WINDOW_DAYS;
    }

    /** Whether some day lies in the windows of both. */
    boolean meets(Clustering other) {
      long apart = Math.abs(date.toEpochDay() - other.date.toEpochDay());
      return apart < FailureClusters.WINDOW_DAYS;
    }
  }

  /** Two clusterings, by their numbers. */
  record Pair(int left, int right) {}

  private Memberships() {}

  /** {@code failures} with their memberships in all {@code clusterings}. */
  static Dataset<Row> of(Dataset<Row> failures, List<Clustering> clusterings) {
    Column memberships =
        udf(
                new Nearest(clusterings),
                DataTypes.createArrayType(
                    new StructType()
                        .add(CLUSTERING, DataTypes.IntegerType)
                        .add(CLUSTER, DataTypes.IntegerType)
                        .add(FailureAssignments.SIMILARITY, DataTypes.DoubleType),
                    false))
            .apply(unix_date(col(TableSpec.EVENT_DATE)), col(Embeddings.EMBEDDING));
    return failures.withColumn(MEMBERSHIPS, memberships).drop(Embeddings.EMBEDDING);
  }

  /**
   * One row per failure and clustering of the first {@code clusterings} whose window holds it, with
   * {@link #CLUSTERING}, {@link #CLUSTER} and similarity.
   */
  static Dataset<Row> members(Dataset<Row> failures, int clusterings) {
    return failures
        .withColumn(MEMBERSHIP, explode(col(MEMBERSHIPS)))
        .where(col(MEMBERSHIP).getField(CLUSTERING).lt(clusterings))
        .select(col("*"), col(MEMBERSHIP + ".*"))
        .drop(MEMBERSHIPS, MEMBERSHIP);
  }

  /**
   * How many failures lie in one cluster of the left and one of the right clustering of each pair.
   * Collects one number per pair of clusters.
   *
   * @return by pair; none for a pair without a common failure
   */
  static Map<Pair, Overlap> common(
      Dataset<Row> failures, Collection<Pair> pairs, List<Clustering> clusterings) {
    if (pairs.isEmpty()) {
      return Map.of();
    }
    long width = clusterings.size();
    Object[] wanted = pairs.stream().map(p -> (Object) (p.left() * width + p.right())).toArray();
    Column left = col(MEMBERSHIP).getField(CLUSTERING);
    Column right = col(OTHER).getField(CLUSTERING);
    List<Row> counts =
        failures
            .select(explode(col(MEMBERSHIPS)).as(MEMBERSHIP), col(MEMBERSHIPS))
            .where(left.isin(pairs.stream().map(Pair::left).distinct().toArray()))
            .select(col(MEMBERSHIP), explode(col(MEMBERSHIPS)).as(OTHER))
            .where(left.multiply(lit(width)).plus(right).isin(wanted))
            .groupBy(
                left.as(LEFT),
                right.as(RIGHT),
                col(MEMBERSHIP).getField(CLUSTER).as(CLUSTER),
                col(OTHER).getField(CLUSTER).as(OTHER))
            .agg(count(lit(1)).as(BOTH))
            .collectAsList();
    Map<Pair, Overlap> common = new HashMap<>();
    for (Row row : counts) {
      var pair = new Pair(row.<Integer>getAs(LEFT), row.<Integer>getAs(RIGHT));
      common
          .computeIfAbsent(
              pair,
              p ->
                  new Overlap(
                      clusterings.get(p.left()).centroids().size(),
                      clusterings.get(p.right()).centroids().size()))
          .set(row.<Integer>getAs(CLUSTER), row.<Integer>getAs(OTHER), row.<Long>getAs(BOTH));
    }
    return common;
  }

  /**
   * No built-in function multiplies vectors: on arrays they are interpreted, element by element.
   */
  private static final class Nearest implements UDF2<Integer, Seq<Float>, List<Row>> {
    private static final long serialVersionUID = 1L;

    private final List<Clustering> clusterings;

    Nearest(List<Clustering> clusterings) {
      this.clusterings = new ArrayList<>(clusterings);
    }

    @Override
    public List<Row> call(Integer day, Seq<Float> embedding) {
      UnitVector point = UnitVector.of(CollectionConverters.asJava(embedding));
      var memberships = new ArrayList<Row>();
      for (int i = 0; i < clusterings.size(); i++) {
        List<UnitVector> centroids = clusterings.get(i).centroids();
        if (clusterings.get(i).holds(day) && !centroids.isEmpty()) {
          int nearest = point.nearest(centroids);
          memberships.add(RowFactory.create(i, nearest, point.cosine(centroids.get(nearest))));
        }
      }
      return memberships;
    }
  }
}
