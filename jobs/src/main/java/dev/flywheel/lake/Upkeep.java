package dev.flywheel.lake;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import dev.flywheel.run.DateRange;
import dev.flywheel.tables.TableSpec;
import io.delta.tables.DeltaOptimizeBuilder;
import io.delta.tables.DeltaTable;
import org.apache.spark.sql.Column;

/** Merging the small files of tables, and deleting those that no version uses any more. */
public final class Upkeep {
  /** Property of a table: how long it keeps files that no version of it uses any more. */
  static final String RETENTION = "delta.deletedFileRetentionDuration";

  private final Lakehouse lake;

  /** Notes its doings in the lake's {@link StageLog}. */
  public Upkeep(Lakehouse lake) {
    this.lake = lake;
  }

  /**
   * Merges the small files of each partition in {@code dates}, or of the whole table where it has
   * no partitions, in one commit that changes no row. Its number goes to the log as {@code
   * <table>_files_merged}.
   *
   * @return number of files that became fewer
   */
  public long mergeFiles(TableSpec table, DateRange dates) {
    long before = lake.version(table);
    if (filesToMerge(table, dates) == 0) {
      return 0;
    }
    DeltaOptimizeBuilder files = DeltaTable.forPath(lake.spark(), lake.path(table)).optimize();
    table.partitionColumn().ifPresent(date -> files.where(Lakehouse.condition(date, dates)));
    long merged = files.executeCompaction().select("metrics.numFilesRemoved").head().<Long>getAs(0);
    // Another run may have made the newest version; Delta makes none where it merged nothing.
    for (long version = lake.version(table); merged > 0 && version > before; version--) {
      if (lake.commit(table, version).info().path("operation").asText().equals("OPTIMIZE")) {
        lake.log().rewrote(table.name(), version);
        break;
      }
    }
    lake.log().count(table.name() + "_files_merged", merged);
    return merged;
  }

  /** Files of partitions in {@code dates} that have more than one. */
  public long filesToMerge(TableSpec table, DateRange dates) {
    Column partition = table.partitionColumn().map(FixedFiles::date).orElse(lit(""));
    Column wanted =
        table.partitionColumn().isPresent() ? Lakehouse.within(partition, dates) : lit(true);
    return FixedFiles.allOf(lake.snapshot(table))
        .where(wanted)
        .groupBy(partition)
        .count()
        .where(col("count").gt(1))
        .select(coalesce(sum("count"), lit(0L)))
        .head()
        .getLong(0);
  }

  /**
   * Deletes files below the table that no version of the last {@code days} days uses, those of
   * failed writes included. Their number goes to the log as {@code <table>_files_deleted}.
   *
   * @param days never fewer than the table's own retention, which Delta checks
   * @return number of deleted files
   */
  public long deleteUnusedFiles(TableSpec table, int days) {
    keepFor(table, days);
    long unused = unusedFiles(table);
    if (unused > 0) {
      lake.spark().sql(vacuum(table));
      lake.log().count(table.name() + "_files_deleted", unused);
    }
    return unused;
  }

  /** Tells the table, by which Delta goes: a retention that VACUUM is told it passes over. */
  private void keepFor(TableSpec table, int days) {
    String wanted = "interval %d days".formatted(days);
    if (!lake.snapshot(table).metadata().configuration().get(RETENTION).contains(wanted)) {
      lake.spark()
          .sql(
              "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('%s' = '%s')"
                  .formatted(lake.path(table), RETENTION, wanted));
    }
  }

  /** Files that {@link #deleteUnusedFiles} would delete, by the retention that it was last told. */
  public long unusedFiles(TableSpec table) {
    return lake.spark().sql(vacuum(table) + " DRY RUN").count();
  }

  private String vacuum(TableSpec table) {
    return "VACUUM delta.`%s`".formatted(lake.path(table));
  }
}
