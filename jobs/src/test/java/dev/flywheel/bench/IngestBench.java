package dev.flywheel.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdInputStream;
import com.sun.management.OperatingSystemMXBean;
import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.ingest.IngestStage;
import dev.flywheel.run.DateRange;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.testing.Otlp;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Throughput of {@code ingest}, JSON Lines to Delta, against Spark's own JSON reader to Parquet, on
 * the same plain files; and of {@code ingest} of the same events as OpenTelemetry, with and without
 * a span of each call beside its event: in one JVM, in turns. Spark's reader loses lines on the
 * way; ours may not.
 *
 * <p>Arguments: interactions (default 200,000: below, what is compiled weighs more than what is
 * done) and rounds (default 7). Run it with {@code make bench}.
 */
public final class IngestBench {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final int WARM_UPS = 2;

  /** Records of a line of OTLP. */
  private static final int BATCH = 200;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> ENVELOPE =
      RawEvents.ENVELOPE.stream().map(RawEvents.Field::name).collect(Collectors.toSet());
  private static final OperatingSystemMXBean CPU =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Path logs;
  private final Path otlp;

  /** The files of {@link #otlp}, and spans. */
  private final Path withSpans;

  private final Path out;

  private IngestBench(Path folder) {
    this.logs = folder.resolve("raw");
    this.otlp = folder.resolve("otlp");
    this.withSpans = folder.resolve("with-spans");
    this.out = folder.resolve("out");
  }

  public static void main(String[] arguments) throws IOException {
    int interactions = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200_000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 7;
    Path folder = Files.createTempDirectory("flywheel-bench");
    try {
      new IngestBench(folder).compare(interactions, rounds);
    } finally {
      delete(folder);
    }
  }

  /** A job, what it reads, and what each round of it took. */
  private record Timed(
      String name,
      double megabytes,
      long events,
      Job job,
      List<Double> seconds,
      List<Double> cpuSeconds) {
    Timed(String name, double megabytes, long events, Job job) {
      this(name, megabytes, events, job, new ArrayList<>(), new ArrayList<>());
    }

    void run(boolean counts) throws IOException {
      System.gc();
      long cpuStart = CPU.getProcessCpuTime();
      long start = System.nanoTime();
      job.run();
      double took = (System.nanoTime() - start) / 1e9;
      double cost = (CPU.getProcessCpuTime() - cpuStart) / 1e9;
      if (counts) {
        seconds.add(took);
        cpuSeconds.add(cost);
      }
    }

    void print() {
      print("MB/s", megabytes, seconds);
      // On a busy machine the clock says little; this says what the work costs.
      print("MB per second of CPU", megabytes, cpuSeconds);
      print("thousand events/s", events / 1e3, seconds);
    }

    private void print(String unit, double amount, List<Double> took) {
      System.out.printf(
          Locale.ROOT,
          "%-24s %s: min %.1f, median %.1f, max %.1f%n",
          name,
          unit,
          amount / Collections.max(took),
          amount / median(took),
          amount / Collections.min(took));
    }
  }

  private void compare(int interactions, int rounds) throws IOException {
    double megabytes = generate(interactions) / 1e6;
    long events = asOtlp();
    double otlpMegabytes = size(otlp) / 1e6;
    double withSpansMegabytes = size(withSpans) / 1e6;
    System.out.printf(
        Locale.ROOT,
        "%,d interactions, %,d events, %.1f MB of plain JSON Lines, %.1f MB of OTLP, %d rounds%n",
        interactions,
        events,
        megabytes,
        otlpMegabytes,
        rounds);
    var spark = new Timed("Spark JSON to Parquet", megabytes, events, this::sparkToParquet);
    var ours = new Timed("ingest to Delta", megabytes, events, this::ingestToDelta);
    var theirs =
        new Timed("ingest of OTLP to Delta", otlpMegabytes, events, () -> ingestOtlp(otlp));
    var merging =
        new Timed(
            "ingest of OTLP, two of each call",
            withSpansMegabytes,
            events,
            () -> ingestOtlp(withSpans));
    List<Timed> all = List.of(spark, ours, theirs, merging);
    for (int round = -WARM_UPS; round < rounds; round++) {
      for (Timed timed : all) {
        timed.run(round >= 0);
        delete(out.resolve("parquet"));
      }
    }
    all.forEach(Timed::print);
    ratio("ingest against Spark, MB/s", megabytes, ours.seconds(), megabytes, spark.seconds());
    ratio(
        "ingest against Spark, MB per second of CPU",
        megabytes,
        ours.cpuSeconds(),
        megabytes,
        spark.cpuSeconds());
    ratio(
        "ingest of OTLP against native, MB/s",
        otlpMegabytes,
        theirs.seconds(),
        megabytes,
        ours.seconds());
    ratio("ingest of OTLP against native, events/s", 1, theirs.seconds(), 1, ours.seconds());
    ratio(
        "ingest of OTLP, two of each call, against native, MB/s",
        withSpansMegabytes,
        merging.seconds(),
        megabytes,
        ours.seconds());
    ratio(
        "ingest of OTLP, two of each call, against native, events/s",
        1,
        merging.seconds(),
        1,
        ours.seconds());
  }

  /** Of the medians, and of each round, since what disturbs a round disturbs both. */
  private static void ratio(
      String what, double amount, List<Double> took, double otherAmount, List<Double> otherTook) {
    var each = new ArrayList<Double>();
    for (int i = 0; i < took.size(); i++) {
      each.add(amount / took.get(i) / (otherAmount / otherTook.get(i)));
    }
    System.out.printf(
        Locale.ROOT,
        "%s: ratio of medians %.2f, of single rounds %.2f to %.2f%n",
        what,
        amount / median(took) / (otherAmount / median(otherTook)),
        Collections.min(each),
        Collections.max(each));
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

  private void ingestOtlp(Path from) {
    Settings settings =
        TestSpark.settings(Map.of("input.path", from.toString(), "input.format", "otlp_json"));
    new IngestStage()
        .run(TestLakes.open(out.resolve("otlp")), TestSpark.run(DateRange.of(DAY)), settings);
  }

  /**
   * Writes the events once more, as a collector would: {@value #BATCH} log records a line, calls of
   * a model by the conventions for generative AI, whatever else in our own namespace. And a span of
   * each call, without its texts, into files of their own.
   *
   * @return number of events
   */
  private long asOtlp() throws IOException {
    long events = 0;
    try (Stream<Path> files = Files.list(logs.resolve("dt=" + DAY))) {
      for (Path file : files.sorted().toList()) {
        Path target = otlp.resolve("dt=" + DAY).resolve(file.getFileName() + ".json");
        Path linked = withSpans.resolve(otlp.relativize(target));
        Files.createDirectories(target.getParent());
        Files.createDirectories(linked.getParent());
        var batch = new ArrayList<Otlp>();
        var spans = new ArrayList<Otlp>();
        // Not Files.newBufferedReader, which stops at the first byte that is bad on purpose.
        try (var in =
                new BufferedReader(
                    new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8));
            Writer writer = Files.newBufferedWriter(target);
            Writer spanWriter =
                Files.newBufferedWriter(linked.resolveSibling("s-" + file.getFileName()))) {
          for (String line = in.readLine(); line != null; line = in.readLine()) {
            Otlp record = record(line, spans);
            if (record != null) {
              batch.add(record);
              events++;
            }
            if (batch.size() == BATCH) {
              write(writer, batch);
              write(spanWriter, spans);
            }
          }
          write(writer, batch);
          write(spanWriter, spans);
        }
        Files.createLink(linked, target);
      }
    }
    return events;
  }

  private static void write(Writer writer, List<Otlp> batch) throws IOException {
    if (!batch.isEmpty()) {
      writer.write(Otlp.line(batch.toArray(Otlp[]::new)));
      writer.write('\n');
      batch.clear();
    }
  }

  /**
   * The event of a line; null for one that is bad on purpose.
   *
   * @param spans gets the span of a call
   */
  private static Otlp record(String line, List<Otlp> spans) {
    Map<?, ?> fields;
    if (line.indexOf('\uFFFD') >= 0) {
      return null;
    }
    try {
      fields = JSON.readValue(line, Map.class);
    } catch (JsonProcessingException e) {
      return null;
    }
    if (!(fields.get("event_type") instanceof String type)
        || !(fields.get("event_time") instanceof String time)) {
      return null;
    }
    boolean shown = type.equals("response_shown");
    Otlp record =
        Otlp.log(shown ? "gen_ai.client.inference.operation.details" : "flywheel." + type)
            .in(null)
            .with("user.id", fields.get("user_id"))
            .with("session.id", fields.get("session_id"))
            .with("gen_ai.response.id", fields.get("interaction_id"))
            .with("flywheel.event_id", fields.get("event_id"));
    try {
      record.at(OffsetDateTime.parse(time).toInstant());
    } catch (DateTimeException e) {
      return null;
    }
    fields.forEach(
        (name, value) -> {
          if (value == null || ENVELOPE.contains((String) name)) {
            return;
          }
          switch (shown ? (String) name : "") {
            case "prompt" -> record.with("gen_ai.input.messages", List.of(message("user", value)));
            case "messages" -> record.with("gen_ai.input.messages", messages(value));
            case "response" ->
                record.with("gen_ai.output.messages", List.of(message("assistant", value)));
            case "conversation_id" -> record.with("gen_ai.conversation.id", value);
            case "model" -> record.with("gen_ai.response.model", value);
            case "input_tokens" -> record.with("gen_ai.usage.input_tokens", value);
            case "output_tokens" -> record.with("gen_ai.usage.output_tokens", value);
            default -> record.with("flywheel." + name, value);
          }
        });
    if (shown) {
      spans.add(
          Otlp.span("chat")
              .in(spanId(line))
              .with("user.id", fields.get("user_id"))
              .with("session.id", fields.get("session_id"))
              .with("gen_ai.response.id", fields.get("interaction_id"))
              .with("gen_ai.response.model", fields.get("model"))
              .with("gen_ai.usage.input_tokens", fields.get("input_tokens"))
              .with("gen_ai.usage.output_tokens", fields.get("output_tokens")));
    }
    return record.with("gen_ai.operation.name", shown ? "chat" : null);
  }

  private static String spanId(String line) {
    var hash = UUID.nameUUIDFromBytes(line.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%016x", hash.getMostSignificantBits());
  }

  private static List<Object> messages(Object value) {
    var messages = new ArrayList<Object>();
    for (Object message : (List<?>) value) {
      messages.add(
          message(((Map<?, ?>) message).get("role"), ((Map<?, ?>) message).get("content")));
    }
    return messages;
  }

  private static Map<String, Object> message(Object role, Object text) {
    Map<String, Object> part = Map.of("type", "text", "content", String.valueOf(text));
    return Map.of("role", String.valueOf(role), "parts", List.of(part));
  }

  private static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
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
