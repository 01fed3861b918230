package dev.flywheel.nightly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.IssueIdentities;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestLakes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The law of time, on rows: any order, any grouping, any number of repeats of the same landing days
 * ends in the same tables, killed half-way or not. On logs with late, repeated and broken lines,
 * and with a day on which nothing lands.
 */
class NightlyLawTest {
  private static final LocalDate FIRST = LocalDate.of(2026, 1, 5);

  /** Days after the first on which logs land; the fourth brings what was made for the third. */
  private static final List<Integer> LANDS = List.of(0, 1, 3);

  private static final int DAYS = LANDS.size();
  private static final int INTERACTIONS_PER_DAY = 60;

  @TempDir static Path logs;
  @TempDir static Path reference;

  /** Lakes of the first nights in order, which others go on from. */
  @TempDir static Path oneDay;

  @TempDir static Path twoDays;

  private static Map<String, List<String>> expected;

  @TempDir Path lake;

  /** One backfill of all days is what everything else is compared with. */
  @BeforeAll
  static void backfill() throws IOException {
    // The last day does not reach back to the first.
    Files.writeString(logs.resolve("flywheel.yaml"), "ingest: {lookback_days: 1}\n");
    Generator.run(
        GeneratorOptions.of(
            logs.resolve("raw"),
            logs.resolve("truth"),
            new DateRange(FIRST, FIRST.plusDays(DAYS)),
            INTERACTIONS_PER_DAY,
            42));
    Files.move(raw(FIRST.plusDays(2)), raw(FIRST.plusDays(3)));
    nights(reference, "0-3");
    expected = TestLakes.lawfulRows(reference);
    nights(oneDay, "0");
    goOn(twoDays, oneDay, "1");
  }

  private static Path raw(LocalDate landing) {
    return logs.resolve("raw").resolve("dt=" + landing);
  }

  private static void goOn(Path lake, Path begun, String order) {
    TestLakes.delete(lake);
    TestLakes.copy(begun, lake);
    nights(lake, order);
  }

  /**
   * Runs the nights one after the other: {@code 2} is the third of them, {@code 0-2} the first two.
   */
  private static void nights(Path lake, String order) {
    for (String night : order.split(" ", -1)) {
      Program.Ended ended = Program.run(command(lake, night));
      assertThat(ended.exitCode()).as("%s: %s", night, ended.err()).isZero();
    }
  }

  private static String[] command(Path lake, String night) {
    String[] ends = night.split("-", -1);
    int from = Integer.parseInt(ends[0]);
    int to = ends.length == 1 ? from + 1 : Integer.parseInt(ends[1]);
    return new String[] {
      "nightly",
      "--config",
      logs.resolve("flywheel.yaml").toString(),
      "--input",
      logs.resolve("raw").toString(),
      "--lake",
      lake.toString(),
      "--from",
      FIRST.plusDays(LANDS.get(from)).toString(),
      "--to",
      FIRST.plusDays(LANDS.get(to - 1) + 1).toString()
    };
  }

  @Test
  void theReferenceIsWorthComparingWith() {
    expected.forEach((table, rows) -> assertThat(rows).as("rows of %s", table).isNotEmpty());
    // A line of three that is late or repeated, at the least.
    assertThat(expected.get("events")).hasSizeGreaterThan(DAYS * INTERACTIONS_PER_DAY);
    // The window of the first day closes on the quiet one.
    assertThat(statuses()).containsEntry(FIRST, "final").containsValue("provisional");
  }

  private static Map<LocalDate, String> statuses() {
    return TestLakes.open(reference)
        .read(QualityLabels.SPEC)
        .select(TableSpec.EVENT_DATE, QualityLabels.STATUS)
        .distinct()
        .collectAsList()
        .stream()
        .collect(
            Collectors.toMap(
                row -> row.<java.sql.Date>getAs(0).toLocalDate(), row -> row.getString(1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // reversed; in groups, one of them twice
        "2 1 0",
        "1-3 0-2 1-3"
      })
  void anyOrderAnyGroupingAnyRepeatEndsInTheSameTables(String order) {
    nights(lake, order);
    assertSameRows(TestLakes.lawfulRows(lake));
  }

  @Test
  void nightsInOrderEndInTheSameTables() {
    goOn(lake, twoDays, "2");
    assertSameRows(TestLakes.lawfulRows(lake));
  }

  @Test
  void aDayThatLandsLateEndsInTheSameTables() {
    goOn(lake, oneDay, "2 1");
    assertSameRows(TestLakes.lawfulRows(lake));
  }

  @Test
  void theSameNightsAgainChangeNothingAtAll() {
    List<String> versions = registry(EvalDatasetVersions.SPEC);
    List<String> identities = registry(IssueIdentities.SPEC);
    nights(reference, "0-3");
    assertSameRows(TestLakes.lawfulRows(reference));
    assertThat(registry(EvalDatasetVersions.SPEC)).isEqualTo(versions);
    assertThat(registry(IssueIdentities.SPEC)).isEqualTo(identities);
  }

  private static List<String> registry(TableSpec table) {
    return TestLakes.rows(TestLakes.open(reference), table);
  }

  /** SIGKILL when the first commit of a table is there, then the same night again. */
  @ParameterizedTest
  @ValueSource(strings = {"events", "behavior_signals", "issue_identities"})
  void aNightThatWasKilledAndRunAgainEndsInTheSameTables(String table) throws Exception {
    TestLakes.delete(lake);
    TestLakes.copy(twoDays, lake);
    long before = commits(table);
    Process night = Program.start(lake.resolve("killed.log"), command(lake, "2"));
    awaitCommit(night, table, before);
    night.destroyForcibly().waitFor();
    nights(lake, "2");
    assertSameRows(TestLakes.lawfulRows(lake));
  }

  private void awaitCommit(Process night, String table, long before) throws Exception {
    Instant deadline = Instant.now().plus(Duration.ofMinutes(5));
    while (commits(table) == before) {
      assertThat(night.isAlive())
          .as(() -> "the night ended before it was killed: " + read(lake.resolve("killed.log")))
          .isTrue();
      assertThat(Instant.now()).isBefore(deadline);
      Thread.sleep(5);
    }
  }

  private long commits(String table) throws IOException {
    Path log = lake.resolve("tables").resolve(table).resolve("_delta_log");
    if (!Files.exists(log)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(log)) {
      return files.filter(file -> file.toString().endsWith(".json")).count();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void assertSameRows(Map<String, List<String>> found) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (table, rows) -> assertThat(found.get(table)).as("rows of %s", table).isEqualTo(rows));
  }
}
