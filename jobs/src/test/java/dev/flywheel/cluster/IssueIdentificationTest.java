package dev.flywheel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.cluster.IssueIdentification.Known;
import dev.flywheel.cluster.Memberships.Clustering;
import dev.flywheel.cluster.Memberships.Pair;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tonight's two clusters {@code some} and {@code most}, after a day that had one, {@code gone}. */
class IssueIdentificationTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final Pair PAIR = new Pair(0, 1);

  @Test
  void anIssueIsMergedIntoTheOneThatTookMostOfItsFailures() {
    assertThat(absorbedBy(3, 6, 0.3)).isEqualTo("most");
  }

  @Test
  void anIssueIsMergedIntoNoneThatTookTooFew() {
    assertThat(absorbedBy(3, 6, 0.7)).isNull();
  }

  @Test
  void ofEqualsTheFirstClusterCounts() {
    assertThat(absorbedBy(5, 5, 0.3)).isEqualTo("some");
  }

  /**
   * Who took over {@code gone}.
   *
   * @param some failures of it that are in the first cluster tonight
   * @param most failures of it that are in the second
   */
  private static String absorbedBy(long some, long most, double share) {
    LocalDate before = DAY.minusDays(1);
    UnitVector north = UnitVector.along(0, 1);
    UnitVector east = UnitVector.along(1, 0);
    var identification =
        new IssueIdentification(
            List.of(new Clustering(DAY, List.of(east, east))),
            DAY,
            List.of(new Known(new Clustering(before, List.of(north)), List.of("gone"))));
    Map<Pair, Overlap> common = Map.of(PAIR, new Overlap(2, 1).set(0, 0, some).set(1, 0, most));
    List<FailureCluster> clusters = List.of(cluster(0, east), cluster(1, east));
    identification.identify(
        0,
        clusters,
        Map.of(clusters.get(0).fingerprint(), "some", clusters.get(1).fingerprint(), "most"),
        common,
        new IssueMatcher(0.5, 0.8));
    return identification.absorbedBy(0, before, "gone", common, share);
  }

  private static FailureCluster cluster(int number, UnitVector centroid) {
    return new FailureCluster(
        DAY,
        number,
        centroid,
        new ClusterFacts(0, number, 9, 6, DAY, DAY, "hash " + number, List.of()),
        List.of());
  }
}
