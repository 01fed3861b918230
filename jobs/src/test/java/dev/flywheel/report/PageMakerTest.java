package dev.flywheel.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.flywheel.report.Evidence.Issue;
import dev.flywheel.report.Evidence.Place;
import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Evidence.SegmentName;
import dev.flywheel.report.Evidence.Source;
import dev.flywheel.report.Evidence.Trend;
import dev.flywheel.run.DateRange;
import dev.flywheel.testing.TestSpark;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.Test;

/** What the page says in words, on days of a thousand responses. */
class PageMakerTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 12);

  @Test
  void oneDayHasNothingToCompareWith() {
    Page page = page(List.of(), day(0, 700, 200));

    assertThat(page.lede())
        .containsExactly(
            "70.0% of 1,000 responses were good; there is no week before to compare with.",
            "200 responses failed, but no group of failures stands out as an issue.");
    assertThat(page.trends().get(0).chart().dots()).hasSize(1);
    assertThat(page.trends().get(0).chart().whiskers()).hasSize(1);
  }

  @Test
  void aChangeIsOnlyCalledOneWhereItIsMoreThanChance() {
    // Newcombe's interval: -5.9 to 2.0 points, and -13.9 to -6.1.
    assertThat(page(List.of(), day(7, 720, 200), day(0, 700, 200)).lede().get(0))
        .endsWith(", no clear change from the 1 day of the week before that had responses.");
    assertThat(page(List.of(), day(7, 800, 100), day(0, 700, 200)).lede().get(0))
        .endsWith(", 10.0 points less than the 1 day of the week before that had responses.");
  }

  @Test
  void aWeekIsComparedAsAWeekFromItsFifthDay() {
    Quality[] days =
        IntStream.of(11, 10, 9, 8, 7, 0)
            .mapToObj(ago -> ago == 0 ? day(0, 700, 200) : day(ago, 800, 100))
            .toArray(Quality[]::new);

    assertThat(page(List.of(), days).lede().get(0))
        .endsWith(", 10.0 points less than the week before.");
  }

  @Test
  void theCostliestIssueIsNamedUnlessFewUsersAreBehindIt() {
    var issue = new Issue("a", "invoice · total", "new", DAY, DAY, null, 50, 20, 20);
    var small = new Issue("a", "invoice · total", "new", DAY, DAY, null, 50, 4, 4);

    assertThat(page(List.of(issue), day(0, 700, 200)).lede())
        .endsWith(
            "One issue is open (1 new), 25% of the 200 failures.",
            "The costliest is “invoice · total” with 50 failures from 20 users.");
    assertThat(page(List.of(small), day(0, 700, 200)).lede())
        .endsWith("One issue is open (1 new), 25% of the 200 failures.");
    assertThat(page(List.of(small), day(0, 700, 200)).issues().get(0).title())
        .isEqualTo("Issue of few users");
  }

  @Test
  void aResolvedIssueIsListedApart() {
    var open = new Issue("a", "a title", "ongoing", DAY, DAY, null, 50, 20, 20);
    var over =
        new Issue("b", "b title", "resolved", DAY.minusDays(12), DAY.minusDays(8), "a", 0, 0, 20);

    Page page = page(List.of(open, over), day(0, 700, 200));

    assertThat(page.issues()).hasSize(1);
    assertThat(page.resolved())
        .containsExactly(new Page.ResolvedLine("b title", "31 Dec to 4 Jan", "a title", false));
  }

  @Test
  void aResolvedIssueIsNoLongerSeenOnlyWhereItsFailuresLeftTheWindow() {
    Page page = page(List.of(resolved("a", 7, null), resolved("b", 6, null)), day(0, 700, 200));

    assertThat(page.resolved())
        .extracting(Page.ResolvedLine::title, Page.ResolvedLine::inWindow)
        .containsExactly(tuple("b title", true), tuple("a title", false));
    assertThat(new PageRenderer().render(page))
        .containsOnlyOnce("no longer seen")
        .containsOnlyOnce("no longer an issue of its own");
  }

  @Test
  void aResolvedIssueIsPartOfTheOpenOneAtTheEndOfTheChain() {
    List<Issue> issues =
        List.of(
            new Issue("a", "a title", "ongoing", DAY, DAY, null, 50, 20, 20),
            resolved("b", 1, "a"),
            resolved("c", 2, "b"),
            // Ends at an issue that is over, at one that the page does not have, nowhere.
            resolved("d", 3, null),
            resolved("e", 4, "d"),
            resolved("f", 5, "gone"),
            resolved("g", 6, "h"),
            resolved("h", 7, "g"));

    assertThat(page(issues, day(0, 700, 200)).resolved())
        .extracting(Page.ResolvedLine::mergedInto)
        .containsExactly(
            "a title",
            "a title",
            "",
            "another issue",
            "another issue",
            "another issue",
            "another issue");
  }

  @Test
  void agreementWithPeopleCountsEveryJudgementOnce() {
    var evidence =
        new Evidence(
            DAY,
            List.of(day(1, 700, 200), day(0, 700, 200)),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(
                new Source(DAY.minusDays(2), "text", 1000, 0.5, 0.4, 0.1, 0, null, null),
                new Source(DAY.minusDays(1), "text", 1000, 0.5, 0.4, 0.1, 90, 1.0, null),
                new Source(DAY, "text", 9000, 0.5, 0.4, 0.1, 10, 0.0, null)),
            Optional.empty(),
            List.of(),
            List.of());

    assertThat(page(evidence).sources())
        .extracting(Page.SourceLine::empirical)
        .containsExactly("90.0%");
  }

  @Test
  void anIssueSaysNothingOfAReleaseThatDoesNotStandOut() {
    var evidence =
        new Evidence(
            DAY,
            List.of(day(0, 700, 200)),
            List.of(new Issue("a", "a title", "new", DAY, DAY, null, 50, 20, 20)),
            List.of(new Trend(DAY, "a", 50)),
            List.of(
                new Place("a", new SegmentName("release", "r1"), 20, 9),
                new Place("a", new SegmentName("release", "r2"), 21, 9)),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of());

    assertThat(page(evidence).issues())
        .extracting(Page.IssueCard::since)
        .containsExactly("First seen 12 January 2026; last seen 12 January 2026.");
  }

  @Test
  void aDayWithoutResponsesIsAGapAndNotAZero() {
    Page page = page(List.of(), day(5, 700, 200), day(4, 700, 200), day(1, 700, 200));

    Charts.TimeChart chart = page.trends().get(0).chart();
    assertThat(chart.lines()).hasSize(1);
    assertThat(chart.dots()).hasSize(3);
  }

  @Test
  void aDayThatDoesNotKnowAnIssueHasADashAndNotAZero() {
    Page.IssueCard card =
        page(
                List.of(day(2, 700, 200), day(1, 700, 200), day(0, 700, 200)),
                List.of(new Issue("a", "a title", "new", DAY, DAY, null, 50, 20, 20)),
                List.of(new Trend(DAY.minusDays(1), "a", 0), new Trend(DAY, "a", 50)),
                List.of())
            .issues()
            .get(0);

    assertThat(card.days())
        .extracting(Page.IssueDayLine::failures, Page.IssueDayLine::rate)
        .containsExactly(tuple("–", "–"), tuple("0", "0.0%"), tuple("50", "5.0%"));
    assertThat(card.columns().subList(11, 14))
        .extracting(Charts.Column::known, Charts.Column::says)
        .containsExactly(
            tuple(false, "Sat 10 Jan: not known"),
            tuple(true, "Sun 11 Jan: 0 of 1,000 responses (0.0%)"),
            tuple(true, "Mon 12 Jan: 50 of 1,000 responses (5.0%)"));
    assertThat(card.trendSays())
        .isEqualTo("Failures by day: 50 in the window; not known for 1 day.");
  }

  @Test
  void aFactorOverAHandfulOfFailuresElsewhereIsItsLowerEnd() {
    List<Quality> quality =
        List.of(
            new Quality(DAY, "all", "all", 2000, 1000, 1000, 0, 0, 0.5, 90),
            new Quality(DAY, "language", "de", 1000, 100, 900, 0, 0, 0.1, 50));

    // MOVER-R in Python; 718 and 2.9 times by the rates alone.
    assertThat(lift(quality, 718, 719)).isEqualTo("at least 127× as often");
    assertThat(lift(quality, 29, 39)).isEqualTo("2.9× as often");
    assertThat(lift(quality, 50, 50)).isEqualTo("only here");
  }

  /** What the page says of German, which has {@code here} of all failures of the issue. */
  private static String lift(List<Quality> quality, long here, long all) {
    return page(
            quality,
            List.of(new Issue("a", "a title", "new", DAY, DAY, null, all, 20, 20)),
            List.of(),
            List.of(new Place("a", new SegmentName("language", "de"), here, 20)))
        .issues()
        .get(0)
        .where()
        .get(0)
        .lift();
  }

  @Test
  void theAxisOfSegmentsIsLabelledAsFinelyAsItIsDrawn() {
    Page page =
        page(
            List.of(),
            new Quality(DAY, "all", "all", 800_000, 760_000, 40_000, 0, 0, 0.9, 90),
            new Quality(DAY, "language", "de", 400_000, 380_000, 20_000, 0, 0, 0.9, 50),
            new Quality(DAY, "language", "en", 400_000, 380_400, 19_600, 0, 0, 0.9, 50));

    assertThat(page.segmentAxis()).isEqualTo("94.8% to 95.2%");
    assertThat(Jsoup.parse(new PageRenderer().render(page)).select("#segments tbody td").eachText())
        .contains("94.9–95.1%", "95.0–95.2%");
  }

  private static Issue resolved(String id, int lastSeen, String mergedInto) {
    return new Issue(
        id,
        id + " title",
        "resolved",
        DAY.minusDays(13),
        DAY.minusDays(lastSeen),
        mergedInto,
        0,
        0,
        20);
  }

  private static Quality day(int before, long good, long bad) {
    return new Quality(
        DAY.minusDays(before), "all", "all", 1000, good, bad, 1000 - good - bad, 0, 0.7, 90);
  }

  private static Page page(List<Issue> issues, Quality... days) {
    return page(Arrays.asList(days), issues, List.of(), List.of());
  }

  private static Page page(
      List<Quality> quality, List<Issue> issues, List<Trend> trends, List<Place> places) {
    return page(
        new Evidence(
            DAY,
            quality,
            issues,
            trends,
            places,
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of()));
  }

  private static Page page(Evidence evidence) {
    return PageMaker.page(
        TestSpark.run(DateRange.of(DAY)),
        TestSpark.settings(Map.of()),
        List.of(),
        Report.of(evidence, 5));
  }
}
