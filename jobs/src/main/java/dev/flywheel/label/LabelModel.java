package dev.flywheel.label;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What turns the votes on a response into one probability: the fitted {@link DawidSkene}, or the
 * share of good votes where there is too little to learn from.
 *
 * @param fit empty for the vote share
 * @param reason why this method
 * @param priorGood learned share of good responses; the mean vote share where nothing was learned
 */
record LabelModel(
    Optional<DawidSkene.Fit> fit,
    String reason,
    double priorGood,
    long nInteractions,
    int nPatterns) {
  static final String DAWID_SKENE = "dawid_skene";
  static final String MAJORITY_VOTE = "majority_vote";

  /** With two sources, who is right cannot be told from who agrees. */
  private static final int FEWEST_SOURCES = 3;

  /** Fewest responses on which sources can be compared. */
  private static final long FEWEST_OVERLAPS = 50;

  /**
   * Fits the model of one event date.
   *
   * @param window counts of the fit window's days, in any order; at least one
   */
  static LabelModel fit(List<VoteCount> window) {
    List<VoteCount> patterns = VoteCount.merged(window);
    long n = patterns.stream().mapToLong(VoteCount::n).sum();
    long sources = voting(patterns);
    long overlaps = patterns.stream().filter(p -> p.nVotes() >= 2).mapToLong(VoteCount::n).sum();
    if (sources < FEWEST_SOURCES) {
      return vote("%d sources vote, fewer than %d".formatted(sources, FEWEST_SOURCES), n, patterns);
    }
    if (overlaps < FEWEST_OVERLAPS) {
      return vote(
          "two sources vote on %d responses, fewer than %d".formatted(overlaps, FEWEST_OVERLAPS),
          n,
          patterns);
    }
    DawidSkene.Fit fit = DawidSkene.fit(patterns);
    if (contradictsItsSources(fit, patterns)) {
      return vote("the fit has most votes wrong: classes have changed places", n, patterns);
    }
    return new LabelModel(
        Optional.of(fit),
        "%d sources vote, two or more on %d responses".formatted(sources, overlaps),
        fit.priorGood(),
        n,
        patterns.size());
  }

  private static LabelModel vote(String reason, long n, List<VoteCount> patterns) {
    double share = patterns.stream().mapToDouble(p -> p.n() * DawidSkene.voteShare(p)).sum() / n;
    return new LabelModel(Optional.empty(), reason, share, n, patterns.size());
  }

  private static long voting(List<VoteCount> patterns) {
    long sources = 0;
    for (int j = 0; j < patterns.get(0).votes().length(); j++) {
      int source = j;
      if (patterns.stream().anyMatch(p -> isVote(p.vote(source)))) {
        sources++;
      }
    }
    return sources;
  }

  /** Whether most votes are more likely wrong than right, which no set of honest sources is. */
  private static boolean contradictsItsSources(DawidSkene.Fit fit, List<VoteCount> patterns) {
    double expectedRight = 0;
    long votes = 0;
    for (VoteCount pattern : patterns) {
      double good = fit.pGood(pattern);
      for (int j = 0; j < pattern.votes().length(); j++) {
        if (isVote(pattern.vote(j))) {
          expectedRight += pattern.n() * (pattern.vote(j) == Sources.GOOD ? good : 1 - good);
          votes += pattern.n();
        }
      }
    }
    return expectedRight < votes / 2.0;
  }

  static boolean isVote(char symbol) {
    return symbol == Sources.GOOD || symbol == Sources.BAD;
  }

  String method() {
    return fit.isPresent() ? DAWID_SKENE : MAJORITY_VOTE;
  }

  /** Probability that a response with these votes is good. */
  double pGood(VoteCount pattern) {
    return fit.map(f -> f.pGood(pattern)).orElseGet(() -> DawidSkene.voteShare(pattern));
  }

  /** Per source the likelihoods of good, bad and abstain, if good and then if bad. */
  Map<String, List<Double>> parameters() {
    var parameters = new TreeMap<String, List<Double>>();
    fit.ifPresent(
        f -> {
          for (int j = 0; j < Sources.NAMES.size(); j++) {
            parameters.put(Sources.NAMES.get(j), f.likelihoods(j));
          }
        });
    return parameters;
  }

  /** Identity of the model: a hash of its sources, method and parameters. */
  String version() {
    String content =
        String.join(
            "|", method(), Sources.JOINED_NAMES, fit.map(this::numbers).orElse("no parameters"));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "lm-" + HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private String numbers(DawidSkene.Fit learned) {
    return learned.priorGood() + " " + parameters();
  }
}
