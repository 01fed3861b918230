package dev.flywheel.cluster;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jgrapht.alg.matching.MaximumWeightBipartiteMatching;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.SimpleWeightedGraph;

/**
 * Decides which issue each cluster of a date is, by comparison with clusters whose issues are
 * known. On one date an issue is at most one cluster, and a cluster is exactly one issue.
 *
 * <p>A cluster continues an issue when enough of their members are the same (Jaccard) and their
 * centroids point the same way (cosine); where several could, the assignment with the largest sum
 * of both wins. Pure: it depends on nothing but its arguments.
 *
 * @param minOverlap Jaccard from which a cluster continues another, and share of members from which
 *     one came out of another
 * @param minCosine cosine of the centroids from which a cluster continues another
 */
record IssueMatcher(double minOverlap, double minCosine) {

  /** The cluster continues a known issue. */
  static final String SAME = "same";

  /** An issue nobody has seen. */
  static final String NEW = "new";

  /** A new issue: most of its members were in one cluster that it does not continue. */
  static final String SPLIT = "split";

  /** A new issue: it took most members of several clusters and continues none. */
  static final String MERGED = "merged";

  /** A cluster to decide about. */
  record Cluster(String fingerprint, UnitVector centroid) {}

  /**
   * Clusters of another date, or of this date before, whose issues are known.
   *
   * @param issues issue of each cluster; null where it is not known
   * @param centroids of each cluster
   * @param overlap failures by cluster to decide about and cluster of the reference; null where the
   *     windows share none, so that only the centroids can tell
   */
  record Reference(List<String> issues, List<UnitVector> centroids, Overlap overlap) {
    private boolean comparable() {
      return overlap != null;
    }
  }

  /**
   * What a cluster is.
   *
   * @param overlap Jaccard with the cluster it continues or came from
   * @param cosine cosine of the centroids of the two
   * @param registered whether it was decided before
   */
  record Decision(
      String issueId,
      String decision,
      OptionalDouble overlap,
      OptionalDouble cosine,
      boolean registered) {}

  /**
   * Decides about all clusters of one date.
   *
   * @param registered issue by fingerprint, as decided before; stays as it is
   * @param references in the order in which they are asked; an issue is compared once, by the first
   *     reference that has it
   * @return one decision per cluster, in their order
   */
  List<Decision> decide(
      LocalDate date,
      List<Cluster> clusters,
      Map<String, String> registered,
      List<Reference> references) {
    var decisions = new HashMap<Integer, Decision>();
    Set<String> asked = new HashSet<>();
    for (int c = 0; c < clusters.size(); c++) {
      String issue = registered.get(clusters.get(c).fingerprint());
      if (issue != null && asked.add(issue)) {
        decisions.put(
            c, new Decision(issue, SAME, OptionalDouble.empty(), OptionalDouble.empty(), true));
      }
    }
    for (Reference reference : references) {
      decisions.putAll(continued(clusters, decisions.keySet(), reference, asked));
      reference.issues().stream().filter(issue -> issue != null).forEach(asked::add);
    }
    var all = new ArrayList<Decision>();
    for (int c = 0; c < clusters.size(); c++) {
      Decision decision = decisions.get(c);
      all.add(
          decision == null ? begun(date, clusters.get(c), c, registered, references) : decision);
    }
    return all;
  }

  private Map<Integer, Decision> continued(
      List<Cluster> clusters, Set<Integer> decided, Reference reference, Set<String> asked) {
    var graph = new SimpleWeightedGraph<String, DefaultWeightedEdge>(DefaultWeightedEdge.class);
    Set<String> left = new LinkedHashSet<>();
    Set<String> right = new LinkedHashSet<>();
    Map<DefaultWeightedEdge, int[]> ends = new HashMap<>();
    for (int c = 0; c < clusters.size(); c++) {
      for (int r = 0; r < reference.issues().size(); r++) {
        String issue = reference.issues().get(r);
        if (decided.contains(c) || issue == null || asked.contains(issue)) {
          continue;
        }
        double cosine = clusters.get(c).centroid().cosine(reference.centroids().get(r));
        double overlap = reference.comparable() ? reference.overlap().jaccard(c, r) : 0;
        if (cosine >= minCosine && (overlap >= minOverlap || !reference.comparable())) {
          String from = "cluster " + c;
          String to = "reference " + r;
          left.add(from);
          right.add(to);
          graph.addVertex(from);
          graph.addVertex(to);
          DefaultWeightedEdge edge = graph.addEdge(from, to);
          graph.setEdgeWeight(edge, overlap + cosine);
          ends.put(edge, new int[] {c, r});
        }
      }
    }
    var continued = new HashMap<Integer, Decision>();
    for (DefaultWeightedEdge edge :
        new MaximumWeightBipartiteMatching<>(graph, left, right).getMatching().getEdges()) {
      int c = ends.get(edge)[0];
      int r = ends.get(edge)[1];
      continued.put(c, decision(reference.issues().get(r), SAME, clusters.get(c), c, reference, r));
    }
    return continued;
  }

  private static Decision decision(
      String issue, String decision, Cluster cluster, int c, Reference reference, int r) {
    return new Decision(
        issue,
        decision,
        reference.comparable()
            ? OptionalDouble.of(reference.overlap().jaccard(c, r))
            : OptionalDouble.empty(),
        OptionalDouble.of(cluster.centroid().cosine(reference.centroids().get(r))),
        false);
  }

  /** A cluster that continues nothing: where its members were in the first reference says why. */
  private Decision begun(
      LocalDate date,
      Cluster cluster,
      int c,
      Map<String, String> registered,
      List<Reference> references) {
    String issue = issueId(date, cluster.fingerprint());
    // Its own issue is another cluster tonight, so the registry cannot be followed.
    boolean known = registered.containsKey(cluster.fingerprint());
    if (!references.isEmpty() && references.get(0).comparable()) {
      Reference before = references.get(0);
      int main = 0;
      int absorbed = 0;
      for (int r = 0; r < before.issues().size(); r++) {
        if (before.overlap().both(c, r) > before.overlap().both(c, main)) {
          main = r;
        }
        if (before.overlap().absorbed(c, r) >= minOverlap) {
          absorbed++;
        }
      }
      if (absorbed > 1 || before.overlap().cameFrom(c, main) >= minOverlap) {
        String why = absorbed > 1 ? MERGED : SPLIT;
        Decision of = decision(issue, why, cluster, c, before, main);
        return new Decision(issue, why, of.overlap(), of.cosine(), known);
      }
    }
    return new Decision(issue, NEW, OptionalDouble.empty(), OptionalDouble.empty(), known);
  }

  /** Identity of an issue that begins with a cluster: short, and the same for the same content. */
  static String issueId(LocalDate date, String fingerprint) {
    return "iss-" + sha256(date + " " + fingerprint).substring(0, 10);
  }

  static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
