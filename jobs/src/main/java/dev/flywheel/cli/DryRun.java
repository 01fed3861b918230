package dev.flywheel.cli;

import dev.flywheel.ingest.RawListing;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.StorageFailure;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a run would read and replace. */
final class DryRun {
  private static final double MIB = 1 << 20;

  private DryRun() {}

  /** One line per stage and table; reads only what the storage lists, and writes nothing. */
  static List<String> describe(
      Lakehouse lake, RunContext run, Settings settings, List<Stage> stages) {
    var lines = new ArrayList<String>();
    lines.add("Dry run of " + run.command() + ": nothing is written.");
    for (Stage stage : stages) {
      lines.add(stage.name());
      if (stage.writes().contains(Events.SPEC)) {
        run.landing().toList().forEach(day -> lines.add("  " + landed(lake, settings, day)));
      }
      stage.plan(lake, run, settings).forEach(line -> lines.add("  " + line));
      stage.reads().forEach(table -> lines.add("  reads    " + read(lake, table)));
      stage.writes().forEach(table -> lines.add("  " + replaced(lake, run, table)));
    }
    return lines;
  }

  private static String landed(Lakehouse lake, Settings settings, LocalDate day) {
    settings.requiredInput();
    try {
      RawListing listing = RawListing.ofDay(lake.spark(), settings.input(), day);
      return listing.exists()
          ? String.format(
              Locale.ROOT,
              "reads    %s: %d files, %.1f MiB",
              listing.path(),
              listing.files(),
              listing.bytes() / MIB)
          : "reads    " + listing.path() + ": nothing there";
    } catch (IOException e) {
      throw StorageFailure.explain(
          e, "list the raw logs of %s below %s".formatted(day, settings.input().path()));
    }
  }

  private static String read(Lakehouse lake, TableSpec table) {
    long version = lake.version(table);
    return version < 0
        ? "%-24s not there yet".formatted(table.name())
        : "%-24s version %d".formatted(table.name(), version);
  }

  private static String replaced(Lakehouse lake, RunContext run, TableSpec table) {
    String made = lake.exists(table) ? "" : " (table is new)";
    Optional<String> partition = table.partitionColumn();
    if (partition.isEmpty()) {
      return "appends  %s%s".formatted(table.name(), made);
    }
    DateRange range =
        partition.get().equals(TableSpec.LANDING_DATE) ? run.landing() : run.affected(table);
    return "replaces %-24s %s %s%s".formatted(table.name(), partition.get(), range, made);
  }
}
