package dev.flywheel.cli;

import dev.flywheel.ingest.RawListing;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a run would read and replace. */
final class DryRun {
  private static final double MIB = 1 << 20;

  private DryRun() {}

  /**
   * One line per stage and table; reads only what the storage lists, and writes nothing.
   *
   * @throws dev.flywheel.run.FlywheelException as the run would, where there are no raw logs
   */
  static List<String> describe(
      Lakehouse lake, RunContext run, Settings settings, List<Stage> stages) {
    var lines = new ArrayList<String>();
    lines.add("Dry run of " + run.command() + ": nothing is written.");
    for (Stage stage : stages) {
      lines.add(stage.name());
      var withoutFiles = new ArrayList<LocalDate>();
      if (stage.writes().contains(Events.SPEC)) {
        for (RawListing landed : RawListing.of(lake.spark(), settings, run.landing())) {
          lines.add("  reads    " + describe(landed));
          if (landed.files() == 0) {
            withoutFiles.add(landed.day());
          }
        }
      }
      stage.plan(lake, run, settings).forEach(line -> lines.add("  " + line));
      stage.reads().forEach(table -> lines.add("  reads    " + read(lake, table)));
      stage.writes().forEach(table -> lines.add("  " + replaced(lake, run, table, withoutFiles)));
    }
    return lines;
  }

  private static String describe(RawListing landed) {
    return landed.files() == 0
        ? landed.path() + ": nothing there"
        : String.format(
            Locale.ROOT,
            "%s: %d files, %.1f MiB",
            landed.path(),
            landed.files(),
            landed.bytes() / MIB);
  }

  private static String read(Lakehouse lake, TableSpec table) {
    long version = lake.version(table);
    return version < 0
        ? "%-24s not there yet".formatted(table.name())
        : "%-24s version %d".formatted(table.name(), version);
  }

  private static String replaced(
      Lakehouse lake, RunContext run, TableSpec table, List<LocalDate> withoutFiles) {
    String made = lake.exists(table) ? "" : " (table is new)";
    Optional<String> partition = table.partitionColumn();
    if (partition.isEmpty()) {
      return "appends  %s%s".formatted(table.name(), made);
    }
    String dates =
        partition.get().equals(TableSpec.LANDING_DATE)
            ? run.landing() + except(withoutFiles)
            : run.affected(table).toString();
    return "replaces %-24s %s %s%s".formatted(table.name(), partition.get(), dates, made);
  }

  private static String except(List<LocalDate> days) {
    return days.isEmpty()
        ? ""
        : days.stream().map(LocalDate::toString).collect(Collectors.joining(", ", " except ", ""));
  }
}
