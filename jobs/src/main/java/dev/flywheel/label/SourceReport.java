package dev.flywheel.label;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How one source behaved on one day, in Snorkel's terms (Ratner et al. 2017).
 *
 * @param n responses of the day
 * @param coverage share of them on which the source votes
 * @param overlaps share on which it and another source vote
 * @param conflicts share on which it and another source disagree
 * @param empiricalAccuracy agreement with human verdicts; empty where there is none to compare
 */
record SourceReport(
    long n, double coverage, double overlaps, double conflicts, OptionalDouble empiricalAccuracy) {

  /**
   * Reads everything off the counts of the day.
   *
   * @param day counts of one event date; at least one
   * @param source position of the source in the patterns
   */
  static SourceReport of(List<VoteCount> day, int source) {
    long n = 0;
    long votes = 0;
    long overlaps = 0;
    long conflicts = 0;
    long judged = 0;
    long right = 0;
    for (VoteCount pattern : day) {
      n += pattern.n();
      char vote = pattern.vote(source);
      if (!LabelModel.isVote(vote)) {
        continue;
      }
      votes += pattern.n();
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
        judged == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) right / judged));
  }
}
