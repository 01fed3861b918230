package dev.flywheel.label;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.LabelModels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.LandedEvent;
import dev.flywheel.testing.TestLakes;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The law of time where there is something to learn: two days of responses that users took over,
 * finished a task with and rated, some judged by people. Which day comes first changes no row of
 * any table of labels.
 */
class FittedModelLawTest {
  private static final int RESPONSES_PER_DAY = 150;
  private static final LocalDate FIRST = LabelledLake.DAY;
  private static final LocalDate SECOND = FIRST.plusDays(1);

  @TempDir Path together;
  @TempDir Path reversed;

  @Test
  void aFittedAndCalibratedModelIsTheSameInAnyOrderOfDays() {
    var both = new ArrayList<>(planted(FIRST, 1));
    both.addAll(planted(SECOND, 2));
    Lakehouse expected =
        LabelledLake.label(together, new DateRange(FIRST, SECOND.plusDays(1)), both);
    assertThat(
            expected
                .read(LabelModels.SPEC)
                .orderBy(TableSpec.EVENT_DATE)
                .select(LabelModels.METHOD, LabelModels.CALIBRATION)
                .collectAsList())
        .extracting(row -> row.mkString(" "))
        .containsExactly("dawid_skene platt", "dawid_skene platt");

    LabelledLake.label(reversed, DateRange.of(SECOND), planted(SECOND, 2));
    Lakehouse found = LabelledLake.label(reversed, DateRange.of(FIRST), planted(FIRST, 1));

    assertThat(rows(found)).isEqualTo(rows(expected));
  }

  private static Map<String, List<String>> rows(Lakehouse lake) {
    return new LabelStage()
        .writes().stream()
            .collect(
                Collectors.toMap(
                    TableSpec::name,
                    table ->
                        TestLakes.rows(
                            lake.read(table)
                                .where(
                                    col(TableSpec.EVENT_DATE)
                                        .between(FIRST.toString(), SECOND.toString())))));
  }

  /** One act says more than the others: votes alone could not know that. */
  private static List<LandedEvent> planted(LocalDate day, long seed) {
    var random = new Random(seed);
    var events = new ArrayList<LandedEvent>();
    for (int i = 0; i < RESPONSES_PER_DAY; i++) {
      String user = "%s-%03d".formatted(day, i);
      boolean good = random.nextDouble() < 0.6;
      events.add(act(day, 0, "response_shown", user));
      if (random.nextDouble() < 0.8) {
        String type = says(good, 0.6, random) ? "suggestion_accepted" : "suggestion_dismissed";
        events.add(act(day, 10, type, user));
      }
      if (random.nextDouble() < 0.8) {
        String type = says(good, 0.65, random) ? "task_completed" : "task_abandoned";
        events.add(act(day, 20, type, user));
      }
      if (random.nextDouble() < 0.8) {
        events.add(
            act(day, 30, "feedback_submitted", user)
                .with(Events.THUMBS, says(good, 0.95, random) ? "up" : "down"));
      }
      if (i % 2 == 0) {
        events.add(
            act(day, 40, "assessment_recorded", user)
                .with(Events.ASSESSMENT_NAME, "quality")
                .with(Events.ASSESSMENT_SOURCE_TYPE, "HUMAN")
                .with(Events.ASSESSMENT_SCORE, good ? 1.0 : 0.0));
      }
    }
    return events;
  }

  private static boolean says(boolean good, double right, Random random) {
    return random.nextDouble() < right == good;
  }

  private static LandedEvent act(LocalDate day, int seconds, String type, String user) {
    Instant shown = Instant.parse(day + "T10:00:00Z");
    return LandedEvent.of(type, user, shown.plus(seconds, ChronoUnit.SECONDS).toString())
        .with(Events.USER_ID, user);
  }
}
