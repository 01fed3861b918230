package dev.flywheel.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.FailureReports;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.QualityTrends;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the report stage makes of a lake: its tables, what its pages say, and which are there. The
 * lake has two days of 60 responses, 20 of them German, by 10 users. Issue {@code x}: 14 failures,
 * 12 of them German; issue {@code y}: 14 failures, half as many users, in no particular place.
 */
class ReportStageTest {
  private static final LocalDate FIRST = LocalDate.of(2026, 1, 5);
  private static final LocalDate LAST = FIRST.plusDays(1);
  private static final DateRange DAYS = new DateRange(FIRST, LAST.plusDays(1));

  /** Issues by number of their cluster; one that is not among them has none. */
  private static final List<String> CLUSTERS = List.of("x", "y", "few");

  @TempDir static Path reported;
  @TempDir Path root;

  /** One lake after one run, for the tests that only look. */
  @BeforeAll
  static void reportOnce() {
    run(twoDays(reported, 1), DAYS);
  }

  @Test
  void ranksIssuesByWhatTheyCostAndSaysWhereTheyStandOut() {
    List<Row> rows =
        TestLakes.open(reported)
            .read(FailureReports.SPEC, DateRange.of(LAST))
            .orderBy(FailureReports.RANK)
            .collectAsList();

    assertThat(rows)
        .extracting(row -> row.<String>getAs(FailureReports.ISSUE_ID))
        .containsExactly("x", "y", "few");
    Row x = rows.get(0);
    assertThat(x.<Integer>getAs(FailureReports.RANK)).isEqualTo(1);
    assertThat(x.<String>getAs(FailureReports.STATUS)).isEqualTo("new");
    assertThat(x.<Long>getAs(FailureReports.FAILURES)).isEqualTo(14);
    // Wilson's formula in Python.
    assertThat(x.<Double>getAs(FailureReports.FAILURE_RATE)).isEqualTo(14.0 / 120);
    assertThat(x.<Double>getAs(FailureReports.CI_LOWER)).isCloseTo(0.0707811781, within(1e-9));
    assertThat(x.<Double>getAs(FailureReports.CI_UPPER)).isCloseTo(0.1863335162, within(1e-9));
    // 12 of 40 German responses against 2 of the 80 others.
    assertThat(x.<String>getAs(FailureReports.TOP_SEGMENT)).isEqualTo("language=de");
    assertThat(x.<Double>getAs(FailureReports.TOP_LIFT)).isCloseTo(12.0, within(1e-9));
    Row y = rows.get(1);
    assertThat(y.isNullAt(y.fieldIndex(FailureReports.TOP_SEGMENT))).isTrue();
    assertThat(y.isNullAt(y.fieldIndex(FailureReports.TOP_LIFT))).isTrue();
  }

  @Test
  void countsLabelsBySegment() {
    Dataset<Row> trends = TestLakes.open(reported).read(QualityTrends.SPEC, DateRange.of(LAST));

    Row german = trends.where("dimension = 'language' and segment = 'de'").head();
    assertThat(german.<Long>getAs(QualityTrends.RESPONSES)).isEqualTo(20);
    assertThat(german.<Long>getAs(QualityTrends.BAD)).isEqualTo(6);
    assertThat(german.<Long>getAs(QualityTrends.GOOD)).isEqualTo(14);
    assertThat(german.<Long>getAs(QualityTrends.PROVISIONAL)).isEqualTo(20);
    assertThat(german.<Long>getAs(QualityTrends.DISTINCT_USERS)).isEqualTo(10);
    assertThat(german.<Double>getAs(QualityTrends.GOOD_SHARE)).isEqualTo(0.7);
    assertThat(german.<Double>getAs(QualityTrends.MEAN_P_GOOD))
        .isCloseTo((14 * 0.9 + 6 * 0.1) / 20, within(1e-12));
    // No response names a model: it has no row of that dimension.
    assertThat(
            trends.select(QualityTrends.DIMENSION).distinct().as(Encoders.STRING()).collectAsList())
        .containsExactlyInAnyOrder("all", "language");
  }

  @Test
  void writesAPageForEachDateAndTheNewestTwice() throws IOException {
    assertThat(reported.resolve("reports/2026-01-05.html")).exists();
    assertThat(page(reported, "latest"))
        .isEqualTo(page(reported, "2026-01-06"))
        .contains("6 January 2026");
  }

  @Test
  void wordsOfFewUsersStayOffThePage() throws IOException {
    assertThat(page(reported, "latest"))
        .contains("words of many", "title of x")
        .doesNotContain("words of few");
  }

  @Test
  void aDateThatDoesNotKnowAnIssueIsNotOneWithoutItsFailures() throws IOException {
    DateRange days = new DateRange(FIRST.minusDays(2), LAST.plusDays(1));
    Lakehouse lake = TestLakes.open(root);
    lake.replace(QualityLabels.SPEC, days, labels(days.toList()));
    // A release on the first two of the four days, and another one after them.
    lake.replace(
        Interactions.SPEC,
        days,
        interactions(days.toList())
            .withColumn(
                Interactions.RELEASE,
                when(col(TableSpec.EVENT_DATE).lt(lit(Date.valueOf(FIRST))), "1").otherwise("2")));
    lake.replace(
        FailureIssues.SPEC,
        DateRange.of(LAST),
        Rows.of(FailureIssues.SPEC, issue(LAST, "x", "new", 28, 10)));
    lake.replace(
        FailureClusters.SPEC,
        DateRange.of(LAST),
        Rows.of(
            FailureClusters.SPEC,
            cluster(
                LAST,
                "x",
                segment("language", "de", 24),
                segment("language", "en", 4),
                segment("release", "1", 14),
                segment("release", "2", 14))));
    lake.replace(
        IssueTrends.SPEC,
        DAYS,
        Rows.of(
            IssueTrends.SPEC,
            DAYS.toList().stream()
                .flatMap(
                    day ->
                        Stream.of(
                            trend(day, "x", "all", "all", 7, 60),
                            trend(day, "x", "language", "de", 6, 20),
                            trend(day, "x", "language", "en", 1, 40),
                            trend(day, "x", "release", "2", 7, 60)))
                .toList()));

    run(lake, days);

    Row x = lake.read(FailureReports.SPEC, DateRange.of(LAST)).head();
    // 24 of 80 German responses against 4 of the 160 others; the releases are equally bad.
    assertThat(x.<String>getAs(FailureReports.TOP_SEGMENT)).isEqualTo("language=de");
    assertThat(x.<Double>getAs(FailureReports.TOP_LIFT)).isCloseTo(12.0, within(1e-9));
    assertThat(page(root, "latest")).contains("not known for 2 days").doesNotContain("only here");
  }

  @Test
  void anotherResponseOfTheSameNameIsNoExample() throws IOException {
    TestLakes.copy(reported, copy());
    Lakehouse lake = TestLakes.open(copy());
    DateRange last = DateRange.of(LAST);
    for (TableSpec table : List.of(QualityLabels.SPEC, Interactions.SPEC)) {
      Dataset<Row> rows = lake.read(table, last).localCheckpoint();
      Dataset<Row> typical = rows.where(col(Interactions.INTERACTION_ID).equalTo(LAST + "-1"));
      Dataset<Row> others =
          typical
              .withColumn(Interactions.TENANT_ID, lit("other"))
              .unionByName(typical)
              .withColumn(
                  Interactions.SHOWN_AT, lit(Timestamp.from(shownAt(LAST, 0).minusSeconds(1))));
      lake.replace(
          table,
          last,
          rows.unionByName(
              table.equals(Interactions.SPEC)
                  ? others.withColumn(Interactions.PROMPT, lit("words of another"))
                  : others));
    }

    run(lake, last);

    assertThat(page(copy(), "latest")).contains("words of many").doesNotContain("of another");
  }

  @Test
  void aBackfillOfOldDaysLeavesTheNewestPageAlone() throws IOException {
    LocalDate later = LAST.plusDays(60);
    TestLakes.copy(reported, copy());
    Lakehouse lake = TestLakes.open(copy());
    labelled(lake, DateRange.of(later));
    run(lake, DateRange.of(later));
    assertThat(page(copy(), "latest")).isEqualTo(page(copy(), later.toString()));

    run(lake, DAYS);

    assertThat(page(copy(), "latest")).isEqualTo(page(copy(), later.toString()));
  }

  @Test
  void aPageKnowsTheDaysBeforeItThatWereNotReportedOn() throws IOException {
    DateRange later = DateRange.of(LAST.plusDays(4));
    Lakehouse late = labelled(twoDays(root, 1), later);
    Lakehouse inTurn = labelled(twoDays(copy(), 1), later);

    run(late, later);
    run(inTurn, DAYS);
    run(inTurn, later);

    assertThat(TestLakes.rows(late, QualityTrends.SPEC))
        .isEqualTo(TestLakes.rows(inTurn, QualityTrends.SPEC));
    assertThat(page(root, "latest")).isEqualTo(page(copy(), "latest"));
  }

  private static Lakehouse labelled(Lakehouse lake, DateRange days) {
    lake.replace(QualityLabels.SPEC, days, labels(days.toList()));
    lake.replace(Interactions.SPEC, days, interactions(days.toList()));
    return lake;
  }

  @Test
  void aDateThatLosesItsLabelsLosesItsPage() throws IOException {
    TestLakes.copy(reported, copy());
    Lakehouse lake = TestLakes.open(copy());
    DateRange last = DateRange.of(LAST);
    lake.replace(QualityLabels.SPEC, last, lake.read(QualityLabels.SPEC, last).limit(0));
    run(lake, last);

    assertThat(copy().resolve("reports/2026-01-06.html")).doesNotExist();
    assertThat(page(copy(), "latest")).isEqualTo(page(copy(), "2026-01-05"));
  }

  @Test
  void sameRowsWithOneAndWithSevenPartitions() {
    Lakehouse lake = twoDays(root, 7);

    run(lake, DAYS);

    assertThat(rows(lake)).isEqualTo(rows(TestLakes.open(reported)));
  }

  @Test
  void twiceEqualsOnceAndNightByNightEqualsOneBackfill() {
    TestLakes.copy(reported, copy());
    Lakehouse lake = TestLakes.open(copy());

    run(lake, DateRange.of(LAST));
    run(lake, DateRange.of(FIRST));

    assertThat(rows(lake)).isEqualTo(rows(TestLakes.open(reported)));
  }

  @Test
  void anEmptyLakeGetsAPageThatSaysSo() throws IOException {
    Lakehouse lake = TestLakes.open(root);

    String summary = run(lake, DateRange.of(LAST));

    assertThat(summary).contains("no page");
    assertThat(page(root, "latest")).contains("There are no labelled responses");
    assertThat(lake.read(FailureReports.SPEC).isEmpty()).isTrue();
  }

  @Test
  void issuesOfOtherLabelsAreRefused() {
    TestLakes.copy(reported, copy());
    Lakehouse lake = TestLakes.open(copy());
    lake.replace(
        FailureIssues.SPEC,
        DateRange.of(LAST),
        Rows.of(FailureIssues.SPEC, issue(LAST, "x", "new", 121, 9)));

    assertThatExceptionOfType(FlywheelException.class)
        .isThrownBy(() -> run(lake, DAYS))
        .withMessageContaining("121 failures")
        .withMessageContaining("Run cluster");
  }

  private Path copy() {
    return root.resolve("copy");
  }

  private static String run(Lakehouse lake, DateRange landing) {
    return new ReportStage().run(lake, TestSpark.run(landing), TestSpark.settings(Map.of()));
  }

  private static String page(Path lake, String name) throws IOException {
    return Files.readString(lake.resolve("reports").resolve(name + ".html"));
  }

  private static Map<String, List<String>> rows(Lakehouse lake) {
    return Map.of(
        "trends", TestLakes.rows(lake, QualityTrends.SPEC),
        "reports", TestLakes.rows(lake, FailureReports.SPEC));
  }

  private static Lakehouse twoDays(Path root, int partitions) {
    Lakehouse lake = TestLakes.open(root);
    List<LocalDate> days = DAYS.toList();
    lake.replace(QualityLabels.SPEC, DAYS, labels(days).repartition(partitions));
    lake.replace(Interactions.SPEC, DAYS, interactions(days).repartition(partitions));
    lake.replace(
        FailureIssues.SPEC,
        DAYS,
        Rows.of(
                FailureIssues.SPEC,
                issue(FIRST, "x", "new", 7, 7),
                issue(LAST, "x", "new", 14, 10),
                issue(LAST, "y", "ongoing", 14, 5),
                issue(LAST, "few", "new", 2, 1),
                issue(LAST, "gone", "resolved", 0, 0))
            .repartition(partitions));
    lake.replace(
        FailureClusters.SPEC,
        DAYS,
        Rows.of(
                FailureClusters.SPEC,
                cluster(FIRST, "x", segment("language", "de", 6), segment("language", "en", 1)),
                cluster(LAST, "x", segment("language", "de", 12), segment("language", "en", 2)),
                cluster(LAST, "y", segment("language", "de", 4), segment("language", "en", 10)),
                cluster(LAST, "few", segment("language", "de", 2)))
            .repartition(partitions));
    var trends = new ArrayList<Map<String, Object>>();
    for (LocalDate day : days) {
      trends.add(trend(day, "x", "all", "all", 7, 60));
      trends.add(trend(day, "x", "language", "de", 6, 20));
      trends.add(trend(day, "x", "language", "en", 1, 40));
      trends.add(trend(day, "y", "all", "all", 7, 60));
      trends.add(trend(day, "y", "language", "de", 2, 20));
      trends.add(trend(day, "y", "language", "en", 5, 40));
    }
    lake.replace(IssueTrends.SPEC, DAYS, Rows.of(IssueTrends.SPEC, trends).repartition(partitions));
    return lake;
  }

  private static Dataset<Row> labels(List<LocalDate> days) {
    var rows = new ArrayList<Map<String, Object>>();
    for (LocalDate day : days) {
      for (int i = 0; i < 60; i++) {
        // 6 of the 20 German responses and 8 of the 40 others fail.
        boolean bad = i < 20 ? i < 6 : i < 28;
        rows.add(
            Map.ofEntries(
                Map.entry(TableSpec.EVENT_DATE, day),
                Map.entry(QualityLabels.TENANT_ID, "default"),
                Map.entry(QualityLabels.INTERACTION_ID, day + "-" + i),
                Map.entry(QualityLabels.SHOWN_AT, shownAt(day, i)),
                Map.entry(QualityLabels.USER_ID, "u" + i % 10),
                Map.entry(QualityLabels.P_GOOD, bad ? 0.1 : 0.9),
                Map.entry(QualityLabels.LABEL, bad ? "bad" : "good"),
                Map.entry(QualityLabels.STATUS, day.equals(LAST) ? "provisional" : "final"),
                Map.entry(QualityLabels.VOTES, Map.of("session", bad ? "bad" : "good")),
                Map.entry(QualityLabels.N_SOURCES, 1),
                Map.entry(QualityLabels.VOTE_PATTERN, bad ? "b" : "g"),
                Map.entry(QualityLabels.LABEL_MODEL_VERSION, "m")));
      }
    }
    return Rows.of(QualityLabels.SPEC, rows);
  }

  private static Dataset<Row> interactions(List<LocalDate> days) {
    var rows = new ArrayList<Map<String, Object>>();
    for (LocalDate day : days) {
      for (int i = 0; i < 60; i++) {
        rows.add(
            Map.ofEntries(
                Map.entry(TableSpec.EVENT_DATE, day),
                Map.entry(Interactions.TENANT_ID, "default"),
                Map.entry(Interactions.INTERACTION_ID, day + "-" + i),
                Map.entry(Interactions.USER_ID, "u" + i % 10),
                Map.entry(Interactions.SESSION_ID, "s" + i),
                Map.entry(Interactions.SHOWN_AT, shownAt(day, i)),
                Map.entry(Interactions.LANGUAGE, i < 20 ? "de" : "en"),
                Map.entry(Interactions.PROMPT, i == 0 ? "words of few" : "words of many"),
                Map.entry(Interactions.RESPONSE, "response"),
                Map.entry(Interactions.N_EVENTS, 1L)));
      }
    }
    return Rows.of(Interactions.SPEC, rows);
  }

  private static Map<String, Object> issue(
      LocalDate day, String id, String status, long failures, long users) {
    var row = new HashMap<String, Object>();
    row.put(TableSpec.EVENT_DATE, day);
    row.put(FailureIssues.ISSUE_ID, id);
    row.put(FailureIssues.CLUSTER_ID, CLUSTERS.indexOf(id));
    row.put(FailureIssues.TITLE, id.equals("few") ? "title: words of few" : "title of " + id);
    row.put(FailureIssues.STATUS, status);
    row.put(FailureIssues.FIRST_SEEN, FIRST);
    row.put(FailureIssues.LAST_SEEN, day);
    row.put(FailureIssues.FAILURES, failures);
    row.put(FailureIssues.DISTINCT_USERS, users);
    // The first response of the day is an example of the small issue only.
    int example = id.equals("few") ? 0 : 1;
    row.put(FailureIssues.EXEMPLARS, List.of(day + "-" + example, "nowhere"));
    row.put(
        FailureIssues.EXEMPLAR_KEYS,
        List.of(key(day + "-" + example, shownAt(day, example)), key("nowhere", Instant.EPOCH)));
    return row;
  }

  private static Instant shownAt(LocalDate day, int number) {
    return day.atTime(9, number).toInstant(ZoneOffset.UTC);
  }

  private static Row key(String interactionId, Instant shownAt) {
    return RowFactory.create("default", interactionId, Timestamp.from(shownAt));
  }

  /** The cluster of an issue with its failures by segment, each of another user. */
  private static Map<String, Object> cluster(LocalDate day, String issue, Row... segments) {
    return Map.of(
        TableSpec.EVENT_DATE, day,
        FailureClusters.CLUSTER_ID, CLUSTERS.indexOf(issue),
        FailureClusters.SIZE, 0L,
        FailureClusters.DISTINCT_USERS, 0L,
        FailureClusters.CENTROID, List.of(1.0),
        FailureClusters.TERMS, List.of(),
        FailureClusters.EXEMPLARS, List.of(),
        FailureClusters.FINGERPRINT, "f",
        FailureClusters.SEGMENTS, List.of(segments));
  }

  private static Row segment(String dimension, String segment, long failures) {
    return RowFactory.create(dimension, segment, failures, failures);
  }

  private static Map<String, Object> trend(
      LocalDate day,
      String issue,
      String dimension,
      String segment,
      long failures,
      long responses) {
    return Map.of(
        TableSpec.EVENT_DATE, day,
        IssueTrends.ISSUE_ID, issue,
        IssueTrends.DIMENSION, dimension,
        IssueTrends.SEGMENT, segment,
        IssueTrends.FAILURES, failures,
        IssueTrends.INTERACTIONS, responses,
        IssueTrends.DISTINCT_USERS, failures,
        IssueTrends.FAILURE_RATE, (double) failures / responses,
        IssueTrends.CI_LOWER, 0.0,
        IssueTrends.CI_UPPER, 1.0);
  }
}
