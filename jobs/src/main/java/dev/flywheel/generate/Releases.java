package dev.flywheel.generate;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/**
 * Which release a user has on a day: a new one 5 days into the story, another after 10, and from
 * then on every two weeks. On its first day only half of the users have it.
 */
record Releases(LocalDate storyStart) {

  /** Release of a user on a day, counted from 0. */
  int index(LocalDate day, long userKey) {
    int now = onDay(day);
    boolean firstDay = now > 0 && onDay(day.minusDays(1)) < now;
    return firstDay && Dice.mix(userKey, now) < 0 ? now - 1 : now;
  }

  private int onDay(LocalDate day) {
    long days = ChronoUnit.DAYS.between(storyStart, day);
    if (days < 5) {
      return 0;
    }
    return days < 10 ? 1 : Math.toIntExact(2 + (days - 10) / 14);
  }

  /** Name of a release as it stands in the logs. */
  static String name(int index) {
    return "3." + index;
  }
}
