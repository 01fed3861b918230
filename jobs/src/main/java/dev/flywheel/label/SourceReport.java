package dev.flywheel.label;

import dev.flywheel.stats.Wilson;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How one source behaved on one day, in Snorkel's terms (Ratner et al. 2017).
 *
 * @param n responses of the day
 * @param coverage share of them on which the source votes
 * @param overlaps share on which it and another source vote
 * @param conflicts share on which it and another source disagree
 * @param judged responses on which it votes and a person judged
 * @param right those of them on which both agree
 * @param goodShare share of good among its votes; empty where it never votes
 * @param silence share on which it could have voted and did not
 */
record SourceReport(
    long n,
    double coverage,
    double overlaps,
    double conflicts,
    long judged,
    long right,
    OptionalDouble goodShare,
    double silence) {

  /** Keeps a symbol that is missing on one side from making the index infinite. */
  private static final double LEAST_SHARE = 1e-4;

  /**
   * Reads everything off the counts of some days.
   *
   * @param counts counts of event dates; at least one
   * @param source position of the source in the patterns
   */
  static SourceReport of(List<VoteCount> counts, int source) {
    long n = 0;
    long votes = 0;
    long good = 0;
    long silent = 0;
    long overlaps = 0;
    long conflicts = 0;
    long judged = 0;
    long right = 0;
    for (VoteCount pattern : counts) {
      n += pattern.n();
      char vote = pattern.vote(source);
      if (!Sources.isVote(vote)) {
        silent += vote == Sources.ABSTAIN ? pattern.n() : 0;
        continue;
      }
      votes += pattern.n();
      good += vote == Sources.GOOD ? pattern.n() : 0;
      overlaps += pattern.nVotes() > 1 ? pattern.n() : 0;
      char other = vote == Sources.GOOD ? Sources.BAD : Sources.GOOD;
      conflicts += pattern.votes().indexOf(other) >= 0 ? pattern.n() : 0;
      if (pattern.human() != null) {
        judged += pattern.n();
        right += pattern.human().charAt(0) == vote ? pattern.n() : 0;
      }
    }
    return new SourceReport(
        n,
        (double) votes / n,
        (double) overlaps / n,
        (double) conflicts / n,
        judged,
        right,
        votes == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) good / votes),
        (double) silent / n);
  }

  /** Agreement with human verdicts; empty where there is none to compare. */
  OptionalDouble empiricalAccuracy() {
    return judged == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) right / judged);
  }

  Optional<Wilson> accuracyInterval() {
    return judged == 0 ? Optional.empty() : Optional.of(Wilson.of(right, judged));
  }

  /**
   * Population stability index of the votes where the source applies; empty where it does not on
   * either side.
   */
  OptionalDouble drift(SourceReport before) {
    double here = coverage + silence;
    double there = before.coverage + before.silence;
    if (here == 0 || there == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        term(good() / here, before.good() / there)
            + term((coverage - good()) / here, (before.coverage - before.good()) / there)
            + term(silence / here, before.silence / there));
  }

  private double good() {
    return coverage * goodShare.orElse(0);
  }

  private static double term(double share, double before) {
    double p = Math.max(share, LEAST_SHARE);
    double q = Math.max(before, LEAST_SHARE);
    return (p - q) * Math.log(p / q);
  }
}
