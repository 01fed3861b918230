package dev.flywheel.maintain;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Upkeep;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.RunManifest;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.Tables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Merges small files of the interval's partitions, and of the registries, and deletes files that no
 * table has used for longer than the retention. No row changes.
 *
 * <p>The interval names days of partitions, whether landing days or event dates. A merge is a
 * commit of its own per table: a run that replaces the same partitions meanwhile ends with a
 * conflict and may be repeated.
 */
public final class MaintainStage implements Stage {
  @Override
  public String name() {
    return "maintain";
  }

  /** None: it rewrites files, and no rows. */
  @Override
  public List<TableSpec> writes() {
    return List.of();
  }

  @Override
  public List<TableSpec> reads() {
    return List.of();
  }

  @Override
  public List<String> plan(Lakehouse lake, RunContext run, Settings settings) {
    checkRetention(lake, settings);
    var upkeep = new Upkeep(lake);
    var lines = new ArrayList<String>();
    for (TableSpec table : tables(lake)) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-24s merges %d files, deletes %d",
              table.name(),
              upkeep.filesToMerge(table, run.landing()),
              upkeep.unusedFiles(table)));
    }
    return lines;
  }

  @Override
  public String run(Lakehouse lake, RunContext run, Settings settings) {
    checkRetention(lake, settings);
    int days = settings.maintain().retentionDays();
    var upkeep = new Upkeep(lake);
    long merged = 0;
    long deleted = 0;
    for (TableSpec table : tables(lake)) {
      merged += upkeep.mergeFiles(table, run.landing());
      deleted += upkeep.deleteUnusedFiles(table, days);
    }
    return String.format(
        Locale.ROOT,
        "%,d small files merged, %,d files unused for %d days deleted",
        merged,
        deleted,
        days);
  }

  private static List<TableSpec> tables(Lakehouse lake) {
    return Tables.ALL.stream().filter(lake::exists).toList();
  }

  /** A run reads files of the versions it began with: they must outlive the longest run. */
  private static void checkRetention(Lakehouse lake, Settings settings) {
    int days = settings.maintain().retentionDays();
    Duration longest =
        Duration.ofMillis(
            lake.read(RunManifest.SPEC)
                .select(coalesce(max(col(RunManifest.DURATION_MS)), lit(0L)))
                .head()
                .getLong(0));
    if (longest.compareTo(Duration.ofDays(days)) >= 0) {
      throw FlywheelException.usage(
          "maintain.retention_days is %d, but run_manifest has a run that took %d hours: files that"
              + " such a run still reads would be deleted. Raise maintain.retention_days above"
              + " that.",
          days, longest.toHours());
    }
  }
}
