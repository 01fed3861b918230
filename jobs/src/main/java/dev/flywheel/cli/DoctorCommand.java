package dev.flywheel.cli;

import dev.flywheel.run.ExitCode;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what this machine and configuration have, and how to get what is missing. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = {
      "Checks Java, Spark, the configuration and what each stage makes of it, the lake, the input,"
          + " the embedding model, memory and disk.",
      "Ends with 0 when all is well, with 2 when something is missing, and with 75 when a storage"
          + " does not answer and nothing else is wrong."
    },
    footer = {"", "Example:", "  flywheel doctor --config flywheel.yaml"})
final class DoctorCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  private static ExitCode exitCode(List<Checkup.Finding> findings) {
    List<ExitCode> failed =
        findings.stream().map(Checkup.Finding::exitCode).filter(c -> c != ExitCode.OK).toList();
    if (failed.isEmpty()) {
      return ExitCode.OK;
    }
    return failed.contains(ExitCode.USAGE) ? ExitCode.USAGE : ExitCode.TRANSIENT;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<Checkup.Finding> findings = new Checkup(options).findings();
    for (Checkup.Finding finding : findings) {
      out.printf(
          "%-8s %-14s %s%n", finding.ok() ? "ok" : "missing", finding.what(), finding.found());
      if (!finding.ok()) {
        out.printf("%-8s %-14s %s%n", "", "", "-> " + finding.remedy());
      }
    }
    return exitCode(findings).code();
  }
}
