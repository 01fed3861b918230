package dev.flywheel.generate;

import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import java.nio.file.Path;
import java.time.LocalDate;

/**
 * What to generate.
 *
 * @param output folder that gets one {@code dt=YYYY-MM-DD} folder per landing day
 * @param truth folder that gets {@code interactions.jsonl}, which no stage reads
 * @param landing landing days, and days on which made-up users are at work
 * @param interactionsPerDay responses shown on a weekday; a weekend day has fewer
 * @param seed the same seed gives the same bytes
 * @param storyStart day from which releases are counted, so that days generated later continue the
 *     same story
 * @param threads parts generated at the same time; says nothing about the bytes
 */
public record GeneratorOptions(
    Path output,
    Path truth,
    DateRange landing,
    int interactionsPerDay,
    long seed,
    LocalDate storyStart,
    int threads) {

  /** Gives more than 20,000 responses in two weeks. */
  public static final int DEFAULT_INTERACTIONS_PER_DAY = 1_700;

  /** Two weeks, the length of the default story: three releases. */
  public static final int DEFAULT_DAYS = 14;

  public GeneratorOptions {
    if (interactionsPerDay < 1) {
      throw FlywheelException.usage(
          "The number of interactions a day is %d: it must be 1 or more.", interactionsPerDay);
    }
    if (threads < 1) {
      throw FlywheelException.usage("The number of threads is %d: it must be 1 or more.", threads);
    }
  }

  /** A story that starts with its first landing day, generated on all processors. */
  public static GeneratorOptions of(
      Path output, Path truth, DateRange landing, int interactionsPerDay, long seed) {
    return new GeneratorOptions(
        output,
        truth,
        landing,
        interactionsPerDay,
        seed,
        landing.from(),
        Runtime.getRuntime().availableProcessors());
  }
}
