package dev.flywheel.report;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.date_sub;
import static org.apache.spark.sql.functions.inline;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.unix_date;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Parallel;
import dev.flywheel.report.Evidence.Drawn;
import dev.flywheel.report.Evidence.EvalVersion;
import dev.flywheel.report.Evidence.Exemplar;
import dev.flywheel.report.Evidence.Issue;
import dev.flywheel.report.Evidence.LabelModel;
import dev.flywheel.report.Evidence.Landing;
import dev.flywheel.report.Evidence.Place;
import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Evidence.Ratings;
import dev.flywheel.report.Evidence.SegmentName;
import dev.flywheel.report.Evidence.Source;
import dev.flywheel.report.Evidence.Trend;
import dev.flywheel.run.DateRange;
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
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads the evidence of many report dates in one pass over the tables; what comes to the driver is
 * bounded by dates, issues and segments.
 */
final class EvidenceReader {
  private static final String PEAK_USERS = "peak_users";
  private static final String RECORDS = "records";
  private static final String KIND = "kind";
  private static final String LINES = "lines";
  private static final String NEWEST = "newest";

  private final Lakehouse lake;
  private final DateRange reports;
  private final DateRange windows;
  private final DateRange pages;
  private final int minUsers;

  /**
   * @param reports report dates, those without responses included
   * @param minUsers segments and issues with fewer users are not shown by example
   */
  EvidenceReader(Lakehouse lake, DateRange reports, int minUsers) {
    this.lake = lake;
    this.reports = reports;
    this.windows = reports.widen(FailureReports.WINDOW_DAYS - 1, 0);
    this.pages = pages(reports);
    this.minUsers = minUsers;
  }

  /** Days of which the pages of some report dates tell. */
  static DateRange pages(DateRange reports) {
    return reports.widen(FailureReports.PAGE_DAYS - 1, 0);
  }

  /** Evidence of each report date that has responses, in order. */
  List<Evidence> read() {
    try (var parallel = new Parallel()) {
      // Read by the page, and again by the search for exemplars.
      var issueRows = parallel.start(() -> issueRows().collectAsList());
      var sources = byDate(parallel, lake.read(LabelSources.SPEC, windows), EvidenceReader::source);
      var models =
          byDate(parallel, lake.read(LabelModels.SPEC, reports), EvidenceReader::labelModel);
      var drawn = byDate(parallel, drawnRows(), EvidenceReader::drawn);
      var landings =
          parallel.start(
              () ->
                  byDate(
                      landingRows().collectAsList(),
                      TableSpec.LANDING_DATE,
                      EvidenceReader::landing));
      var quality = byDate(parallel, qualityRows(), EvidenceReader::quality).get();
      var trends = byDate(parallel, trendRows(), EvidenceReader::trend);
      var places = byDate(parallel, placeRows(quality.values()), EvidenceReader::place);
      var exemplars =
          byDate(exemplarRows(issueRows.get()), Exemplars.REPORT_DATE, EvidenceReader::exemplar);
      var issues = byDate(issueRows.get(), TableSpec.EVENT_DATE, EvidenceReader::issue);
      return quality.keySet().stream()
          .filter(reports::contains)
          .map(
              date ->
                  new Evidence(
                      date,
                      upTo(date, FailureReports.PAGE_DAYS, quality),
                      upTo(date, 1, issues),
                      upTo(date, FailureReports.PAGE_DAYS, trends.get()),
                      upTo(date, 1, places.get()),
                      upTo(date, 1, exemplars),
                      upTo(date, FailureReports.WINDOW_DAYS, sources.get()),
                      upTo(date, 1, models.get()).stream().findFirst(),
                      upTo(date, FailureReports.WINDOW_DAYS, drawn.get()),
                      upTo(date, FailureReports.WINDOW_DAYS, landings.get())))
          .toList();
    }
  }

  /** The newest version of each eval set, by name. */
  List<EvalVersion> evalVersions() {
    return lake
        .read(EvalDatasetVersions.SPEC)
        .groupBy(EvalDatasetVersions.DATASET_NAME)
        .agg(
            max_by(
                    struct(
                        col(EvalDatasetVersions.VERSION),
                        col(EvalDatasetVersions.N_RECORDS),
                        col(EvalDatasetVersions.N_ADDED),
                        col(EvalDatasetVersions.N_RETIRED),
                        col(EvalDatasetVersions.PUBLISHED_AT)),
                    col(EvalDatasetVersions.VERSION))
                .as(NEWEST))
        .select(EvalDatasetVersions.DATASET_NAME, NEWEST + ".*")
        .collectAsList()
        .stream()
        .map(EvidenceReader::evalVersion)
        .sorted(Comparator.comparing(EvalVersion::dataset))
        .toList();
  }

  /** All responses, and the segments that have enough users on some day. */
  private Dataset<Row> qualityRows() {
    var segment = Window.partitionBy(QualityTrends.DIMENSION, QualityTrends.SEGMENT);
    return lake.read(QualityTrends.SPEC, pages)
        .withColumn(PEAK_USERS, max(QualityTrends.DISTINCT_USERS).over(segment))
        .where(
            col(PEAK_USERS)
                .geq(minUsers)
                .or(col(QualityTrends.DIMENSION).equalTo(QualityTrends.ALL)));
  }

  private Dataset<Row> trendRows() {
    return lake.read(IssueTrends.SPEC, pages)
        .where(col(IssueTrends.DIMENSION).equalTo(QualityTrends.ALL));
  }

  /** Where the issues of the report dates lie, among the segments of {@code quality}. */
  private Dataset<Row> placeRows(Collection<List<Quality>> quality) {
    List<Row> segments =
        quality.stream()
            .flatMap(List::stream)
            .map(row -> RowFactory.create(row.dimension(), row.segment()))
            .distinct()
            .toList();
    var schema =
        new StructType()
            .add(FailureClusters.DIMENSION, DataTypes.StringType)
            .add(FailureClusters.SEGMENT, DataTypes.StringType);
    Dataset<Row> issues =
        lake.read(FailureIssues.SPEC, reports)
            .select(TableSpec.EVENT_DATE, FailureIssues.CLUSTER_ID, FailureIssues.ISSUE_ID);
    return lake.read(FailureClusters.SPEC, reports)
        .select(
            col(TableSpec.EVENT_DATE),
            col(FailureClusters.CLUSTER_ID),
            inline(col(FailureClusters.SEGMENTS)))
        .join(
            broadcast(lake.spark().createDataFrame(segments, schema)),
            new String[] {FailureClusters.DIMENSION, FailureClusters.SEGMENT},
            "left_semi")
        .join(issues, new String[] {TableSpec.EVENT_DATE, FailureClusters.CLUSTER_ID});
  }

  /**
   * Issues of the report dates: those open, and those resolved and seen in the days of the page.
   */
  private Dataset<Row> issueRows() {
    var shown =
        Window.partitionBy(FailureIssues.ISSUE_ID)
            .orderBy(unix_date(col(TableSpec.EVENT_DATE)))
            .rangeBetween(1L - FailureReports.PAGE_DAYS, Window.currentRow());
    return lake.read(FailureIssues.SPEC, pages)
        .withColumn(PEAK_USERS, max(FailureIssues.DISTINCT_USERS).over(shown))
        .where(
            Lakehouse.within(TableSpec.EVENT_DATE, reports)
                .and(
                    col(FailureIssues.STATUS)
                        .notEqual(Issue.RESOLVED)
                        .or(
                            col(FailureIssues.LAST_SEEN)
                                .gt(
                                    date_sub(
                                        col(TableSpec.EVENT_DATE), FailureReports.PAGE_DAYS)))));
  }

  private List<Row> exemplarRows(List<Row> issueRows) {
    if (issueRows.isEmpty()) {
      return List.of();
    }
    return Exemplars.of(
            lake.spark().createDataFrame(issueRows, issueRows.get(0).schema()),
            lake.read(QualityLabels.SPEC, windows),
            lake.read(Interactions.SPEC, windows),
            minUsers)
        .collectAsList();
  }

  /** Records of the present eval sets by day, set and split. */
  private Dataset<Row> drawnRows() {
    return lake.read(EvalDatasetRecords.SPEC, windows)
        .where(col(EvalDatasetRecords.RETIRED_IN_VERSION).isNull())
        .groupBy(TableSpec.EVENT_DATE, EvalDatasetRecords.DATASET_NAME, EvalDatasetRecords.SPLIT)
        .agg(count(lit(1)).as(RECORDS));
  }

  /** One row per landing day and kind of line. */
  private Dataset<Row> landingRows() {
    Column late = col(TableSpec.EVENT_DATE).lt(col(TableSpec.LANDING_DATE));
    Dataset<Row> read =
        lake.read(Events.SPEC, windows)
            .groupBy(
                col(TableSpec.LANDING_DATE),
                when(late, Landing.LATE).otherwise(Landing.READ).as(KIND))
            .agg(count(lit(1)).as(LINES));
    Dataset<Row> quarantined =
        lake.read(Quarantine.SPEC, windows)
            .groupBy(col(TableSpec.LANDING_DATE), col(Quarantine.REASON).as(KIND))
            .agg(count(lit(1)).as(LINES));
    return read.unionByName(quarantined);
  }

  /** Rows by event date, collected beside others. */
  private static <T extends Comparable<? super T>>
      Supplier<NavigableMap<LocalDate, List<T>>> byDate(
          Parallel parallel, Dataset<Row> rows, Function<Row, T> toRecord) {
    return parallel.start(() -> byDate(rows.collectAsList(), TableSpec.EVENT_DATE, toRecord));
  }

  /** Rows by date, each list in the natural order of its kind, whatever order Spark gives. */
  private static <T extends Comparable<? super T>> NavigableMap<LocalDate, List<T>> byDate(
      List<Row> rows, String date, Function<Row, T> toRecord) {
    return rows.stream()
        .collect(
            Collectors.groupingBy(
                row -> date(row, date),
                TreeMap::new,
                Collectors.collectingAndThen(
                    Collectors.mapping(toRecord, Collectors.toList()),
                    records -> records.stream().sorted().toList())));
  }

  /** What {@code byDate} has in the {@code days} days up to and including {@code date}. */
  private static <T> List<T> upTo(
      LocalDate date, int days, NavigableMap<LocalDate, List<T>> byDate) {
    return byDate.subMap(date.minusDays(days - 1L), true, date, true).values().stream()
        .flatMap(List::stream)
        .toList();
  }

  private static Quality quality(Row row) {
    return new Quality(
        date(row, TableSpec.EVENT_DATE),
        row.getAs(QualityTrends.DIMENSION),
        row.getAs(QualityTrends.SEGMENT),
        row.<Long>getAs(QualityTrends.RESPONSES),
        row.<Long>getAs(QualityTrends.GOOD),
        row.<Long>getAs(QualityTrends.BAD),
        row.<Long>getAs(QualityTrends.UNCERTAIN),
        row.<Long>getAs(QualityTrends.PROVISIONAL),
        row.<Double>getAs(QualityTrends.MEAN_P_GOOD),
        row.<Long>getAs(QualityTrends.DISTINCT_USERS));
  }

  private static Issue issue(Row row) {
    return new Issue(
        row.getAs(FailureIssues.ISSUE_ID),
        row.getAs(FailureIssues.TITLE),
        row.getAs(FailureIssues.STATUS),
        date(row, FailureIssues.FIRST_SEEN),
        date(row, FailureIssues.LAST_SEEN),
        row.getAs(FailureIssues.MERGED_INTO),
        row.<Long>getAs(FailureIssues.FAILURES),
        row.<Long>getAs(FailureIssues.DISTINCT_USERS),
        row.<Long>getAs(PEAK_USERS));
  }

  private static Trend trend(Row row) {
    return new Trend(
        date(row, TableSpec.EVENT_DATE),
        row.getAs(IssueTrends.ISSUE_ID),
        row.<Long>getAs(IssueTrends.FAILURES));
  }

  private static Place place(Row row) {
    return new Place(
        row.getAs(FailureIssues.ISSUE_ID),
        new SegmentName(row.getAs(FailureClusters.DIMENSION), row.getAs(FailureClusters.SEGMENT)),
        row.<Long>getAs(FailureClusters.FAILURES),
        row.<Long>getAs(FailureClusters.DISTINCT_USERS));
  }

  private static Exemplar exemplar(Row row) {
    return new Exemplar(
        row.getAs(FailureIssues.ISSUE_ID),
        row.<Integer>getAs(Exemplars.POSITION),
        row.<Timestamp>getAs(Interactions.SHOWN_AT).toInstant(),
        row.getAs(Interactions.PROMPT),
        row.getAs(Interactions.RESPONSE),
        row.getAs(Interactions.MODEL),
        row.getAs(Exemplars.SIGNALS));
  }

  private static Source source(Row row) {
    Long judged = row.getAs(LabelSources.N_JUDGED);
    return new Source(
        date(row, TableSpec.EVENT_DATE),
        row.getAs(LabelSources.SOURCE),
        row.<Long>getAs(LabelSources.N_INTERACTIONS),
        row.<Double>getAs(LabelSources.COVERAGE),
        row.<Double>getAs(LabelSources.OVERLAPS),
        row.<Double>getAs(LabelSources.CONFLICTS),
        judged == null ? 0 : judged,
        row.getAs(LabelSources.EMPIRICAL_ACCURACY),
        row.getAs(LabelSources.LEARNED_ACCURACY));
  }

  private static LabelModel labelModel(Row row) {
    return new LabelModel(
        row.getAs(LabelModels.METHOD),
        row.getAs(LabelModels.METHOD_REASON),
        date(row, LabelModels.WINDOW_FROM),
        row.<Long>getAs(LabelModels.N_INTERACTIONS),
        row.getAs(LabelModels.N_RATED) == null
            ? Optional.empty()
            : Optional.of(
                new Ratings(
                    row.<Long>getAs(LabelModels.N_RATED),
                    row.<Double>getAs(LabelModels.RATED_GOOD),
                    row.<Double>getAs(LabelModels.RATED_GOOD_ROBUST),
                    row.<Double>getAs(LabelModels.RATED_GOOD_ROBUST_LOWER),
                    row.<Double>getAs(LabelModels.RATED_GOOD_ROBUST_UPPER),
                    row.<Double>getAs(LabelModels.RATED_GOOD_SNIPS),
                    row.<Double>getAs(LabelModels.EFFECTIVE_RATINGS))));
  }

  private static Drawn drawn(Row row) {
    return new Drawn(
        row.getAs(EvalDatasetRecords.DATASET_NAME),
        row.getAs(EvalDatasetRecords.SPLIT),
        row.<Long>getAs(RECORDS));
  }

  private static Landing landing(Row row) {
    return new Landing(date(row, TableSpec.LANDING_DATE), row.getAs(KIND), row.<Long>getAs(LINES));
  }

  private static EvalVersion evalVersion(Row row) {
    return new EvalVersion(
        row.getAs(EvalDatasetVersions.DATASET_NAME),
        row.<Integer>getAs(EvalDatasetVersions.VERSION),
        row.<Long>getAs(EvalDatasetVersions.N_RECORDS),
        row.<Long>getAs(EvalDatasetVersions.N_ADDED),
        row.<Long>getAs(EvalDatasetVersions.N_RETIRED),
        row.<Timestamp>getAs(EvalDatasetVersions.PUBLISHED_AT).toInstant());
  }

  private static LocalDate date(Row row, String column) {
    return row.<Date>getAs(column).toLocalDate();
  }
}
