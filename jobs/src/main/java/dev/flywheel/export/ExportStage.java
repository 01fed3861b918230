package dev.flywheel.export;

import static org.apache.spark.sql.functions.col;

import dev.flywheel.export.ExportRequest.Split;
import dev.flywheel.lake.Cached;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.sample.EvalSet;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.TableSpec;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Writes a published version of an eval set below {@code <lake>/exports}, one file per target. The
 * same request gives the same bytes for ever, since a published version never changes.
 */
public final class ExportStage implements Stage {
  private final ExportRequest request;

  public ExportStage(ExportRequest request) {
    this.request = request;
  }

  @Override
  public String name() {
    return "export";
  }

  @Override
  public List<TableSpec> reads() {
    return List.of(EvalDatasetRecords.SPEC, EvalDatasetVersions.SPEC);
  }

  /** No table: it writes files. */
  @Override
  public List<TableSpec> writes() {
    return List.of();
  }

  @Override
  public List<String> plan(Lakehouse lake, RunContext run, Settings settings) {
    String folder = folder(version(lake, new EvalSet(lake, request.dataset())));
    return request.targets().stream()
        .map(target -> "writes   %s/%s".formatted(folder, request.fileName(target)))
        .toList();
  }

  @Override
  public String run(Lakehouse lake, RunContext run, Settings settings) {
    var set = new EvalSet(lake, request.dataset());
    int version = version(lake, set);
    Dataset<Row> records = ExportRecords.of(set.records(version), version, request.raw());
    if (request.split() != Split.ALL) {
      records = records.where(col(EvalDatasetRecords.SPLIT).equalTo(request.split().toString()));
    }
    String folder = folder(version);
    var summary = new StringJoiner("; ");
    // Read by the count and by the file of each target.
    try (var rows = Cached.of(records)) {
      long all = rows.rows().count();
      for (Target target : request.targets()) {
        String file = folder + "/" + request.fileName(target);
        long written = lake.files().writeLines(file, lines(rows.rows(), target));
        lake.log().count(target + "_records", written);
        summary.add(
            String.format(Locale.ROOT, "%s %,d records", target, written)
                + (written == all
                    ? ""
                    : String.format(
                        Locale.ROOT, ", %,d left out for want of what it needs", all - written)));
      }
    }
    return "%s (%s%s): %s"
        .formatted(folder, request.split(), request.raw() ? ", not redacted" : "", summary);
  }

  private String folder(int version) {
    return "exports/%s/v%d".formatted(request.dataset(), version);
  }

  private static Dataset<String> lines(Dataset<Row> records, Target target) {
    return records
        .where(target.takes())
        .orderBy(ExportRecords.RECORD_ID)
        .select(target.line())
        .as(Encoders.STRING());
  }

  private int version(Lakehouse lake, EvalSet set) {
    int newest = set.newest().orElseThrow(() -> noSuchSet(lake)).number();
    int wanted = request.version().orElse(newest);
    if (wanted < 1 || wanted > newest) {
      throw FlywheelException.usage(
          "Eval set '%s' has no version %d; published are 1 to %d.",
          request.dataset(), wanted, newest);
    }
    return wanted;
  }

  private FlywheelException noSuchSet(Lakehouse lake) {
    List<String> published =
        lake
            .read(EvalDatasetVersions.SPEC)
            .select(EvalDatasetVersions.DATASET_NAME)
            .distinct()
            .as(Encoders.STRING())
            .collectAsList()
            .stream()
            .sorted()
            .toList();
    return published.isEmpty()
        ? FlywheelException.nothingToDo(
            "No eval set is published in this lake yet: run 'flywheel nightly' or 'flywheel sample'"
                + " first.")
        : FlywheelException.usage(
            "There is no eval set '%s'; published are: %s.",
            request.dataset(), String.join(", ", published));
  }
}
