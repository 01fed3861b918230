package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** How later stages read {@code events}, which is kept by landing day and with its repeats. */
public final class LandedEvents {
  private static final String RANK = "_repeat";

  private LandedEvents() {}

  /**
   * Every row of {@code events} whose event date lies in {@code eventDates}, repeats included.
   * Opens only the landing days on which such a row may lie.
   */
  public static Dataset<Row> read(Lakehouse lake, RunContext run, DateRange eventDates) {
    DateRange landed = eventDates.widen(run.futureDays(), run.lookbackDays());
    return lake.read(Events.SPEC, landed).where(Lakehouse.within(Events.EVENT_DATE, eventDates));
  }

  /**
   * One row per event: of rows with the same tenant, interaction, event id and event time, the one
   * with the smallest landing date, source file, line and record stands. So it does not matter in
   * which order landing days came to the lake.
   *
   * <p>Rows that are already distributed by (tenant_id, interaction_id) are not exchanged again.
   */
  public static Dataset<Row> withoutRepeats(Dataset<Row> events) {
    var sameEvent =
        Window.partitionBy(
                Events.INTERACTION_ID, Events.TENANT_ID, Events.EVENT_TIME, Events.EVENT_ID)
            .orderBy(
                TableSpec.LANDING_DATE,
                Events.SOURCE_FILE,
                Events.SOURCE_LINE,
                Events.SOURCE_RECORD);
    return events
        .withColumn(RANK, row_number().over(sameEvent))
        .where(col(RANK).equalTo(1))
        .drop(RANK);
  }
}
