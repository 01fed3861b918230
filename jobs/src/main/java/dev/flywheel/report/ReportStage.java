package dev.flywheel.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Parallel;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.FailureReports;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.LabelModels;
import dev.flywheel.tables.LabelSources;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.QualityTrends;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import java.sql.Date;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Quality by segment, the ranking of issues, and one page per event date: {@code
 * reports/<date>.html}, the newest date of the lake as {@code reports/latest.html} as well.
 */
public final class ReportStage implements Stage {
  private static final String LATEST = "reports/latest.html";

  @Override
  public String name() {
    return "report";
  }

  @Override
  public List<TableSpec> writes() {
    return List.of(QualityTrends.SPEC, FailureReports.SPEC);
  }

  @Override
  public List<TableSpec> reads() {
    return List.of(
        QualityLabels.SPEC,
        Interactions.SPEC,
        FailureClusters.SPEC,
        FailureIssues.SPEC,
        IssueTrends.SPEC,
        LabelSources.SPEC,
        LabelModels.SPEC,
        EvalDatasetRecords.SPEC,
        EvalDatasetVersions.SPEC,
        Events.SPEC,
        Quarantine.SPEC);
  }

  @Override
  public String run(Lakehouse lake, RunContext run, Settings settings) {
    DateRange labelled = run.affected(QualityTrends.SPEC);
    DateRange dates = run.affected(FailureReports.SPEC);
    List<LocalDate> reportedBefore = lake.dates(QualityTrends.SPEC, EvidenceReader.pages(dates));
    lake.replace(QualityTrends.SPEC, labelled, quality(lake, labelled));
    addMissing(lake, dates, labelled, reportedBefore);
    int minUsers = settings.report().minDistinctUsers();
    var reader = new EvidenceReader(lake, dates, minUsers);
    try (var parallel = new Parallel()) {
      var evalVersions = parallel.start(reader::evalVersions);
      List<Report> reports = reader.read().stream().map(day -> Report.of(day, minUsers)).toList();
      List<Row> rows = reports.stream().flatMap(report -> report.rows().stream()).toList();
      lake.replace(
          FailureReports.SPEC,
          dates,
          lake.spark().createDataFrame(rows, FailureReports.SPEC.schema()).coalesce(1));
      // A date whose labels are gone has no page any more.
      reportedBefore.stream()
          .filter(labelled::contains)
          .filter(date -> reports.stream().noneMatch(report -> report.date().equals(date)))
          .forEach(date -> lake.files().delete(pagePath(date)));
      return publish(
          lake,
          dates,
          reports,
          report -> PageMaker.page(run, settings, evalVersions.get(), report));
    }
  }

  private static Dataset<Row> quality(Lakehouse lake, DateRange dates) {
    return SegmentQuality.of(
        lake.read(QualityLabels.SPEC, dates), lake.read(Interactions.SPEC, dates));
  }

  /**
   * Adds the days of the pages that were labelled, but not reported on, as where the first days of
   * a lake were: a page would hold its failures against fewer responses.
   */
  private static void addMissing(
      Lakehouse lake, DateRange dates, DateRange added, List<LocalDate> before) {
    List<LocalDate> labelled = lake.dates(QualityLabels.SPEC, EvidenceReader.pages(dates));
    List<LocalDate> missing =
        labelled.stream().filter(day -> !added.contains(day) && !before.contains(day)).toList();
    if (!missing.isEmpty() && labelled.stream().anyMatch(dates::contains)) {
      var around = new DateRange(missing.get(0), missing.get(missing.size() - 1).plusDays(1));
      lake.replace(
          QualityTrends.SPEC,
          missing,
          quality(lake, around).where(col(TableSpec.EVENT_DATE).isInCollection(missing)));
    }
  }

  private static String pagePath(LocalDate date) {
    return "reports/" + date + ".html";
  }

  /** Writes the pages, and says which. */
  private static String publish(
      Lakehouse lake, DateRange dates, List<Report> reports, Function<Report, Page> toPage) {
    var renderer = new PageRenderer();
    Dataset<Row> quality = lake.read(QualityTrends.SPEC);
    if (reports.isEmpty()) {
      LocalDate newest = newest(quality);
      if (newest == null) {
        lake.files().write(LATEST, renderer.render(toPage.apply(Report.empty(dates.from()))));
      } else {
        // Also where the page of a date stood there that has none any more.
        lake.files().copy(pagePath(newest), LATEST);
      }
      return "no labelled responses, no page";
    }
    String html = "";
    for (Report report : reports) {
      html = renderer.render(toPage.apply(report));
      lake.files().write(pagePath(report.date()), html);
    }
    // A backfill of old days leaves the newest page alone.
    boolean isNewest =
        quality.where(col(TableSpec.EVENT_DATE).geq(lit(Date.valueOf(dates.to())))).isEmpty();
    if (isNewest) {
      lake.files().write(LATEST, html);
    }
    Report last = reports.get(reports.size() - 1);
    return "%d pages, %d open issues on %s%s"
        .formatted(
            reports.size(), last.issues().size(), last.date(), isNewest ? ", " + LATEST : "");
  }

  /** Newest date that has labels; null where none has. */
  private static LocalDate newest(Dataset<Row> quality) {
    Date newest = quality.agg(max(TableSpec.EVENT_DATE)).head().getDate(0);
    return newest == null ? null : newest.toLocalDate();
  }
}
