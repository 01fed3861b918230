package dev.flywheel.lake;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.files.TahoeBatchFileIndex;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Those files of a table's version that hold some partitions, sought once. Delta seeks them by a
 * Spark job of its own in every query that a read takes part in, which is a third of the jobs of a
 * small night.
 */
final class FixedFiles extends TahoeBatchFileIndex {
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

  /**
   * The rows of some files of a version.
   *
   * @param wanted over {@code partitionValues}, a map of texts
   */
  static Dataset<Row> read(SparkSession spark, Snapshot snapshot, Column wanted) {
    List<AddFile> files = snapshot.allFiles().where(wanted).collectAsList();
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
