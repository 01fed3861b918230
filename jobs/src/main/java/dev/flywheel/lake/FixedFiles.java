package dev.flywheel.lake;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import dev.flywheel.run.DateRange;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

  /**
   * The files of a version, where the checksum beside its commit lists them: Delta writes so many
   * as 50 of them there, and whoever knows them needs no Spark job to find one.
   */
  private static Optional<List<AddFile>> listed(Snapshot snapshot) {
    return toOptional(snapshot.checksumOpt())
        .flatMap(
            checksum ->
                toOptional(checksum.allFiles())
                    .map(CollectionConverters::asJava)
                    .filter(files -> files.size() == checksum.numFiles()));
  }

  private static <T> Optional<T> toOptional(Option<T> option) {
    return Optional.ofNullable(option.getOrElse(() -> null));
  }

  /** The files of a version, as rows of Delta's log: as typed actions they cost more to plan. */
  static Dataset<Row> allOf(Snapshot snapshot) {
    return snapshot.stateDF().where(col("add").isNotNull()).select("add.*");
  }

  /** The date of a file of {@link #allOf}, by the name of the partition column. */
  static Column date(String partitionColumn) {
    return element_at(col(PARTITION_VALUES), lit(partitionColumn)).cast(DataTypes.DateType);
  }

  private static LocalDate date(AddFile file, String partitionColumn) {
    return LocalDate.parse(file.partitionValues().apply(partitionColumn));
  }

  /** The dates in {@code dates} that have files, in order: no file is opened. */
  static List<LocalDate> dates(Snapshot snapshot, String partitionColumn, DateRange dates) {
    return listed(snapshot)
        .map(
            files ->
                files.stream()
                    .map(file -> date(file, partitionColumn))
                    .filter(dates::contains)
                    .distinct())
        .orElseGet(
            () ->
                allOf(snapshot)
                    .select(date(partitionColumn).as(partitionColumn))
                    .where(Lakehouse.within(partitionColumn, dates))
                    .distinct()
                    .collectAsList()
                    .stream()
                    .map(row -> row.<java.sql.Date>getAs(0).toLocalDate()))
        .sorted()
        .toList();
  }

  /** The last date in {@code dates} that has a file. */
  static Optional<LocalDate> lastDate(Snapshot snapshot, String partitionColumn, DateRange dates) {
    if (listed(snapshot).isPresent()) {
      return dates(snapshot, partitionColumn, dates).stream().max(Comparator.naturalOrder());
    }
    Row last =
        allOf(snapshot)
            .select(date(partitionColumn).as(partitionColumn))
            .where(Lakehouse.within(partitionColumn, dates))
            .agg(max(partitionColumn))
            .head();
    return Optional.ofNullable(last.<java.sql.Date>getAs(0)).map(java.sql.Date::toLocalDate);
  }

  /**
   * The rows of some dates of a version of a table that readers of the first version of Delta's
   * protocol know: those need nothing of a file but its place.
   */
  static Dataset<Row> read(
      SparkSession spark, Snapshot snapshot, String partitionColumn, DateRange dates) {
    List<AddFile> files =
        listed(snapshot)
            .map(
                all ->
                    all.stream()
                        .filter(file -> dates.contains(date(file, partitionColumn)))
                        .toList())
            .orElseGet(() -> sought(snapshot, Lakehouse.within(date(partitionColumn), dates)));
    var index = new FixedFiles(spark, snapshot, CollectionConverters.asScala(files).toSeq());
    return spark.baseRelationToDataFrame(
        snapshot
            .deltaLog()
            .buildHadoopFsRelationWithFileIndex(snapshot, index, Option.empty(), false));
  }

  private static List<AddFile> sought(Snapshot snapshot, Column wanted) {
    Column place =
        struct(
            col("path"),
            col(PARTITION_VALUES),
            col("size"),
            col("modificationTime"),
            lit(true).as("dataChange"));
    // By way of the log's own form, which stays: the class gains parameters with Delta's releases.
    return allOf(snapshot)
        .where(wanted)
        .select(to_json(struct(place.as("add"))))
        .collectAsList()
        .stream()
        .map(row -> (AddFile) Action.fromJson(row.getString(0)))
        .toList();
  }

  @Override
  public Seq<AddFile> matchingFiles(Seq<Expression> partitions, Seq<Expression> rows) {
    return partitions.isEmpty() ? addFiles() : super.matchingFiles(partitions, rows);
  }
}
