package dev.flywheel.cli;

import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the commented configuration; never over a file that is there. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Writes a configuration with every setting, its meaning and its default.",
    footer = {"", "Example:", "  flywheel init flywheel.yaml"})
final class InitCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      defaultValue = "flywheel.yaml",
      description = "File to write; flywheel.yaml if not given.")
  private Path file;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try {
      Files.writeString(file, Settings.referenceYaml(), StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw FlywheelException.usage(
          "%s is already there and stays as it is. Name another file, or move that one away.",
          file);
    } catch (IOException e) {
      throw FlywheelException.usage(
          "Cannot write %s (%s): check that its folder exists and that this user may write there.",
          file, e.getClass().getSimpleName());
    }
    spec.commandLine()
        .getOut()
        .printf(
            "Wrote %s. Set lake and input.path, then run: flywheel doctor --config %s%n",
            file, file);
    return ExitCode.OK.code();
  }
}
