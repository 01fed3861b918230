package dev.flywheel.run;

import dev.flywheel.tables.Reach;
import dev.flywheel.tables.TableSpec;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Optional;

/**
 * What one run knows about itself. Nobody else asks for the time, the seed or the build.
 *
 * @param command name of the subcommand
 * @param landing landing days that the run takes in; null for a command without an interval, whose
 *     stages ask for no dates
 * @param runId identity of the run, in every manifest and quarantine row it writes
 * @param seed seed of every random choice
 * @param lookbackDays how many days after its event date an event may still land
 * @param futureDays how many days before its event date an event may land; above 0 only where
 *     landing prefixes are cut in a local time zone
 * @param quietDays how many landing days right before {@code landing} hold no events, 0 until the
 *     lake was asked; windows that were to close on one of them close with this run
 * @param buildCommit commit the program was built from
 * @param clock the one source of time
 */
public record RunContext(
    String command,
    DateRange landing,
    String runId,
    long seed,
    int lookbackDays,
    int futureDays,
    int quietDays,
    String buildCommit,
    Clock clock) {

  /** Command and landing days, for people. */
  public String title() {
    return landing == null ? command : command + " " + landing;
  }

  /**
   * This run, after a landing day that was the last to bring events before it.
   *
   * @param lastLanded empty where the landing interval is the first
   */
  public RunContext after(Optional<LocalDate> lastLanded) {
    int quiet = lastLanded.map(day -> new DateRange(day, landing.from()).days() - 1).orElse(0);
    return new RunContext(
        command, landing, runId, seed, lookbackDays, futureDays, quiet, buildCommit, clock);
  }

  /**
   * Event dates that may have got new events from the landing interval, and those whose window it
   * closes in place of quiet days.
   */
  public DateRange eventDates() {
    return landing.widen(lookbackDays + quietDays, futureDays);
  }

  /** Event dates of {@code table} that may change because of the landing interval. */
  public DateRange affected(TableSpec table) {
    Reach reach = table.reach();
    return eventDates().widen(reach.forwardDays(), reach.backDays());
  }
}
