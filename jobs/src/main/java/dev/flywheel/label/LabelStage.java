package dev.flywheel.label;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.ingest.LandedEvents;
import dev.flywheel.lake.Cached;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Parallel;
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
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

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
    Sources sources = Sources.of(settings.label());
    long responses = observe(lake, run, settings.label(), sources);
    // The table that looks back furthest; the others take the dates they need.
    DateRange reported = run.affected(LabelSources.SPEC);
    recount(lake, sources, reported.widen(LabelSources.DRIFT_DAYS, 0));
    var models = DailyModels.fit(lake, sources, reported, run.affected(LabelModels.SPEC));
    long labels = label(lake, run, settings.label(), models);
    return String.format(
        Locale.ROOT,
        "%,d responses observed, %,d labelled by %d models",
        responses,
        labels,
        models.of(run.affected(QualityLabels.SPEC)).size());
  }

  @Override
  public void check(SparkSession spark, Settings settings) {
    Sources.of(settings.label()).check(spark);
  }

  /** Replaces what is known of the responses whose events may have changed. */
  private static long observe(
      Lakehouse lake, RunContext run, Settings.Label settings, Sources sources) {
    DateRange dates = run.affected(Interactions.SPEC);
    Dataset<Row> events = LandedEvents.read(lake, run, dates.widen(1, 1));
    var busy = BusyUsers.among(events);
    // Responses are read by the interactions and by their signals; signals by habits and votes.
    try (var responses = Cached.of(Responses.shownOn(dates, events, busy, settings.humanScores()));
        var parallel = new Parallel()) {
      var interactions =
          parallel.start(
              () ->
                  lake.replace(
                      Interactions.SPEC,
                      dates,
                      responses.rows().withColumn(Interactions.FINAL_TEXT, Signals.finalText())));
      try (var observed = Cached.of(Signals.of(responses.rows(), settings))) {
        DateRange habits = run.affected(BehaviorSignals.SPEC);
        Dataset<Row> signals = observed.rows().unionByName(around(lake, dates, habits), true);
        lake.replace(BehaviorSignals.SPEC, habits, EditHabits.added(signals, habits));
        lake.replace(
            VotePatterns.SPEC,
            habits,
            sources.patternCounts(lake.read(BehaviorSignals.SPEC, habits)));
      }
      return interactions.get();
    }
  }

  /** Counts the votes of dates anew whose patterns are those of other sources than tonight's. */
  private static void recount(Lakehouse lake, Sources sources, DateRange dates) {
    List<LocalDate> others =
        lake
            .read(VotePatterns.SPEC, dates)
            .where(col(VotePatterns.SOURCES).notEqual(sources.definition()))
            .select(TableSpec.EVENT_DATE)
            .distinct()
            .collectAsList()
            .stream()
            .map(row -> row.<java.sql.Date>getAs(TableSpec.EVENT_DATE).toLocalDate())
            .sorted()
            .toList();
    if (others.isEmpty()) {
      return;
    }
    var stale = new DateRange(others.get(0), others.get(others.size() - 1).plusDays(1));
    lake.replace(
        VotePatterns.SPEC, stale, sources.patternCounts(lake.read(BehaviorSignals.SPEC, stale)));
  }

  /** Signals that stay as they are, of the days whose habits change and of the window before. */
  private static Dataset<Row> around(Lakehouse lake, DateRange changed, DateRange habits) {
    return lake.read(BehaviorSignals.SPEC, habits.widen(BehaviorSignals.HABIT_WINDOW_DAYS - 1, 0))
        .where(not(Lakehouse.within(TableSpec.EVENT_DATE, changed)))
        .drop(BehaviorSignals.EDIT_HABIT);
  }

  /** Replaces the labels that the changed votes, or the models fitted on them, change. */
  private static long label(
      Lakehouse lake, RunContext run, Settings.Label settings, DailyModels models) {
    DateRange dates = run.affected(QualityLabels.SPEC);
    var spark = lake.spark();
    DateRange reported = run.affected(LabelSources.SPEC);
    Optional<LocalDate> lastLanded;
    // Before the labels, which name their model.
    try (var parallel = new Parallel()) {
      var newest = parallel.start(() -> lake.lastDate(Events.SPEC));
      parallel.run(
          () -> lake.replace(LabelModels.SPEC, dates, models.modelRows(spark, dates)),
          () -> lake.replace(LabelSources.SPEC, reported, models.sourceRows(spark, reported)));
      lastLanded = newest.get();
    }
    Dataset<Row> voted =
        lake.read(BehaviorSignals.SPEC, dates)
            .withColumn(QualityLabels.VOTE_PATTERN, models.sources().pattern());
    return lake.replace(
        QualityLabels.SPEC,
        dates,
        labelled(voted, models, dates, settings)
            .withColumn(QualityLabels.STATUS, status(run, lastLanded)));
  }

  /** Votes with the label of their pattern. */
  private static Dataset<Row> labelled(
      Dataset<Row> voted, DailyModels models, DateRange dates, Settings.Label settings) {
    Dataset<Row> labels = models.labelRows(voted.sparkSession(), dates);
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
            models
                .sources()
                .votes(col(QualityLabels.VOTE_PATTERN), col(BehaviorSignals.HUMAN_VERDICT)))
        .withColumn(
            QualityLabels.LABEL,
            when(col(QualityLabels.P_GOOD).geq(settings.goodAt()), "good")
                .when(col(QualityLabels.P_GOOD).leq(settings.badAt()), "bad")
                .otherwise("uncertain"));
  }

  /**
   * Final where the landing day that closes the observation window has brought events, or has none
   * and a later one has.
   */
  private static Column status(RunContext run, Optional<LocalDate> lastLanded) {
    Column closed =
        lastLanded
            .map(day -> day.minusDays(1 + run.lookbackDays()))
            .map(day -> col(TableSpec.EVENT_DATE).leq(lit(day)))
            .orElse(lit(false));
    return when(closed, "final").otherwise("provisional");
  }
}
