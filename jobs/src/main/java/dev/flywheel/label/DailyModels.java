package dev.flywheel.label;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.LabelModels;
import dev.flywheel.tables.LabelSources;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.VotePatterns;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The label model of each event date, fitted on the vote patterns of its trailing window. Patterns
 * are few (hundreds a day, however many responses), so this is work for the driver.
 *
 * @param byDate models of the event dates that have responses
 * @param counts patterns of those dates and of the windows before them
 */
record DailyModels(
    NavigableMap<LocalDate, LabelModel> byDate, NavigableMap<LocalDate, List<VoteCount>> counts) {
  private static final StructType LABEL_ROWS =
      new StructType()
          .add(TableSpec.EVENT_DATE, DataTypes.DateType, false)
          .add(VotePatterns.VOTE_PATTERN, DataTypes.StringType, false)
          .add(VotePatterns.HUMAN_VERDICT, DataTypes.StringType, true)
          .add(QualityLabels.P_GOOD, DataTypes.DoubleType, false)
          .add(QualityLabels.N_SOURCES, DataTypes.IntegerType, false)
          .add(QualityLabels.LABEL_MODEL_VERSION, DataTypes.StringType, false);

  private static final int DAYS_BEFORE = QualityLabels.FIT_WINDOW_DAYS - 1;

  /** Fits the models of {@code dates} on the patterns that the lake has counted. */
  static DailyModels fit(Lakehouse lake, DateRange dates) {
    var counts = new TreeMap<LocalDate, List<VoteCount>>();
    lake.read(VotePatterns.SPEC, dates.widen(DAYS_BEFORE, 0))
        .where(functions.col(VotePatterns.SOURCES).equalTo(Sources.JOINED_NAMES))
        .collectAsList()
        .forEach(
            row ->
                counts
                    .computeIfAbsent(
                        row.<Date>getAs(TableSpec.EVENT_DATE).toLocalDate(),
                        date -> new ArrayList<>())
                    .add(
                        new VoteCount(
                            row.getAs(VotePatterns.VOTE_PATTERN),
                            row.getAs(VotePatterns.HUMAN_VERDICT),
                            row.<Long>getAs(VotePatterns.N))));
    return fit(counts, dates);
  }

  static DailyModels fit(NavigableMap<LocalDate, List<VoteCount>> counts, DateRange dates) {
    var models = new TreeMap<LocalDate, LabelModel>();
    for (LocalDate date : counts.subMap(dates.from(), dates.to()).keySet()) {
      List<VoteCount> window =
          counts.subMap(date.minusDays(DAYS_BEFORE), true, date, true).values().stream()
              .flatMap(List::stream)
              .toList();
      models.put(date, LabelModel.fit(window));
    }
    return new DailyModels(models, counts);
  }

  /** The rows of {@code label_models}. */
  Dataset<Row> modelRows(SparkSession spark) {
    var rows = new ArrayList<Row>();
    byDate.forEach(
        (date, model) ->
            rows.add(
                RowFactory.create(
                    Date.valueOf(date),
                    model.version(),
                    model.method(),
                    model.reason(),
                    Date.valueOf(date.minusDays(DAYS_BEFORE)),
                    model.nInteractions(),
                    (long) model.nPatterns(),
                    model.priorGood(),
                    model.fit().map(DawidSkene.Fit::logLikelihood).orElse(0.0),
                    model.fit().map(DawidSkene.Fit::iterations).orElse(0),
                    parameters(model))));
    return spark.createDataFrame(rows, LabelModels.SPEC.schema()).coalesce(1);
  }

  /** The rows of {@code label_sources}. */
  Dataset<Row> sourceRows(SparkSession spark) {
    var rows = new ArrayList<Row>();
    byDate.forEach(
        (date, model) -> {
          for (int j = 0; j < Sources.NAMES.size(); j++) {
            int source = j;
            SourceReport report = SourceReport.of(counts.get(date), source);
            Double learned =
                report.coverage() == 0
                    ? null
                    : model.fit().map(fit -> fit.accuracy(source)).orElse(null);
            rows.add(
                RowFactory.create(
                    Date.valueOf(date),
                    Sources.NAMES.get(j),
                    report.n(),
                    report.coverage(),
                    report.overlaps(),
                    report.conflicts(),
                    report.empiricalAccuracy().isPresent()
                        ? report.empiricalAccuracy().getAsDouble()
                        : null,
                    learned));
          }
        });
    return spark.createDataFrame(rows, LabelSources.SPEC.schema()).coalesce(1);
  }

  /** The label of every pattern of every date, to be joined to the responses that have it. */
  Dataset<Row> labelRows(SparkSession spark) {
    var rows = new ArrayList<Row>();
    byDate.forEach(
        (date, model) -> {
          String version = model.version();
          for (VoteCount pattern : counts.get(date)) {
            rows.add(
                RowFactory.create(
                    Date.valueOf(date),
                    pattern.votes(),
                    pattern.human(),
                    model.pGood(pattern),
                    pattern.nVotes(),
                    version));
          }
        });
    return spark.createDataFrame(rows, LABEL_ROWS);
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
