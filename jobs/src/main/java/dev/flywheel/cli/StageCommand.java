package dev.flywheel.cli;

import dev.flywheel.run.ExitCode;
import dev.flywheel.runner.Stage;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that runs stages over an interval; which ones is given. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false)
final class StageCommand implements Callable<Integer> {

  /** Makes the stages of one run; called only when they are to run. */
  @FunctionalInterface
  interface Stages {
    List<Stage> create();
  }

  private final Stages stages;

  @Mixin private RunOptions options;
  @Spec private CommandSpec spec;

  StageCommand(Stages stages) {
    this.stages = stages;
  }

  @Override
  public Integer call() {
    StageRun.of(spec, options).execute(stages.create());
    return ExitCode.OK.code();
  }
}
