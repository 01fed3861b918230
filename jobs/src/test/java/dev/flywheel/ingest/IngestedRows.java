package dev.flywheel.ingest;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;

/** What ingest wrote, as a test compares it: columns joined by {@code |}, rows sorted. */
record IngestedRows(Lakehouse lake) {
  List<String> events(String condition, String... names) {
    return of(Events.SPEC, condition, names);
  }

  /** Reason, detail and place of every record that was not taken in. */
  List<String> bad() {
    return of(
        Quarantine.SPEC,
        "true",
        Quarantine.REASON,
        Quarantine.DETAIL,
        Quarantine.SOURCE_FILE,
        Quarantine.SOURCE_LINE,
        Quarantine.SOURCE_RECORD);
  }

  private List<String> of(TableSpec table, String condition, String... names) {
    return lake
        .read(table)
        .where(condition)
        .select(names[0], Arrays.copyOfRange(names, 1, names.length))
        .collectAsList()
        .stream()
        .map((Row row) -> row.mkString("|"))
        .sorted()
        .toList();
  }
}
