package dev.flywheel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.cluster.IssueMatcher.Cluster;
import dev.flywheel.cluster.IssueMatcher.Decision;
import dev.flywheel.cluster.IssueMatcher.Reference;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class IssueMatcherTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final UnitVector EAST = UnitVector.along(1, 0);
  private static final UnitVector NORTH = UnitVector.along(0, 1);
  private static final UnitVector NEARLY_EAST = UnitVector.along(1, 0.1);

  private final IssueMatcher matcher = new IssueMatcher(0.5, 0.8);

  @Test
  void aClusterWithTheSameMembersAndDirectionIsTheSameIssue() {
    List<Decision> decisions =
        decide(
            List.of(new Cluster("f1", NEARLY_EAST), new Cluster("f2", NORTH)),
            reference(List.of("north", "east"), List.of(NORTH, EAST), row(1, 8), row(9, 0)));

    assertThat(decisions).extracting(Decision::issueId).containsExactly("east", "north");
    assertThat(decisions).extracting(Decision::decision).containsOnly(IssueMatcher.SAME);
    // 8 in both; 9 in the cluster and 8 in the reference.
    assertThat(decisions.get(0).overlap()).hasValue(8.0 / 9);
    assertThat(decisions.get(0).cosine()).hasValue(NEARLY_EAST.cosine(EAST));
  }

  @Test
  void sameMembersInAnotherDirectionAreNotTheSameIssue() {
    List<Decision> decisions =
        decide(
            List.of(new Cluster("f1", NORTH)), reference(List.of("east"), List.of(EAST), row(10)));

    assertThat(decisions.get(0).issueId()).isNotEqualTo("east");
    assertThat(decisions.get(0).decision()).isEqualTo(IssueMatcher.SPLIT);
  }

  @Test
  void aClusterOfOtherMembersIsNew() {
    List<Decision> decisions =
        decide(
            List.of(
                new Cluster("f1", EAST),
                new Cluster("f2", EAST),
                new Cluster("f3", EAST),
                new Cluster("f4", EAST)),
            reference(
                List.of("a", "b", "c"),
                List.of(EAST, EAST, EAST),
                row(3, 3, 3),
                row(9, 0, 0),
                row(0, 9, 0),
                row(0, 0, 9)));

    assertThat(decisions.get(0))
        .isEqualTo(
            new Decision(
                IssueMatcher.issueId(DAY, "f1"),
                IssueMatcher.NEW,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                false));
    assertThat(decisions).extracting(Decision::issueId).endsWith("a", "b", "c");
  }

  @Test
  void theLargerHalfOfASplitIssueKeepsItsNameAndTheOtherSaysWhereItCameFrom() {
    List<Decision> decisions =
        decide(
            List.of(new Cluster("f1", EAST), new Cluster("f2", NEARLY_EAST)),
            reference(List.of("a"), List.of(EAST), row(7), row(3)));

    assertThat(decisions).extracting(Decision::decision).containsExactly("same", "split");
    assertThat(decisions.get(0).issueId()).isEqualTo("a");
    assertThat(decisions.get(1).issueId()).isEqualTo(IssueMatcher.issueId(DAY, "f2"));
    assertThat(decisions.get(1).overlap()).hasValue(0.3);
  }

  @Test
  void twoIssuesOfEqualSizeMakeAMergedOne() {
    List<Decision> decisions =
        decide(
            List.of(new Cluster("f1", EAST)),
            reference(List.of("a", "b"), List.of(EAST, EAST), row(4, 5)),
            // Nothing of what was merged comes back through an older date.
            reference(List.of("a"), List.of(EAST), row(9)));

    // b is more than half of it, and continues.
    assertThat(decisions.get(0).issueId()).isEqualTo("b");
    assertThat(
            decide(
                    List.of(new Cluster("f1", EAST)),
                    reference(List.of("a", "b", "c"), List.of(EAST, EAST, EAST), row(4, 4, 4)))
                .get(0)
                .decision())
        .isEqualTo(IssueMatcher.MERGED);
  }

  @Test
  void whereTwoCouldContinueAnIssueTheAssignmentWithTheLargestSumWins() {
    var generous = new IssueMatcher(0.1, 0.0);
    List<Decision> decisions =
        generous.decide(
            DAY,
            List.of(new Cluster("f1", EAST), new Cluster("f2", EAST)),
            Map.of(),
            // f1 is most like a, but then f2 would continue nothing.
            List.of(reference(List.of("a", "b"), List.of(EAST, EAST), row(10, 6), row(6, 0))));

    assertThat(decisions).extracting(Decision::issueId).containsExactly("b", "a");
  }

  @Test
  void whatIsRegisteredStaysAndIsGivenToNoOther() {
    List<Decision> decisions =
        matcher.decide(
            DAY,
            List.of(new Cluster("f1", EAST), new Cluster("f2", NORTH)),
            Map.of("f2", "a"),
            List.of(reference(List.of("a"), List.of(EAST), row(10), row(0))));

    assertThat(decisions.get(1).issueId()).isEqualTo("a");
    assertThat(decisions.get(1).registered()).isTrue();
    assertThat(decisions.get(0).issueId()).isNotEqualTo("a");
  }

  @Test
  void anIssueIsOneClusterOnlyEvenIfTheRegistryHasItForTwo() {
    List<Decision> decisions =
        matcher.decide(
            DAY,
            List.of(new Cluster("f1", EAST), new Cluster("f2", NORTH)),
            Map.of("f1", "a", "f2", "a"),
            List.of());

    assertThat(decisions).extracting(Decision::issueId).doesNotHaveDuplicates();
    assertThat(decisions).extracting(Decision::registered).containsOnly(true);
  }

  @Test
  void anIssueThatWasGoneComesBackThroughAnOlderDate() {
    List<Decision> decisions =
        decide(
            List.of(new Cluster("f1", NORTH), new Cluster("f2", EAST)),
            reference(List.of("north"), List.of(NORTH), row(9), row(0)),
            reference(List.of("north", "east"), List.of(NORTH, EAST)));

    assertThat(decisions).extracting(Decision::issueId).containsExactly("north", "east");
    assertThat(decisions.get(1).overlap()).isEmpty();
    assertThat(decisions.get(1).decision()).isEqualTo(IssueMatcher.SAME);
  }

  @Test
  void anUnknownIssueIsContinuedByNobody() {
    List<Decision> decisions =
        decide(
            List.of(new Cluster("f1", EAST)),
            reference(Arrays.asList((String) null), List.of(EAST), row(5)));

    assertThat(decisions.get(0).issueId()).isEqualTo(IssueMatcher.issueId(DAY, "f1"));
  }

  @Test
  void issueIdsAreShortAndDependOnDateAndContent() {
    assertThat(IssueMatcher.issueId(DAY, "f1")).matches("iss-[0-9a-f]{10}");
    assertThat(IssueMatcher.issueId(DAY, "f1"))
        .isEqualTo(IssueMatcher.issueId(DAY, "f1"))
        .isNotEqualTo(IssueMatcher.issueId(DAY.plusDays(1), "f1"))
        .isNotEqualTo(IssueMatcher.issueId(DAY, "f2"));
  }

  private List<Decision> decide(List<Cluster> clusters, Reference... references) {
    return matcher.decide(DAY, clusters, Map.of(), List.of(references));
  }

  private static long[] row(long... failures) {
    return failures;
  }

  /** Without rows, a reference that shares no failure. */
  private static Reference reference(
      List<String> issues, List<UnitVector> centroids, long[]... common) {
    if (common.length == 0) {
      return new Reference(issues, centroids, null);
    }
    var overlap = new Overlap(common.length, issues.size());
    for (int c = 0; c < common.length; c++) {
      for (int r = 0; r < common[c].length; r++) {
        overlap.set(c, r, common[c][r]);
      }
    }
    return new Reference(issues, centroids, overlap);
  }
}
