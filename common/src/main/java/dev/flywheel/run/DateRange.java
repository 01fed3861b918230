package dev.flywheel.run;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A half-open range of UTC days, {@code [from, to)}.
 *
 * <p>Names landing days when it says what a run takes in, and event dates when it says which
 * partitions of a later table are replaced.
 *
 * @param from first day
 * @param to first day after the range; always later than {@code from}
 */
public record DateRange(LocalDate from, LocalDate to) {
  public DateRange {
    if (!from.isBefore(to)) {
      throw FlywheelException.usage(
          "The interval from %s to %s is empty: --to is the first day after the interval, so a"
              + " single day is --from %s --to %s.",
          from, to, from, from.plusDays(1));
    }
  }

  /** The range that holds one day. */
  public static DateRange of(LocalDate day) {
    return new DateRange(day, day.plusDays(1));
  }

  /** This range with {@code before} more days at its start and {@code after} more at its end. */
  public DateRange widen(int before, int after) {
    return new DateRange(from.minusDays(before), to.plusDays(after));
  }

  /** Number of days in the range. */
  public int days() {
    return Math.toIntExact(ChronoUnit.DAYS.between(from, to));
  }

  /** The last day of the range. */
  public LocalDate last() {
    return to.minusDays(1);
  }

  /** Whether {@code day} lies in the range. */
  public boolean contains(LocalDate day) {
    return !day.isBefore(from) && day.isBefore(to);
  }

  /** Every day of the range, in order. */
  public List<LocalDate> toList() {
    return from.datesUntil(to).toList();
  }

  @Override
  public String toString() {
    return "[" + from + ", " + to + ")";
  }
}
