package dev.flywheel.label;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.tables.Events;
import dev.flywheel.testing.LandedEvent;
import dev.flywheel.testing.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

final class BeforeAndAfterTest {
  private static final List<Row> TO_TOOL = List.of(RowFactory.create("tool", "it"));

  private static final Instant START = Instant.parse("2026-01-12T09:00:00Z");

  /** Two users of one name, few words, many events at one time, responses shown again. */
  private static List<LandedEvent> someEvents(Random random, int number) {
    var events = new ArrayList<LandedEvent>();
    for (int i = 0; i < number; i++) {
      String type =
          List.of("response_shown", "response_shown", "text_copied", "assessment_recorded")
              .get(random.nextInt(4));
      Duration since =
          random.nextInt(6) == 0
              ? Duration.ofHours(random.nextInt(72))
              : Duration.ofSeconds(random.nextInt(30) * 10L);
      events.add(
          LandedEvent.of(type, "i-" + random.nextInt(number / 3), START.plus(since).toString())
              .with(Events.EVENT_ID, "e-%04d".formatted(i))
              .with(Events.USER_ID, "u-" + random.nextInt(3))
              .with(Events.TENANT_ID, "t-" + random.nextInt(2))
              .with(Events.SESSION_ID, "s-" + random.nextInt(2))
              .with(Events.PROMPT, List.of("undo", "undo it", "why", "").get(random.nextInt(4)))
              .with(Events.LATENCY_MS, random.nextInt(3) * 15_000L)
              .with(Events.MESSAGES, List.of(message(List.of("user", "user", "tool"), random))));
    }
    return events;
  }

  private static Row message(List<String> roles, Random random) {
    return RowFactory.create(roles.get(random.nextInt(roles.size())), "it");
  }

  private static Dataset<Row> rows(List<LandedEvent> events) {
    return Rows.of(Events.SPEC, events.stream().map(LandedEvent::columns).toList());
  }

  /** Event id, seconds before, seconds after, same session, share of words in common. */
  private static List<String> found(Dataset<Row> events, BusyUsers busy) {
    return BeforeAndAfter.ofShown(events, busy)
        .select(
            col(Events.EVENT_ID),
            col(BeforeAndAfter.GAP_SECONDS),
            col(BeforeAndAfter.NEXT_SECONDS),
            col(BeforeAndAfter.NEXT_IN_SESSION),
            col(BeforeAndAfter.NEXT_SIMILARITY))
        .collectAsList()
        .stream()
        .map(Row::toString)
        .sorted()
        .toList();
  }

  /** By the definitions, each response compared with every event. */
  private static List<String> defined(List<LandedEvent> events) {
    return events.stream()
        .filter(BeforeAndAfterTest::isShown)
        .map(
            shown -> {
              List<LandedEvent> users =
                  events.stream()
                      .filter(event -> same(event, shown, Events.USER_ID, Events.TENANT_ID))
                      .toList();
              Double gap =
                  users.stream()
                      .filter(event -> !event.columns().containsValue("assessment_recorded"))
                      .filter(event -> time(event).isBefore(time(shown)))
                      .map(event -> seconds(event, shown))
                      .min(Comparator.naturalOrder())
                      .filter(seconds -> seconds <= 86_400)
                      .orElse(null);
              LandedEvent next =
                  users.stream()
                      .filter(event -> isShown(event) && time(event).isAfter(time(shown)))
                      .filter(event -> !event.columns().get(Events.MESSAGES).equals(TO_TOOL))
                      .filter(event -> users.stream().noneMatch(other -> repeats(event, other)))
                      .min(
                          Comparator.comparing(BeforeAndAfterTest::time)
                              .thenComparing(
                                  event -> (String) event.columns().get(Events.EVENT_ID),
                                  Comparator.reverseOrder()))
                      .filter(event -> untilAsked(shown, event) >= 0)
                      .filter(event -> seconds(shown, event) <= 86_400)
                      .orElse(null);
              return "[by_user:%s,%s,%s,%s,%s]"
                  .formatted(
                      shown.columns().get(Events.EVENT_ID),
                      gap,
                      next == null ? null : untilAsked(shown, next),
                      next == null ? null : same(shown, next, Events.SESSION_ID),
                      next == null ? null : similarity(words(shown), words(next)));
            })
        .sorted()
        .toList();
  }

  /** Of the prompt, or if that is blank of the message of the user. */
  private static Set<String> words(LandedEvent shown) {
    String prompt = (String) shown.columns().get(Events.PROMPT);
    if (prompt.isEmpty()) {
      return shown.columns().get(Events.MESSAGES).equals(TO_TOOL) ? Set.of() : Set.of("it");
    }
    return Set.of(prompt.split(" "));
  }

  private static Double similarity(Set<String> a, Set<String> b) {
    var union = new HashSet<>(a);
    union.addAll(b);
    var common = new HashSet<>(a);
    common.retainAll(b);
    return union.isEmpty() ? null : (double) common.size() / union.size();
  }

  private static double untilAsked(LandedEvent shown, LandedEvent next) {
    return seconds(shown, next) - (long) next.columns().get(Events.LATENCY_MS) / 1000.0;
  }

  /** Whether an event shows what another one showed within a day before. */
  private static boolean repeats(LandedEvent event, LandedEvent other) {
    return isShown(other)
        && same(event, other, Events.INTERACTION_ID)
        && time(other).isBefore(time(event))
        && seconds(other, event) <= 86_400;
  }

  private static boolean isShown(LandedEvent event) {
    return event.columns().get(Events.EVENT_TYPE).equals("response_shown");
  }

  private static Instant time(LandedEvent event) {
    return (Instant) event.columns().get(Events.EVENT_TIME);
  }

  private static double seconds(LandedEvent from, LandedEvent to) {
    return Duration.between(time(from), time(to)).toMillis() / 1000.0;
  }

  private static boolean same(LandedEvent a, LandedEvent b, String... columns) {
    return List.of(columns).stream()
        .allMatch(column -> Objects.equals(a.columns().get(column), b.columns().get(column)));
  }

  @Test
  void isWhatTheDefinitionsSayWithTheTimeOfUsersCutOrWhole() {
    for (int seed = 0; seed < 2; seed++) {
      List<LandedEvent> events = someEvents(new Random(seed), 120);
      Dataset<Row> rows = rows(events);
      List<String> expected = defined(events);
      assertThat(found(rows, BusyUsers.NONE)).isEqualTo(expected);
      BusyUsers busiest = BusyUsers.withMoreThan(0, rows);
      assertThat(busiest.users()).as("of six users").hasSize(2);
      assertThat(found(rows, busiest)).isEqualTo(expected);
    }
  }

  /** Nights and backfills read other days around the same ones. */
  @Test
  void doesNotDependOnHowManyDaysAreReadBeyondOneOnEitherSide() {
    var random = new Random(5);
    List<LandedEvent> events =
        someEvents(random, 300).stream()
            .map(
                event ->
                    event.with(
                        Events.EVENT_TIME, time(event).plus(Duration.ofDays(random.nextInt(7)))))
            .toList();
    Instant from = START.plus(Duration.ofDays(4));
    List<String> ofAll = foundFrom(from, events);
    List<LandedEvent> around =
        events.stream()
            .filter(event -> !time(event).isBefore(from.minus(Duration.ofHours(24))))
            .filter(event -> time(event).isBefore(from.plus(Duration.ofHours(48))))
            .toList();
    assertThat(around).hasSizeLessThan(events.size());
    assertThat(ofAll).hasSizeGreaterThan(10);
    assertThat(foundFrom(from, around)).isEqualTo(ofAll);
  }

  /** What is found of a day's events. */
  private static List<String> foundFrom(Instant from, List<LandedEvent> events) {
    Set<String> ofDay =
        events.stream()
            .filter(event -> !time(event).isBefore(from))
            .filter(event -> time(event).isBefore(from.plus(Duration.ofHours(24))))
            .map(event -> "[by_user:" + event.columns().get(Events.EVENT_ID))
            .collect(Collectors.toSet());
    return found(rows(events), BusyUsers.NONE).stream()
        .filter(row -> ofDay.contains(row.substring(0, row.indexOf(','))))
        .toList();
  }

  /** An agent that asks every second, among people: no task gets much more than the others. */
  @Test
  void theWorkOfABusyUserIsSharedOut() {
    var events = new ArrayList<LandedEvent>();
    IntStream.range(0, 1_000)
        .forEach(
            i -> {
              String at = START.plusSeconds(i).toString();
              events.add(LandedEvent.of("response_shown", "a-" + i, at).with(Events.USER_ID, "a"));
              events.add(
                  LandedEvent.of("response_shown", "p-" + i, at)
                      .with(Events.USER_ID, "p-" + i % 100));
            });
    Dataset<Row> rows = rows(events);
    assertThat(mostOfMedian(rows, BusyUsers.NONE)).isGreaterThan(5);
    BusyUsers busy = BusyUsers.withMoreThan(50, rows);
    assertThat(busy.users()).hasSize(1);
    assertThat(mostOfMedian(rows, busy)).isLessThan(2);
  }

  private static double mostOfMedian(Dataset<Row> rows, BusyUsers busy) {
    var conf = rows.sparkSession().conf();
    String before = conf.get("spark.sql.shuffle.partitions");
    conf.set("spark.sql.shuffle.partitions", "8");
    try {
      List<Long> sizes =
          BeforeAndAfter.ofShown(rows, busy)
              .groupBy(spark_partition_id())
              .count()
              .collectAsList()
              .stream()
              .map(row -> row.getLong(1))
              .sorted()
              .toList();
      return (double) sizes.get(7) / sizes.get(4);
    } finally {
      conf.set("spark.sql.shuffle.partitions", before);
    }
  }
}
