package dev.flywheel.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program itself, which asks for a subcommand. */
@Command(
    name = "flywheel",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Turns the usage logs of an AI feature into quality labels, eval sets and failure issues.",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ok",
      "1:unexpected failure",
      "2:wrong arguments or configuration",
      "3:gate: bad data above the configured share, or an export with a part missing",
      "4:nothing to do: no input for the interval, or no eval set to export",
      "75:conflict or outage: worth a retry"
    },
    footer = {"", "Start here:", "  flywheel demo"})
final class RootCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Which command? One of " + String.join(", ", spec.subcommands().keySet()) + ".");
  }
}
