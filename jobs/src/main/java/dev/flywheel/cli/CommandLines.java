package dev.flywheel.cli;

import dev.flywheel.cluster.ClusterStage;
import dev.flywheel.ingest.IngestStage;
import dev.flywheel.label.LabelStage;
import dev.flywheel.maintain.MaintainStage;
import dev.flywheel.report.ReportStage;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.runner.JobRunner;
import dev.flywheel.runner.Sessions;
import dev.flywheel.sample.SampleStage;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Puts the command line together: subcommands, strictness, and which failure is which exit code.
 */
public final class CommandLines {
  private static final String ONE_DAY = "--from 2026-01-05 --to 2026-01-06";

  private CommandLines() {}

  /**
   * Runs one command line.
   *
   * @return exit code, as in {@link ExitCode}
   */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    int exitCode = execute(create(out, err), args);
    out.flush();
    err.flush();
    return exitCode;
  }

  /** As picocli does, which lets errors of the JVM pass with messages that may quote data. */
  static int execute(CommandLine line, String... args) {
    try {
      return line.execute(args);
    } catch (Error e) {
      Throwable reason = e instanceof LinkageError ? reason(e) : e;
      line.getErr().println("flywheel: " + JobRunner.describe(reason));
      return JobRunner.exitCode(reason).code();
    }
  }

  /** Where a library is not the one that it was built with, Spark may be another one. */
  private static Throwable reason(Error misfit) {
    try {
      Sessions.requireSparkLine();
    } catch (FlywheelException otherSpark) {
      return otherSpark;
    } catch (LinkageError noSpark) {
      return misfit;
    }
    return misfit;
  }

  /**
   * The command line, writing results to {@code out} and everything else to {@code err}. Building
   * it loads no Spark class, so help and usage errors are instant.
   */
  private static CommandLine create(PrintWriter out, PrintWriter err) {
    var line = new CommandLine(new RootCommand());
    line.addSubcommand(new NightlyCommand());
    line.addSubcommand(
        stage(
            "ingest",
            () -> List.of(new IngestStage()),
            "Reads the raw logs of the interval into events, and what is wrong into quarantine.",
            "flywheel ingest --input raw --lake lake " + ONE_DAY));
    line.addSubcommand(
        stage(
            "label",
            () -> List.of(new LabelStage()),
            "Makes interactions, signals and labels of what the landing days of the interval"
                + " change.",
            "flywheel label --lake lake " + ONE_DAY));
    line.addSubcommand(
        stage(
            "sample",
            () -> List.of(new SampleStage()),
            "Draws the sample of each changed day and publishes the eval set where it changed.",
            "flywheel sample --lake lake " + ONE_DAY));
    line.addSubcommand(
        stage(
            "cluster",
            () -> List.of(new ClusterStage()),
            "Groups the failures of each changed day's window and keeps the identity of issues.",
            "flywheel cluster --lake lake " + ONE_DAY));
    line.addSubcommand(
        stage(
            "report",
            () -> List.of(new ReportStage()),
            "Writes the report's tables and pages of each changed day.",
            "flywheel report --lake lake " + ONE_DAY));
    line.addSubcommand(new ExportCommand());
    line.addSubcommand(
        stage(
            "maintain",
            () -> List.of(new MaintainStage()),
            "Merges small files of the days of the interval and deletes files no table uses any"
                + " more; no row changes.",
            "flywheel maintain --lake lake " + ONE_DAY));
    line.addSubcommand(new GenerateCommand());
    line.addSubcommand(new DemoCommand());
    line.addSubcommand(new InitCommand());
    line.addSubcommand(new DoctorCommand());
    configure(line, out, err);
    return line;
  }

  private static CommandLine stage(
      String name, StageCommand.Stages stages, String description, String example) {
    var line = new CommandLine(new StageCommand(stages));
    line.setCommandName(name);
    line.getCommandSpec().usageMessage().description(description).footer(example(example));
    return line;
  }

  /** How every help text ends. */
  static String[] example(String... commands) {
    var lines = new String[commands.length + 2];
    lines[0] = "";
    lines[1] = "Example:";
    for (int i = 0; i < commands.length; i++) {
      lines[i + 2] = "  " + commands[i];
    }
    return lines;
  }

  private static void configure(CommandLine line, PrintWriter out, PrintWriter err) {
    line.setOut(out);
    line.setErr(err);
    line.setUsageHelpAutoWidth(true);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAbbreviatedOptionsAllowed(false);
    line.setOverwrittenOptionsAllowed(false);
    line.setParameterExceptionHandler(CommandLines::explainUsage);
    line.setExecutionExceptionHandler(CommandLines::explainFailure);
  }

  private static int explainUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("flywheel: " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    err.printf("Run '%s --help' for usage.%n", command.getCommandSpec().qualifiedName());
    return ExitCode.USAGE.code();
  }

  private static int explainFailure(Exception e, CommandLine command, ParseResult whole) {
    PrintWriter err = command.getErr();
    ExitCode code = JobRunner.exitCode(e);
    err.println("flywheel: " + JobRunner.describe(e));
    if (command.getParseResult().hasMatchedOption("--stacktrace")) {
      StackTraces.frames(e).forEach(err::println);
    } else if (code == ExitCode.UNEXPECTED) {
      err.println(
          "Messages of other programs may quote your data and are not shown."
              + (command.getCommandSpec().findOption("--stacktrace") == null
                  ? ""
                  : " Run again with --stacktrace to see where it happened."));
    }
    return code.code();
  }

  /** Every name a subcommand answers to. */
  public static List<String> names() {
    var nowhere = new PrintWriter(java.io.Writer.nullWriter());
    return List.copyOf(create(nowhere, nowhere).getSubcommands().keySet());
  }
}
