package dev.flywheel.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Upkeep;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.sample.EvalSet.Version;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions of an eval set, whatever happens to the draws and to the runs that publish. */
class EvalSetTest {
  private static final String SET = "production";
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final LocalDate NEXT_DAY = DAY.plusDays(1);
  private static final RunContext RUN = TestSpark.run(DateRange.of(DAY));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aPublishedVersionNeverChangesHoweverTheDrawsDo(long seed) {
    var random = new Random(seed);
    List<Row> present = List.of();
    var published = new ArrayList<Map<String, Long>>();
    for (int step = 0; step < 7; step++) {
      Map<String, Long> target = randomContent(random);
      int number = published.size() + 1;
      present = merged(present, target, number);
      boolean changed = present.stream().anyMatch(row -> touched(row, number));
      Map<String, Long> newest = number == 1 ? Map.of() : published.get(number - 2);
      assertThat(changed).isEqualTo(!target.equals(newest));
      if (changed) {
        published.add(target);
      }
      for (int version = 1; version <= published.size(); version++) {
        assertThat(ofVersion(present, version)).isEqualTo(published.get(version - 1));
      }
    }
    Dataset<Row> rows =
        TestSpark.session().createDataFrame(present, EvalDatasetRecords.SPEC.schema());
    for (int version = 1; version <= published.size(); version++) {
      assertThat(content(rows.where(EvalSet.holds(version)).collectAsList()))
          .isEqualTo(published.get(version - 1));
    }
  }

  @Test
  void theSameContentAgainMakesNoNewVersion() {
    Lakehouse lake = lake("lake");
    Version first = publish(lake, DAY, Map.of("a", 1L, "b", 2L));
    List<String> rows = TestLakes.rows(lake, EvalDatasetRecords.SPEC);
    assertThat(first).isEqualTo(new Version(1, 2, 2, 0, xor(1, 2)));
    assertThat(publish(lake, DAY, Map.of("a", 1L, "b", 2L))).isEqualTo(first);
    assertThat(TestLakes.rows(lake, EvalDatasetRecords.SPEC)).isEqualTo(rows);
    assertThat(lake.read(EvalDatasetVersions.SPEC).count()).isEqualTo(1);
  }

  @Test
  void whatIsOnRecordOfAVersionFollowsFromItsRows() {
    Lakehouse lake = lake("lake");
    publish(lake, DAY, Map.of("a", 1L, "b", 2L));
    publish(lake, NEXT_DAY, Map.of("c", 4L));
    Version third = publish(lake, DAY, Map.of("a", 9L));
    assertThat(third).isEqualTo(new Version(3, 2, 1, 2, xor(9, 4)));
    assertThat(content(new EvalSet(lake, SET).records(2).collectAsList()))
        .isEqualTo(Map.of("a", 1L, "b", 2L, "c", 4L));
    linesMatchRows(lake, 3);
  }

  @Test
  void anotherSetKeepsItsRowsAndItsNumbers() {
    Lakehouse lake = lake("lake");
    publish(lake, "other", DAY, Map.of("x", 7L));
    publish(lake, DAY, Map.of("a", 1L));
    publish(lake, DAY, Map.of("a", 2L));
    assertThat(new EvalSet(lake, "other").newest()).contains(new Version(1, 1, 1, 0, 7));
    assertThat(content(new EvalSet(lake, "other").records(1).collectAsList()))
        .isEqualTo(Map.of("x", 7L));
    assertThat(new EvalSet(lake, SET).newest()).contains(new Version(2, 1, 1, 1, 2));
  }

  @Test
  void aRunKilledBetweenItsTwoCommitsIsCompletedByItsRepeat() {
    Lakehouse whole = lake("whole");
    publish(whole, DAY, Map.of("a", 1L, "b", 2L));
    TestLakes.copy(folder.resolve("whole"), folder.resolve("killed"));
    Version undisturbed = publish(whole, DAY, Map.of("a", 1L, "b", 3L));
    Lakehouse killed = killedAfterTheRows("whole", "killed");
    assertThat(new EvalSet(killed, SET).newest().orElseThrow().number()).isEqualTo(1);
    assertThat(content(new EvalSet(killed, SET).records(1).collectAsList()))
        .isEqualTo(Map.of("a", 1L, "b", 2L));

    assertThat(publish(killed, DAY, Map.of("a", 1L, "b", 3L))).isEqualTo(undisturbed);
    for (TableSpec table : List.of(EvalDatasetRecords.SPEC, EvalDatasetVersions.SPEC)) {
      assertThat(TestLakes.rows(killed, table)).isEqualTo(TestLakes.rows(whole, table));
    }
  }

  @Test
  void whatAKilledRunLeftNeverSlipsIntoTheVersionOfAnother() {
    Lakehouse whole = lake("whole");
    publish(whole, DAY, Map.of("a", 1L));
    TestLakes.copy(folder.resolve("whole"), folder.resolve("killed"));
    publish(whole, DAY, Map.of("a", 2L));
    Lakehouse killed = killedAfterTheRows("whole", "killed");

    assertThat(publish(killed, NEXT_DAY, Map.of("c", 4L)))
        .isEqualTo(new Version(3, 2, 1, 0, xor(2, 4)));
    assertThat(content(new EvalSet(killed, SET).records(2).collectAsList()))
        .isEqualTo(Map.of("a", 2L));
    linesMatchRows(killed, 3);
  }

  @Test
  void ofTwoRunsAtOnceOneIsToldToTryAgainAndNothingIsLost() {
    Lakehouse lake = lake("lake");
    publish(lake, DAY.minusDays(1), Map.of("z", 8L));
    var set = new EvalSet(lake, SET);
    // The dates differ, so Delta alone sees no conflict between the two.
    try (var one = set.compare(DateRange.of(DAY), target(SET, DAY, Map.of("a", 1L)), RUN);
        var two =
            set.compare(DateRange.of(NEXT_DAY), target(SET, NEXT_DAY, Map.of("b", 2L)), RUN)) {
      assertThat(two.publish(RUN).number()).isEqualTo(2);
      assertThatThrownBy(() -> one.publish(RUN))
          .isInstanceOfSatisfying(
              FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.TRANSIENT));
    }
    linesMatchRows(lake, 2);
    assertThat(publish(lake, DAY, Map.of("a", 1L)).number()).isEqualTo(3);
    assertThat(content(set.records(3).collectAsList()))
        .isEqualTo(Map.of("z", 8L, "a", 1L, "b", 2L));
    linesMatchRows(lake, 3);
  }

  @Test
  void filesMergedBetweenTwoRunsHideNeitherFromTheOther() {
    Lakehouse lake = lake("lake");
    publish(lake, DAY, Map.of("a", 1L));
    lake.append(EvalDatasetRecords.SPEC, target("other", DAY, Map.of("x", 7L)));
    var set = new EvalSet(lake, SET);
    try (var one = set.compare(DateRange.of(DAY), target(SET, DAY, Map.of("a", 2L)), RUN)) {
      assertThat(new Upkeep(lake).mergeFiles(EvalDatasetRecords.SPEC, DateRange.of(DAY)))
          .isPositive();
      try (var two =
          set.compare(DateRange.of(NEXT_DAY), target(SET, NEXT_DAY, Map.of("b", 2L)), RUN)) {
        assertThat(one.publish(RUN).number()).isEqualTo(2);
        assertThatThrownBy(() -> two.publish(RUN)).isInstanceOf(FlywheelException.class);
      }
    }
    linesMatchRows(lake, 2);
  }

  @Test
  void aLakeCopiedRowByRowGoesOnWithItsNumbers() {
    Lakehouse lake = lake("lake");
    publish(lake, DAY, Map.of("a", 1L));
    publish(lake, DAY, Map.of("a", 2L));
    Lakehouse copy = lake("copy");
    for (TableSpec table : List.of(EvalDatasetRecords.SPEC, EvalDatasetVersions.SPEC)) {
      copy.append(table, lake.read(table));
    }
    assertThat(publish(copy, DAY, Map.of("a", 3L)).number()).isEqualTo(3);
    linesMatchRows(copy, 3);
  }

  private Lakehouse lake(String name) {
    return TestLakes.open(folder.resolve(name));
  }

  /** The rows of lake {@code whole} with the lines that lake {@code killed} had before. */
  private Lakehouse killedAfterTheRows(String whole, String killed) {
    String records = "tables/" + EvalDatasetRecords.SPEC.name();
    Path target = folder.resolve(killed + "-then");
    TestLakes.copy(folder.resolve(killed), target);
    TestLakes.delete(target.resolve(records));
    TestLakes.copy(folder.resolve(whole).resolve(records), target.resolve(records));
    return TestLakes.open(target);
  }

  private static Version publish(Lakehouse lake, LocalDate day, Map<String, Long> content) {
    return publish(lake, SET, day, content);
  }

  private static Version publish(
      Lakehouse lake, String set, LocalDate day, Map<String, Long> content) {
    try (var edition =
        new EvalSet(lake, set).compare(DateRange.of(day), target(set, day, content), RUN)) {
      return edition.publish(RUN);
    }
  }

  /** Every version's line says what counting and hashing its rows says. */
  private static void linesMatchRows(Lakehouse lake, int versions) {
    List<Row> lines =
        lake.read(EvalDatasetVersions.SPEC).orderBy(EvalDatasetVersions.VERSION).collectAsList();
    assertThat(lines).hasSize(versions);
    for (int number = 1; number <= versions; number++) {
      Row line = lines.get(number - 1);
      Map<String, Long> content = content(new EvalSet(lake, SET).records(number).collectAsList());
      assertThat(line.<Integer>getAs(EvalDatasetVersions.VERSION)).isEqualTo(number);
      assertThat(line.<Long>getAs(EvalDatasetVersions.N_RECORDS)).isEqualTo(content.size());
      assertThat(line.<Long>getAs(EvalDatasetVersions.CONTENT_HASH))
          .isEqualTo(xor(content.values().stream().mapToLong(Long::longValue).toArray()));
    }
  }

  private static long xor(long... hashes) {
    return Arrays.stream(hashes).reduce(0, (a, b) -> a ^ b);
  }

  private static Map<String, Long> randomContent(Random random) {
    var content = new TreeMap<String, Long>();
    for (int id = 0; id < 5; id++) {
      if (random.nextInt(3) > 0) {
        content.put("r" + id, (long) random.nextInt(2));
      }
    }
    return content;
  }

  private static List<Row> merged(List<Row> present, Map<String, Long> content, int number) {
    Dataset<Row> rows =
        TestSpark.session().createDataFrame(present, EvalDatasetRecords.SPEC.schema());
    return EvalSet.merge(rows, target(SET, DAY, content), SET, number).collectAsList();
  }

  private static boolean touched(Row row, int number) {
    return Integer.valueOf(number).equals(row.getAs(EvalDatasetRecords.ADDED_IN_VERSION))
        || Integer.valueOf(number).equals(row.getAs(EvalDatasetRecords.RETIRED_IN_VERSION));
  }

  /** The contract of the table, written once more by hand. */
  private static Map<String, Long> ofVersion(List<Row> rows, int version) {
    return content(
        rows.stream()
            .filter(
                row -> {
                  Integer retired = row.getAs(EvalDatasetRecords.RETIRED_IN_VERSION);
                  return row.<Integer>getAs(EvalDatasetRecords.ADDED_IN_VERSION) <= version
                      && (retired == null || retired > version);
                })
            .toList());
  }

  /** Content hash by record; a record that stands twice is an error. */
  private static Map<String, Long> content(List<Row> rows) {
    var content = new TreeMap<String, Long>();
    for (Row row : rows) {
      String id = row.getAs(EvalDatasetRecords.DATASET_RECORD_ID);
      assertThat(content.put(id, row.getAs(EvalDatasetRecords.CONTENT_HASH))).as(id).isNull();
    }
    return content;
  }

  /** What the set shall hold; the versions a row of the contract needs are overwritten. */
  private static Dataset<Row> target(String set, LocalDate day, Map<String, Long> content) {
    var rows = new ArrayList<Map<String, Object>>();
    content.forEach(
        (id, hash) -> {
          var row = new TreeMap<String, Object>();
          row.put(TableSpec.EVENT_DATE, day);
          row.put(EvalDatasetRecords.DATASET_NAME, set);
          row.put(EvalDatasetRecords.DATASET_RECORD_ID, id);
          row.put(EvalDatasetRecords.ADDED_IN_VERSION, 0);
          row.put(EvalDatasetRecords.TENANT_ID, "t");
          row.put(EvalDatasetRecords.INTERACTION_ID, id);
          row.put(EvalDatasetRecords.INPUTS, RowFactory.create("question " + id, null));
          row.put(EvalDatasetRecords.EXPECTATIONS, RowFactory.create(null, "good", 0.9));
          row.put(EvalDatasetRecords.SOURCE, "traffic");
          row.put(EvalDatasetRecords.SPLIT, "eval");
          row.put(EvalDatasetRecords.STRATUM, "all");
          row.put(EvalDatasetRecords.INCLUSION_PROBABILITY, 0.5);
          row.put(EvalDatasetRecords.SAMPLING_WEIGHT, 2.0);
          row.put(EvalDatasetRecords.DEDUP_GROUP_ID, "g");
          row.put(EvalDatasetRecords.CONTENT_HASH, hash);
          rows.add(row);
        });
    return Rows.of(EvalDatasetRecords.SPEC, rows);
  }
}
