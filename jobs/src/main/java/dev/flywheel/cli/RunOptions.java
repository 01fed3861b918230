package dev.flywheel.cli;

import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.UUID;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of every command that works on an interval of landing days. */
final class RunOptions {
  private static final Pattern RUN_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:+-]{0,199}");
  private static final DateTimeFormatter RUN_ID_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  @Option(
      names = "--from",
      paramLabel = "DAY",
      converter = Day.class,
      description = "First landing day, UTC, as 2026-01-05.")
  private LocalDate from;

  @Option(
      names = "--to",
      paramLabel = "DAY",
      converter = Day.class,
      description = "First day after the interval: one day is --from 2026-01-05 --to 2026-01-06.")
  private LocalDate to;

  @Option(
      names = "--run-id",
      paramLabel = "ID",
      description = "Identity of the run in the manifest; made from the clock if not given.")
  private String runId;

  @Option(
      names = "--dry-run",
      description = "Say what would be read and replaced, and touch nothing.")
  private boolean dryRun;

  @Mixin private ConfigOptions config;

  boolean dryRun() {
    return dryRun;
  }

  Settings settings() {
    return config.settings();
  }

  /**
   * The landing days, or a usage error that says how to write one day.
   *
   * @throws FlywheelException (usage) when an end is missing or the interval is empty
   */
  DateRange interval() {
    return interval(from, to);
  }

  /** The interval between two options of which either may be missing. */
  static DateRange interval(LocalDate from, LocalDate to) {
    if (from == null || to == null) {
      throw FlywheelException.usage(
          "%s is missing. The interval is half-open and in UTC: one day is --from 2026-01-05 --to"
              + " 2026-01-06.",
          from == null && to == null ? "--from and --to" : from == null ? "--from" : "--to");
    }
    return new DateRange(from, to);
  }

  /** What the run knows about itself. */
  RunContext context(String command, Settings settings) {
    return context(command, settings, interval(), Clock.systemUTC(), runId);
  }

  /**
   * The context of one run.
   *
   * @param runId identity of the run; null for one made from the clock and chance
   */
  static RunContext context(
      String command, Settings settings, DateRange landing, Clock clock, String runId) {
    if (runId != null && !RUN_ID.matcher(runId).matches()) {
      throw FlywheelException.usage(
          "--run-id must be 1 to 200 letters, digits and . _ : + -, and start with a letter or a"
              + " digit.");
    }
    String id =
        runId != null
            ? runId
            : RUN_ID_TIME.format(clock.instant())
                + "-"
                + UUID.randomUUID().toString().substring(0, 8);
    return new RunContext(
        command,
        landing,
        id,
        settings.seed(),
        settings.ingest().lookbackDays(),
        settings.ingest().futureDays(),
        0,
        Version.commit(),
        clock);
  }

  /** Reads a day, or says how one is written. */
  static final class Day implements ITypeConverter<LocalDate> {
    @Override
    public LocalDate convert(String value) {
      try {
        return LocalDate.parse(value);
      } catch (DateTimeParseException e) {
        throw new TypeConversionException(
            "'" + value + "' is not a day; write it as 2026-01-05 (year-month-day, UTC)");
      }
    }
  }
}
