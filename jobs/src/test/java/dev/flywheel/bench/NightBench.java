package dev.flywheel.bench;

import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.nightly.Nightly;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.JobRunner;
import dev.flywheel.settings.Settings;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Time of whole nights, stage by stage.
 *
 * <p>{@code NightBench year [interactions] [days of history] [rounds]}: one day of so many
 * interactions, added in turns to an empty lake and to one that already holds the days before it,
 * each of them small, so that what differs is the history and not the traffic.
 *
 * <p>{@code NightBench scale [interactions...]}: one night of each size on an empty lake.
 */
public final class NightBench {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final int SMALL_DAY = 100;

  private final Path folder;
  private final PrintWriter out =
      new PrintWriter(System.out, true, StandardCharsets.UTF_8); // as the console of a run

  private NightBench(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("flywheel-bench");
    var bench = new NightBench(folder);
    String what = arguments.length > 0 ? arguments[0] : "year";
    List<Integer> numbers = Stream.of(arguments).skip(1).map(Integer::valueOf).toList();
    try {
      switch (what) {
        case "year" ->
            bench.year(number(numbers, 0, 100_000), number(numbers, 1, 365), number(numbers, 2, 2));
        case "scale" -> bench.scale(numbers.isEmpty() ? List.of(20_000, 200_000) : numbers);
        default -> throw new IllegalArgumentException("year or scale, not " + what);
      }
    } finally {
      TestLakes.delete(folder);
    }
  }

  private static int number(List<Integer> numbers, int place, int otherwise) {
    return place < numbers.size() ? numbers.get(place) : otherwise;
  }

  private void year(int interactions, int days, int rounds) throws IOException {
    var history = new DateRange(DAY.minusDays(days), DAY);
    generate("raw", history, SMALL_DAY);
    generate("raw", DateRange.of(DAY), interactions);
    Path filled = folder.resolve("filled");
    // A month at a time: what a night reads of the history does not depend on how it came there.
    for (LocalDate from = history.from(); from.isBefore(DAY); from = from.plusMonths(1)) {
      LocalDate to = from.plusMonths(1).isBefore(DAY) ? from.plusMonths(1) : DAY;
      night("history", filled, new DateRange(from, to));
    }
    out.printf(Locale.ROOT, "The lake of %,d days has %,d files.%n", days, files(filled));
    var empty = new ArrayList<Double>();
    var full = new ArrayList<Double>();
    for (int round = -1; round < rounds; round++) {
      Path first = folder.resolve("empty-" + round);
      Path second = folder.resolve("full-" + round);
      TestLakes.copy(filled, second);
      double alone = night("on an empty lake", first, DateRange.of(DAY));
      double after = night("on the lake of " + days + " days", second, DateRange.of(DAY));
      if (round >= 0) {
        empty.add(alone);
        full.add(after);
      }
      TestLakes.delete(first);
      TestLakes.delete(second);
    }
    out.printf(
        Locale.ROOT,
        "%,d interactions: %s s on an empty lake, %s s on one of %,d days: %.2f of it%n",
        interactions,
        empty,
        full,
        days,
        full.stream().mapToDouble(d -> d).sum() / empty.stream().mapToDouble(d -> d).sum());
  }

  private void scale(List<Integer> sizes) throws IOException {
    generate("raw-warm-up", DateRange.of(DAY), sizes.get(0));
    night("warm-up", folder.resolve("warm-up"), "raw-warm-up", DateRange.of(DAY));
    for (int size : sizes) {
      generate("raw-" + size, DateRange.of(DAY), size);
      Path lake = folder.resolve("lake-" + size);
      double seconds = night("%,d".formatted(size), lake, "raw-" + size, DateRange.of(DAY));
      out.printf(Locale.ROOT, "%,d interactions: %.3f ms each%n", size, seconds * 1000 / size);
    }
  }

  private double night(String what, Path lake, DateRange landing) {
    return night(what, lake, "raw", landing);
  }

  /** Seconds of one nightly run; prints those of its stages. */
  private double night(String what, Path lake, String raw, DateRange landing) {
    Settings settings = TestSpark.settings(Map.of("input.path", folder.resolve(raw).toString()));
    Lakehouse lakehouse = TestLakes.open(lake);
    out.printf("night %s, %s%n", landing, what);
    var context = lakehouse.spark().sparkContext();
    var filesRead = new FilesRead();
    context.addSparkListener(filesRead);
    System.gc();
    long start = System.nanoTime();
    new JobRunner(lakehouse, settings, out).run(context(landing, settings), Nightly.stages());
    double seconds = (System.nanoTime() - start) / 1e9;
    context.removeSparkListener(filesRead);
    out.printf(Locale.ROOT, "  all      %6.1f s; files read: %s%n", seconds, filesRead.byTable());
    return seconds;
  }

  private static RunContext context(DateRange landing, Settings settings) {
    return new RunContext(
        "nightly",
        landing,
        "run-" + landing.from(),
        settings.seed(),
        settings.ingest().lookbackDays(),
        settings.ingest().futureDays(),
        0,
        "bench",
        Clock.systemUTC());
  }

  private void generate(String raw, DateRange landing, int interactionsPerDay) {
    Generator.run(
        GeneratorOptions.of(
            folder.resolve(raw),
            folder.resolve("truth-%s-%s".formatted(raw, landing.from())),
            landing,
            interactionsPerDay,
            42));
  }

  private static long files(Path lake) throws IOException {
    try (Stream<Path> files = Files.walk(lake)) {
      return files.filter(Files::isRegularFile).count();
    }
  }
}
