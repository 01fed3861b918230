package dev.flywheel.ingest;

import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.apache.spark.SparkContext;
import org.apache.spark.util.AccumulatorV2;

/**
 * A {@link Tally} for each landing day, in days since 1970. What is done to the rows of a day is
 * decided by its own tally, so that they do not depend on the days that a run takes in with it.
 * Tasks add to it; the driver reads it after the one action that reads the files, since a repeated
 * task is counted once only there.
 */
final class DayTallies extends AccumulatorV2<Map<Integer, Tally>, SortedMap<Integer, Tally>> {
  // Spark sends what an accumulator has so far from a thread of its own.
  private final ConcurrentSkipListMap<Integer, Tally> days = new ConcurrentSkipListMap<>();

  static DayTallies in(SparkContext context) {
    var tallies = new DayTallies();
    context.register(tallies);
    return tallies;
  }

  Tally of(LocalDate day) {
    return days.get(Math.toIntExact(day.toEpochDay()));
  }

  boolean any(Predicate<Tally> condition) {
    return days.values().stream().anyMatch(condition);
  }

  /** The days whose tally meets the condition, in order. */
  List<LocalDate> where(Predicate<Tally> condition) {
    return days.entrySet().stream()
        .filter(day -> condition.test(day.getValue()))
        .map(day -> LocalDate.ofEpochDay(day.getKey()))
        .toList();
  }

  Tally sum(Collection<LocalDate> some) {
    return some.stream().map(this::of).reduce(new Tally(), Tally::plus);
  }

  /** The sum of all days. */
  Tally total() {
    return days.values().stream().reduce(new Tally(), Tally::plus);
  }

  @Override
  public boolean isZero() {
    return days.isEmpty();
  }

  @Override
  public DayTallies copy() {
    var copy = new DayTallies();
    copy.days.putAll(days);
    return copy;
  }

  @Override
  public void reset() {
    days.clear();
  }

  @Override
  public void add(Map<Integer, Tally> more) {
    more.forEach((day, tally) -> days.merge(day, tally, Tally::plus));
  }

  @Override
  public void merge(AccumulatorV2<Map<Integer, Tally>, SortedMap<Integer, Tally>> other) {
    add(other.value());
  }

  @Override
  public SortedMap<Integer, Tally> value() {
    return days;
  }
}
