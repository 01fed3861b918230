package dev.flywheel.report;

import dev.flywheel.report.Evidence.EvalVersion;
import dev.flywheel.report.Evidence.Landing;
import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Page.Term;
import dev.flywheel.report.Report.RankedIssue;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.stats.Wilson;
import dev.flywheel.tables.FailureReports;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Turns the evidence of one date into what the page says. */
final class PageMaker {
  private final RunContext run;
  private final Settings settings;
  private final List<EvalVersion> evalVersions;
  private final Evidence evidence;
  private final List<RankedIssue> issues;
  private final List<LocalDate> slots;
  private final Map<LocalDate, Quality> byDate;
  private final Totals now;
  private final IssueCards cards;
  private final SegmentTables segments;

  private PageMaker(
      RunContext run, Settings settings, List<EvalVersion> evalVersions, Report report) {
    this.run = run;
    this.settings = settings;
    this.evalVersions = evalVersions;
    this.evidence = report.evidence();
    this.issues = report.issues();
    this.slots =
        evidence
            .date()
            .minusDays(FailureReports.PAGE_DAYS - 1)
            .datesUntil(evidence.date().plusDays(1))
            .toList();
    this.byDate =
        evidence.days().stream().collect(Collectors.toMap(Quality::date, Function.identity()));
    this.now = Totals.of(evidence.days(), day -> evidence.inWindow(day.date()));

    this.cards = new IssueCards(settings, report, slots);

    this.segments =
        new SegmentTables(evidence, settings.report().minDistinctUsers(), now.goodShare());
  }

  /**
   * The page of one report.
   *
   * @param evalVersions newest version of each eval set
   */
  static Page page(
      RunContext run, Settings settings, List<EvalVersion> evalVersions, Report report) {
    return new PageMaker(run, settings, evalVersions, report).page();
  }

  private Page page() {
    Totals before = Totals.of(evidence.days(), day -> !evidence.inWindow(day.date()));
    var head = new PageHead(issues, cards, now, before);
    return new Page(
        "Failure report, " + Figures.longDay(evidence.date()),
        Figures.range(evidence.windowFrom(), evidence.date()),
        head.lede(),
        now.responses() == 0,
        head.headlines(),
        trends(),
        evidence.days().stream().map(PageMaker::dayLine).toList(),
        settings.report().minDistinctUsers(),
        cards.cards(),
        Math.max(0, issues.size() - settings.report().maxIssues()),
        cards.resolved(),
        segments.tables(),
        segments.axis(),
        LabelSentences.sources(evidence.sources()),
        LabelSentences.model(evidence),
        evalSets(),
        landings(),
        reasons(),
        terms(),
        provenance());
  }

  private List<Page.Trend> trends() {
    return List.of(
        trend("good", "Labelled good", Quality::good), trend("bad", "Labelled bad", Quality::bad));
  }

  private Page.Trend trend(String kind, String name, ToLongFunction<Quality> part) {
    List<Optional<Charts.Point>> points =
        slots.stream()
            .map(slot -> Optional.ofNullable(byDate.get(slot)).map(day -> point(day, part)))
            .toList();
    String says =
        evidence.days().isEmpty()
            ? "No responses."
            : "%s: %s on %s, %s on %s."
                .formatted(
                    name,
                    Figures.percent(share(first(evidence.days()), part)),
                    Figures.day(first(evidence.days()).date()),
                    Figures.percent(share(last(evidence.days()), part)),
                    Figures.day(last(evidence.days()).date()));
    return new Page.Trend(
        kind,
        name,
        says,
        Charts.timeChart(
            slots.stream().map(Figures::day).toList(), points, FailureReports.WINDOW_DAYS));
  }

  private static Charts.Point point(Quality day, ToLongFunction<Quality> part) {
    Wilson interval = Wilson.of(part.applyAsLong(day), day.responses());
    return new Charts.Point(
        "%s: %s (%s) of %s responses"
            .formatted(
                Figures.weekday(day.date()),
                Figures.percent(share(day, part)),
                Figures.percent(interval),
                Figures.count(day.responses())),
        share(day, part),
        interval);
  }

  private static double share(Quality day, ToLongFunction<Quality> part) {
    return (double) part.applyAsLong(day) / day.responses();
  }

  private static Page.DayLine dayLine(Quality day) {
    return new Page.DayLine(
        Figures.weekday(day.date()),
        Figures.count(day.responses()),
        Figures.percent(share(day, Quality::good)),
        Figures.percent(Wilson.of(day.good(), day.responses())),
        Figures.percent(share(day, Quality::bad)),
        Figures.percent(Wilson.of(day.bad(), day.responses())),
        Figures.percent(share(day, Quality::uncertain)),
        Figures.count(day.provisional()),
        Figures.percent(day.meanGood()));
  }

  private List<Page.EvalSet> evalSets() {
    return evalVersions.stream()
        .map(
            set -> {
              String drawn =
                  evidence.drawn().stream()
                      .filter(part -> part.dataset().equals(set.dataset()))
                      .collect(
                          Collectors.groupingBy(
                              Evidence.Drawn::split,
                              TreeMap::new,
                              Collectors.summingLong(Evidence.Drawn::records)))
                      .entrySet()
                      .stream()
                      .map(
                          part ->
                              Figures.count(part.getValue()) + " " + ShownText.name(part.getKey()))
                      .collect(Collectors.joining(", "));
              return new Page.EvalSet(
                  ShownText.name(set.dataset()),
                  String.valueOf(set.version()),
                  Figures.count(set.records()),
                  "+%s, −%s".formatted(Figures.count(set.added()), Figures.count(set.retired())),
                  Figures.moment(set.published()),
                  drawn.isEmpty() ? "none" : drawn);
            })
        .toList();
  }

  private List<Page.LandingLine> landings() {
    Map<LocalDate, List<Landing>> byDay =
        evidence.landings().stream()
            .collect(Collectors.groupingBy(Landing::day, TreeMap::new, Collectors.toList()));
    return byDay.entrySet().stream().map(day -> landingLine(day.getKey(), day.getValue())).toList();
  }

  private static Page.LandingLine landingLine(LocalDate day, List<Landing> lines) {
    long all = lines.stream().mapToLong(Landing::lines).sum();
    long late = lines(lines, Landing.LATE);
    long quarantined =
        lines.stream().filter(Landing::isQuarantined).mapToLong(Landing::lines).sum();
    return new Page.LandingLine(
        Figures.weekday(day),
        Figures.count(lines(lines, Landing.READ) + late),
        Figures.count(late),
        Figures.count(quarantined),
        Figures.percent((double) quarantined / all));
  }

  private static long lines(List<Landing> lines, String kind) {
    return lines.stream().filter(line -> line.kind().equals(kind)).mapToLong(Landing::lines).sum();
  }

  private List<Page.ReasonLine> reasons() {
    return evidence.landings().stream()
        .filter(Landing::isQuarantined)
        .collect(Collectors.groupingBy(Landing::kind, Collectors.summingLong(Landing::lines)))
        .entrySet()
        .stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .map(
            reason ->
                new Page.ReasonLine(
                    ShownText.name(reason.getKey()), Figures.count(reason.getValue())))
        .toList();
  }

  private List<Term> terms() {
    Settings.Label label = settings.label();
    return List.of(
        new Term(
            "Good, bad, uncertain",
            "Every response has p_good, the probability that it was good, learned from what users"
                + " did with it. It is labelled good from %s on, bad up to %s, and uncertain in"
                    .formatted(label.goodAt(), label.badAt())
                + " between. Shares are of all responses, so that uncertain ones are in sight. A"
                + " failure is a response labelled bad."),
        new Term(
            "Interval",
            "If the week were repeated, 95 of 100 such intervals would hold the true share"
                + " (Wilson; for changes, Newcombe). It covers chance, not a label that is wrong,"
                + " and takes responses to be independent: where few users bring many responses"
                + " it is too narrow."),
        new Term(
            "Provisional",
            "Users may still edit, rate or come back. The label becomes final when its"
                + " observation window has closed, and the page is made anew."),
        new Term(
            "Issue",
            "A group of failures that read alike, found by clustering the window. Issues are ranked"
                + " by failures in the window, as clustered on its last day. Daily figures count"
                + " each day as it was clustered that day, so their sum differs. Where no group of"
                + " that day was this issue, nothing is known of it for the day: a dash, not a"
                + " zero."),
        new Term(
            "Where",
            ("Segments in which the issue is more frequent than elsewhere by Fisher's exact test,"
                    + " at a false discovery rate of %s over all segments and issues of the page;"
                    + " of these, the ones with %d failures or more. The factor compares the rate"
                    + " there with the rate everywhere else in the window; with fewer than %d"
                    + " failures elsewhere it is the lower end of its 95%% interval, “at least”."
                    + " It says where to look, not why.")
                .formatted(
                    Figures.wholePercent(StandOuts.FALSE_DISCOVERY_RATE),
                    StandOuts.MIN_FAILURES,
                    StandOuts.MIN_FAILURES)),
        new Term(
            "What is left out",
            ("Issues of fewer than %d users are counted, without words of theirs. Segments need %d"
                    + " responses in the window, and %d users on one day; the %d largest"
                    + " of each kind are shown. Texts are cut, and what"
                    + " looks like an address, a number or a secret is replaced.")
                .formatted(
                    settings.report().minDistinctUsers(),
                    Segments.MIN_RESPONSES,
                    settings.report().minDistinctUsers(),
                    SegmentTables.MAX_SEGMENTS)));
  }

  private List<Term> provenance() {
    return List.of(
        new Term("Window", evidence.windowFrom() + " to " + evidence.date() + ", UTC"),
        new Term("Run", run.runId()),
        new Term("Made", Figures.moment(run.clock().instant())),
        new Term("Build", run.buildCommit()),
        new Term("Seed", String.valueOf(run.seed())),
        new Term("Configuration", settings.hash().substring(0, 12)));
  }

  private static <T> T first(List<T> items) {
    return items.get(0);
  }

  private static <T> T last(List<T> items) {
    return items.get(items.size() - 1);
  }
}
