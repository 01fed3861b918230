package dev.flywheel.sample;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.sample.SampleDesign.Stratum;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleStageTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final LocalDate NEXT_DAY = DAY.plusDays(1);
  private static final Settings SETTINGS = TestSpark.settings(Map.of("sample.per_day", 30));

  @TempDir Path folder;

  @Test
  void theTablesAreTheSameForAnyPartitioning() {
    Lakehouse one = lake("one");
    Lakehouse seven = lake("seven");
    traffic(one, DAY, 300, rows -> rows.coalesce(1));
    traffic(seven, DAY, 300, rows -> rows.repartition(7));
    run(one, DAY);
    run(seven, DAY);
    assertThat(TestLakes.rows(one, EvalDraws.SPEC)).hasSize(30);
    for (TableSpec table : new SampleStage().writes()) {
      assertThat(TestLakes.rows(seven, table))
          .as(table.name())
          .isEqualTo(TestLakes.rows(one, table));
    }
  }

  @Test
  void twiceEqualsOnceAndTheWeightsAddUpToTraffic() {
    Lakehouse lake = lake("lake");
    traffic(lake, DAY, 300, rows -> rows);
    run(lake, DAY);
    Map<TableSpec, List<String>> once = tables(lake);
    assertThat(run(lake, DAY)).contains("version 1 ");
    assertThat(tables(lake)).isEqualTo(once);

    double total =
        lake.read(EvalDraws.SPEC).agg(sum(EvalDraws.SAMPLING_WEIGHT)).head().getDouble(0);
    assertThat(total).isCloseTo(300, within(1e-9));
    // Of 300 responses every third is bad: the same on the side of the labels.
    assertThat(lake.read(EvalDatasetRecords.SPEC).where("expectations.label IS NULL").count())
        .isZero();
  }

  @Test
  void anyOrderAndGroupingEndsInTheSameDrawsAndTheSameNewestVersion() {
    Lakehouse forward = lake("forward");
    traffic(forward, DAY, 300, rows -> rows);
    run(forward, DAY);
    traffic(forward, NEXT_DAY, 200, rows -> rows);
    run(forward, NEXT_DAY);
    Lakehouse backward = lake("backward");
    traffic(backward, NEXT_DAY, 200, rows -> rows);
    run(backward, NEXT_DAY);
    traffic(backward, DAY, 300, rows -> rows);
    run(backward, DAY);

    assertThat(TestLakes.rows(backward, EvalDraws.SPEC))
        .isEqualTo(TestLakes.rows(forward, EvalDraws.SPEC));
    assertThat(TestLakes.lawfulRows(folder.resolve("backward")))
        .isEqualTo(TestLakes.lawfulRows(folder.resolve("forward")));
    assertThat(newestHash(backward)).isEqualTo(newestHash(forward));
  }

  @Test
  void lateResponsesMakeANewVersionAndLeaveTheOldAsItWas() {
    Lakehouse lake = lake("lake");
    traffic(lake, DAY, 300, rows -> rows);
    run(lake, DAY);
    List<Row> first = new EvalSet(lake, "production").records(1).collectAsList();
    traffic(lake, DAY, 330, rows -> rows);
    assertThat(run(lake, NEXT_DAY)).contains("version 2 ");
    assertThat(records(new EvalSet(lake, "production").records(1).collectAsList()))
        .isEqualTo(records(first));
    assertThat(new EvalSet(lake, "production").records(2).count()).isEqualTo(30);
  }

  @Test
  void setsOfOneLakeKeepTheDrawsOfOneAnother() {
    Lakehouse lake = lake("lake");
    traffic(lake, DAY, 300, rows -> rows);
    run(lake, DAY);
    List<String> production = TestLakes.rows(lake, EvalDraws.SPEC);
    Settings small = TestSpark.settings(Map.of("sample.dataset", "small", "sample.per_day", 25));
    run(lake, DAY, small);
    List<String> both = TestLakes.rows(lake, EvalDraws.SPEC);
    assertThat(both).hasSize(55).containsAll(production);
    run(lake, DAY);
    run(lake, DAY, small);
    assertThat(TestLakes.rows(lake, EvalDraws.SPEC)).isEqualTo(both);
  }

  @Test
  void aChangedShareOfTheHoldoutIsRefusedUntilItHoldsForAllDates() {
    Lakehouse lake = lake("lake");
    traffic(lake, DAY, 300, rows -> rows);
    run(lake, DAY);
    LocalDate later = DAY.plusDays(20);
    traffic(lake, later, 300, rows -> rows);
    Map<TableSpec, List<String>> before = tables(lake);
    for (double share : List.of(0.05, 0.6)) {
      Settings changed =
          TestSpark.settings(Map.of("sample.per_day", 30, "sample.holdout_share", share));
      assertThatThrownBy(() -> run(lake, later, changed))
          .isInstanceOfSatisfying(
              FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
          .hasMessageContaining("flywheel sample --from 2026-01-05 --to 2026-01-06");
      assertThat(tables(lake)).isEqualTo(before);
    }
    Settings changed =
        TestSpark.settings(Map.of("sample.per_day", 30, "sample.holdout_share", 0.6));
    run(lake, DAY, changed);
    assertThat(run(lake, later, changed)).contains("version 3 holds 60");
    Dataset<Row> crossing =
        new EvalSet(lake, "production")
            .records(3)
            .groupBy(EvalDatasetRecords.DEDUP_GROUP_ID)
            .agg(countDistinct(EvalDatasetRecords.SPLIT).as("sides"))
            .where("sides > 1");
    assertThat(crossing.count()).isZero();
  }

  @Test
  void theSummarySaysWhereFloorsLeaveNothingToAllocate() {
    Lakehouse lake = lake("lake");
    traffic(lake, DAY, 300, rows -> rows);
    assertThat(run(lake, DAY)).contains("30 records drawn over 1 dates; 'production'");
    assertThat(run(lake, DAY, TestSpark.settings(Map.of("sample.per_day", 2))))
        .contains("on 1 of them sample.floor = 1 for each stratum takes all of sample.per_day = 2");
  }

  @Test
  void aColumnThatCannotStratifyIsRefusedBeforeTheRun() {
    Settings mistyped = TestSpark.settings(Map.of("sample.strata", List.of("user_typ")));
    assertThatThrownBy(() -> new SampleStage().check(TestSpark.session(), mistyped))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("sample.strata names 'user_typ'");
  }

  @Test
  void aDayWithoutTrafficSucceeds() {
    Lakehouse lake = lake("lake");
    assertThat(run(lake, DAY)).contains("0 records drawn");
    assertThat(lake.read(EvalDraws.SPEC).count()).isZero();
    assertThat(lake.read(EvalDatasetVersions.SPEC).count()).isZero();
    traffic(lake, DAY, 50, rows -> rows);
    assertThat(run(lake, DAY)).contains("30 records drawn over 1 dates", "version 1 ");
  }

  /** A design that takes the population for far too large leaves nothing below its limit. */
  @Test
  void aStratumThatComesShortIsDrawnOnceMoreWithoutLimits() {
    Dataset<Row> interactions = Traffic.interactions(DAY, 100);
    Settings.Sample policy =
        TestSpark.settings(Map.of("sample.strata", List.of(), "sample.band_hours", 24)).sample();
    var design = new SampleDesign(List.of(new Stratum(DAY, "all", 1_000_000_000L, 5)));
    RunContext run = TestSpark.run(DateRange.of(DAY));
    Dataset<Row> limited =
        StratifiedDraw.of(interactions, design.rows(TestSpark.session()), policy, run.seed());
    assertThat(limited.count()).isZero();
    Dataset<Row> labels = Traffic.labels(DAY, 100);
    try (var records = SampleStage.draw(run, interactions, labels, design, policy)) {
      assertThat(records.rows().count()).isEqualTo(5);
    }
  }

  private Lakehouse lake(String name) {
    return TestLakes.open(folder.resolve(name));
  }

  private static void traffic(
      Lakehouse lake, LocalDate day, long responses, UnaryOperator<Dataset<Row>> layout) {
    lake.replace(
        Interactions.SPEC, DateRange.of(day), layout.apply(Traffic.interactions(day, responses)));
    lake.replace(
        QualityLabels.SPEC, DateRange.of(day), layout.apply(Traffic.labels(day, responses)));
  }

  private static String run(Lakehouse lake, LocalDate landing) {
    return run(lake, landing, SETTINGS);
  }

  private static String run(Lakehouse lake, LocalDate landing, Settings settings) {
    return new SampleStage().run(lake, TestSpark.run(DateRange.of(landing)), settings);
  }

  private static Map<TableSpec, List<String>> tables(Lakehouse lake) {
    return Map.of(
        EvalDraws.SPEC, TestLakes.rows(lake, EvalDraws.SPEC),
        EvalDatasetRecords.SPEC, TestLakes.rows(lake, EvalDatasetRecords.SPEC),
        EvalDatasetVersions.SPEC, TestLakes.rows(lake, EvalDatasetVersions.SPEC));
  }

  private static long newestHash(Lakehouse lake) {
    return new EvalSet(lake, "production").newest().orElseThrow().contentHash();
  }

  /** Records without the mark of the version that retired them, which is not their content. */
  private static List<String> records(List<Row> rows) {
    return TestSpark.session()
        .createDataFrame(rows, EvalDatasetRecords.SPEC.schema())
        .drop(col(EvalDatasetRecords.RETIRED_IN_VERSION))
        .toJSON()
        .collectAsList()
        .stream()
        .sorted()
        .toList();
  }
}
