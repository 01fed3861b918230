package dev.flywheel.runner;

import dev.flywheel.lake.S3LogStore;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Credentials;
import dev.flywheel.settings.Settings;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
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

  /**
   * Object storage. Hadoop's own times and counts keep a run waiting for a silent server for some
   * ten minutes a request; these make it three.
   */
  private static final Map<String, String> S3 =
      Map.of(
          "fs.s3a.connection.establish.timeout", "15s",
          // Longest silence of a server that has a request.
          "fs.s3a.connection.timeout", "30s",
          "fs.s3a.connection.request.timeout", "60s",
          // Attempts of the client below Hadoop, and retries of Hadoop around them.
          "fs.s3a.attempts.maximum", "2",
          "fs.s3a.retry.limit", "2",
          "fs.s3a.retry.interval", "1s",
          // Hadoop's list, and the file of profiles that the tools of AWS keep.
          "fs.s3a.aws.credentials.provider",
              "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider,"
                  + "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider,"
                  + "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider,"
                  + "software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider,"
                  + "org.apache.hadoop.fs.s3a.auth.IAMInstanceCredentialsProvider");

  private static final String SPARK_LINE = "4.1.";

  private Sessions() {}

  /**
   * Opens the session: what spark-submit says wins over the configuration, and both win over our
   * defaults.
   *
   * @throws FlywheelException (usage) on another line of Spark, and without Delta
   */
  public static SparkSession open(Settings settings) {
    requireSparkAndDelta();
    var conf = new SparkConf();
    // What spark-submit passed is there already.
    settings.spark().forEach(conf::setIfMissing);
    NEEDED.forEach(conf::set);
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.app.name", "flywheel");
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.ui.enabled", "false");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      if (!conf.getBoolean("spark.ui.enabled", true)
          && !conf.getBoolean("spark.eventLog.enabled", false)) {
        // Nobody reads the long form of each plan, which takes 4 % of a small night.
        conf.setIfMissing("spark.sql.ui.explainMode", "simple");
      }
      // Adaptive execution only ever merges partitions: 200 are many for one machine.
      conf.setIfMissing(
          "spark.sql.shuffle.partitions",
          String.valueOf(4 * Runtime.getRuntime().availableProcessors()));
    }
    // 100 by default: a night has several hundred pieces of generated code, and each night after
    // the first would compile all of them again.
    conf.setIfMissing("spark.sql.codegen.cache.maxEntries", "5000");
    // What is kept is read twice at most: to look for the best encoding of each column, and to
    // encode it, takes a twelfth of the time of label and is for what is read often.
    conf.setIfMissing("spark.sql.inMemoryColumnarStorage.compressed", "false");
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
    // Spark's own list leaves out api keys and accounts, among others.
    conf.setIfMissing("spark.redaction.regex", Credentials.pattern());
    safeOnS3(conf);
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /**
   * Asked of a program that does not fit its libraries, too: those of an old Spark come first.
   *
   * @throws FlywheelException (usage) on another line of Spark
   */
  public static void requireSparkLine() {
    String version = org.apache.spark.package$.MODULE$.SPARK_VERSION();
    if (!version.startsWith(SPARK_LINE)) {
      throw FlywheelException.usage(
          "This is Spark %s, and Flywheel is built for Spark %sx with Scala 2.13: run it with that"
              + " spark-submit (SPARK_HOME).",
          version, SPARK_LINE);
    }
  }

  private static void requireSparkAndDelta() {
    requireSparkLine();
    // One of the packages of bin/spark.options; Spark's launcher opens all of them or none.
    if (!Object.class.getModule().isOpen("sun.util.calendar", Sessions.class.getModule())) {
      throw FlywheelException.usage(
          "Java %s keeps to itself what Spark needs of it, as in cluster mode of a standalone"
              + " master: pass --driver-java-options @bin/spark.options to spark-submit, or"
              + " @bin/spark.options to java.",
          Runtime.version().feature());
    }
    try {
      Class.forName(
          NEEDED.get("spark.sql.extensions"),
          false,
          Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException e) {
      throw FlywheelException.usage(
          e,
          "Delta Lake is not there: the jar of Flywheel brings no engine of its own. Pass"
              + " --packages io.delta:delta-spark_4.1_2.13:4.4.0 to spark-submit, or --jars with"
              + " delta-spark and delta-storage.");
    }
  }

  /** What a site file of Hadoop says wins over our defaults, too. */
  private static void safeOnS3(SparkConf conf) {
    // Two drivers must not lose each other's commits, nor take their own for another's.
    conf.setIfMissing("spark.delta.logStore.s3a.impl", S3LogStore.class.getName());
    conf.setIfMissing("spark.databricks.delta.commit.idempotencyCheck.enabled", "true");
    var site = new Configuration();
    S3.forEach(
        (key, value) -> {
          String[] sources = site.getPropertySources(key);
          if (sources == null || sources[sources.length - 1].equals("core-default.xml")) {
            conf.setIfMissing("spark.hadoop." + key, value);
          }
        });
  }
}
