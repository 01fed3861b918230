package dev.flywheel.report;

import dev.flywheel.stats.Wilson;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and days as the page writes them; the same in every locale. */
final class Figures {
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH);
  private static final DateTimeFormatter WEEKDAY =
      DateTimeFormatter.ofPattern("EEE d MMM", Locale.ENGLISH);
  private static final DateTimeFormatter LONG_DAY =
      DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /** In place of a figure that is not known. */
  static final String UNKNOWN = "–";

  private Figures() {}

  /** 10,432. */
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** "1 user", "2 users". */
  static String count(long n, String one, String many) {
    return count(n) + " " + (n == 1 ? one : many);
  }

  /** 82.1%, and two decimals below one percent. */
  static String percent(double share) {
    return number(share) + "%";
  }

  /** Both ends of an interval: 81.3–82.8%. */
  static String percent(Wilson interval) {
    int decimals = decimals(interval.upper());
    return fixed(interval.lower(), decimals) + "–" + fixed(interval.upper(), decimals) + "%";
  }

  /** A whole percentage: 82%. */
  static String wholePercent(double share) {
    return fixed(share, 0) + "%";
  }

  /** A difference of shares in percentage points with its sign: +1.2 or −0.4. */
  static String points(double difference) {
    String size = fixed(Math.abs(difference), 1);
    return size.equals("0.0") ? "±0.0" : (difference < 0 ? "−" : "+") + size;
  }

  /** A ratio: 3.4×, and whole from 10 on. */
  static String times(double ratio) {
    return String.format(Locale.ROOT, ratio < 10 ? "%.1f×" : "%,.0f×", ratio);
  }

  /** 5 Jan. */
  static String day(LocalDate date) {
    return DAY.format(date);
  }

  /** Mon 5 Jan. */
  static String weekday(LocalDate date) {
    return WEEKDAY.format(date);
  }

  /** 5 January 2026. */
  static String longDay(LocalDate date) {
    return LONG_DAY.format(date);
  }

  /** 30 December 2025 – 5 January 2026, each part no longer than needed. */
  static String range(LocalDate from, LocalDate to) {
    if (from.getYear() != to.getYear()) {
      return longDay(from) + " – " + longDay(to);
    }
    String pattern = from.getMonth() == to.getMonth() ? "d" : "d MMMM";
    String start = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(from);
    return start + (from.getMonth() == to.getMonth() ? "–" : " – ") + longDay(to);
  }

  /** 5 Jan 2026, 02:00 UTC. */
  static String moment(Instant instant) {
    return MOMENT.format(instant);
  }

  private static String number(double share) {
    return fixed(share, decimals(share));
  }

  private static int decimals(double share) {
    return share > 0 && share < 0.01 ? 2 : 1;
  }

  private static String fixed(double share, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", share * 100);
  }
}
