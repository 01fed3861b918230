package dev.flywheel.realdata;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.realdata.CoAuthor.Request;
import dev.flywheel.run.DateRange;
import dev.flywheel.stats.Ranking;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestLakes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real logs go through the whole nightly run, one lake for each data set. */
class RealLogsTest {
  private static final String OBSERVED = "observed";
  private static final String NOT_OBSERVED = "not_observed";
  private static final String NOT_APPLICABLE = "not_applicable";

  @TempDir private static Path folder;

  private static CoAuthor coAuthor;
  private static RealHumanEval realHumanEval;

  /** The lake of one data set after its nightly run, made when first asked for. */
  private static Lakehouse lake(String name, NativeLog log) throws IOException {
    Path raw = folder.resolve(name).resolve("raw");
    Path lake = folder.resolve(name).resolve("lake");
    log.write(raw);
    DateRange days = log.landingDays();
    Program.Ended ended =
        Program.run(
            "nightly",
            "--input",
            raw.toString(),
            "--lake",
            lake.toString(),
            "--from",
            days.from().toString(),
            "--to",
            days.to().toString());
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    return TestLakes.open(lake);
  }

  private static Lakehouse coAuthorLake() throws IOException {
    if (coAuthor == null) {
      CoAuthor data = CoAuthor.read();
      lake("coauthor", data.log());
      coAuthor = data;
    }
    return TestLakes.open(folder.resolve("coauthor/lake"));
  }

  private static Lakehouse realHumanEvalLake() throws IOException {
    if (realHumanEval == null) {
      RealHumanEval data = RealHumanEval.read();
      lake("realhumaneval", data.log());
      realHumanEval = data;
    }
    return TestLakes.open(folder.resolve("realhumaneval/lake"));
  }

  @Test
  void everyLineOfCoAuthorBecomesAnEventAndEveryRequestAnInteraction() throws IOException {
    Lakehouse lake = coAuthorLake();
    assertThat(lake.read(Events.SPEC).count()).isEqualTo(coAuthor.log().events().size());
    assertThat(lake.read(Quarantine.SPEC).count()).isZero();
    for (var table : List.of(Interactions.SPEC, BehaviorSignals.SPEC, QualityLabels.SPEC)) {
      assertThat(lake.read(table).count()).as(table.name()).isEqualTo(10_221);
      assertThat(lake.read(table).select(Interactions.INTERACTION_ID).distinct().count())
          .as(table.name())
          .isEqualTo(10_221);
    }
  }

  /** The published 7,603 counts 14 select events more than accepted requests: see CoAuthorTest. */
  @Test
  void acceptedAndDismissedRequestsOfCoAuthorAreObserved() throws IOException {
    Lakehouse lake = coAuthorLake();
    assertThat(signals(lake, col(BehaviorSignals.ACCEPTED))).isEqualTo(7_589);
    assertThat(signals(lake, col(BehaviorSignals.ACCEPTED).equalTo(false))).isEqualTo(2_562);
    assertThat(signals(lake, col(BehaviorSignals.ACCEPT_OUTCOME).equalTo(NOT_OBSERVED)))
        .isEqualTo(70);
    assertThat(signals(lake, col(BehaviorSignals.COPY_OUTCOME).equalTo(NOT_APPLICABLE)))
        .isEqualTo(10_221);
  }

  @Test
  void sessionsOfCoAuthorHaveTheirPublishedNumberOfRequests() throws IOException {
    Lakehouse lake = coAuthorLake();
    Map<String, Long> requests =
        lake
            .read(Interactions.SPEC)
            .groupBy(Interactions.SESSION_ID)
            .count()
            .collectAsList()
            .stream()
            .collect(toMap(row -> row.getAs(Interactions.SESSION_ID), row -> row.getAs("count")));
    assertThat(requests).hasSize(858);
    coAuthor
        .published()
        .forEach(
            (session, figures) ->
                assertThat(requests.getOrDefault(session, 0L))
                    .as(session)
                    .isEqualTo(figures.queries()));
  }

  @Test
  void wholeSessionsOfCoAuthorHaveTheirPublishedNumberOfAcceptances() throws IOException {
    Lakehouse lake = coAuthorLake();
    Map<String, Long> accepted =
        lake
            .read(Events.SPEC)
            .where(col(Events.EVENT_TYPE).equalTo("suggestion_accepted"))
            .groupBy(Events.SESSION_ID)
            .count()
            .collectAsList()
            .stream()
            .collect(toMap(row -> row.getAs(Events.SESSION_ID), row -> row.getAs("count")));
    for (String session : coAuthor.wholeSessions().keySet()) {
      assertThat(accepted.getOrDefault(session, 0L))
          .as(session)
          .isEqualTo(coAuthor.published().get(session).selected());
    }
    assertThat(accepted)
        .isEqualTo(
            coAuthor.requests().stream()
                .filter(Request::accepted)
                .collect(groupingBy(Request::session, counting())));
  }

  @Test
  void whatBecameOfAcceptedSuggestionsIsTheFinalText() throws IOException {
    Lakehouse lake = coAuthorLake();
    var found = new HashMap<String, String>();
    for (Row row :
        lake.read(Interactions.SPEC)
            .where(col(Interactions.FINAL_TEXT).isNotNull())
            .select(Interactions.INTERACTION_ID, Interactions.FINAL_TEXT)
            .collectAsList()) {
      found.put(row.getAs(Interactions.INTERACTION_ID), row.getAs(Interactions.FINAL_TEXT));
    }
    assertThat(found.equals(coAuthor.editedTexts())).isTrue();
    assertThat(signals(lake, col(BehaviorSignals.EDIT_OUTCOME).equalTo(OBSERVED)))
        .isEqualTo(found.size());
    // The other requests of the whole sessions; nobody knows of edits outside of them.
    assertThat(signals(lake, col(BehaviorSignals.EDIT_OUTCOME).equalTo(NOT_OBSERVED)))
        .isEqualTo(1_252 - found.size());
  }

  /**
   * Nearly all that is known is accepting and dismissing, which must mean the same on every day. A
   * model of three sources of which one never says no drifted there, from 0.98 to 0.46 in a week.
   */
  @Test
  void whatWasAcceptedIsGoodOnEveryDay() throws IOException {
    Lakehouse lake = coAuthorLake();
    List<Row> days =
        lake.read(QualityLabels.SPEC)
            .join(
                lake.read(BehaviorSignals.SPEC)
                    .where(col(BehaviorSignals.ACCEPTED))
                    .select(BehaviorSignals.INTERACTION_ID),
                BehaviorSignals.INTERACTION_ID)
            .groupBy(TableSpec.EVENT_DATE)
            .agg(avg(QualityLabels.P_GOOD))
            .collectAsList();
    assertThat(days)
        .hasSize(22)
        .allSatisfy(day -> assertThat(day.getDouble(1)).isBetween(0.7, 0.8));
  }

  /**
   * Does what else writers do foretell whether they take a suggestion? Labels are made again
   * without the source that sees accepting and dismissing. Little is left: no ratings, no tasks,
   * and edits only of what was taken, so that the edit source sees acceptance through the back
   * door. The session source alone is the honest figure.
   */
  @Test
  void labelsThatDoNotSeeAcceptanceForetellLittleOfIt() throws IOException {
    Lakehouse all = coAuthorLake();
    Map<String, Boolean> accepted =
        all
            .read(BehaviorSignals.SPEC)
            .where(col(BehaviorSignals.ACCEPTED).isNotNull())
            .collectAsList()
            .stream()
            .collect(
                toMap(
                    row -> row.<String>getAs(BehaviorSignals.INTERACTION_ID),
                    row -> row.<Boolean>getAs(BehaviorSignals.ACCEPTED)));
    Path other = folder.resolve("coauthor/without");
    TestLakes.copy(
        folder.resolve("coauthor/lake/tables/events"), make(other.resolve("tables/events")));
    Path config = folder.resolve("coauthor/without.yaml");
    Files.writeString(config, "label: {sources: {uptake: null}}");
    DateRange days = coAuthor.log().landingDays();
    Program.Ended ended =
        Program.run(
            "label",
            "--config",
            config.toString(),
            "--lake",
            other.toString(),
            "--from",
            days.from().toString(),
            "--to",
            days.to().toString());
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    List<Row> labels = TestLakes.open(other).read(QualityLabels.SPEC).collectAsList();
    double fused = auc(labels, accepted, row -> row.<Double>getAs(QualityLabels.P_GOOD));
    double session = auc(labels, accepted, row -> vote(row, "session"));
    double edit = auc(labels, accepted, row -> vote(row, "edit"));
    assertThat(
            List.of(Math.round(1000 * fused), Math.round(1000 * session), Math.round(1000 * edit)))
        .as("AUC in thousandths: fused, session alone, edit alone")
        .containsExactly(534L, 533L, 506L);
  }

  private static Path make(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    return folder;
  }

  private static double vote(Row label, String source) {
    return switch (label
        .<String, String>getJavaMap(label.fieldIndex(QualityLabels.VOTES))
        .get(source)) {
      case "good" -> 1;
      case "bad" -> -1;
      default -> 0;
    };
  }

  private static double auc(
      List<Row> labels, Map<String, Boolean> accepted, ToDoubleFunction<Row> score) {
    return Ranking.auc(
            labels.stream()
                .filter(
                    row -> accepted.containsKey(row.<String>getAs(QualityLabels.INTERACTION_ID)))
                .map(
                    row -> {
                      boolean taken = accepted.get(row.<String>getAs(QualityLabels.INTERACTION_ID));
                      return new Ranking.Tie(
                          score.applyAsDouble(row), taken ? 1 : 0, taken ? 0 : 1);
                    })
                .collect(
                    groupingBy(
                        Ranking.Tie::score,
                        Collectors.reducing(
                            (a, b) ->
                                new Ranking.Tie(
                                    a.score(),
                                    a.positives() + b.positives(),
                                    a.negatives() + b.negatives()))))
                .values()
                .stream()
                .map(Optional::orElseThrow)
                .toList())
        .orElseThrow();
  }

  @Test
  void copiedSharesOfRealHumanEvalAreThoseOfADirectComputation() throws IOException {
    Lakehouse lake = realHumanEvalLake();
    assertThat(lake.read(Interactions.SPEC).count()).isEqualTo(750);
    assertThat(lake.read(Quarantine.SPEC).count()).isZero();
    Map<String, Double> found =
        lake
            .read(BehaviorSignals.SPEC)
            .where(col(BehaviorSignals.COPY_OUTCOME).equalTo(OBSERVED))
            .select(BehaviorSignals.INTERACTION_ID, BehaviorSignals.COPY_SHARE)
            .collectAsList()
            .stream()
            .collect(
                toMap(
                    row -> row.getAs(BehaviorSignals.INTERACTION_ID),
                    row -> row.getAs(BehaviorSignals.COPY_SHARE)));
    Map<String, Double> direct = realHumanEval.copiedShares();
    assertThat(found).containsOnlyKeys(direct.keySet());
    direct.forEach(
        (interaction, share) ->
            assertThat(found.get(interaction)).as(interaction).isCloseTo(share, within(1e-9)));
    assertThat(signals(lake, col(BehaviorSignals.COPY_OUTCOME).equalTo(NOT_OBSERVED)))
        .isEqualTo(750 - direct.size());
  }

  @Test
  void turnsOfRealHumanEvalKeepTheirConversation() throws IOException {
    Lakehouse lake = realHumanEvalLake();
    assertThat(lake.read(Interactions.SPEC).select(Interactions.CONVERSATION_ID).distinct().count())
        .isEqualTo(276);
    // One record of the data has no request.
    assertThat(lake.read(Interactions.SPEC).where(col(Interactions.PROMPT).isNull()).count())
        .isEqualTo(1);
  }

  private static long signals(Lakehouse lake, Column condition) {
    return lake.read(BehaviorSignals.SPEC).where(condition).count();
  }
}
