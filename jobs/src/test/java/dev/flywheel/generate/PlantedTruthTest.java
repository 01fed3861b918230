package dev.flywheel.generate;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestSpark;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Date;
import java.sql.Timestamp;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlantedTruthTest {
  private static final Date MONDAY = Date.valueOf("2026-01-05");
  private static final Date TUESDAY = Date.valueOf("2026-01-06");
  private static final Timestamp NOON = Timestamp.valueOf("2026-01-05 12:00:00");

  private final SparkSession spark = TestSpark.session();

  @Test
  void labelsAreRankedAndCountedAgainstTheTruth() {
    Dataset<Row> labels =
        spark.createDataFrame(
            List.of(
                RowFactory.create("t", "i1", 0.9, "good"),
                RowFactory.create("t", "i2", 0.5, "uncertain"),
                RowFactory.create("t", "i3", 0.5, "uncertain"),
                RowFactory.create("t", "i4", 0.8, "good"),
                RowFactory.create("t", "i5", 0.1, "bad"),
                RowFactory.create("other tenant", "i1", 0.1, "bad")),
            new StructType()
                .add(QualityLabels.TENANT_ID, DataTypes.StringType)
                .add(QualityLabels.INTERACTION_ID, DataTypes.StringType)
                .add(QualityLabels.P_GOOD, DataTypes.DoubleType)
                .add(QualityLabels.LABEL, DataTypes.StringType));
    Dataset<Row> truth =
        truth(
            RowFactory.create("t", "i1", "good", null),
            RowFactory.create("t", "i2", "good", null),
            RowFactory.create("t", "i3", "bad", null),
            RowFactory.create("t", "i4", "bad", "m"),
            RowFactory.create("t", "i5", "bad", "m"));

    PlantedTruth.Labels found = PlantedTruth.labels(labels, truth);

    // Goods .9 and .5 against bads .5, .8, .1: won 3 + 1 and half a tie, of 6.
    assertThat(found.auc().orElseThrow()).isCloseTo(4.5 / 6, within(1e-12));
    assertThat(found.compared()).isEqualTo(5);
    assertThat(found.decided()).isEqualTo(3);
    assertThat(found.right()).isEqualTo(2);
  }

  @Test
  void clustersAreMeasuredByDateOverFailuresWithAMode() {
    Dataset<Row> assignments =
        spark.createDataFrame(
            List.of(
                RowFactory.create(MONDAY, "t", "i1", 0),
                RowFactory.create(MONDAY, "t", "i2", 0),
                RowFactory.create(TUESDAY, "t", "i3", 0),
                RowFactory.create(TUESDAY, "t", "i4", 1),
                RowFactory.create(TUESDAY, "t", "i5", 1)),
            new StructType()
                .add(TableSpec.EVENT_DATE, DataTypes.DateType)
                .add(FailureAssignments.TENANT_ID, DataTypes.StringType)
                .add(FailureAssignments.INTERACTION_ID, DataTypes.StringType)
                .add(FailureAssignments.CLUSTER_ID, DataTypes.IntegerType));
    Dataset<Row> truth =
        truth(
            RowFactory.create("t", "i1", "bad", "a"),
            RowFactory.create("t", "i2", "bad", "b"),
            RowFactory.create("t", "i3", "bad", "a"),
            RowFactory.create("t", "i4", "bad", "b"),
            RowFactory.create("t", "i5", "bad", null));

    assertThat(PlantedTruth.clusters(assignments, truth))
        .containsEntry("2026-01-05", 0.0)
        .containsEntry("2026-01-06", 1.0)
        .hasSize(2);
  }

  @Test
  void totalsWeighTheSampleUpToTrafficOfTheSampledDates() {
    Dataset<Row> interactions =
        spark.createDataFrame(
            List.of(
                RowFactory.create(MONDAY, "t", "i1", NOON, "free", "writing"),
                RowFactory.create(MONDAY, "t", "i2", NOON, "free", "writing"),
                RowFactory.create(MONDAY, "t", "i3", NOON, "free", "writing"),
                RowFactory.create(MONDAY, "t", "i4", NOON, "pro", null),
                RowFactory.create(MONDAY, "t", "i5", NOON, "pro", null),
                RowFactory.create(TUESDAY, "t", "i6", NOON, "pro", null)),
            new StructType()
                .add(TableSpec.EVENT_DATE, DataTypes.DateType)
                .add(Interactions.TENANT_ID, DataTypes.StringType)
                .add(Interactions.INTERACTION_ID, DataTypes.StringType)
                .add(Interactions.SHOWN_AT, DataTypes.TimestampType)
                .add(Interactions.USER_TYPE, DataTypes.StringType)
                .add(Interactions.QUERY_CATEGORY, DataTypes.StringType));
    Dataset<Row> draws =
        interactions
            .where("interaction_id IN ('i1', 'i4')")
            .select(
                TableSpec.EVENT_DATE,
                Interactions.TENANT_ID,
                Interactions.INTERACTION_ID,
                Interactions.SHOWN_AT);

    PlantedTruth.Totals exact =
        PlantedTruth.totals(
            draws.selectExpr("*", "IF(interaction_id = 'i1', 3.0D, 2.0D) AS sampling_weight"),
            interactions);
    assertThat(exact.overall()).hasValue(1);
    assertThat(exact.worst()).hasValue(1);

    PlantedTruth.Totals wrong =
        PlantedTruth.totals(draws.withColumn(EvalDraws.SAMPLING_WEIGHT, lit(3.0)), interactions);
    assertThat(wrong.overall()).hasValue(6.0 / 5);
    assertThat(wrong.worst()).hasValue(1.5);
  }

  @Test
  void anEmptyLakeHasNothingToCompare(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve(Generator.TRUTH_FILE),
        "{\"interaction_id\":\"i1\",\"tenant_id\":\"t\",\"quality\":\"good\",\"failure_mode\":null}\n",
        StandardCharsets.UTF_8);
    var lake = new Lakehouse(spark, folder.resolve("lake").toString());

    Recovery recovery = PlantedTruth.measure(lake, folder, "production");

    assertThat(recovery.compared()).isZero();
    assertThat(recovery.auc()).isEmpty();
    assertThat(recovery.meanVMeasure()).isEmpty();
    assertThat(recovery.totalRatio()).isEmpty();
    assertThat(recovery.lines()).hasSize(8).anyMatch(line -> line.contains("nothing to compute"));
  }

  private Dataset<Row> truth(Row... rows) {
    return spark.createDataFrame(List.of(rows), PlantedTruth.SCHEMA);
  }
}
