package dev.flywheel.label;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.ingest.LandedEvents;
import dev.flywheel.lake.Cached;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.LabelModels;
import dev.flywheel.tables.LabelSources;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.VotePatterns;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** From events to interactions, signals, votes, a model a day, and labels. */
public final class LabelStage implements Stage {
  @Override
  public String name() {
    return "label";
  }

  @Override
  public List<TableSpec> reads() {
    return List.of(Events.SPEC);
  }

  @Override
  public List<TableSpec> writes() {
    return List.of(
        Interactions.SPEC,
        BehaviorSignals.SPEC,
        VotePatterns.SPEC,
        LabelModels.SPEC,
        QualityLabels.SPEC,
        LabelSources.SPEC);
  }

  @Override
  public String run(Lakehouse lake, RunContext run, Settings settings) {
    long responses = observe(lake, run, settings.label());
    var models = DailyModels.fit(lake, run.affected(QualityLabels.SPEC));
    long labels = label(lake, run, settings.label(), models);
    return String.format(
        Locale.ROOT,
        "%,d responses observed, %,d labelled by %d models",
        responses,
        labels,
        models.byDate().size());
  }

  /** Replaces what is known of the responses whose events may have changed. */
  private static long observe(Lakehouse lake, RunContext run, Settings.Label settings) {
    DateRange dates = run.affected(Interactions.SPEC);
    Dataset<Row> events = LandedEvents.read(lake, run, dates.widen(1, 1));
    // Read by the interactions and again by their signals.
    try (var responses = Cached.of(Responses.shownOn(dates, events))) {
      long written =
          lake.replace(
              Interactions.SPEC,
              dates,
              responses.rows().withColumn(Interactions.FINAL_TEXT, Signals.finalText()));
      lake.replace(
          BehaviorSignals.SPEC,
          dates,
          Signals.of(responses.rows(), settings.defaultCapabilities()));
      lake.replace(
          VotePatterns.SPEC, dates, Sources.patternCounts(lake.read(BehaviorSignals.SPEC, dates)));
      return written;
    }
  }

  /** Replaces the labels that the changed votes, or the models fitted on them, change. */
  private static long label(
      Lakehouse lake, RunContext run, Settings.Label settings, DailyModels models) {
    DateRange dates = run.affected(QualityLabels.SPEC);
    var spark = lake.spark();
    lake.replace(LabelModels.SPEC, dates, models.modelRows(spark));
    lake.replace(LabelSources.SPEC, dates, models.sourceRows(spark));
    Dataset<Row> voted =
        lake.read(BehaviorSignals.SPEC, dates)
            .withColumn(QualityLabels.VOTE_PATTERN, Sources.pattern());
    return lake.replace(
        QualityLabels.SPEC,
        dates,
        labelled(voted, models.labelRows(spark), settings)
            .withColumn(QualityLabels.STATUS, status(closed(lake, run, dates))));
  }

  /** Votes with the label of their pattern. */
  static Dataset<Row> labelled(Dataset<Row> voted, Dataset<Row> labels, Settings.Label settings) {
    Column sameVotes =
        voted
            .col(TableSpec.EVENT_DATE)
            .equalTo(labels.col(TableSpec.EVENT_DATE))
            .and(
                voted
                    .col(QualityLabels.VOTE_PATTERN)
                    .equalTo(labels.col(VotePatterns.VOTE_PATTERN)))
            .and(
                voted
                    .col(BehaviorSignals.HUMAN_VERDICT)
                    .eqNullSafe(labels.col(VotePatterns.HUMAN_VERDICT)));
    return voted
        .join(broadcast(labels), sameVotes)
        .drop(labels.col(TableSpec.EVENT_DATE))
        .drop(labels.col(VotePatterns.VOTE_PATTERN))
        .drop(labels.col(VotePatterns.HUMAN_VERDICT))
        .withColumn(
            QualityLabels.VOTES,
            Sources.votes(col(QualityLabels.VOTE_PATTERN), col(BehaviorSignals.HUMAN_VERDICT)))
        .withColumn(
            QualityLabels.LABEL,
            when(col(QualityLabels.P_GOOD).geq(settings.goodAt()), "good")
                .when(col(QualityLabels.P_GOOD).leq(settings.badAt()), "bad")
                .otherwise("uncertain"));
  }

  /** Event dates whose observation window has closed: the landing day that closes it is there. */
  private static List<LocalDate> closed(Lakehouse lake, RunContext run, DateRange dates) {
    int closes = 1 + run.lookbackDays();
    var landed = new DateRange(dates.from().plusDays(closes), dates.to().plusDays(closes));
    return lake.dates(Events.SPEC, landed).stream().map(day -> day.minusDays(closes)).toList();
  }

  private static Column status(List<LocalDate> closed) {
    return when(
            col(TableSpec.EVENT_DATE).isin(closed.stream().map(java.sql.Date::valueOf).toArray()),
            lit("final"))
        .otherwise("provisional");
  }
}
