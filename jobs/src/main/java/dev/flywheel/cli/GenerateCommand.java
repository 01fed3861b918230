package dev.flywheel.cli;

import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.generate.GeneratorSummary;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Made-up raw logs with planted truth, for demos, tests and benchmarks. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = "Writes made-up raw logs and, apart from them, what is true about them.",
    footer = {
      "",
      "Example:",
      "  flywheel generate --output raw --truth truth --from 2026-01-05 --to 2026-01-19"
    })
final class GenerateCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      required = true,
      description = "Local folder that gets one dt=YYYY-MM-DD folder per landing day.")
  private Path output;

  @Option(
      names = "--truth",
      paramLabel = "FOLDER",
      required = true,
      description = "Local folder that gets the truth, which no stage reads.")
  private Path truth;

  @Option(
      names = "--from",
      paramLabel = "DAY",
      converter = RunOptions.Day.class,
      description = "First landing day, UTC.")
  private LocalDate from;

  @Option(
      names = "--to",
      paramLabel = "DAY",
      converter = RunOptions.Day.class,
      description = "First day after the interval.")
  private LocalDate to;

  @Option(
      names = "--story-start",
      paramLabel = "DAY",
      converter = RunOptions.Day.class,
      description = "Day from which releases are counted; --from if not given.")
  private LocalDate storyStart;

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
      description = "The same seed gives the same bytes; ${DEFAULT-VALUE} if not given.")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    DateRange landing = RunOptions.interval(from, to);
    GeneratorSummary made =
        Generator.run(
            new GeneratorOptions(
                output,
                truth,
                landing,
                interactionsPerDay,
                seed,
                storyStart == null ? landing.from() : storyStart,
                Runtime.getRuntime().availableProcessors()));
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "Generated %,d interactions in %,d lines and %,d files below %s; their truth is in"
                + " %s.%n",
            made.interactions(),
            made.lines(),
            made.files(),
            output,
            truth);
    return ExitCode.OK.code();
  }
}
