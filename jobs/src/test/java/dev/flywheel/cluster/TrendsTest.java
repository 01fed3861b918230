package dev.flywheel.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Rows;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Ten responses, four of them failures of one issue; another issue has none on the day. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrendsTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  private Map<String, Row> cells;

  @BeforeAll
  void count() {
    var shown = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < 10; i++) {
      Map<String, Object> row = new HashMap<>();
      row.put(TableSpec.EVENT_DATE, DAY);
      row.put(Interactions.TENANT_ID, "t");
      row.put(Interactions.INTERACTION_ID, "i" + i);
      row.put(Interactions.USER_ID, "u" + i / 2);
      row.put(Interactions.SESSION_ID, "s");
      row.put(Interactions.SHOWN_AT, Instant.parse("2026-01-05T10:00:00Z"));
      row.put(Interactions.N_EVENTS, 1L);
      row.put(Interactions.LANGUAGE, i < 4 ? "de" : "en");
      if (i < 5) {
        row.put(Interactions.RELEASE, "3.0");
      }
      shown.add(row);
    }
    Dataset<Row> interactions = Rows.of(Interactions.SPEC, shown);
    Dataset<Row> issues =
        interactions
            .sparkSession()
            .sql(
                "SELECT DATE'2026-01-05' AS event_date, id AS issue_id"
                    + " FROM VALUES ('a'), ('silent') AS issues(id)");
    // Users u0, u0, u1 and u2.
    Dataset<Row> failures =
        interactions
            .where("interaction_id IN ('i0', 'i1', 'i2', 'i5')")
            .selectExpr("*", "'a' AS issue_id");
    cells =
        Trends.of(failures, interactions, issues).collectAsList().stream()
            .collect(
                Collectors.toMap(
                    row ->
                        row.getAs(IssueTrends.ISSUE_ID)
                            + " "
                            + row.getAs(IssueTrends.DIMENSION)
                            + " "
                            + row.getAs(IssueTrends.SEGMENT),
                    row -> row));
  }

  @Test
  void theDayIsCountedAsAWhole() {
    Row all = cells.get("a all all");
    assertThat(all.<Long>getAs(IssueTrends.FAILURES)).isEqualTo(4);
    assertThat(all.<Long>getAs(IssueTrends.INTERACTIONS)).isEqualTo(10);
    assertThat(all.<Long>getAs(IssueTrends.DISTINCT_USERS)).isEqualTo(3);
    assertThat(all.<Double>getAs(IssueTrends.FAILURE_RATE)).isEqualTo(0.4);
    assertThat(all.<Double>getAs(IssueTrends.LIFT)).isNull();
    // Published example of the Wilson interval for 4 of 10: 0.168 to 0.687.
    assertThat(all.<Double>getAs(IssueTrends.CI_LOWER)).isCloseTo(0.168, within(5e-4));
    assertThat(all.<Double>getAs(IssueTrends.CI_UPPER)).isCloseTo(0.687, within(5e-4));
  }

  @Test
  void liftIsTheRateOfTheSegmentOverThatOfAllOtherResponses() {
    Row german = cells.get("a language de");
    assertThat(german.<Double>getAs(IssueTrends.FAILURE_RATE)).isEqualTo(3.0 / 4);
    // One of the six others.
    assertThat(german.<Double>getAs(IssueTrends.LIFT)).isCloseTo(4.5, within(1e-12));
    assertThat(cells.get("a language en").<Double>getAs(IssueTrends.LIFT))
        .isCloseTo((1.0 / 6) / (3.0 / 4), within(1e-12));
  }

  @Test
  void aResponseThatDoesNotSayItsSegmentCountsInTheWholeOnly() {
    Row release = cells.get("a release 3.0");
    assertThat(release.<Long>getAs(IssueTrends.INTERACTIONS)).isEqualTo(5);
    assertThat(release.<Long>getAs(IssueTrends.FAILURES)).isEqualTo(3);
    assertThat(cells.keySet()).noneMatch(cell -> cell.contains("surface"));
  }

  @Test
  void anIssueWithoutFailuresHasARowOfZerosAndNoSegments() {
    List<String> silent = cells.keySet().stream().filter(c -> c.startsWith("silent")).toList();
    assertThat(silent).containsExactly("silent all all");
    Row all = cells.get("silent all all");
    assertThat(all.<Long>getAs(IssueTrends.FAILURES)).isZero();
    assertThat(all.<Long>getAs(IssueTrends.INTERACTIONS)).isEqualTo(10);
    assertThat(all.<Long>getAs(IssueTrends.DISTINCT_USERS)).isZero();
    assertThat(all.<Double>getAs(IssueTrends.CI_LOWER)).isZero();
  }
}
