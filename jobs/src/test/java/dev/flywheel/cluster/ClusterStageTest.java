package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.stats.Clustering;
import dev.flywheel.stats.Clustering.Cell;
import dev.flywheel.tables.Embeddings;
import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.IssueIdentities;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterStageTest {
  private static final LocalDate MONDAY = LocalDate.of(2026, 1, 5);
  private static final DateRange GENERATED = new DateRange(MONDAY, MONDAY.plusDays(2));
  private static final List<TableSpec> WRITTEN =
      List.of(
          Embeddings.SPEC,
          FailureClusters.SPEC,
          FailureAssignments.SPEC,
          FailureIssues.SPEC,
          IssueTrends.SPEC,
          IssueIdentities.SPEC);

  @TempDir static Path planted;
  @TempDir Path root;

  private final Settings settings = TestSpark.settings(Map.of());

  /** Two generated days with one label in ten wrong, and what the stage makes of them. */
  @BeforeAll
  static void generate() {
    PlantedLake.generate(planted, GENERATED, 500);
    Lakehouse lake = TestLakes.open(planted.resolve("lake"));
    PlantedLake.fill(lake, planted, GENERATED, 10);
    new ClusterStage().run(lake, run(GENERATED), TestSpark.settings(Map.of()));
  }

  @Test
  void clustersAgreeWithThePlantedModes() {
    Lakehouse lake = TestLakes.open(planted.resolve("lake"));
    Map<LocalDate, List<Cell>> cells = new TreeMap<>();
    lake.read(FailureAssignments.SPEC)
        .join(
            PlantedLake.truth(lake, planted)
                .where("failure_mode IS NOT NULL")
                .drop(TableSpec.EVENT_DATE),
            new String[] {"tenant_id", "interaction_id"})
        .groupBy(TableSpec.EVENT_DATE, FailureAssignments.CLUSTER_ID, "failure_mode")
        .count()
        .collectAsList()
        .forEach(
            row ->
                cells
                    .computeIfAbsent(
                        row.<java.sql.Date>getAs(TableSpec.EVENT_DATE).toLocalDate(),
                        date -> new ArrayList<>())
                    .add(
                        new Cell(
                            String.valueOf(row.<Integer>getAs(FailureAssignments.CLUSTER_ID)),
                            row.getAs("failure_mode"),
                            row.<Long>getAs("count"))));

    assertThat(cells).containsOnlyKeys(MONDAY, MONDAY.plusDays(1));
    cells.forEach(
        (date, ofDate) ->
            assertThat(Clustering.vMeasure(ofDate).orElseThrow())
                .as("V-measure of %s", date)
                .isGreaterThan(0.8));
  }

  @Test
  void everyFailureIsAssignedOnItsDateAndCountedOnce() {
    Lakehouse lake = TestLakes.open(planted.resolve("lake"));
    long failures = lake.read(QualityLabels.SPEC).where("label = 'bad'").count();

    assertThat(lake.read(Embeddings.SPEC).count()).isEqualTo(failures);
    assertThat(lake.read(FailureAssignments.SPEC).count()).isEqualTo(failures);
    assertThat(
            lake.read(IssueTrends.SPEC)
                .where("dimension = 'all'")
                .selectExpr("sum(failures) AS n")
                .head()
                .<Long>getAs("n"))
        .isEqualTo(failures);
    // The window of the second day holds both.
    assertThat(
            lake.read(FailureClusters.SPEC, DateRange.of(MONDAY.plusDays(1)))
                .selectExpr("sum(size) AS n")
                .head()
                .<Long>getAs("n"))
        .isEqualTo(failures);
  }

  @Test
  void aClusterCountsTheFailuresOfItsWindowBySegment() {
    Lakehouse lake = TestLakes.open(planted.resolve("lake"));
    // The window of the first day is that day, which issue_trends has.
    Dataset<Row> first =
        lake.read(FailureClusters.SPEC, DateRange.of(MONDAY))
            .join(lake.read(FailureIssues.SPEC), new String[] {"event_date", "cluster_id"})
            .selectExpr("issue_id", "inline(segments)");
    assertThat(TestLakes.rows(first))
        .isNotEmpty()
        .isEqualTo(
            TestLakes.rows(
                lake.read(IssueTrends.SPEC, DateRange.of(MONDAY))
                    .where("dimension <> 'all'")
                    .select("issue_id", "dimension", "segment", "failures", "distinct_users")));

    // That of the second holds both; every generated response says its language.
    assertThat(
            lake.read(FailureClusters.SPEC, DateRange.of(MONDAY.plusDays(1)))
                .selectExpr(
                    "size",
                    "aggregate(filter(segments, s -> s.dimension = 'language'), 0L,"
                        + " (sum, s) -> sum + s.failures) AS n")
                .collectAsList())
        .isNotEmpty()
        .allMatch(row -> row.<Long>getAs("n").equals(row.<Long>getAs("size")));
  }

  @Test
  void everyExemplarIsAFailureUnderItsWholeKey() {
    Lakehouse lake = TestLakes.open(planted.resolve("lake"));
    Dataset<Row> issues = lake.read(FailureIssues.SPEC);
    Dataset<Row> keys = issues.selectExpr("inline(exemplar_keys)");

    assertThat(issues.where("exemplars <> transform(exemplar_keys, k -> k.interaction_id)").count())
        .isZero();
    assertThat(keys.count())
        .isPositive()
        .isEqualTo(
            keys.join(
                    lake.read(QualityLabels.SPEC).where("label = 'bad'"),
                    new String[] {"tenant_id", "interaction_id", "shown_at"})
                .count());
  }

  @Test
  void onePartitionAndSevenGiveTheSameRows() {
    Path seven = root.resolve("seven");
    Lakehouse from = TestLakes.open(planted.resolve("lake"));
    Lakehouse lake = TestLakes.open(seven);
    for (TableSpec table : List.of(Interactions.SPEC, QualityLabels.SPEC)) {
      lake.replace(
          table, GENERATED, from.read(table).repartition(7, col(Interactions.INTERACTION_ID)));
    }
    new ClusterStage().run(lake, run(GENERATED), settings);

    assertThat(written(seven)).isEqualTo(written(planted.resolve("lake")));
  }

  @Test
  void twiceEqualsOnceAndEmbedsNothingAgain() {
    Path twice = copy();
    long before = TestLakes.open(twice).version(IssueIdentities.SPEC);
    new ClusterStage().run(TestLakes.open(twice), run(GENERATED), settings);

    assertThat(written(twice)).isEqualTo(written(planted.resolve("lake")));
    assertThat(TestLakes.open(twice).version(IssueIdentities.SPEC)).isEqualTo(before);
  }

  @Test
  void nightByNightGivesTheClustersOfOneBackfill() {
    Path nights = root.resolve("nights");
    Lakehouse from = TestLakes.open(planted.resolve("lake"));
    Lakehouse lake = TestLakes.open(nights);
    for (LocalDate day : GENERATED.toList()) {
      DateRange night = DateRange.of(day);
      lake.replace(Interactions.SPEC, night, from.read(Interactions.SPEC, night));
      lake.replace(QualityLabels.SPEC, night, from.read(QualityLabels.SPEC, night));
      new ClusterStage().run(lake, run(night), settings);
    }

    Map<String, List<String>> expected = written(planted.resolve("lake"));
    Map<String, List<String>> actual = written(nights);
    for (TableSpec table :
        List.of(Embeddings.SPEC, FailureClusters.SPEC, FailureAssignments.SPEC)) {
      assertThat(actual.get(table.name())).as(table.name()).isEqualTo(expected.get(table.name()));
    }
  }

  @Test
  void aRunThatDiesAfterRegisteringAndIsRunAgainEndsInTheSameRows() throws IOException {
    Path killed = root.resolve("killed");
    Lakehouse from = TestLakes.open(planted.resolve("lake"));
    Lakehouse lake = TestLakes.open(killed);
    lake.replace(Interactions.SPEC, GENERATED, from.read(Interactions.SPEC));
    lake.replace(QualityLabels.SPEC, GENERATED, from.read(QualityLabels.SPEC));
    // A file where the table should lie: the first write after the registry fails.
    Path inTheWay = killed.resolve("tables").resolve(FailureClusters.SPEC.name());
    Files.writeString(inTheWay, "");
    assertThatThrownBy(() -> new ClusterStage().run(lake, run(GENERATED), settings))
        .isInstanceOf(Exception.class);
    List<String> registered = TestLakes.rows(lake, IssueIdentities.SPEC);
    assertThat(registered).isNotEmpty();
    assertThat(lake.exists(FailureClusters.SPEC)).isFalse();
    Files.delete(inTheWay);

    new ClusterStage().run(lake, run(GENERATED), settings);

    assertThat(written(killed)).isEqualTo(written(planted.resolve("lake")));
    assertThat(TestLakes.rows(lake, IssueIdentities.SPEC)).isEqualTo(registered);
  }

  @Test
  void aDayWithoutDataSucceedsAndMakesNoRows() {
    Lakehouse lake = TestLakes.open(root);
    new ClusterStage().run(lake, run(DateRange.of(MONDAY)), settings);

    assertThat(written(root).values()).allMatch(List::isEmpty);
  }

  @Test
  void aDayWithOneFailureHasOneClusterThatIsShownWithoutExample() {
    Lakehouse lake = TestLakes.open(root);
    fill(lake, MONDAY, "How do I locate my card?");
    new ClusterStage().run(lake, run(DateRange.of(MONDAY)), settings);

    assertThat(lake.read(FailureClusters.SPEC).count()).isEqualTo(1);
    Row issue = lake.read(FailureIssues.SPEC).head();
    assertThat(issue.<String>getAs(FailureIssues.STATUS)).isEqualTo("new");
    assertThat(issue.<Long>getAs(FailureIssues.FAILURES)).isEqualTo(1);
    assertThat(issue.getList(issue.fieldIndex(FailureIssues.EXEMPLARS))).isEmpty();
    assertThat(issue.<String>getAs(FailureIssues.TITLE)).doesNotContainIgnoringCase("card");
  }

  @Test
  void equalTextsAreOneClusterWhateverTheSettingsAskFor() {
    Lakehouse lake = TestLakes.open(root);
    fill(lake, MONDAY, "same text", "same text", "same text", "same text", "same text");
    new ClusterStage()
        .run(
            lake,
            run(DateRange.of(MONDAY)),
            TestSpark.settings(Map.of("cluster.min_k", 3, "cluster.max_k", 9)));

    Row cluster = lake.read(FailureClusters.SPEC).head();
    assertThat(lake.read(FailureClusters.SPEC).count()).isEqualTo(1);
    assertThat(cluster.<Long>getAs(FailureClusters.SIZE)).isEqualTo(5);
    assertThat(cluster.getList(cluster.fieldIndex(FailureClusters.EXEMPLARS))).hasSize(5);
    assertThat(lake.read(Embeddings.SPEC).select(Embeddings.TEXT_HASH).distinct().count())
        .isEqualTo(1);
  }

  @Test
  void anIssueWithoutClusterIsResolvedAndItsFailuresLeaveTheWindow() {
    Lakehouse lake = TestLakes.open(root);
    fill(lake, MONDAY, "Where is my card?", "My card has not arrived.", "The card is late.");
    new ClusterStage().run(lake, run(DateRange.of(MONDAY)), settings);
    LocalDate later = MONDAY.plusDays(FailureClusters.WINDOW_DAYS);
    fill(lake, later, "Schreibe einen Brief", "Schreibe ein Gedicht", "Schreibe einen Vertrag");
    new ClusterStage().run(lake, run(DateRange.of(later)), settings);

    List<Row> issues = lake.read(FailureIssues.SPEC, DateRange.of(later)).collectAsList();
    assertThat(issues)
        .extracting(row -> row.<String>getAs(FailureIssues.STATUS))
        .contains("resolved", "new")
        .doesNotContain("ongoing");
    assertThat(issues)
        .filteredOn(row -> row.<String>getAs(FailureIssues.STATUS).equals("resolved"))
        .allMatch(row -> row.<Integer>getAs(FailureIssues.CLUSTER_ID) == -1)
        .allMatch(row -> row.<Long>getAs(FailureIssues.FAILURES) == 0);
  }

  @Test
  void aRegisteredIdentityNeverChanges() {
    Path lakePath = copy();
    Lakehouse lake = TestLakes.open(lakePath);
    List<String> before = TestLakes.rows(lake, IssueIdentities.SPEC);
    // Half of the failures of the first day turn out to be fine.
    Dataset<Row> labels = lake.read(QualityLabels.SPEC, DateRange.of(MONDAY)).localCheckpoint();
    lake.replace(
        QualityLabels.SPEC,
        DateRange.of(MONDAY),
        labels.withColumn(
            QualityLabels.LABEL,
            org.apache.spark.sql.functions.expr(
                "IF(pmod(hash(interaction_id), 5) = 0, 'good', label)")));
    new ClusterStage().run(lake, run(GENERATED), settings);

    assertThat(TestLakes.rows(lake, IssueIdentities.SPEC))
        .containsAll(before)
        .hasSizeGreaterThan(before.size());
    assertThat(
            lake.read(FailureIssues.SPEC)
                .groupBy("event_date", "issue_id")
                .count()
                .where("count > 1")
                .count())
        .isZero();
    // Most issues are still who they were.
    assertThat(
            lake.read(IssueIdentities.SPEC)
                .where("decision = 'same'")
                .select(IssueIdentities.ISSUE_ID)
                .distinct()
                .count())
        .isGreaterThanOrEqualTo(4);
  }

  private Path copy() {
    Path copy = root.resolve("copy");
    TestLakes.copy(planted.resolve("lake"), copy);
    return copy;
  }

  private static RunContext run(DateRange landing) {
    return TestSpark.run(landing);
  }

  private static Map<String, List<String>> written(Path lake) {
    Map<String, List<String>> rows = new TreeMap<>();
    for (TableSpec table : WRITTEN) {
      rows.put(table.name(), TestLakes.rows(TestLakes.open(lake), table));
    }
    return rows;
  }

  /** One failing response per prompt, each of another user. */
  private static void fill(Lakehouse lake, LocalDate day, String... prompts) {
    var interactions = new ArrayList<Map<String, Object>>();
    var labels = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < prompts.length; i++) {
      Map<String, Object> key = new HashMap<>();
      key.put(TableSpec.EVENT_DATE, day);
      key.put(Interactions.TENANT_ID, "t");
      key.put(Interactions.INTERACTION_ID, day + "-" + i);
      key.put(Interactions.USER_ID, "u" + i);
      key.put(Interactions.SHOWN_AT, Instant.parse(day + "T10:00:00Z").plusSeconds(i));
      Map<String, Object> shown = new HashMap<>(key);
      shown.put(Interactions.SESSION_ID, "s" + i);
      shown.put(Interactions.PROMPT, prompts[i]);
      shown.put(Interactions.N_EVENTS, 1L);
      interactions.add(shown);
      Map<String, Object> label = new HashMap<>(key);
      label.put(QualityLabels.P_GOOD, 0.1);
      label.put(QualityLabels.LABEL, FailureTexts.BAD);
      label.put(QualityLabels.STATUS, "final");
      label.put(QualityLabels.VOTES, Map.of("edit", "bad"));
      label.put(QualityLabels.N_SOURCES, 1);
      label.put(QualityLabels.VOTE_PATTERN, "b");
      label.put(QualityLabels.LABEL_MODEL_VERSION, "test");
      labels.add(label);
    }
    lake.replace(Interactions.SPEC, DateRange.of(day), Rows.of(Interactions.SPEC, interactions));
    lake.replace(QualityLabels.SPEC, DateRange.of(day), Rows.of(QualityLabels.SPEC, labels));
  }
}
