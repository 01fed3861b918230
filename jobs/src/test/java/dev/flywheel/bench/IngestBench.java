package dev.flywheel.bench;

import com.github.luben.zstd.ZstdInputStream;
import com.sun.management.OperatingSystemMXBean;
import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.ingest.IngestStage;
import dev.flywheel.run.DateRange;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Throughput of {@code ingest}, JSON Lines to Delta, against Spark's own JSON reader to Parquet, on
 * the same plain files, in one JVM, in turns. Spark's reader loses lines on the way; ours may not.
 *
 * <p>Arguments: interactions (default 100,000) and rounds (default 7). Run it with {@code make
 * bench}.
 */
public final class IngestBench {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final int WARM_UPS = 2;
  private static final OperatingSystemMXBean CPU =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Path logs;
  private final Path out;

  private IngestBench(Path folder) {
    this.logs = folder.resolve("raw");
    this.out = folder.resolve("out");
  }

  public static void main(String[] arguments) throws IOException {
    int interactions = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 7;
    Path folder = Files.createTempDirectory("flywheel-bench");
    try {
      new IngestBench(folder).compare(interactions, rounds);
    } finally {
      delete(folder);
    }
  }

  private void compare(int interactions, int rounds) throws IOException {
    double megabytes = generate(interactions) / 1e6;
    System.out.printf(
        Locale.ROOT,
        "%,d interactions, %.1f MB of plain JSON Lines, %d rounds%n",
        interactions,
        megabytes,
        rounds);
    var throughput = new LinkedHashMap<String, List<Double>>();
    var cpuThroughput = new LinkedHashMap<String, List<Double>>();
    Map<String, Job> jobs = new LinkedHashMap<>();
    jobs.put("Spark JSON to Parquet", this::sparkToParquet);
    jobs.put("ingest to Delta", this::ingestToDelta);
    for (int round = -WARM_UPS; round < rounds; round++) {
      for (Map.Entry<String, Job> job : jobs.entrySet()) {
        System.gc();
        long cpuStart = CPU.getProcessCpuTime();
        long start = System.nanoTime();
        job.getValue().run();
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (CPU.getProcessCpuTime() - cpuStart) / 1e9;
        delete(out.resolve("parquet"));
        if (round >= 0) {
          add(throughput, job.getKey(), megabytes / seconds);
          add(cpuThroughput, job.getKey(), megabytes / cpuSeconds);
        }
      }
    }
    print("MB/s", throughput);
    // On a busy machine the clock says little; this says what the work costs.
    print("MB per second of CPU", cpuThroughput);
  }

  private static void add(Map<String, List<Double>> values, String name, double value) {
    values.computeIfAbsent(name, ignored -> new ArrayList<>()).add(value);
  }

  private static void print(String unit, Map<String, List<Double>> values) {
    values.forEach(
        (name, each) ->
            System.out.printf(
                Locale.ROOT,
                "%-24s %s: min %.1f, median %.1f, max %.1f%n",
                name,
                unit,
                Collections.min(each),
                median(each),
                Collections.max(each)));
    List<List<Double>> both = List.copyOf(values.values());
    System.out.printf(
        Locale.ROOT,
        "%s, ratio of medians: %.2f%n",
        unit,
        median(both.get(1)) / median(both.get(0)));
  }

  private interface Job {
    void run() throws IOException;
  }

  private void sparkToParquet() {
    TestSpark.session()
        .read()
        .schema(rawSchema())
        .option("mode", "PERMISSIVE")
        .json(logs.resolve("dt=" + DAY).toString())
        .write()
        .parquet(out.resolve("parquet").toString());
  }

  private void ingestToDelta() {
    Settings settings = TestSpark.settings(Map.of("input.path", logs.toString()));
    new IngestStage()
        .run(TestLakes.open(out.resolve("lake")), TestSpark.run(DateRange.of(DAY)), settings);
  }

  /** Every field of the contract with the type of its column. */
  private static StructType rawSchema() {
    var types = new LinkedHashMap<String, DataType>();
    Stream.concat(
            RawEvents.ENVELOPE.stream(),
            RawEvents.TYPES.stream().flatMap(type -> type.payload().stream()))
        .forEach(
            field ->
                types.put(field.name(), Events.SPEC.schema().apply(field.column()).dataType()));
    var schema = new StructType();
    for (Map.Entry<String, DataType> field : types.entrySet()) {
      schema = schema.add(field.getKey(), field.getValue());
    }
    return schema.add("_corrupt_record", DataTypes.StringType);
  }

  /** Generates one day and unpacks it; Spark's own reader has no Zstandard everywhere. */
  private long generate(int interactions) throws IOException {
    Generator.run(
        GeneratorOptions.of(logs, out.resolve("truth"), DateRange.of(DAY), interactions, 42));
    delete(out);
    long bytes = 0;
    try (Stream<Path> files = Files.list(logs.resolve("dt=" + DAY))) {
      for (Path file : files.toList()) {
        Path plain =
            file.resolveSibling(file.getFileName().toString().replaceFirst("\\.(gz|zst)$", ""));
        if (!plain.equals(file)) {
          try (InputStream in = unpacked(file)) {
            Files.copy(in, plain);
          }
          Files.delete(file);
        }
        bytes += Files.size(plain);
      }
    }
    return bytes;
  }

  private static InputStream unpacked(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : new ZstdInputStream(in);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
