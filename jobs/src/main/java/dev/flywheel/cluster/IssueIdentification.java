package dev.flywheel.cluster;

import dev.flywheel.cluster.IssueMatcher.Decision;
import dev.flywheel.cluster.IssueMatcher.Reference;
import dev.flywheel.cluster.Memberships.Clustering;
import dev.flywheel.cluster.Memberships.Pair;
import dev.flywheel.tables.FailureClusters;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which issues the clusters of a run's dates are, date by date.
 *
 * <p>A date's clusters are compared first with those the same date had before; where it had none,
 * with those of the nearest earlier date, or else of the nearest later one. Clusters left over are
 * compared with issues known from earlier dates, the nearest first, so that one that was gone can
 * come back.
 */
final class IssueIdentification {

  /** Clusters of a date as the lake has them, with the issue of each; null where unknown. */
  record Known(Clustering clustering, List<String> issues) {}

  /** A cluster and what it is. */
  record Identified(FailureCluster cluster, Decision decision) {}

  /** Tonight's first, then what the lake had. */
  private final List<Clustering> clusterings = new ArrayList<>();

  private final List<List<String>> issues = new ArrayList<>();
  private final int tonight;

  /** Number of each date's clusters as they stand after the run. */
  private final NavigableMap<LocalDate, Integer> current = new TreeMap<>();

  /** Number of each date's clusters as they stood before it. */
  private final NavigableMap<LocalDate, Integer> before = new TreeMap<>();

  /**
   * @param tonight clusterings of the run's dates, in order
   * @param replaced first of the dates that the run replaces; what the lake has of earlier ones
   *     stays
   * @param known what the lake had
   */
  IssueIdentification(List<Clustering> tonight, LocalDate replaced, List<Known> known) {
    this.tonight = tonight.size();
    for (Clustering clustering : tonight) {
      current.put(clustering.date(), clusterings.size());
      clusterings.add(clustering);
      issues.add(Arrays.asList(new String[clustering.centroids().size()]));
    }
    for (Known clusters : known) {
      LocalDate date = clusters.clustering().date();
      if (date.isBefore(replaced)) {
        current.put(date, clusterings.size());
      }
      before.put(date, clusterings.size());
      clusterings.add(clusters.clustering());
      issues.add(new ArrayList<>(clusters.issues()));
    }
  }

  /** Clusterings of the run's dates, in order. */
  List<Clustering> tonight() {
    return clusterings.subList(0, tonight);
  }

  /** All clusterings, tonight's first, as their numbers count. */
  List<Clustering> clusterings() {
    return clusterings;
  }

  /** Pairs whose common failures {@link #identify} needs. */
  List<Pair> pairs() {
    var pairs = new ArrayList<Pair>();
    for (int i = 0; i < tonight; i++) {
      for (int reference : references(i)) {
        if (clusterings.get(i).meets(clusterings.get(reference))) {
          pairs.add(new Pair(i, reference));
        }
      }
    }
    return pairs;
  }

  /** Numbers of the clusterings that one of tonight's is compared with, in order. */
  private List<Integer> references(int number) {
    LocalDate date = clusterings.get(number).date();
    NavigableMap<LocalDate, Integer> earlier =
        current.subMap(date.minusDays(IssueStates.KNOWN_DAYS), true, date, false);
    var references = new ArrayList<Integer>();
    if (before.containsKey(date)) {
      references.add(before.get(date));
    } else if (earlier.isEmpty()) {
      LocalDate last = date.plusDays(FailureClusters.WINDOW_DAYS - 1);
      before.subMap(date, false, last, true).values().stream().limit(1).forEach(references::add);
    }
    references.addAll(earlier.descendingMap().values());
    return references;
  }

  /**
   * Decides about one of tonight's dates, after all earlier ones.
   *
   * @param number of tonight's clustering
   * @param clusters of that date, in order
   * @param registered issue by fingerprint, as the registry has it for that date
   * @param common failures by pair and clusters
   */
  List<Identified> identify(
      int number,
      List<FailureCluster> clusters,
      Map<String, String> registered,
      Map<Pair, Overlap> common,
      IssueMatcher matcher) {
    List<Reference> references =
        references(number).stream()
            .map(
                reference ->
                    new Reference(
                        issues.get(reference),
                        clusterings.get(reference).centroids(),
                        rows(
                            clusters,
                            common.get(new Pair(number, reference)),
                            issues.get(reference).size())))
            .toList();
    List<Decision> decisions =
        matcher.decide(
            clusterings.get(number).date(),
            clusters.stream()
                .map(c -> new IssueMatcher.Cluster(c.fingerprint(), c.centroid()))
                .toList(),
            registered,
            references);
    var identified = new ArrayList<Identified>();
    for (int i = 0; i < clusters.size(); i++) {
      identified.add(new Identified(clusters.get(i), decisions.get(i)));
      issues.get(number).set(clusters.get(i).facts().cluster(), decisions.get(i).issueId());
    }
    return identified;
  }

  /** The overlap with its left side in the order of the clusters. */
  private static Overlap rows(List<FailureCluster> clusters, Overlap common, int references) {
    if (common == null) {
      return null;
    }
    var rows = new Overlap(clusters.size(), references);
    for (int c = 0; c < clusters.size(); c++) {
      for (int r = 0; r < references; r++) {
        rows.set(c, r, common.both(clusters.get(c).facts().cluster(), r));
      }
    }
    return rows;
  }

  /**
   * Issue of one of tonight's dates that took more failures of an issue of an earlier date than any
   * other; of equals, the first cluster.
   *
   * @param share of the failures that lie in both windows, from which they count as taken over
   * @return null where none took that many, or no failure lies in both windows
   */
  String absorbedBy(
      int number, LocalDate earlier, String issue, Map<Pair, Overlap> common, double share) {
    Integer reference = current.get(earlier);
    Overlap overlap = reference == null ? null : common.get(new Pair(number, reference));
    int right = reference == null ? -1 : issues.get(reference).indexOf(issue);
    if (overlap == null || right < 0) {
      return null;
    }
    int most = 0;
    for (int left = 1; left < issues.get(number).size(); left++) {
      if (overlap.both(left, right) > overlap.both(most, right)) {
        most = left;
      }
    }
    return overlap.absorbed(most, right) >= share ? issues.get(number).get(most) : null;
  }

  /** Each issue of one date with its cluster. */
  static Map<String, FailureCluster> byIssue(List<Identified> identified) {
    var byIssue = new LinkedHashMap<String, FailureCluster>();
    identified.forEach(one -> byIssue.put(one.decision().issueId(), one.cluster()));
    return byIssue;
  }
}
