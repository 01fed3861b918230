package dev.flywheel.cluster;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A cluster of one date, numbered and named.
 *
 * @param date last day of its window
 * @param clusterId number on that date, the largest first
 * @param facts what is known of its members
 * @param terms words that set it apart, strongest first; empty where no word is shared by enough
 *     users
 */
record FailureCluster(
    LocalDate date, int clusterId, UnitVector centroid, ClusterFacts facts, List<String> terms) {
  private static final int TITLE_TERMS = 4;
  private static final String UNNAMED = "(no common words)";

  /** Equal for clusters of the same window, members and centroid, and only for those. */
  String fingerprint() {
    return IssueMatcher.sha256(
        date + " " + facts.size() + " " + facts.membersHash() + " " + centroid.toList());
  }

  /** A few words for people. */
  String title() {
    return terms.isEmpty()
        ? UNNAMED
        : String.join(", ", terms.subList(0, Math.min(TITLE_TERMS, terms.size())));
  }

  /** A cluster of a clustering, by their numbers. */
  record Place(int clustering, int cluster) {}

  /**
   * All clusters of each clustering, numbered by size, then by content.
   *
   * @param facts of the clusters that have members
   */
  static List<List<FailureCluster>> all(
      List<Memberships.Clustering> clusterings,
      List<ClusterFacts> facts,
      Map<Place, List<String>> terms) {
    return IntStream.range(0, clusterings.size())
        .mapToObj(
            number ->
                number(
                    clusterings.get(number),
                    facts.stream().filter(of -> of.clustering() == number).toList(),
                    terms))
        .toList();
  }

  private static List<FailureCluster> number(
      Memberships.Clustering clustering,
      List<ClusterFacts> clusters,
      Map<Place, List<String>> terms) {
    List<ClusterFacts> ordered =
        clusters.stream()
            .sorted(
                Comparator.comparingLong(ClusterFacts::size)
                    .reversed()
                    .thenComparing(ClusterFacts::membersHash))
            .toList();
    var numbered = new ArrayList<FailureCluster>();
    for (ClusterFacts facts : ordered) {
      numbered.add(
          new FailureCluster(
              clustering.date(),
              numbered.size(),
              clustering.centroids().get(facts.cluster()),
              facts,
              terms.getOrDefault(new Place(facts.clustering(), facts.cluster()), List.of())));
    }
    return numbered;
  }
}
