package dev.flywheel.generate;

import com.github.luben.zstd.ZstdOutputStream;
import dev.flywheel.generate.Shown.Event;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * The users of one part and what they do over all days: one raw log file per landing day, and their
 * share of the truth.
 */
final class Part {
  private static final double WEEKEND = 0.6;
  private static final int OFFLINE = 8;
  private static final long PAUSE_MILLIS = 35 * 60_000L;
  private static final int BUFFER = 1 << 16;

  /** When a user sits down and for how many requests. */
  private record Appointment(int user, long start, int requests, long key) {}

  private final GeneratorOptions options;
  private final Story story;
  private final Releases releases;
  private final int number;
  private final int parts;
  private final int users;

  Part(GeneratorOptions options, Story story, int number, int parts) {
    this.options = options;
    this.story = story;
    this.releases = new Releases(options.storyStart());
    this.number = number;
    this.parts = parts;
    this.users = Math.max(40, Math.toIntExact(options.interactionsPerDay() * 9L / 10 / parts));
  }

  /** Writes the part's files below {@code logs} and its truth. */
  GeneratorSummary write(Path logs, Path truthFile) {
    try (OutputStream truth = new BufferedOutputStream(Files.newOutputStream(truthFile), BUFFER)) {
      var landing = new Landing(options.landing(), truth);
      for (LocalDate day : options.landing().toList()) {
        Path folder = Files.createDirectories(logs.resolve("dt=" + day));
        try (OutputStream log = open(folder, day)) {
          landing.startDay(day, log);
          live(day, landing);
        }
      }
      return landing.summary();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Plain, gzip and zstd in turn. */
  private OutputStream open(Path folder, LocalDate day) throws IOException {
    String name = "part-%04d.jsonl".formatted(number);
    OutputStream file =
        switch (Math.floorMod(number + day.toEpochDay(), 3)) {
          case 0 -> Files.newOutputStream(folder.resolve(name));
          case 1 -> new FastGzip(Files.newOutputStream(folder.resolve(name + ".gz")));
          default -> new ZstdOutputStream(Files.newOutputStream(folder.resolve(name + ".zst")), 1);
        };
    return new BufferedOutputStream(file, BUFFER);
  }

  /** Gzip at its fastest level. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  private void live(LocalDate day, Landing landing) throws IOException {
    long free = 0;
    int last = -1;
    var events = new ArrayList<Event>();
    for (Appointment next : appointments(day)) {
      long start = next.user() == last ? Math.max(next.start(), free) : next.start();
      User user = User.of(options.seed(), number, next.user());
      var sitting = new Sitting(story, releases, user, next.key(), start, events::add);
      free = sitting.play(next.requests()) + PAUSE_MILLIS;
      last = next.user();
      Dice dice = Dice.of(next.key(), OFFLINE);
      int offline = dice.chance(0.008) ? dice.between(1, 2) : 0;
      for (Event event : events) {
        landing.land(event, offline);
      }
      events.clear();
    }
  }

  /** The day's sittings by user and time, with exactly the day's number of requests. */
  private List<Appointment> appointments(LocalDate day) {
    int left = requests(day);
    var appointments = new ArrayList<Appointment>();
    for (int i = 0; left > 0; i++) {
      Appointment next =
          appointment(day, Dice.mix(options.seed(), day.toEpochDay(), number, i), left);
      appointments.add(next);
      left -= next.requests();
    }
    appointments.sort(
        Comparator.comparingInt(Appointment::user)
            .thenComparingLong(Appointment::start)
            .thenComparingLong(Appointment::key));
    return appointments;
  }

  /** This part's share of a day's requests. */
  private int requests(LocalDate day) {
    boolean weekend =
        day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
    long total = Math.round(options.interactionsPerDay() * (weekend ? WEEKEND : 1));
    return Math.toIntExact(total * (number + 1) / parts - total * number / parts);
  }

  /** A heavy-tailed choice of the user, who keeps office hours or comes in the evening. */
  private Appointment appointment(LocalDate day, long key, int most) {
    Dice dice = Dice.of(key);
    int user = (int) (users * Math.pow(dice.uniform(), 1.5));
    int requests = 1;
    while (requests < Math.min(most, 12) && dice.chance(0.68)) {
      requests++;
    }
    double local =
        switch (dice.weighted(45, 40, 15)) {
          case 0 -> dice.normal(10, 1.6);
          case 1 -> dice.normal(15, 1.9);
          default -> dice.normal(20.5, 1.5);
        };
    double utc = local - User.of(options.seed(), number, user).offset().getTotalSeconds() / 3_600.0;
    double hour = utc - 24 * Math.floor(utc / 24);
    long midnight = day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    return new Appointment(user, midnight + Math.round(hour * 3_600_000), requests, key);
  }
}
