package dev.flywheel.runner;

import dev.flywheel.settings.Settings;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The Spark session that every command and test uses. */
public final class Sessions {
  private static final Map<String, String> NEEDED =
      Map.of(
          "spark.sql.extensions",
          "io.delta.sql.DeltaSparkSessionExtension",
          "spark.sql.catalog.spark_catalog",
          "org.apache.spark.sql.delta.catalog.DeltaCatalog",
          "spark.sql.session.timeZone",
          "UTC",
          // edit_distance and its like, for our stages and for SQL.
          "spark.sql.catalog." + dev.flywheel.text.TextFunctions.CATALOG,
          dev.flywheel.text.TextFunctions.class.getName(),
          // The default, INT96, is a type of its own that other readers have dropped.
          "spark.sql.parquet.outputTimestampType",
          "TIMESTAMP_MICROS");

  private Sessions() {}

  /** Opens the session: what spark-submit or the configuration say wins over our defaults. */
  public static SparkSession open(Settings settings) {
    var conf = new SparkConf();
    settings.spark().forEach(conf::set);
    NEEDED.forEach(conf::set);
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.app.name", "flywheel");
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.ui.enabled", "false");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      // Adaptive execution only ever merges partitions: 200 are many for one machine.
      conf.setIfMissing(
          "spark.sql.shuffle.partitions",
          String.valueOf(4 * Runtime.getRuntime().availableProcessors()));
    }
    // 100 by default: a night has several hundred pieces of generated code, and each night after
    // the first would compile all of them again.
    conf.setIfMissing("spark.sql.codegen.cache.maxEntries", "5000");
    // Up to so many partitions, a task keeps a file open for each instead of sorting its rows.
    conf.setIfMissing("spark.sql.maxConcurrentOutputFileWriters", "8");
    // 10,000 by default, so many tasks has a VACUUM to list the files of a table, however few.
    conf.setIfMissing(
        "spark.sql.sources.parallelPartitionDiscovery.parallelism",
        conf.get("spark.sql.shuffle.partitions", "200"));
    // 50 by default, which dominates tables of a few files.
    conf.setIfMissing("spark.databricks.delta.snapshotPartitions", "1");
    // Tables are replaced by whole partitions: no query is needed to find the rows that go.
    conf.setIfMissing("spark.databricks.delta.replaceWhere.dataColumns.enabled", "false");
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
