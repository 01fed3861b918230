package dev.flywheel.testing;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rows of {@code events} as tests write them: what matters is named, the rest is plain. */
public record LandedEvent(Map<String, Object> columns) {

  /**
   * An event of user {@code u} in session {@code s} that landed on its own day.
   *
   * @param at RFC 3339 in UTC
   * @param payload columns of {@code events} and values, in turns
   */
  public static LandedEvent of(String type, String interaction, String at, Object... payload) {
    Instant time = Instant.parse(at);
    LocalDate day = time.atOffset(ZoneOffset.UTC).toLocalDate();
    var columns = new HashMap<String, Object>();
    columns.put(TableSpec.LANDING_DATE, day);
    columns.put(Events.EVENT_DATE, day);
    columns.put(Events.EVENT_TIME, time);
    columns.put(Events.EVENT_ID, type + "@" + at);
    columns.put(Events.EVENT_TYPE, type);
    columns.put(Events.TENANT_ID, "default");
    columns.put(Events.USER_ID, "u");
    columns.put(Events.SESSION_ID, "s");
    columns.put(Events.INTERACTION_ID, interaction);
    columns.put(Events.UNKNOWN_FIELDS, 0);
    columns.put(Events.SOURCE_FILE, "f.jsonl");
    columns.put(Events.SOURCE_LINE, 1L);
    columns.put(Events.SOURCE_RECORD, 1);
    for (int i = 0; i < payload.length; i += 2) {
      columns.put((String) payload[i], payload[i + 1]);
    }
    return new LandedEvent(columns);
  }

  /** The same event with one column changed. */
  public LandedEvent with(String column, Object value) {
    var changed = new HashMap<>(columns);
    changed.put(column, value);
    return new LandedEvent(changed);
  }

  /** Makes {@code events} what landed in the lake on {@code landing}. */
  public static void land(Lakehouse lake, DateRange landing, List<LandedEvent> events) {
    lake.replace(
        Events.SPEC,
        landing,
        Rows.of(Events.SPEC, events.stream().map(LandedEvent::columns).toList()));
  }
}
