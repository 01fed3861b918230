package dev.flywheel.lake;

import dev.flywheel.run.DateRange;
import dev.flywheel.tables.TableSpec;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What one stage read, wrote and counted; becomes its part of the manifest row. */
public final class StageLog {
  private final Map<String, Long> inputVersions = new TreeMap<>();
  private final Map<String, Long> outputVersions = new TreeMap<>();
  private final Map<String, Long> counts = new TreeMap<>();
  private final Set<Days> days = new LinkedHashSet<>();
  private final Set<Commit> commits = new HashSet<>();

  /** Dates of a table on which the stage relies, and as of which version; -1 without the table. */
  record Days(TableSpec table, DateRange dates, long version) {}

  private record Commit(String table, long version) {}

  synchronized void read(String table, long version) {
    inputVersions.putIfAbsent(table, version);
  }

  synchronized void reliesOn(TableSpec table, DateRange dates, long version) {
    days.add(new Days(table, dates, version));
  }

  synchronized void wrote(String table, long version, long rows) {
    outputVersions.put(table, version);
    commits.add(new Commit(table, version));
    counts.merge(table + "_rows", rows, Long::sum);
  }

  synchronized void rewrote(String table, long version) {
    outputVersions.put(table, version);
  }

  /** On which dates of which tables the stage relies. */
  synchronized Set<Days> days() {
    return Set.copyOf(days);
  }

  /** Whether the stage itself made this version of a table. */
  synchronized boolean made(String table, long version) {
    return commits.contains(new Commit(table, version));
  }

  /** Adds to a count; names are stable, since people chart them. */
  public synchronized void count(String name, long value) {
    counts.merge(name, value, Long::sum);
  }

  /** Delta version of each table when it was first read. */
  public synchronized Map<String, Long> inputVersions() {
    return Collections.unmodifiableMap(new TreeMap<>(inputVersions));
  }

  /** Delta version of each table after it was written. */
  public synchronized Map<String, Long> outputVersions() {
    return Collections.unmodifiableMap(new TreeMap<>(outputVersions));
  }

  public synchronized Map<String, Long> counts() {
    return Collections.unmodifiableMap(new TreeMap<>(counts));
  }
}
