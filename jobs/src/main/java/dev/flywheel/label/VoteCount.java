package dev.flywheel.label;

import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * How often one combination of votes occurred.
 *
 * @param votes one symbol a source, see {@link Sources}
 * @param human good or bad where a person judged; null otherwise
 */
record VoteCount(String votes, String human, long n) {

  private record Key(String votes, String human) {}

  /** Equal combinations added up, in an order of their own: sums do not depend on who counted. */
  static List<VoteCount> merged(List<VoteCount> counts) {
    var sums =
        new TreeMap<Key, Long>(
            Comparator.comparing(Key::votes)
                .thenComparing(Key::human, Comparator.nullsFirst(Comparator.naturalOrder())));
    counts.forEach(
        count -> sums.merge(new Key(count.votes(), count.human()), count.n(), Long::sum));
    return sums.entrySet().stream()
        .map(sum -> new VoteCount(sum.getKey().votes(), sum.getKey().human(), sum.getValue()))
        .toList();
  }

  char vote(int source) {
    return votes.charAt(source);
  }

  /** Sources that voted good or bad. */
  int nVotes() {
    return (int) votes.chars().filter(vote -> vote == Sources.GOOD || vote == Sources.BAD).count();
  }
}
