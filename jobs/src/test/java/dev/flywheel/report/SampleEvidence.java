package dev.flywheel.report;

import dev.flywheel.report.Evidence.Drawn;
import dev.flywheel.report.Evidence.EvalVersion;
import dev.flywheel.report.Evidence.Exemplar;
import dev.flywheel.report.Evidence.Issue;
import dev.flywheel.report.Evidence.LabelModel;
import dev.flywheel.report.Evidence.Landing;
import dev.flywheel.report.Evidence.Place;
import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Evidence.SegmentName;
import dev.flywheel.report.Evidence.Source;
import dev.flywheel.report.Evidence.Trend;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.QualityTrends;
import dev.flywheel.testing.TestSpark;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A page with one text in every place that users, senders or their names can reach. */
final class SampleEvidence {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 12);

  private static final PageRenderer RENDERER = new PageRenderer();

  private SampleEvidence() {}

  static String html(String text) {
    Report report = Report.of(evidence(text), 5);
    return RENDERER.render(
        PageMaker.page(
            TestSpark.run(DateRange.of(DAY)),
            TestSpark.settings(Map.of()),
            List.of(new EvalVersion(text, 3, 60, 5, 1, Instant.EPOCH)),
            report));
  }

  private static Evidence evidence(String text) {
    var quality = new ArrayList<Quality>();
    var trends = new ArrayList<Trend>();
    var places = new ArrayList<Place>();
    quality.add(new Quality(DAY, "all", "all", 1000, 700, 200, 100, 10, 0.7, 90));
    trends.add(new Trend(DAY, "i1", 100));
    for (String dimension : QualityTrends.DIMENSIONS) {
      quality.add(new Quality(DAY, dimension, text, 300, 150, 120, 30, 10, 0.5, 40));
      places.add(new Place("i1", new SegmentName(dimension, text), 90, 45));
    }
    return new Evidence(
        DAY,
        quality,
        List.of(
            new Issue("i1", text, "new", DAY, DAY, null, 100, 50, 50),
            new Issue("i2", text, "resolved", DAY.minusDays(9), DAY.minusDays(8), "i1", 0, 0, 40)),
        trends,
        places,
        List.of(
            new Exemplar(
                "i1",
                0,
                DAY.atStartOfDay().toInstant(java.time.ZoneOffset.UTC),
                text,
                text,
                text,
                text),
            new Exemplar(
                "i1",
                1,
                DAY.atStartOfDay().toInstant(java.time.ZoneOffset.UTC),
                text,
                text,
                text,
                text)),
        List.of(new Source(DAY, text, 1000, 0.5, 0.4, 0.1, 80, 0.9, 0.9)),
        Optional.of(new LabelModel("dawid_skene", text, DAY.minusDays(6), 900, Optional.empty())),
        List.of(new Drawn(text, text, 50)),
        List.of(new Landing(DAY, Landing.READ, 900), new Landing(DAY, text, 3)));
  }
}
