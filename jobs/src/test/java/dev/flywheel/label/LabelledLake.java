package dev.flywheel.label;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.JobRunner;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.LandedEvent;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/** Lakes of a few responses, observed and labelled; each response is named as its user. */
final class LabelledLake {
  static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final Instant SHOWN = Instant.parse("2026-01-05T10:00:00Z");

  private LabelledLake() {}

  static LandedEvent shown(String user, Object... payload) {
    return after(0, "response_shown", user, payload);
  }

  /** An event of the interaction that is named as its user. */
  static LandedEvent after(int seconds, String type, String user, Object... payload) {
    return LandedEvent.of(type, user, SHOWN.plusSeconds(seconds).toString(), payload)
        .with(Events.USER_ID, user);
  }

  static Lakehouse label(Path folder, DateRange landing, List<LandedEvent> events) {
    Lakehouse lake = TestLakes.open(folder);
    LandedEvent.land(lake, landing, events);
    RunContext run = JobRunner.knowingQuietDays(lake, TestSpark.run(landing));
    new LabelStage().run(lake, run, TestSpark.settings(Map.of()));
    return lake;
  }

  /** Of an interaction that was shown again, the first row. */
  static Map<String, Row> byInteraction(Lakehouse lake, TableSpec table) {
    return lake.read(table).orderBy(Interactions.SHOWN_AT).collectAsList().stream()
        .collect(
            Collectors.toMap(
                row -> row.<String>getAs(Interactions.INTERACTION_ID),
                row -> row,
                (first, again) -> first));
  }
}
