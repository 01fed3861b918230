package dev.flywheel.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.stats.Wilson;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Counted by hand; the interval and the index by the formulas, in Python. */
class SourceReportTest {
  private static final Offset<Double> EXACT = within(1e-9);

  private static final List<VoteCount> DAY =
      List.of(
          new VoteCount("gg-", null, 30),
          new VoteCount("gb.", null, 10),
          new VoteCount("-g.", null, 20),
          new VoteCount("..b", null, 5),
          new VoteCount("g--", "good", 4),
          new VoteCount("b-g", "good", 1));

  @Test
  void saysHowOftenASourceVotesWithOthersAndAgainstThem() {
    SourceReport first = SourceReport.of(DAY, 0);

    assertThat(first.n()).isEqualTo(70);
    assertThat(first.coverage()).isCloseTo(45 / 70.0, EXACT);
    assertThat(first.overlaps()).isCloseTo(41 / 70.0, EXACT);
    assertThat(first.conflicts()).isCloseTo(11 / 70.0, EXACT);
    assertThat(first.silence()).isCloseTo(20 / 70.0, EXACT);
    assertThat(first.goodShare()).hasValue(44 / 45.0);
  }

  @Test
  void comparesItsVotesWithWhatPeopleSaid() {
    SourceReport first = SourceReport.of(DAY, 0);
    assertThat(first.judged()).isEqualTo(5);
    assertThat(first.empiricalAccuracy()).hasValue(0.8);
    Wilson interval = first.accuracyInterval().orElseThrow();
    assertThat(interval.lower()).isCloseTo(0.3755345, within(1e-6));
    assertThat(interval.upper()).isCloseTo(0.9637758, within(1e-6));

    SourceReport second = SourceReport.of(DAY, 1);
    assertThat(second.judged()).isZero();
    assertThat(second.empiricalAccuracy()).isEmpty();
    assertThat(second.accuracyInterval()).isEmpty();
  }

  @Test
  void driftsByTheChangeOfItsVotesWhereItApplies() {
    List<VoteCount> before =
        List.of(
            new VoteCount("g..", null, 50),
            new VoteCount("b..", null, 30),
            new VoteCount("-..", null, 20),
            // What its surface does not offer is no vote, however much of it there is.
            new VoteCount(".g.", null, 900));
    SourceReport now = SourceReport.of(DAY, 0);

    assertThat(now.drift(SourceReport.of(before, 0)).orElseThrow()).isCloseTo(0.9454164275, EXACT);
    assertThat(now.drift(SourceReport.of(DAY, 0))).hasValue(0);
    assertThat(now.drift(SourceReport.of(List.of(new VoteCount(".g.", null, 9)), 0))).isEmpty();
  }
}
