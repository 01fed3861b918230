package dev.flywheel.cli;

import dev.flywheel.ingest.RawListing;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.StorageFailure;
import dev.flywheel.nightly.Nightly;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.runner.JobRunner;
import dev.flywheel.runner.Sessions;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;

/**
 * What the program needs around it, checked one by one; a failing check stops none of the others.
 */
final class Checkup {
  private static final long LEAST_HEAP_MIB = 900;
  private static final long LEAST_DISK_MIB = 2_000;
  private static final long MIB = 1 << 20;

  private final ConfigOptions options;
  private final List<Finding> findings = new ArrayList<>();

  Checkup(ConfigOptions options) {
    this.options = options;
  }

  /**
   * Result of one check.
   *
   * @param found what is there, or why it is not
   * @param remedy how to get it; empty when it is there
   * @param exitCode how a run would end because of it
   */
  record Finding(String what, String found, String remedy, ExitCode exitCode) {
    boolean ok() {
      return exitCode == ExitCode.OK;
    }
  }

  List<Finding> findings() {
    check("java", "Install JDK 17, on which Spark 4.1 runs, and set JAVA_HOME.", this::java);
    check("memory", "Give the program more: FLYWHEEL_JAVA_OPTS=-Xmx2g.", this::memory);
    check("disk", "Free some space, or point java.io.tmpdir at a larger disk.", this::disk);
    Settings settings =
        check(
            "config",
            "Mend the file; 'flywheel init' writes one with every setting.",
            options::settings,
            read -> "valid, sha256 " + read.hash().substring(0, 12));
    check(
        "embeddings",
        "onnxruntime has libraries for Linux, macOS and Windows on x86-64 and arm64, with glibc.",
        this::embeddings);
    SparkSession spark =
        check(
            "spark",
            "Run 'make build', or set SPARK_HOME to a Spark 4.1 with Scala 2.13.",
            () ->
                Sessions.open(
                    settings == null ? Settings.load(Optional.empty(), Map.of()) : settings),
            this::describe);
    if (settings != null && spark != null) {
      for (Stage stage : Nightly.stages()) {
        check(
            stage.name(),
            "Mend the setting; 'flywheel init' writes a file with what each one means.",
            () -> settingsOf(stage, settings, spark));
      }
      check(
          "lake",
          "Pass --lake with a place that this user may write.",
          () -> lake(settings, spark));
      check(
          "input",
          "Pass --input with the folder that holds the landing days.",
          () -> input(settings, spark));
    }
    return List.copyOf(findings);
  }

  private void check(String what, String remedy, Callable<String> check) {
    check(what, remedy, check, found -> found);
  }

  /** Notes what {@code check} gives, or why it gives nothing; null in that case. */
  private <T> T check(
      String what, String remedy, Callable<T> check, java.util.function.Function<T, String> say) {
    try {
      T found = check.call();
      findings.add(new Finding(what, say.apply(found), "", ExitCode.OK));
      return found;
    } catch (Exception | LinkageError e) {
      ExitCode code = JobRunner.exitCode(e);
      findings.add(
          new Finding(
              what,
              JobRunner.describe(e),
              remedy,
              // Whatever is wrong here, it is something around the program.
              code == ExitCode.TRANSIENT ? code : ExitCode.USAGE));
      return null;
    }
  }

  private String java() {
    int feature = Runtime.version().feature();
    if (feature != 17 && feature != 21) {
      throw FlywheelException.usage("This is Java %s.", Runtime.version());
    }
    return Runtime.version() + " in " + System.getProperty("java.home");
  }

  private String memory() {
    long heap = Runtime.getRuntime().maxMemory() / MIB;
    if (heap < LEAST_HEAP_MIB) {
      throw FlywheelException.usage(
          "The heap may grow to %d MiB, %d are needed.", heap, LEAST_HEAP_MIB);
    }
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return "heap up to %d MiB, %d of %d MiB free on the machine"
        .formatted(heap, system.getFreeMemorySize() / MIB, system.getTotalMemorySize() / MIB);
  }

  private String disk() {
    var scratch = new File(System.getProperty("java.io.tmpdir"));
    long free = scratch.getUsableSpace() / MIB;
    if (free < LEAST_DISK_MIB) {
      throw FlywheelException.usage(
          "%s has %d MiB left, %d are needed for Spark's scratch files.",
          scratch, free, LEAST_DISK_MIB);
    }
    return "%d MiB free in %s".formatted(free, scratch);
  }

  private String embeddings() {
    String version = ai.onnxruntime.OrtEnvironment.getEnvironment().getVersion();
    return "onnxruntime " + version;
  }

  private String describe(SparkSession spark) {
    String home = System.getenv("SPARK_HOME");
    return "Spark %s, %s, from %s"
        .formatted(
            spark.version(),
            spark.sparkContext().master(),
            home == null ? "the bundled classpath" : home);
  }

  private static String settingsOf(Stage stage, Settings settings, SparkSession spark) {
    stage.check(spark, settings);
    return "its settings can be used";
  }

  private String lake(Settings settings, SparkSession spark) {
    String path = settings.requiredLake();
    var lake = new Lakehouse(spark, path);
    lake.files().checkWritable();
    lake.requireKnown();
    return path
        + (path.startsWith("s3a:")
            ? " answers and is writable; of two commits at once it refuses the second"
            : " is writable");
  }

  private String input(Settings settings, SparkSession spark) {
    String path = settings.requiredInput();
    try {
      if (!RawListing.reachable(spark, path)) {
        throw FlywheelException.usage("There is nothing at %s.", path);
      }
    } catch (IOException e) {
      throw StorageFailure.explain(e, "read the input " + path);
    }
    return path + " is reachable";
  }
}
