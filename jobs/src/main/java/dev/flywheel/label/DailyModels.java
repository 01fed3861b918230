package dev.flywheel.label;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.stats.Wilson;
import dev.flywheel.tables.LabelModels;
import dev.flywheel.tables.LabelSources;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.VotePatterns;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The label model of each event date, fitted on the vote patterns of its trailing window. Patterns
 * are few (hundreds a day, however many responses), so this is work for the driver.
 *
 * @param sources who votes
 * @param byDate models of the event dates that have responses
 * @param counts patterns of those dates and of the days before them
 * @param rates what ratings say of all responses, where enough were rated to tell who rates
 */
record DailyModels(
    Sources sources,
    NavigableMap<LocalDate, LabelModel> byDate,
    NavigableMap<LocalDate, List<VoteCount>> counts,
    Map<LocalDate, WhoRates> rates) {
  private static final StructType LABEL_ROWS =
      new StructType()
          .add(TableSpec.EVENT_DATE, DataTypes.DateType, false)
          .add(VotePatterns.VOTE_PATTERN, DataTypes.StringType, false)
          .add(VotePatterns.HUMAN_VERDICT, DataTypes.StringType, true)
          .add(QualityLabels.P_GOOD, DataTypes.DoubleType, false)
          .add(QualityLabels.N_SOURCES, DataTypes.IntegerType, false)
          .add(QualityLabels.LABEL_MODEL_VERSION, DataTypes.StringType, false)
          .add(QualityLabels.EVIDENCE, QualityLabels.EVIDENCE_TYPE, false);

  private static final int DAYS_BEFORE = QualityLabels.FIT_WINDOW_DAYS - 1;

  /** More kinds of responses a day are more segments than can be told apart by ratings. */
  private static final int MOST_CELLS = 10_000;

  private static final String BEHAVIOR = "behavior";
  private static final String RANK = "rank";

  /**
   * Fits the models of {@code dates} on the patterns that the lake has counted.
   *
   * @param rated dates whose ratings are asked who rates
   */
  static DailyModels fit(Lakehouse lake, Sources sources, DateRange dates, DateRange rated) {
    // Read for the models, and again for the rates of ratings.
    Dataset<Row> patterns =
        lake.read(VotePatterns.SPEC, dates.widen(LabelSources.DRIFT_DAYS, 0))
            .where(col(VotePatterns.SOURCES).equalTo(sources.definition()));
    var counts = new TreeMap<LocalDate, List<VoteCount>>();
    patterns
        .groupBy(TableSpec.EVENT_DATE, VotePatterns.VOTE_PATTERN, VotePatterns.HUMAN_VERDICT)
        .agg(sum(VotePatterns.N).as(VotePatterns.N))
        .collectAsList()
        .forEach(
            row ->
                add(
                    counts,
                    row,
                    new VoteCount(
                        row.getAs(VotePatterns.VOTE_PATTERN),
                        row.getAs(VotePatterns.HUMAN_VERDICT),
                        row.<Long>getAs(VotePatterns.N))));
    var models = new TreeMap<LocalDate, LabelModel>();
    for (LocalDate date : counts.subMap(dates.from(), dates.to()).keySet()) {
      models.put(date, LabelModel.fit(window(counts, date), sources.names()));
    }
    return new DailyModels(sources, models, counts, rates(patterns, sources, rated));
  }

  private static Map<LocalDate, WhoRates> rates(
      Dataset<Row> patterns, Sources sources, DateRange dates) {
    int rating = sources.rating();
    if (rating < 0) {
      return Map.of();
    }
    var cells = new TreeMap<LocalDate, List<WhoRates.Cell>>();
    Column vote = col(VotePatterns.VOTE_PATTERN).substr(rating + 1, 1);
    WindowSpec ofDay =
        Window.partitionBy(TableSpec.EVENT_DATE)
            .orderBy(VotePatterns.USER_TYPE, VotePatterns.QUERY_CATEGORY, BEHAVIOR);
    List<Row> rows =
        patterns
            .where(
                Lakehouse.within(TableSpec.EVENT_DATE, dates.widen(DAYS_BEFORE, 0))
                    .and(vote.notEqual(String.valueOf(Sources.NOT_APPLICABLE))))
            .groupBy(
                col(TableSpec.EVENT_DATE),
                coalesce(col(VotePatterns.USER_TYPE), lit("")).as(VotePatterns.USER_TYPE),
                coalesce(col(VotePatterns.QUERY_CATEGORY), lit("")).as(VotePatterns.QUERY_CATEGORY),
                behavior(rating).as(BEHAVIOR))
            .agg(
                sum(VotePatterns.N).as(VotePatterns.N),
                sum(when(vote.notEqual(String.valueOf(Sources.ABSTAIN)), col(VotePatterns.N))
                        .otherwise(0L))
                    .as(LabelModels.N_RATED),
                sum(when(vote.equalTo(String.valueOf(Sources.GOOD)), col(VotePatterns.N))
                        .otherwise(0L))
                    .as(LabelModels.RATED_GOOD))
            .withColumn(RANK, row_number().over(ofDay))
            .where(col(RANK).leq(MOST_CELLS + 1))
            .collectAsList();
    for (Row row : rows) {
      add(
          cells,
          row,
          new WhoRates.Cell(
              List.of(
                  row.getAs(VotePatterns.USER_TYPE),
                  row.getAs(VotePatterns.QUERY_CATEGORY),
                  row.getAs(BEHAVIOR)),
              row.<Long>getAs(VotePatterns.N),
              row.<Long>getAs(LabelModels.N_RATED),
              row.<Long>getAs(LabelModels.RATED_GOOD)));
    }
    var rates = new TreeMap<LocalDate, WhoRates>();
    for (LocalDate date : cells.subMap(dates.from(), dates.to()).keySet()) {
      boolean few =
          cells.subMap(date.minusDays(DAYS_BEFORE), true, date, true).values().stream()
              .allMatch(ofOneDay -> ofOneDay.size() <= MOST_CELLS);
      if (few) {
        WhoRates.of(window(cells, date)).ifPresent(found -> rates.put(date, found));
      }
    }
    return rates;
  }

  /** What the user did, as the other sources have it: for, against, both or nothing. */
  private static Column behavior(int rating) {
    Column others =
        concat(
            col(VotePatterns.VOTE_PATTERN).substr(1, rating),
            substring(col(VotePatterns.VOTE_PATTERN), rating + 2, Integer.MAX_VALUE));
    return concat(
        when(others.contains(String.valueOf(Sources.GOOD)), "for").otherwise(""),
        when(others.contains(String.valueOf(Sources.BAD)), "against").otherwise(""));
  }

  private static <T> void add(NavigableMap<LocalDate, List<T>> byDate, Row row, T value) {
    byDate
        .computeIfAbsent(
            row.<Date>getAs(TableSpec.EVENT_DATE).toLocalDate(), date -> new ArrayList<>())
        .add(value);
  }

  /** What the fit window of a date holds. */
  private static <T> List<T> window(NavigableMap<LocalDate, List<T>> byDate, LocalDate date) {
    return between(byDate, date.minusDays(DAYS_BEFORE), date.plusDays(1));
  }

  private static <T> List<T> between(
      NavigableMap<LocalDate, List<T>> byDate, LocalDate from, LocalDate to) {
    return byDate.subMap(from, to).values().stream().flatMap(List::stream).toList();
  }

  /** The models of some of the dates. */
  NavigableMap<LocalDate, LabelModel> of(DateRange dates) {
    return byDate.subMap(dates.from(), true, dates.to(), false);
  }

  /** The rows of {@code label_models}. */
  Dataset<Row> modelRows(SparkSession spark, DateRange dates) {
    var rows = new ArrayList<Row>();
    of(dates)
        .forEach(
            (date, model) -> {
              Optional<WhoRates> rated = Optional.ofNullable(rates.get(date));
              rows.add(
                  RowFactory.create(
                      Date.valueOf(date),
                      model.version(sources.definition()),
                      model.method(),
                      model.choice().reason(),
                      Date.valueOf(date.minusDays(DAYS_BEFORE)),
                      model.nInteractions(),
                      (long) model.nPatterns(),
                      model.priorGood(),
                      model.fit().map(DawidSkene.Fit::logLikelihood).orElse(0.0),
                      model.fit().map(DawidSkene.Fit::iterations).orElse(0),
                      parameters(model),
                      sources.definition(),
                      model.nHuman(),
                      CollectionConverters.asScala(model.weights()),
                      model.choice().heldOut().map(Gain::mean).orElse(null),
                      model.choice().heldOut().map(Gain::error).orElse(null),
                      orNull(model.choice().brierOfModel()),
                      orNull(model.choice().brierOfVote()),
                      model.calibration().method(),
                      CollectionConverters.asScala(model.calibration().points()).toSeq(),
                      orNull(model.choice().calibrationError()),
                      rated.map(WhoRates::n).orElse(null),
                      rated.map(WhoRates::nRated).orElse(null),
                      rated.map(WhoRates::naive).orElse(null),
                      rated.map(who -> who.naiveInterval().lower()).orElse(null),
                      rated.map(who -> who.naiveInterval().upper()).orElse(null),
                      rated.map(WhoRates::snips).orElse(null),
                      rated.map(WhoRates::doublyRobust).orElse(null),
                      rated.map(WhoRates::lower).orElse(null),
                      rated.map(WhoRates::upper).orElse(null),
                      rated.map(WhoRates::effective).orElse(null)));
            });
    return spark.createDataFrame(rows, LabelModels.SPEC.schema()).coalesce(1);
  }

  /** The rows of {@code label_sources}. */
  Dataset<Row> sourceRows(SparkSession spark, DateRange dates) {
    var rows = new ArrayList<Row>();
    of(dates)
        .forEach(
            (date, model) -> {
              List<VoteCount> before =
                  between(counts, date.minusDays(LabelSources.DRIFT_DAYS), date);
              for (int j = 0; j < model.sources().size(); j++) {
                rows.add(sourceRow(date, model, before, j));
              }
            });
    return spark.createDataFrame(rows, LabelSources.SPEC.schema()).coalesce(1);
  }

  private Row sourceRow(LocalDate date, LabelModel model, List<VoteCount> daysBefore, int source) {
    SourceReport report = SourceReport.of(counts.get(date), source);
    Optional<SourceReport> before =
        daysBefore.isEmpty() ? Optional.empty() : Optional.of(SourceReport.of(daysBefore, source));
    Optional<Wilson> interval = report.accuracyInterval();
    Double learned =
        report.coverage() == 0 ? null : model.fit().map(fit -> fit.accuracy(source)).orElse(null);
    return RowFactory.create(
        Date.valueOf(date),
        model.sources().get(source),
        report.n(),
        report.coverage(),
        report.overlaps(),
        report.conflicts(),
        orNull(report.empiricalAccuracy()),
        learned,
        report.judged(),
        interval.map(Wilson::lower).orElse(null),
        interval.map(Wilson::upper).orElse(null),
        CollectionConverters.asScala(dependence(model, source)),
        model.weights().get(model.sources().get(source)),
        orNull(report.goodShare()),
        before.map(SourceReport::coverage).orElse(null),
        before.map(days -> orNull(days.goodShare())).orElse(null),
        before.map(days -> orNull(report.drift(days))).orElse(null));
  }

  private static Map<String, Double> dependence(LabelModel model, int source) {
    var of = new TreeMap<String, Double>();
    model
        .dependence()
        .ifPresent(
            measured -> {
              for (int other = 0; other < model.sources().size(); other++) {
                double between = measured.between(source, other);
                if (!Double.isNaN(between)) {
                  of.put(model.sources().get(other), between);
                }
              }
            });
    return of;
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** The label of every pattern of every date, to be joined to the responses that have it. */
  Dataset<Row> labelRows(SparkSession spark, DateRange dates) {
    var rows = new ArrayList<Row>();
    of(dates)
        .forEach(
            (date, model) -> {
              String version = model.version(sources.definition());
              for (VoteCount pattern : counts.get(date)) {
                rows.add(
                    RowFactory.create(
                        Date.valueOf(date),
                        pattern.votes(),
                        pattern.human(),
                        model.pGood(pattern),
                        pattern.nVotes(),
                        version,
                        evidence(model, pattern)));
              }
            });
    return spark.createDataFrame(rows, LABEL_ROWS);
  }

  private static Object evidence(LabelModel model, VoteCount pattern) {
    List<Row> rows =
        model.evidence(pattern).stream()
            .map(one -> RowFactory.create(one.source(), one.vote(), one.logOdds()))
            .toList();
    return CollectionConverters.asScala(rows).toSeq();
  }

  private static scala.collection.Map<String, Object> parameters(LabelModel model) {
    var parameters = new TreeMap<String, Object>();
    model
        .parameters()
        .forEach(
            (source, values) ->
                parameters.put(source, CollectionConverters.asScala(values).toSeq()));
    return CollectionConverters.asScala(parameters);
  }
}
