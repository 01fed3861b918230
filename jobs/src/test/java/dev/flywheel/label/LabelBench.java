package dev.flywheel.label;

import dev.flywheel.bench.PythonPeer;
import dev.flywheel.bench.Rounds;
import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.ingest.IngestStage;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The whole {@code label} stage against {@code ingest} of the same events, which parses them once,
 * and against the same signals written for DuckDB, which reads the table that {@code ingest} wrote:
 * in turns, on two threads.
 *
 * <p>Arguments: interactions (default 100,000) and rounds (default 3). Run it with {@code make
 * bench BENCH=label.LabelBench}.
 */
public final class LabelBench {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final String OURS = "label";

  private LabelBench() {}

  public static void main(String[] arguments) throws Exception {
    int interactions = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    Path folder = Files.createTempDirectory("flywheel-bench");
    try {
      compare(folder, interactions, rounds);
    } finally {
      TestLakes.delete(folder);
    }
  }

  private static void compare(Path folder, int interactions, int rounds) throws Exception {
    DateRange landing = DateRange.of(DAY);
    Path raw = folder.resolve("raw");
    Generator.run(GeneratorOptions.of(raw, folder.resolve("truth"), landing, interactions, 42));
    Settings settings = TestSpark.settings(Map.of("input.path", raw.toString()));
    Lakehouse lake = TestLakes.open(folder.resolve("lake"));
    RunContext run = TestSpark.run(landing);
    new IngestStage().run(lake, run, settings);
    Path out = Files.createDirectories(folder.resolve("peer"));
    Path events = Path.of(lake.path(Events.SPEC));
    try (var duckdb = new PythonPeer("label_peer.py", events, out, Path.of("2"))) {
      var ways = new LinkedHashMap<String, Rounds.Timed>();
      ways.put(OURS, Rounds.here(() -> new LabelStage().run(lake, run, settings), interactions));
      ways.put("DuckDB", () -> Double.parseDouble(duckdb.ask("go")) / interactions);
      // Into a lake of its own: DuckDB reads all files of the other one.
      Lakehouse parsed = TestLakes.open(folder.resolve("parsed"));
      ways.put(
          "ingest, parses once",
          Rounds.here(() -> new IngestStage().run(parsed, run, settings), interactions));
      Rounds.of(1, rounds, ways)
          .print(String.format(Locale.ROOT, "%,d interactions, each:", interactions), OURS);
    }
  }
}
