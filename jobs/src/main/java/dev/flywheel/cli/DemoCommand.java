package dev.flywheel.cli;

import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.nightly.Nightly;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.JobRunner;
import dev.flywheel.runner.Sessions;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.RunManifest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Date;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole loop on made-up logs: generate, then night after night, then what came out. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = {
      "Generates two weeks of logs with planted failures and runs the nightly run over them, day by"
          + " day.",
      "Run again, it keeps the logs and the nights that are done."
    },
    footer = {"", "Example:", "  flywheel demo --folder demo"})
final class DemoCommand implements Callable<Integer> {
  private static final String NIGHTLY = "nightly";

  @Option(
      names = "--folder",
      paramLabel = "FOLDER",
      defaultValue = "demo",
      description = "Gets raw/, truth/ and lake/; ${DEFAULT-VALUE} if not given.")
  private Path folder;

  @Option(
      names = "--start",
      paramLabel = "DAY",
      defaultValue = "2026-01-05",
      converter = RunOptions.Day.class,
      description = "First landing day; ${DEFAULT-VALUE} if not given.")
  private LocalDate start;

  @Option(
      names = "--days",
      paramLabel = "DAYS",
      defaultValue = "" + GeneratorOptions.DEFAULT_DAYS,
      description = "Number of landing days; ${DEFAULT-VALUE} if not given.")
  private int days;

  @Option(
      names = "--interactions-per-day",
      paramLabel = "NUMBER",
      defaultValue = "" + GeneratorOptions.DEFAULT_INTERACTIONS_PER_DAY,
      description = "Responses shown on a weekday; ${DEFAULT-VALUE} if not given.")
  private int interactionsPerDay;

  @Option(
      names = "--seed",
      paramLabel = "NUMBER",
      defaultValue = "42",
      description = "Seed of the logs and of the run; ${DEFAULT-VALUE} if not given.")
  private long seed;

  @Option(
      names = "--fresh",
      description = "First delete raw/, truth/ and lake/ that an earlier demo made in the folder.")
  private boolean fresh;

  @Option(names = "--verbose", description = "Print the summary line of every stage.")
  private boolean verbose;

  @Option(
      names = "--stacktrace",
      description = "On failure show where, without messages, since those may quote your data.")
  @SuppressWarnings("UnusedVariable") // Asked for by name where failures are explained.
  private boolean stacktrace;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (days < 1) {
      throw FlywheelException.usage("--days is %d: it must be 1 or more.", days);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    var clock = Clock.systemUTC();
    var logs =
        new DemoLogs(folder, new DateRange(start, start.plusDays(days)), interactionsPerDay, seed);
    out.println(logs.prepare(fresh));
    out.flush();

    Settings settings =
        Settings.load(
            Optional.empty(),
            Map.of(
                "lake",
                logs.lake().toString(),
                "input.path",
                logs.raw().toString(),
                "seed",
                seed,
                // Each task first writes the source of its projections anew, to find them compiled:
                // on so few rows that is most of its work. So few tasks, and interpreted ones. And
                // queries planned once: adaptive execution plans anew after each of their stages.
                "spark",
                Map.of(
                    "spark.sql.shuffle.partitions", "1",
                    "spark.sql.codegen.factoryMode", "NO_CODEGEN",
                    "spark.sql.adaptive.enabled", "false")));
    var spark = Sessions.open(settings);
    var lake = new Lakehouse(spark, settings.requiredLake());
    lake.files().checkWritable();
    long started = clock.millis();
    try (var progress = Progress.start(spark.sparkContext(), err)) {
      runNights(lake, settings, logs.landing(), clock, progress.around(out));
    }
    DemoSummary.print(lake, logs, settings.sample().dataset(), out);
    out.printf(
        Locale.ROOT,
        "%nDone in %.0f s. The failure report: %s%n",
        (clock.millis() - started) / 1000.0,
        logs.lake().resolve("reports").resolve("latest.html"));
    return ExitCode.OK.code();
  }

  private void runNights(
      Lakehouse lake, Settings settings, DateRange landing, Clock clock, PrintWriter out) {
    Set<LocalDate> done = nightsDone(lake, settings);
    List<LocalDate> nights = landing.toList();
    long kept = nights.stream().filter(done::contains).count();
    if (kept > 0) {
      out.printf(
          "Kept %d of %d nights, done before by this build with this configuration; --fresh runs"
              + " them again.%n",
          kept, nights.size());
    }
    for (LocalDate night : nights) {
      if (done.contains(night)) {
        continue;
      }
      long started = clock.millis();
      RunContext run = RunOptions.context(NIGHTLY, settings, DateRange.of(night), clock, null);
      var stages = verbose ? out : new PrintWriter(new StringWriter());
      new JobRunner(lake, settings, stages).run(run, Nightly.stages());
      out.printf(
          Locale.ROOT,
          "night %2d of %d  landing day %s  %5.1f s%n",
          nights.indexOf(night) + 1,
          nights.size(),
          night,
          (clock.millis() - started) / 1000.0);
      out.flush();
    }
  }

  /** Nights that ended well, by this very build and configuration. */
  private static Set<LocalDate> nightsDone(Lakehouse lake, Settings settings) {
    String build = Version.commit();
    if (build.endsWith("-dirty") || build.equals("unknown")) {
      return Set.of();
    }
    return lake
        .read(RunManifest.SPEC)
        .where(
            functions
                .col(RunManifest.COMMAND)
                .equalTo(NIGHTLY)
                .and(functions.col(RunManifest.EXIT_CODE).equalTo(ExitCode.OK.code()))
                .and(functions.col(RunManifest.CONFIG_HASH).equalTo(settings.hash()))
                .and(functions.col(RunManifest.BUILD_COMMIT).equalTo(build)))
        .select(RunManifest.INTERVAL_FROM)
        .distinct()
        .collectAsList()
        .stream()
        .map((Row row) -> row.<Date>getAs(RunManifest.INTERVAL_FROM).toLocalDate())
        .collect(Collectors.toUnmodifiableSet());
  }
}
