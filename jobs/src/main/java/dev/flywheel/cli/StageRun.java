package dev.flywheel.cli;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.JobRunner;
import dev.flywheel.runner.Sessions;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.FailureReports;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/** One run of stages from the command line: configuration shown, progress, closing summary. */
record StageRun(
    Settings settings, RunContext run, boolean dryRun, PrintWriter out, PrintWriter err) {

  /** Checks options and configuration; opens nothing yet. */
  static StageRun of(CommandSpec command, RunOptions options) {
    options.interval();
    Settings settings = options.settings();
    settings.requiredLake();
    return new StageRun(
        settings,
        options.context(command.name(), settings),
        options.dryRun(),
        command.commandLine().getOut(),
        command.commandLine().getErr());
  }

  /** Runs {@code stages}, or says what they would do. */
  void execute(List<Stage> stages) {
    Instant started = run.clock().instant();
    EffectiveConfig.print(run, settings, err);
    var spark = Sessions.open(settings);
    var lake = new Lakehouse(spark, settings.requiredLake());
    stages.forEach(stage -> stage.check(spark, settings));
    if (dryRun) {
      DryRun.describe(lake, JobRunner.knowingQuietDays(lake, run), settings, stages)
          .forEach(out::println);
      return;
    }
    lake.files().checkWritable();
    lake.requireKnown();
    try (var progress = Progress.start(spark.sparkContext(), err)) {
      new JobRunner(lake, settings, progress.around(out)).run(run, stages);
    }
    out.printf(
        Locale.ROOT,
        "%s %s done in %.1f s, run %s, lake %s%n",
        run.command(),
        run.landing(),
        Duration.between(started, run.clock().instant()).toMillis() / 1000.0,
        run.runId(),
        settings.requiredLake());
    if (stages.stream().anyMatch(stage -> stage.writes().contains(FailureReports.SPEC))) {
      out.printf("The failure report: %s/reports/latest.html%n", settings.requiredLake());
    }
  }
}
