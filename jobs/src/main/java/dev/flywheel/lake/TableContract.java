package dev.flywheel.lake;

import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.TableSpec;
import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/** What a {@link TableSpec} means in Delta: how its table is made, and whose tables are refused. */
final class TableContract {
  /** Property of a table: version of the contract that it was made from. */
  private static final String SCHEMA_VERSION = "flywheel.schema.version";

  private TableContract() {}

  /** Makes the table, unless another run has made it meanwhile. */
  static void create(SparkSession spark, TableSpec table, String path) {
    DeltaTableBuilder builder =
        DeltaTable.createIfNotExists(spark)
            .location(path)
            .comment(table.comment())
            .addColumns(table.schema());
    table.partitionColumn().ifPresent(builder::partitionedBy);
    properties(table).forEach(builder::property);
    builder.execute();
  }

  /** What keeps a table readable by readers other than Spark, and people out of statistics. */
  private static Map<String, String> properties(TableSpec table) {
    var properties = new TreeMap<String, String>();
    properties.put("delta.minReaderVersion", "1");
    properties.put("delta.minWriterVersion", table.checks().isEmpty() ? "2" : "3");
    // With the table, not after it: a run that is killed or overtaken leaves none without them.
    table.checks().forEach((name, check) -> properties.put("delta.constraints." + name, check));
    properties.put("delta.enableDeletionVectors", "false");
    properties.put("delta.columnMapping.mode", "none");
    properties.put("delta.checkpointPolicy", "classic");
    properties.put("delta.enableTypeWidening", "false");
    properties.put("delta.enableRowTracking", "false");
    properties.put("delta.enableInCommitTimestamps", "false");
    properties.put("delta.enableChangeDataFeed", "false");
    properties.put("delta.checkpoint.writeStatsAsJson", "true");
    properties.put("delta.checkpoint.writeStatsAsStruct", "true");
    properties.put("delta.logRetentionDuration", "interval 30 days");
    properties.put(Upkeep.RETENTION, "interval 7 days");
    properties.put(SCHEMA_VERSION, String.valueOf(TableSpec.SCHEMA_VERSION));
    List<String> statistics =
        table.statisticsColumns().stream()
            .filter(column -> !table.partitionColumn().equals(Optional.of(column)))
            .toList();
    if (statistics.isEmpty()) {
      properties.put("delta.dataSkippingNumIndexedCols", "0");
    } else {
      properties.put("delta.dataSkippingStatsColumns", String.join(",", statistics));
    }
    return properties;
  }

  /**
   * Lets nothing be read or written that a newer program has shaped.
   *
   * @param root of the lake, for the message
   * @throws FlywheelException for a table that was made from a newer contract than this program's
   */
  static void refuseNewer(TableSpec table, Snapshot snapshot, String root) {
    Option<String> written = snapshot.metadata().configuration().get(SCHEMA_VERSION);
    if (written.isDefined() && Integer.parseInt(written.get()) > TableSpec.SCHEMA_VERSION) {
      throw FlywheelException.usage(
          "The table %s of the lake %s was written with version %s of its contract, and this"
              + " program knows version %d: a newer Flywheel has been here. Use that one; nothing"
              + " was changed.",
          table.name(), root, written.get(), TableSpec.SCHEMA_VERSION);
    }
  }

  /**
   * The columns that rows are brought to. NOT NULL is checked by Delta at the write, where the
   * error can name the column.
   */
  static StructType schemaOfWrites(TableSpec table) {
    var relaxed = new StructType();
    for (StructField field : table.schema().fields()) {
      relaxed = relaxed.add(field.name(), field.dataType(), true, field.metadata());
    }
    return relaxed;
  }
}
