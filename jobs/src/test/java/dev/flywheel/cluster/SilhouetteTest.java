package dev.flywheel.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.testing.TestSpark;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.ml.evaluation.ClusteringEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class SilhouetteTest {
  @Test
  void isThatOfSpark() {
    var random = new Random(7);
    List<double[]> points =
        IntStream.range(0, 60)
            .mapToObj(
                i ->
                    UnitVector.along(
                            random.nextGaussian() + i % 3,
                            random.nextGaussian() - i % 3,
                            random.nextGaussian() + 1,
                            random.nextGaussian())
                        .toArray())
            .toList();
    int[] clusters = IntStream.range(0, 60).map(i -> i == 0 ? 3 : i % 3).toArray();
    List<Row> rows =
        IntStream.range(0, 60)
            .mapToObj(i -> RowFactory.create(Vectors.dense(points.get(i)), (double) clusters[i]))
            .toList();
    double spark =
        new ClusteringEvaluator()
            .setDistanceMeasure("cosine")
            .evaluate(
                TestSpark.session()
                    .createDataFrame(
                        rows,
                        new StructType()
                            .add("features", SQLDataTypes.VectorType())
                            .add("prediction", DataTypes.DoubleType)));

    assertThat(Silhouette.mean(points, clusters, 4)).isCloseTo(spark, within(1e-9));
  }

  @Test
  void isNothingWhereThereIsNoOtherCluster() {
    assertThat(Silhouette.mean(List.of(new double[] {1, 0}, new double[] {0, 1}), new int[2], 1))
        .isZero();
  }
}
