package dev.flywheel.generate;

import dev.flywheel.generate.Shown.Event;
import dev.flywheel.run.DateRange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the lines of one part end up: in the log of their day, late, twice, broken or never. Lines
 * for a later day wait in memory: a few per cent of a day's.
 */
final class Landing {
  private static final int IN_TIME_DAYS = 2;

  /** A line on its way to a later landing day. */
  private record Waiting(String line, boolean copy, int delay) {}

  private final DateRange days;
  private final OutputStream truth;
  private final Map<LocalDate, List<Waiting>> waiting = new TreeMap<>();
  private LocalDate today;
  private OutputStream log;

  private long files;
  private long lines;
  private long interactions;
  private long badInteractions;
  private long late;
  private long tooLate;
  private long duplicates;
  private long broken;
  private long blank;
  private long bytes;

  Landing(DateRange days, OutputStream truth) {
    this.days = days;
    this.truth = truth;
  }

  /** Starts a day with the lines that have waited for it. */
  void startDay(LocalDate day, OutputStream out) throws IOException {
    today = day;
    log = out;
    files++;
    List<Waiting> arrived = waiting.remove(day);
    if (arrived != null) {
      for (Waiting line : arrived) {
        put(line);
      }
    }
  }

  /**
   * Decides when, how often and how well a line lands, by its time and text alone.
   *
   * @param offline days that everything from this sender is late
   */
  void land(Event event, int offline) throws IOException {
    String line = event.line();
    Dice dice = Dice.of(event.millis(), line.hashCode());
    int delay = offline;
    if (dice.chance(0.0006)) {
      delay = IN_TIME_DAYS + dice.between(1, 2);
    } else if (dice.chance(0.005)) {
      delay = dice.between(1, IN_TIME_DAYS);
    }
    if (dice.chance(0.05)) {
      line = Dirt.withUnknownFields(line, dice);
    }
    LocalDate day =
        Instant.ofEpochMilli(event.millis()).atOffset(ZoneOffset.UTC).toLocalDate().plusDays(delay);
    if (event.truth() != null && delay <= IN_TIME_DAYS && days.contains(day)) {
      truth.write(event.truth().getBytes(StandardCharsets.UTF_8));
      truth.write('\n');
      interactions++;
      badInteractions += event.bad() ? 1 : 0;
    }
    if (dice.chance(0.004)) {
      write(Dirt.broken(line, dice));
      broken++;
    }
    if (dice.chance(0.001)) {
      write(new byte[0]);
      blank++;
    }
    send(day, new Waiting(line, false, delay));
    if (dice.chance(0.004)) {
      send(day, new Waiting(line, true, delay));
    }
    if (delay == 0 && dice.chance(0.003)) {
      send(day.plusDays(1), new Waiting(line, true, 1));
    }
  }

  private void send(LocalDate day, Waiting line) throws IOException {
    if (day.equals(today)) {
      put(line);
    } else if (days.contains(day)) {
      waiting.computeIfAbsent(day, ignored -> new ArrayList<>()).add(line);
    }
  }

  private void put(Waiting line) throws IOException {
    write(line.line().getBytes(StandardCharsets.UTF_8));
    if (line.copy()) {
      duplicates++;
    } else if (line.delay() > IN_TIME_DAYS) {
      tooLate++;
    } else if (line.delay() > 0) {
      late++;
    }
  }

  private void write(byte[] line) throws IOException {
    log.write(line);
    log.write('\n');
    lines++;
    bytes += line.length + 1;
  }

  GeneratorSummary summary() {
    return new GeneratorSummary(
        files,
        lines,
        interactions,
        badInteractions,
        late,
        tooLate,
        duplicates,
        broken,
        blank,
        bytes);
  }
}
