package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LandedEventsTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final String NOON = "2026-01-05T12:00:00Z";

  @TempDir Path root;

  @Test
  void anEventIsFoundOnEveryDayItMayHaveLandedAndOnNoOther() {
    Lakehouse lake = TestLakes.open(root);
    for (int delay = -1; delay <= 3; delay++) {
      LocalDate landed = DAY.plusDays(delay);
      lake.replace(
          Events.SPEC,
          DateRange.of(landed),
          Rows.of(Events.SPEC, row("lands" + delay, NOON, landed, "a", 1)));
    }

    Dataset<Row> read =
        LandedEvents.read(lake, TestSpark.run(DateRange.of(DAY)), DateRange.of(DAY));

    assertThat(strings(read.select(Events.EVENT_ID))).containsExactly("lands0", "lands1", "lands2");
    assertThat(read.inputFiles()).hasSize(3);
  }

  @Test
  void eventsOfOtherDatesAreLeftOut() {
    Lakehouse lake = TestLakes.open(root);
    lake.replace(
        Events.SPEC,
        DateRange.of(DAY),
        Rows.of(
            Events.SPEC,
            row("yesterday", "2026-01-04T23:59:59.999999Z", DAY, "a", 1),
            row("midnight", "2026-01-05T00:00:00Z", DAY, "a", 2),
            row("tonight", "2026-01-05T23:59:59Z", DAY, "a", 3)));

    Dataset<Row> read =
        LandedEvents.read(lake, TestSpark.run(DateRange.of(DAY)), DateRange.of(DAY));

    assertThat(strings(read.select(Events.EVENT_ID))).containsExactly("midnight", "tonight");
  }

  @Test
  void ofRepeatsTheFirstByLandingDayThenFileThenLineStands() {
    Dataset<Row> rows =
        Rows.of(
            Events.SPEC,
            row("days", NOON, DAY.plusDays(1), "a", 1),
            row("days", NOON, DAY, "z", 9),
            row("files", NOON, DAY, "b", 1),
            row("files", NOON, DAY, "a", 9),
            row("lines", NOON, DAY, "a", 10),
            row("lines", NOON, DAY, "a", 9));

    assertThat(placesOf(LandedEvents.withoutRepeats(rows)))
        .containsExactly("days 2026-01-05 z 9", "files 2026-01-05 a 9", "lines 2026-01-05 a 9");
  }

  @Test
  void anEventThatDiffersInAnyPartOfItsIdentityIsNoRepeat() {
    var other = new HashMap<>(row("id", NOON, DAY, "a", 2));
    other.put(Events.INTERACTION_ID, "another interaction");
    var tenant = new HashMap<>(row("id", NOON, DAY, "a", 3));
    tenant.put(Events.TENANT_ID, "another tenant");
    Dataset<Row> rows =
        Rows.of(
            Events.SPEC,
            row("id", NOON, DAY, "a", 1),
            other,
            tenant,
            row("id", "2026-01-05T12:00:00.000001Z", DAY, "a", 4),
            row("another id", NOON, DAY, "a", 5));

    assertThat(LandedEvents.withoutRepeats(rows).count()).isEqualTo(5);
  }

  @Test
  void rowsDistributedByInteractionAreNotExchangedAgain() {
    Dataset<Row> distributed =
        Rows.of(Events.SPEC, row("id", NOON, DAY, "a", 1))
            .repartition(col(Events.TENANT_ID), col(Events.INTERACTION_ID));

    String plan =
        LandedEvents.withoutRepeats(distributed).queryExecution().executedPlan().toString();

    assertThat(plan.lines().filter(line -> line.contains("Exchange hashpartitioning")))
        .as(plan)
        .hasSize(1);
  }

  private static Map<String, Object> row(
      String id, String time, LocalDate landed, String file, long line) {
    Instant moment = Instant.parse(time);
    return Map.ofEntries(
        Map.entry(TableSpec.LANDING_DATE, landed),
        Map.entry(Events.EVENT_DATE, LocalDate.ofInstant(moment, ZoneOffset.UTC)),
        Map.entry(Events.EVENT_TIME, moment),
        Map.entry(Events.EVENT_ID, id),
        Map.entry(Events.EVENT_TYPE, "text_copied"),
        Map.entry(Events.TENANT_ID, "default"),
        Map.entry(Events.USER_ID, "u"),
        Map.entry(Events.SESSION_ID, "s"),
        Map.entry(Events.INTERACTION_ID, "i"),
        Map.entry(Events.UNKNOWN_FIELDS, 0),
        Map.entry(Events.SOURCE_FILE, file),
        Map.entry(Events.SOURCE_LINE, line),
        Map.entry(Events.SOURCE_RECORD, 1));
  }

  private static List<String> placesOf(Dataset<Row> rows) {
    return strings(
        rows.selectExpr(
            "concat_ws(' ', event_id, landing_date, source_file, source_line) as place"));
  }

  private static List<String> strings(Dataset<Row> rows) {
    return Stream.of(rows.as(Encoders.STRING()).collectAsList())
        .flatMap(List::stream)
        .sorted()
        .toList();
  }
}
