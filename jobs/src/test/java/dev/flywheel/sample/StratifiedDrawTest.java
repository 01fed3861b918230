package dev.flywheel.sample;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.run.FlywheelException;
import dev.flywheel.sample.SampleDesign.Stratum;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestSpark;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeLike;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class StratifiedDrawTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final long SEED = 42;

  @Test
  void everyStratumIsDrawnToItsExactSize() {
    Dataset<Row> interactions = Traffic.interactions(DAY, 1_000);
    Settings.Sample policy = policy(Map.of("sample.per_day", 60));
    SampleDesign design = design(interactions, policy);
    Map<String, Long> drawn = new HashMap<>();
    for (Row row : draw(interactions, policy, SEED)) {
      drawn.merge(row.getAs(EvalDraws.STRATUM), 1L, Long::sum);
    }
    assertThat(design.records()).isEqualTo(60);
    assertThat(drawn)
        .isEqualTo(
            design.strata().stream().collect(Collectors.toMap(Stratum::name, Stratum::sample)));
    // 3 user types, of which each meets each category that its share of numbers allows, 3 bands.
    assertThat(drawn.keySet())
        .contains("free / chat / 00-08 UTC", "(none) / code / 16-24 UTC")
        .allMatch(stratum -> stratum.matches("(free|pro|\\(none\\)) / (chat|code) / ..-.. UTC"));
  }

  @Test
  void theWeightsAddUpToTrafficInEveryStratum() {
    Dataset<Row> interactions = Traffic.interactions(DAY, 1_000);
    Settings.Sample policy = policy(Map.of("sample.per_day", 40));
    Map<String, Double> totals = new HashMap<>();
    for (Row row : draw(interactions, policy, SEED)) {
      double weight =
          (double) row.<Long>getAs(EvalDraws.STRATUM_POPULATION)
              / row.<Long>getAs(EvalDraws.STRATUM_SAMPLE);
      totals.merge(row.getAs(EvalDraws.STRATUM), weight, Double::sum);
    }
    // Counted apart from the code under test, in SQL.
    interactions.createOrReplaceTempView("traffic");
    List<Row> traffic =
        TestSpark.session()
            .sql(
                """
                SELECT coalesce(user_type, '(none)') || ' / ' || query_category || ' / ' ||
                       CASE WHEN hour(shown_at) < 8 THEN '00-08 UTC'
                            WHEN hour(shown_at) < 16 THEN '08-16 UTC' ELSE '16-24 UTC' END AS s,
                       count(*) AS n
                FROM traffic GROUP BY 1\
                """)
            .collectAsList();
    assertThat(totals).hasSameSizeAs(traffic);
    for (Row stratum : traffic) {
      assertThat(totals.get(stratum.<String>getAs("s")))
          .isCloseTo(stratum.<Long>getAs("n"), within(1e-9));
    }
  }

  @Test
  void theDrawIsTheSameForAnyPartitioning() {
    Dataset<Row> interactions = Traffic.interactions(DAY, 500);
    Settings.Sample policy = policy(Map.of());
    assertThat(ids(draw(interactions.repartition(7), policy, SEED)))
        .isEqualTo(ids(draw(interactions.coalesce(1), policy, SEED)))
        .hasSize(60);
  }

  @Test
  void aLargerSampleContainsTheSmallerWithTheSameRanks() {
    Dataset<Row> interactions = Traffic.interactions(DAY, 1_000);
    Map<String, Long> smaller = ranks(draw(interactions, policy(Map.of()), SEED));
    Map<String, Long> larger =
        ranks(draw(interactions, policy(Map.of("sample.per_day", 120)), SEED));
    assertThat(larger).hasSize(120).containsAllEntriesOf(smaller);
  }

  @Test
  void anotherSeedDrawsOthers() {
    Dataset<Row> interactions = Traffic.interactions(DAY, 1_000);
    Set<String> first = ids(draw(interactions, policy(Map.of()), 1));
    Set<String> second = ids(draw(interactions, policy(Map.of()), 2));
    // 60 of 1,000 each: about 4 are in both.
    assertThat(first).filteredOn(second::contains).hasSizeLessThan(20);
  }

  /**
   * 2,000 strata of 10, of which 3 are drawn: each place must come up in 3 of 10, by chi-square.
   */
  @Test
  void everyResponseOfAStratumIsDrawnWithItsInclusionProbability() {
    int strata = 2_000;
    Dataset<Row> interactions =
        Traffic.interactions(DAY, strata * 10L)
            .withColumn(
                Interactions.RELEASE,
                expr("cast(substr(interaction_id, 2) AS int) div 10").cast("string"));
    Settings.Sample policy =
        policy(
            Map.of(
                "sample.strata",
                List.of("release"),
                "sample.band_hours",
                24,
                "sample.per_day",
                3 * strata,
                "sample.allocation_power",
                0));
    var drawn = new long[10];
    for (Row row : draw(interactions, policy, SEED)) {
      drawn[Integer.parseInt(row.<String>getAs(EvalDraws.INTERACTION_ID).substring(1)) % 10]++;
    }
    double expected = 0.3 * strata;
    double chiSquare = 0;
    for (long times : drawn) {
      chiSquare += (times - expected) * (times - expected) / (0.7 * expected);
    }
    // Scaled by (10 - 1) / 10 for the fixed sum: chi-square of 9 degrees, 99.9 % quantile.
    assertThat(chiSquare * 0.9).isLessThan(27.88);
  }

  @Test
  void fewRowsAreRankedAndNoTextIsShuffled() {
    Dataset<Row> interactions = Traffic.interactions(DAY, 20_000);
    Settings.Sample policy = policy(Map.of());
    SampleDesign design = design(interactions, policy);
    Dataset<Row> drawn =
        StratifiedDraw.of(interactions, design.rows(TestSpark.session()), policy, SEED);
    List<SparkPlan> shuffles = shuffles(drawn);
    assertThat(shuffles).hasSize(1);
    List<String> columns =
        CollectionConverters.asJava(shuffles.get(0).output()).stream()
            .map(column -> column.name())
            .toList();
    assertThat(columns)
        .doesNotContain(
            Interactions.PROMPT,
            Interactions.MESSAGES,
            Interactions.RESPONSE,
            Interactions.FINAL_TEXT);

    // Every stratum is far larger than its sample, so the limits leave k + 4 sqrt(k) + 8 of each.
    double worthRanking =
        design.strata().stream()
            .mapToDouble(h -> h.sample() + 4 * Math.sqrt((double) h.sample()) + 8)
            .sum();
    long ranked =
        interactions
            .select(
                col(TableSpec.EVENT_DATE),
                Strata.of(policy).as(EvalDraws.STRATUM),
                StratifiedDraw.hash(SEED).as("hash"))
            .join(
                design.rows(TestSpark.session()),
                new String[] {TableSpec.EVENT_DATE, EvalDraws.STRATUM})
            .where(col("hash").leq(col(SampleDesign.LAST_HASH)))
            .agg(count(lit(1)))
            .head()
            .getLong(0);
    assertThat((double) ranked).isCloseTo(worthRanking, within(5 * Math.sqrt(worthRanking)));
  }

  @Test
  void theTimeOfDayIsUtcWhateverTheMachine() {
    Dataset<Row> late =
        Traffic.interactions(DAY, 1)
            .withColumn(Interactions.SHOWN_AT, expr("timestamp'2026-01-05T23:30:00-05:00'"));
    assertThat(late.select(Strata.of(policy(Map.of()))).head().getString(0))
        .endsWith("/ 00-08 UTC");
  }

  @Test
  void withoutColumnsAndBandsThereIsOneStratum() {
    Settings.Sample policy = policy(Map.of("sample.strata", List.of(), "sample.band_hours", 24));
    assertThat(design(Traffic.interactions(DAY, 100), policy).strata())
        .containsExactly(new Stratum(DAY, "all", 100, 60));
  }

  @Test
  void textCannotStratify() {
    assertThatThrownBy(() -> Strata.of(policy(Map.of("sample.strata", List.of("prompt")))))
        .isInstanceOf(FlywheelException.class)
        .hasMessageContaining("'prompt'")
        .hasMessageContaining("user_type");
  }

  private static Settings.Sample policy(Map<String, Object> overrides) {
    return TestSpark.settings(overrides).sample();
  }

  private static SampleDesign design(Dataset<Row> interactions, Settings.Sample policy) {
    return SampleDesign.of(
        new ArrayList<>(SampleDesign.populations(interactions, policy).collectAsList()), policy);
  }

  private static List<Row> draw(Dataset<Row> interactions, Settings.Sample policy, long seed) {
    Dataset<Row> design = design(interactions, policy).rows(TestSpark.session());
    return StratifiedDraw.of(interactions, design, policy, seed).collectAsList();
  }

  private static Set<String> ids(List<Row> drawn) {
    return ranks(drawn).keySet();
  }

  private static Map<String, Long> ranks(List<Row> drawn) {
    return drawn.stream()
        .collect(
            Collectors.toMap(
                row -> row.<String>getAs(EvalDraws.INTERACTION_ID),
                row -> row.<Long>getAs(EvalDraws.DRAW_RANK)));
  }

  private static List<SparkPlan> shuffles(Dataset<Row> rows) {
    var found = new ArrayList<SparkPlan>();
    collect(rows.queryExecution().executedPlan(), found);
    return found;
  }

  private static void collect(SparkPlan plan, List<SparkPlan> found) {
    if (plan instanceof AdaptiveSparkPlanExec adaptive) {
      collect(adaptive.executedPlan(), found);
    }
    if (plan instanceof ShuffleExchangeLike) {
      found.add(plan);
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> collect(child, found));
  }
}
