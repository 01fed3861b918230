package dev.flywheel.lake;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** What one stage read, wrote and counted; becomes its part of the manifest row. */
public final class StageLog {
  private final Map<String, Long> inputVersions = new TreeMap<>();
  private final Map<String, Long> outputVersions = new TreeMap<>();
  private final Map<String, Long> counts = new TreeMap<>();

  synchronized void read(String table, long version) {
    inputVersions.putIfAbsent(table, version);
  }

  synchronized void wrote(String table, long version, long rows) {
    outputVersions.put(table, version);
    counts.merge(table + "_rows", rows, Long::sum);
  }

  synchronized void rewrote(String table, long version) {
    outputVersions.put(table, version);
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
