package dev.flywheel.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.report.Evidence.Issue;
import dev.flywheel.report.Evidence.Place;
import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Evidence.SegmentName;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Seven days of 100 responses, 20 of them German: of these 10 fail by the issue, of the rest 1. */
class StandOutsTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 12);
  private static final int MIN_USERS = 5;

  @Test
  void aSegmentStandsOutWithEnoughUsers() {
    assertThat(StandOuts.of(evidence(20, 5), MIN_USERS).get("a"))
        .extracting(place -> place.name().segment())
        .containsExactly("de");
  }

  @Test
  void aSegmentOfOneUserDoesNotStandOut() {
    assertThat(StandOuts.of(evidence(20, 1), MIN_USERS)).isEmpty();
  }

  @Test
  void anIssueOfFewUsersStandsOutNowhere() {
    assertThat(StandOuts.of(evidence(4, 5), MIN_USERS)).isEmpty();
  }

  @Test
  void aSegmentWithoutFailuresDoesNotStandOut() {
    Evidence evidence = evidence(List.of(issue(77, 20)), quality(), List.of());

    assertThat(StandOuts.of(evidence, MIN_USERS)).isEmpty();
  }

  @Test
  void countsThatOtherLabelsContradictAreNotTested() {
    List<Place> more = List.of(place("de", 141, 20));

    assertThat(StandOuts.of(evidence(List.of(issue(150, 20)), quality(), more), MIN_USERS))
        .isEmpty();
    assertThat(StandOuts.of(evidence(List.of(issue(100, 20)), quality(), more), MIN_USERS))
        .isEmpty();
  }

  /** 300 failures spread by chance over 100 segments of 100 responses, 400 times. */
  @Test
  void failuresSpreadByChanceRarelyStandOut() {
    var dice = new Random(3);
    int reports = 400;
    int withStandOut = 0;
    for (int report = 0; report < reports; report++) {
      var failures = new long[100];
      for (int i = 0; i < 300; i++) {
        failures[dice.nextInt(failures.length)]++;
      }
      var quality = new ArrayList<Quality>();
      var places = new ArrayList<Place>();
      quality.add(new Quality(DAY, "all", "all", 10_000, 9_000, 1_000, 0, 0, 0.9, 900));
      for (int i = 0; i < failures.length; i++) {
        quality.add(new Quality(DAY, "language", "l" + i, 100, 90, 10, 0, 0, 0.9, 50));
        places.add(place("l" + i, failures[i], failures[i]));
      }
      Evidence evidence = evidence(List.of(issue(300, 200)), quality, places);
      withStandOut += StandOuts.of(evidence, MIN_USERS).isEmpty() ? 0 : 1;
    }

    assertThat((double) withStandOut / reports).isLessThan(StandOuts.FALSE_DISCOVERY_RATE);
  }

  /**
   * The evidence of one issue.
   *
   * @param users of the issue
   * @param germans users of its failures in German
   */
  private static Evidence evidence(long users, long germans) {
    return evidence(
        List.of(issue(77, users)), quality(), List.of(place("de", 70, germans), place("en", 7, 7)));
  }

  private static List<Quality> quality() {
    var quality = new ArrayList<Quality>();
    for (int ago = 0; ago < 7; ago++) {
      LocalDate day = DAY.minusDays(ago);
      quality.add(new Quality(day, "all", "all", 100, 80, 20, 0, 0, 0.8, 50));
      quality.add(new Quality(day, "language", "de", 20, 10, 10, 0, 0, 0.5, 15));
      quality.add(new Quality(day, "language", "en", 80, 70, 10, 0, 0, 0.9, 40));
    }
    return quality;
  }

  private static Issue issue(long failures, long users) {
    return new Issue("a", "a title", "new", DAY, DAY, null, failures, users, users);
  }

  private static Place place(String language, long failures, long users) {
    return new Place("a", new SegmentName("language", language), failures, users);
  }

  private static Evidence evidence(List<Issue> issues, List<Quality> quality, List<Place> places) {
    return new Evidence(
        DAY,
        quality,
        issues,
        List.of(),
        places,
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of());
  }
}
