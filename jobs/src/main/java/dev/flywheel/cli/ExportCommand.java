package dev.flywheel.cli;

import dev.flywheel.export.ExportRequest;
import dev.flywheel.export.ExportRequest.Split;
import dev.flywheel.export.ExportStage;
import dev.flywheel.export.Target;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.JobRunner;
import dev.flywheel.runner.Sessions;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A published eval set as files for eval harnesses. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = {
      "Writes a published version of an eval set as JSON Lines below the lake's exports folder.",
      "E-mail addresses, phone numbers and secrets are replaced, unless --raw is given."
    },
    footer = {"", "Example:", "  flywheel export --lake lake --target promptfoo --target mlflow"})
final class ExportCommand implements Callable<Integer> {
  @Option(
      names = "--lake",
      paramLabel = "PATH",
      description = "Folder or object-store prefix of the tables, reports and exports.")
  private String lake;

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      description = "Eval set; sample.dataset of the configuration if not given.")
  private String dataset;

  @Option(
      names = "--dataset-version",
      paramLabel = "NUMBER",
      description = "Published version of it; the newest if not given.")
  private Integer version;

  @Option(
      names = "--target",
      paramLabel = "NAME",
      description =
          "Harness to write for, may be repeated: ${COMPLETION-CANDIDATES}; all if not given.")
  private List<Target> targets;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      defaultValue = "eval",
      description = "Side of the split: ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} if not given.")
  private Split split;

  @Option(names = "--raw", description = "Texts as logged, with whatever people wrote into them.")
  private boolean raw;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration; 'flywheel init' writes one with every default.")
  private Path config;

  @Option(
      names = "--run-id",
      paramLabel = "ID",
      description = "Identity of the run in the manifest; made from the clock if not given.")
  private String runId;

  @Option(
      names = "--dry-run",
      description = "Say what would be read and written, and touch nothing.")
  private boolean dryRun;

  @Option(
      names = "--stacktrace",
      description = "On failure show where, without messages, since those may quote your data.")
  @SuppressWarnings("UnusedVariable") // Asked for by name where failures are explained.
  private boolean stacktrace;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Settings settings = settings();
    String root = settings.requiredLake();
    RunContext run = RunOptions.context(spec.name(), settings, null, Clock.systemUTC(), runId);
    EffectiveConfig.print(run, settings, err);
    var tables = new Lakehouse(Sessions.open(settings), root);
    List<Stage> stages = List.of(new ExportStage(request(settings)));
    if (dryRun) {
      DryRun.describe(tables, run, settings, stages).forEach(out::println);
      return ExitCode.OK.code();
    }
    tables.files().checkWritable();
    try (var progress = Progress.start(tables.spark().sparkContext(), err)) {
      new JobRunner(tables, settings, progress.around(out)).run(run, stages);
    }
    out.printf("export done, run %s, lake %s%n", run.runId(), root);
    return ExitCode.OK.code();
  }

  private Settings settings() {
    Map<String, Object> overrides = new HashMap<>();
    if (lake != null) {
      overrides.put("lake", lake);
    }
    return Settings.load(Optional.ofNullable(config), overrides);
  }

  private ExportRequest request(Settings settings) {
    return new ExportRequest(
        dataset == null ? settings.sample().dataset() : dataset,
        version == null ? OptionalInt.empty() : OptionalInt.of(version),
        split,
        targets == null ? List.of(Target.values()) : targets.stream().distinct().toList(),
        raw);
  }
}
