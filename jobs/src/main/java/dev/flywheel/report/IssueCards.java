package dev.flywheel.report;

import dev.flywheel.report.Evidence.Issue;
import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Evidence.Trend;
import dev.flywheel.report.Report.RankedIssue;
import dev.flywheel.report.StandOuts.StandOut;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.FailureReports;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the page says about each issue, open or resolved. */
final class IssueCards {
  /** Segments named for an issue; the rest follows from them or is in issue_trends. */
  private static final int MAX_WHERE = 4;

  private static final int RATE_WIDTH = 120;
  private static final int COLUMN_HEIGHT = 30;
  private static final int COLUMN_PITCH = 8;

  private final Settings settings;
  private final Evidence evidence;
  private final List<RankedIssue> issues;
  private final List<LocalDate> slots;
  private final Map<LocalDate, Quality> byDate;
  private final Totals now;
  private final Totals before;

  /**
   * @param slots days of the page, with or without responses
   */
  IssueCards(Settings settings, Report report, List<LocalDate> slots) {
    this.settings = settings;
    this.evidence = report.evidence();
    this.issues = report.issues();
    this.slots = slots;
    this.byDate =
        evidence.days().stream().collect(Collectors.toMap(Quality::date, Function.identity()));
    this.now = Totals.of(evidence.days(), day -> evidence.inWindow(day.date()));
    this.before = Totals.of(evidence.days(), day -> !evidence.inWindow(day.date()));
  }

  boolean isNamed(Issue issue) {
    long users = issue.isResolved() ? issue.peakUsers() : issue.users();
    return users >= settings.report().minDistinctUsers();
  }

  private String title(Issue issue) {
    return isNamed(issue) ? ShownText.title(issue.title()) : "Issue of few users";
  }

  List<Page.IssueCard> cards() {
    List<RankedIssue> shown = issues.stream().limit(settings.report().maxIssues()).toList();
    double most = shown.stream().mapToDouble(i -> i.interval().upper()).max().orElse(1);
    return shown.stream().map(issue -> card(issue, most)).toList();
  }

  private Page.IssueCard card(RankedIssue ranked, double most) {
    Issue issue = ranked.issue();
    Map<LocalDate, Long> failures =
        evidence.trends().stream()
            .filter(trend -> trend.issueId().equals(issue.id()))
            .collect(Collectors.toMap(Trend::date, Trend::failures));
    return new Page.IssueCard(
        ranked.rank(),
        anchor(issue),
        title(issue),
        isNamed(issue),
        issue.status(),
        Figures.count(issue.failures()),
        Figures.count(issue.users()),
        Figures.percent(ranked.rate()),
        Figures.percent(ranked.interval()),
        Figures.wholePercent(Math.min(1, (double) issue.failures() / Math.max(1, now.bad()))),
        Charts.intervalMark(
            ranked.rate(), ranked.interval(), OptionalDouble.empty(), 0, most, RATE_WIDTH),
        columns(failures),
        trendSays(failures),
        evidence.days().stream().map(day -> issueDayLine(day, failures)).toList(),
        since(issue),
        ranked.where().stream().limit(MAX_WHERE).map(IssueCards::where).toList(),
        isNamed(issue) ? examples(issue) : List.of());
  }

  private List<Charts.Column> columns(Map<LocalDate, Long> failures) {
    return Charts.columns(
        slots.stream()
            .map(slot -> Optional.ofNullable(byDate.get(slot)))
            .map(day -> day.filter(shown -> failures.containsKey(shown.date())))
            .map(
                day ->
                    day.map(known -> OptionalDouble.of(rate(known, failures)))
                        .orElse(OptionalDouble.empty()))
            .toList(),
        slots.stream()
            .map(
                slot ->
                    byDate.containsKey(slot)
                        ? columnSays(byDate.get(slot), failures)
                        : Figures.weekday(slot) + ": no responses")
            .toList(),
        FailureReports.WINDOW_DAYS,
        COLUMN_HEIGHT,
        COLUMN_PITCH);
  }

  private static String columnSays(Quality day, Map<LocalDate, Long> failures) {
    if (!failures.containsKey(day.date())) {
      return Figures.weekday(day.date()) + ": not known";
    }
    return "%s: %s of %s responses (%s)"
        .formatted(
            Figures.weekday(day.date()),
            Figures.count(failures.get(day.date())),
            Figures.count(day.responses()),
            Figures.percent(rate(day, failures)));
  }

  /** The rate on a day on which it is known. */
  private static double rate(Quality day, Map<LocalDate, Long> failures) {
    return (double) failures.get(day.date()) / day.responses();
  }

  private String trendSays(Map<LocalDate, Long> failures) {
    Map<Boolean, Long> weeks =
        failures.entrySet().stream()
            .collect(
                Collectors.partitioningBy(
                    day -> evidence.inWindow(day.getKey()),
                    Collectors.summingLong(Map.Entry::getValue)));
    long unknown =
        evidence.days().stream().filter(day -> !failures.containsKey(day.date())).count();
    return "Failures by day: %s in the window%s%s."
        .formatted(
            Figures.count(weeks.get(true)),
            before.responses() == 0
                ? ""
                : " after " + Figures.count(weeks.get(false)) + " in " + before.name(),
            unknown == 0 ? "" : "; not known for " + Figures.count(unknown, "day", "days"));
  }

  private static Page.IssueDayLine issueDayLine(Quality day, Map<LocalDate, Long> failures) {
    boolean known = failures.containsKey(day.date());
    return new Page.IssueDayLine(
        Figures.weekday(day.date()),
        known ? Figures.count(failures.get(day.date())) : Figures.UNKNOWN,
        Figures.count(day.responses()),
        known ? Figures.percent(rate(day, failures)) : Figures.UNKNOWN);
  }

  private static String since(Issue issue) {
    return "First seen %s; last seen %s."
        .formatted(Figures.longDay(issue.firstSeen()), Figures.longDay(issue.lastSeen()));
  }

  private static Page.Where where(StandOut place) {
    return new Page.Where(
        ShownText.dimension(place.name().dimension()),
        ShownText.name(place.name().segment()),
        lift(place),
        Figures.percent(place.rate()),
        Figures.wholePercent(place.shareOfIssue()),
        (int) Math.round(100 * place.shareOfIssue()));
  }

  private static String lift(StandOut place) {
    if (place.isOnlyHere()) {
      return "only here";
    }
    return place.isRareElsewhere()
        ? "at least " + Figures.times(place.ratio().lower()) + " as often"
        : Figures.times(place.lift()) + " as often";
  }

  private List<Page.Example> examples(Issue issue) {
    return evidence.exemplars().stream()
        .filter(exemplar -> exemplar.issueId().equals(issue.id()))
        .map(IssueCards::example)
        .toList();
  }

  private static Page.Example example(Evidence.Exemplar exemplar) {
    return new Page.Example(
        Figures.weekday(exemplar.shownAt().atOffset(java.time.ZoneOffset.UTC).toLocalDate()),
        exemplar.model() == null ? "" : ShownText.name(exemplar.model()),
        exemplar.signals().isEmpty() ? "" : ShownText.name(exemplar.signals()),
        exemplar.prompt() == null ? "" : ShownText.shown(exemplar.prompt()),
        exemplar.response() == null ? "" : ShownText.shown(exemplar.response()));
  }

  List<Page.ResolvedLine> resolved() {
    Map<String, Issue> byId =
        evidence.issues().stream().collect(Collectors.toMap(Issue::id, Function.identity()));
    return evidence.issues().stream()
        .filter(Issue::isResolved)
        .sorted(Comparator.comparing(Issue::lastSeen).reversed().thenComparing(Issue::id))
        .limit(settings.report().maxIssues())
        .map(
            issue ->
                new Page.ResolvedLine(
                    title(issue),
                    "%s to %s"
                        .formatted(Figures.day(issue.firstSeen()), Figures.day(issue.lastSeen())),
                    mergedInto(issue, byId),
                    evidence.inWindow(issue.lastSeen())))
        .toList();
  }

  /** The open issue at the end of the chain, or that there is none to name. */
  private String mergedInto(Issue issue, Map<String, Issue> byId) {
    if (issue.mergedInto() == null) {
      return "";
    }
    Issue into = issue;
    // One that came back may have taken over what once took it over.
    var passed = new HashSet<String>();
    while (into != null && into.isResolved() && passed.add(into.id())) {
      into = byId.get(into.mergedInto());
    }
    return into == null || into.isResolved() ? "another issue" : title(into);
  }

  private static String anchor(Issue issue) {
    return "issue-" + issue.id().replaceAll("[^A-Za-z0-9_-]", "-");
  }
}
