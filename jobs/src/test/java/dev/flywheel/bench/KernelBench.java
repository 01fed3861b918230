package dev.flywheel.bench;

import static org.apache.spark.sql.functions.expr;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flywheel.runner.Sessions;
import dev.flywheel.testing.TestSpark;
import dev.flywheel.text.EditDistance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The edit distance in a Spark plan against Spark's own, commons-text, rapidfuzz (C++) and edlib
 * (C++), all on one thread and on the same texts: unlike ones of 1,000 to 10,000 characters, and
 * ones of 50,000 characters that differ by 2 %.
 *
 * <p>Argument: rounds (default 7). Run it with {@code make bench BENCH=bench.KernelBench}.
 */
public final class KernelBench {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OURS = "ours, in a Spark plan";
  private static final String[] WORDS =
      "the a of to and in is it you that was for on are with as they be at one have this from"
          .split(" ", -1);

  private final SparkSession spark;
  private final PythonPeer python;
  private final Map<String, List<List<String>>> pairs;
  private final int rounds;

  private KernelBench(
      SparkSession spark, PythonPeer python, Map<String, List<List<String>>> pairs, int rounds) {
    this.spark = spark;
    this.python = python;
    this.pairs = pairs;
    this.rounds = rounds;
  }

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
    var random = new SplittableRandom(1);
    var pairs = new LinkedHashMap<String, List<List<String>>>();
    for (int length : new int[] {1_000, 3_000, 10_000}) {
      var unlike = new ArrayList<List<String>>();
      for (int i = 0; i < 4; i++) {
        unlike.add(List.of(text(random, length), text(random, length)));
      }
      pairs.put(String.valueOf(length), unlike);
    }
    var alike = new ArrayList<List<String>>();
    for (int i = 0; i < 4; i++) {
      String text = text(random, 50_000);
      alike.add(List.of(text, edited(random, text, 0.02)));
    }
    pairs.put("alike", alike);
    Path file = Files.createTempFile("flywheel-bench", ".json");
    SparkSession spark =
        Sessions.open(TestSpark.settings(Map.of("spark", Map.of("spark.master", "local[1]"))));
    try {
      JSON.writeValue(file.toFile(), pairs);
      try (var python = new PythonPeer("kernel_peers.py", file)) {
        var bench = new KernelBench(spark, python, pairs, rounds);
        // Some seconds each: Spark takes 0.2 s to start a query, however many pairs it is for.
        bench.unlike("1000", 20_000, 2);
        bench.unlike("3000", 4_000, 1);
        bench.unlike("10000", 400, 1);
        bench.alike();
      }
    } finally {
      Files.delete(file);
      spark.stop();
    }
  }

  private void unlike(String name, int times, int slowTimes) throws Exception {
    var ways = new LinkedHashMap<String, Rounds.Timed>();
    ways.put(OURS, () -> inSpark("flywheel.edit_distance(a, b)", name, times));
    ways.put("rapidfuzz", () -> inPython("rapidfuzz", name, times));
    ways.put("commons-text", () -> commonsText(name, slowTimes));
    ways.put("Spark's levenshtein", () -> inSpark("levenshtein(a, b)", name, slowTimes));
    Rounds.of(2, rounds, ways).print("Unlike texts of " + name + " characters, a pair:", OURS);
  }

  private void alike() throws Exception {
    int times = 300;
    List<int[][]> texts =
        pairs.get("alike").stream()
            .map(pair -> new int[][] {codePoints(pair.get(0)), codePoints(pair.get(1))})
            .toList();
    var ways = new LinkedHashMap<String, Rounds.Timed>();
    ways.put(OURS, () -> inSpark("flywheel.edit_distance(a, b)", "alike", times));
    ways.put("edlib", () -> inPython("edlib", "alike", times));
    ways.put("rapidfuzz", () -> inPython("rapidfuzz", "alike", 1));
    ways.put(
        "ours without the band",
        Rounds.here(
            () -> texts.forEach(pair -> consume(EditDistance.unbanded(pair[0], pair[1]))),
            texts.size()));
    Rounds.of(2, rounds, ways)
        .print("Texts of 50,000 characters that differ by 2 %, a pair:", OURS);
  }

  private double inSpark(String distance, String name, int times) {
    List<Row> rows =
        pairs.get(name).stream().map(pair -> RowFactory.create(pair.get(0), pair.get(1))).toList();
    Dataset<Row> texts =
        spark
            .createDataFrame(
                rows,
                new StructType().add("a", DataTypes.StringType).add("b", DataTypes.StringType))
            .crossJoin(spark.range(0, times, 1, 1))
            .agg(expr("sum(" + distance + " + id * 0)"));
    long start = System.nanoTime();
    Row unused = texts.head();
    return (System.nanoTime() - start) / 1e9 / times / rows.size();
  }

  private double inPython(String peer, String name, int times) throws IOException {
    String[] answer = python.ask(peer + " " + name + " " + times).split(" ", -1);
    long expected =
        pairs.get(name).stream()
            .mapToLong(pair -> EditDistance.of(codePoints(pair.get(0)), codePoints(pair.get(1))))
            .sum();
    if (Long.parseLong(answer[1]) != expected) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "%s finds %s, we %d", peer, answer[1], expected));
    }
    return Double.parseDouble(answer[0]) / times / pairs.get(name).size();
  }

  private double commonsText(String name, int times) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    long start = System.nanoTime();
    for (int i = 0; i < times; i++) {
      pairs.get(name).forEach(pair -> consume(distance.apply(pair.get(0), pair.get(1))));
    }
    return (System.nanoTime() - start) / 1e9 / times / pairs.get(name).size();
  }

  /** Keeps the compiler from leaving out what nobody reads. */
  private static void consume(int distance) {
    if (distance < 0) {
      throw new IllegalStateException("A distance below 0");
    }
  }

  private static int[] codePoints(String text) {
    return text.codePoints().toArray();
  }

  private static String text(SplittableRandom random, int length) {
    var text = new StringBuilder();
    while (text.length() < length) {
      text.append(WORDS[random.nextInt(WORDS.length)])
          .append((char) ('a' + random.nextInt(26)))
          .append(' ');
    }
    return text.substring(0, length);
  }

  private static String edited(SplittableRandom random, String text, double share) {
    var edited = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      double edit = random.nextDouble() / share;
      if (edit > 1) {
        edited.append(letter);
      } else if (edit > 0.67) {
        edited.append((char) ('a' + random.nextInt(26)));
      } else if (edit > 0.34) {
        edited.append(letter).append((char) ('a' + random.nextInt(26)));
      }
    }
    return edited.toString();
  }
}
