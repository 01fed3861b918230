package dev.flywheel.cli;

import dev.flywheel.nightly.Nightly;
import dev.flywheel.run.ExitCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The nightly run over an interval, or some of its stages. */
@Command(
    name = "nightly",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = "Runs every stage of the nightly run over the landing days of the interval.",
    footer = {
      "",
      "Example:",
      "  flywheel nightly --input raw --lake lake --from 2026-01-05 --to 2026-01-06"
    })
final class NightlyCommand implements Callable<Integer> {
  @Option(
      names = "--stages",
      paramLabel = "NAME",
      split = ",",
      description =
          "Run only these, in the order of the night: ingest,label,sample,cluster,report.")
  private List<String> stages;

  @Mixin private RunOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    StageRun run = StageRun.of(spec, options);
    run.execute(stages == null ? Nightly.stages() : Nightly.stages(stages));
    return ExitCode.OK.code();
  }
}
