package dev.flywheel.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.flywheel.cluster.IssueStates.State;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IssueStatesTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  private final IssueStates states = new IssueStates(Map.of());

  @Test
  void anIssueIsNewThenOngoingThenResolvedThenRegressed() {
    assertThat(status(tell(0, "a"))).containsExactly("new");
    assertThat(status(tell(1, "a"))).containsExactly("ongoing");
    assertThat(status(tell(2))).containsExactly("resolved");
    assertThat(status(tell(3, "a"))).containsExactly("regressed");
    assertThat(status(tell(4, "a"))).containsExactly("ongoing");
  }

  @Test
  void firstSeenStaysAndLastSeenIsThatOfTheLastFailure() {
    tell(0, "a");
    tell(1, "a");

    assertThat(tell(2))
        .extracting(State::firstSeen, State::lastSeen, State::clusterId)
        .containsExactly(tuple(DAY.minusDays(1), DAY.plusDays(1), IssueStates.NONE));
    assertThat(tell(3, "a"))
        .extracting(State::firstSeen, State::lastSeen)
        .containsExactly(tuple(DAY.minusDays(1), DAY.plusDays(3)));
  }

  @Test
  void aResolvedIssueIsForgottenTwoWeeksAfterItsLastCluster() {
    tell(0, "a");
    for (int day = 1; day < IssueStates.KNOWN_DAYS; day++) {
      tell(day);
    }

    assertThat(tell(IssueStates.KNOWN_DAYS)).hasSize(1);
    assertThat(tell(IssueStates.KNOWN_DAYS + 1)).isEmpty();
    // Two weeks after the last date that called it resolved, nobody knows it any more.
    assertThat(status(tell(2 * IssueStates.KNOWN_DAYS + 1, "a"))).containsExactly("new");
  }

  @Test
  void whoTookAnIssueOverIsRememberedWhenTheirWindowsNoLongerMeet() {
    tell(0, "a");
    List<State> merged =
        states.tell(
            DAY.plusDays(1),
            Map.of("b", cluster(DAY.plusDays(1))),
            (day, issue) -> day.equals(DAY) && issue.equals("a") ? "b" : null);
    assertThat(merged).extracting(State::mergedInto).containsExactly(null, "b");

    assertThat(tell(2, "b")).extracting(State::mergedInto).containsExactly(null, "b");
    assertThat(tell(3, "a", "b")).extracting(State::mergedInto).containsOnlyNulls();
  }

  @Test
  void whoTookAnIssueOverIsDecidedOnTheFirstDateWithoutIt() {
    tell(0, "a", "b");
    tellWithoutClusters(1, Map.of("a", "c"));
    assertThat(tellWithoutClusters(2, Map.of("a", "d", "b", "d")))
        .extracting(State::issueId, State::mergedInto)
        .containsExactly(tuple("a", "c"), tuple("b", null));

    // One that came back may end elsewhere.
    tell(3, "a");
    assertThat(tellWithoutClusters(4, Map.of("a", "d")))
        .extracting(State::issueId, State::mergedInto)
        .containsExactly(tuple("a", "d"), tuple("b", null));
  }

  @Test
  void datesThatTheRunDoesNotTellCount() {
    var later =
        new IssueStates(
            Map.of(DAY, List.of(new State("a", 0, "title", "ongoing", DAY, DAY, null))));

    assertThat(later.tell(DAY.plusDays(3), Map.of(), (day, issue) -> null))
        .extracting(State::status, State::title)
        .containsExactly(tuple("resolved", "title"));
  }

  private List<State> tell(int day, String... issues) {
    Map<String, FailureCluster> clusters = new java.util.TreeMap<>();
    for (String issue : issues) {
      clusters.put(issue, cluster(DAY.plusDays(day)));
    }
    return states.tell(DAY.plusDays(day), clusters, (date, issue) -> null);
  }

  private List<State> tellWithoutClusters(int day, Map<String, String> absorbedBy) {
    return states.tell(DAY.plusDays(day), Map.of(), (date, issue) -> absorbedBy.get(issue));
  }

  private static List<String> status(List<State> told) {
    return told.stream().map(State::status).toList();
  }

  private static FailureCluster cluster(LocalDate date) {
    return new FailureCluster(
        date,
        0,
        UnitVector.along(1, 0),
        new ClusterFacts(0, 0, 9, 6, date.minusDays(1), date, "hash", List.of()),
        List.of("word"));
  }
}
