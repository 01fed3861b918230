package dev.flywheel.ingest;

import dev.flywheel.tables.QuarantineReason;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.concurrent.TimeUnit;

/** Times as RFC 3339 writes them: a date, a time of day, and an offset that is not left out. */
final class Rfc3339 {
  static final long MICROS_PER_DAY = TimeUnit.DAYS.toMicros(1);

  private static final long EARLIEST = micros(LocalDate.of(2000, 1, 1));
  private static final long END = micros(LocalDate.of(2100, 1, 1));
  private static final int SECONDS_END = "2026-01-05T12:00:00".length();

  private Rfc3339() {}

  /**
   * Microseconds since 1970 UTC; further digits are cut off. Read by hand, since {@code
   * DateTimeFormatter} takes as long for this field as the parser for the rest of the line.
   *
   * @throws RefusedLine (invalid_time) when {@code text} is no such time (leap seconds included),
   *     or lies outside the years 2000 to 2099, where only a broken clock can be
   */
  static long micros(String text) throws RefusedLine {
    long micros;
    try {
      micros = parse(text);
    } catch (DateTimeException e) {
      // Refused without the text that did not parse.
      throw new RefusedLine(QuarantineReason.INVALID_TIME);
    }
    return plausible(micros);
  }

  /**
   * The same time, where a working clock can have given it.
   *
   * @throws RefusedLine (invalid_time) outside the years 2000 to 2099
   */
  static long plausible(long micros) throws RefusedLine {
    if (micros < EARLIEST || micros >= END) {
      throw new RefusedLine(QuarantineReason.INVALID_TIME);
    }
    return micros;
  }

  private static long parse(String text) {
    if (text.length() <= SECONDS_END) {
      throw new DateTimeException("Too short");
    }
    expect(text, 4, '-');
    expect(text, 7, '-');
    expect(text, 13, ':');
    expect(text, 16, ':');
    char separator = text.charAt(10);
    if (separator != 'T' && separator != 't' && separator != ' ') {
      throw new DateTimeException("No time of day");
    }
    LocalDate day = LocalDate.of(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
    long seconds =
        below(24, digits(text, 11, 2)) * 3_600L
            + below(60, digits(text, 14, 2)) * 60L
            + below(60, digits(text, 17, 2));
    int at = SECONDS_END;
    long fraction = 0;
    if (text.charAt(at) == '.') {
      long unit = 100_000;
      int first = ++at;
      for (; at < text.length() && isDigit(text.charAt(at)); at++, unit /= 10) {
        fraction += (text.charAt(at) - '0') * unit;
      }
      if (at == first) {
        throw new DateTimeException("No digit after the point");
      }
    }
    return micros(day) + (seconds - offsetSeconds(text, at)) * 1_000_000 + fraction;
  }

  private static long offsetSeconds(String text, int at) {
    int left = text.length() - at;
    if (left == 1 && (text.charAt(at) == 'Z' || text.charAt(at) == 'z')) {
      return 0;
    }
    if (left != "+00:00".length() || (text.charAt(at) != '+' && text.charAt(at) != '-')) {
      throw new DateTimeException("No offset");
    }
    expect(text, at + 3, ':');
    long seconds =
        below(24, digits(text, at + 1, 2)) * 3_600L + below(60, digits(text, at + 4, 2)) * 60L;
    return text.charAt(at) == '-' ? -seconds : seconds;
  }

  private static long micros(LocalDate day) {
    return day.toEpochDay() * MICROS_PER_DAY;
  }

  private static void expect(String text, int at, char wanted) {
    if (text.charAt(at) != wanted) {
      throw new DateTimeException("Not where RFC 3339 has it");
    }
  }

  private static int digits(String text, int from, int count) {
    int value = 0;
    for (int i = from; i < from + count; i++) {
      if (!isDigit(text.charAt(i))) {
        throw new DateTimeException("No digit");
      }
      value = value * 10 + (text.charAt(i) - '0');
    }
    return value;
  }

  /** Unlike {@link Character#isDigit}, only those of ASCII. */
  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int below(int limit, int value) {
    if (value >= limit) {
      throw new DateTimeException("Out of range");
    }
    return value;
  }
}
