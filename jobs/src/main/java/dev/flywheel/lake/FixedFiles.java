package dev.flywheel.lake;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.files.TahoeBatchFileIndex;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Those files of a table's version that hold some partitions, sought once. Delta seeks them by a
 * Spark job of its own in every query that a read takes part in, which was nearly a third of the
 * jobs of a small night.
 */
final class FixedFiles extends TahoeBatchFileIndex {
  /** Of a file in Delta's log: values by name of partition column, as texts. */
  private static final String PARTITION_VALUES = "partitionValues";

  private FixedFiles(SparkSession spark, Snapshot snapshot, Seq<AddFile> files) {
    super(
        spark,
        "batch",
        files,
        snapshot.deltaLog(),
        snapshot.deltaLog().dataPath(),
        snapshot,
        false);
  }

  /** The files of a version, as rows of Delta's log: as typed actions they cost more to plan. */
  static Dataset<Row> allOf(Snapshot snapshot) {
    return snapshot.stateDF().where(col("add").isNotNull()).select("add.*");
  }

  /** The date of a file of {@link #allOf}, by the name of the partition column. */
  static Column date(String partitionColumn) {
    return element_at(col(PARTITION_VALUES), lit(partitionColumn)).cast(DataTypes.DateType);
  }

  /**
   * The rows of some files of a version of a table that readers of the first version of Delta's
   * protocol know: those need nothing of a file but its place.
   *
   * @param wanted over the columns of {@link #allOf}
   */
  static Dataset<Row> read(SparkSession spark, Snapshot snapshot, Column wanted) {
    Column place =
        struct(
            col("path"),
            col(PARTITION_VALUES),
            col("size"),
            col("modificationTime"),
            lit(true).as("dataChange"));
    // By way of the log's own form, which stays: the class gains parameters with Delta's releases.
    List<AddFile> files =
        allOf(snapshot)
            .where(wanted)
            .select(to_json(struct(place.as("add"))))
            .collectAsList()
            .stream()
            .map(row -> (AddFile) Action.fromJson(row.getString(0)))
            .toList();
    var index = new FixedFiles(spark, snapshot, CollectionConverters.asScala(files).toSeq());
    return spark.baseRelationToDataFrame(
        snapshot
            .deltaLog()
            .buildHadoopFsRelationWithFileIndex(snapshot, index, Option.empty(), false));
  }

  @Override
  public Seq<AddFile> matchingFiles(Seq<Expression> partitions, Seq<Expression> rows) {
    return partitions.isEmpty() ? addFiles() : super.matchingFiles(partitions, rows);
  }
}
