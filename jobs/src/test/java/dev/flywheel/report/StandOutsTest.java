package dev.flywheel.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.report.Evidence.Issue;
import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Evidence.Trend;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Seven days of 100 responses, 20 of them German: of these 10 fail by the issue, of the rest 1. */
class StandOutsTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 12);
  private static final int MIN_USERS = 5;

  @Test
  void aSegmentStandsOutWithEnoughUsersOnOneDay() {
    assertThat(StandOuts.of(evidence(20, 5), MIN_USERS).get("a"))
        .extracting(place -> place.name().segment())
        .containsExactly("de");
  }

  @Test
  void oneUserOfSevenDaysIsNotSeven() {
    assertThat(StandOuts.of(evidence(20, 1), MIN_USERS)).isEmpty();
  }

  @Test
  void anIssueOfFewUsersStandsOutNowhere() {
    assertThat(StandOuts.of(evidence(4, 5), MIN_USERS)).isEmpty();
  }

  /**
   * The evidence of one issue.
   *
   * @param users of the issue in the window
   * @param germans users of its failures in German on each day
   */
  private static Evidence evidence(long users, long germans) {
    var quality = new ArrayList<Quality>();
    var trends = new ArrayList<Trend>();
    for (int ago = 0; ago < 7; ago++) {
      LocalDate day = DAY.minusDays(ago);
      quality.add(new Quality(day, "all", "all", 100, 80, 20, 0, 0, 0.8, 50));
      quality.add(new Quality(day, "language", "de", 20, 10, 10, 0, 0, 0.5, 15));
      quality.add(new Quality(day, "language", "en", 80, 70, 10, 0, 0, 0.9, 40));
      trends.add(new Trend(day, "a", "all", "all", 11, 9));
      trends.add(new Trend(day, "a", "language", "de", 10, germans));
      trends.add(new Trend(day, "a", "language", "en", 1, 1));
    }
    return new Evidence(
        DAY,
        quality,
        List.of(new Issue("a", "a title", "new", DAY, DAY, null, 77, users, users)),
        trends,
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of());
  }
}
