package dev.flywheel.report;

import dev.flywheel.report.Evidence.EvalVersion;
import dev.flywheel.report.Evidence.Landing;
import dev.flywheel.report.Evidence.Quality;
import dev.flywheel.report.Evidence.Source;
import dev.flywheel.report.Page.Term;
import dev.flywheel.report.Report.RankedIssue;
import dev.flywheel.report.Segments.Segment;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.stats.ShareChange;
import dev.flywheel.stats.Wilson;
import dev.flywheel.tables.FailureReports;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Turns the evidence of one date into what the page says. */
final class PageMaker {
  /** Segments of a dimension, the largest first; the rest is in quality_trends. */
  private static final int MAX_SEGMENTS = 8;

  private static final int SEGMENT_WIDTH = 130;
  private static final String UNKNOWN = "–";

  private final RunContext run;
  private final Settings settings;
  private final List<EvalVersion> evalVersions;
  private final Evidence evidence;
  private final List<RankedIssue> issues;
  private final List<LocalDate> slots;
  private final Map<LocalDate, Quality> byDate;
  private final Map<String, List<Segment>> segments;
  private final Totals now;
  private final Totals before;
  private final IssueCards cards;

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
    this.segments = shownSegments();
    this.now = Totals.of(evidence.days(), day -> evidence.inWindow(day.date()));
    this.before = Totals.of(evidence.days(), day -> !evidence.inWindow(day.date()));
    this.cards = new IssueCards(settings, report, slots);
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
    return new Page(
        "Failure report, " + Figures.longDay(evidence.date()),
        Figures.range(evidence.windowFrom(), evidence.date()),
        lede(),
        now.responses() == 0,
        headlines(),
        trends(),
        evidence.days().stream().map(PageMaker::dayLine).toList(),
        settings.report().minDistinctUsers(),
        cards.cards(),
        Math.max(0, issues.size() - settings.report().maxIssues()),
        cards.resolved(),
        dimensions(),
        segmentAxis(),
        sources(),
        labelModel(),
        evalSets(),
        landings(),
        reasons(),
        terms(),
        provenance());
  }

  private List<String> lede() {
    if (now.responses() == 0) {
      return List.of(
          "There are no labelled responses in these seven days.",
          "Once logs have landed and the nightly run has labelled them, this page says what"
              + " failed, for whom, since when and how sure that is.");
    }
    var sentences = new ArrayList<String>();
    sentences.add(
        "%s of %s were good%s"
            .formatted(
                Figures.percent(now.goodShare()),
                Figures.count(now.responses(), "response", "responses"),
                change()));
    if (issues.isEmpty()) {
      sentences.add(
          now.bad() == 0
              ? "None was labelled bad."
              : "%s failed, but no group of failures stands out as an issue."
                  .formatted(Figures.count(now.bad(), "response", "responses")));
      return sentences;
    }
    sentences.add(open());
    RankedIssue first = issues.get(0);
    if (cards.isNamed(first.issue())) {
      sentences.add(
          "The costliest is “%s” with %s from %s."
              .formatted(
                  ShownText.title(first.issue().title()),
                  Figures.count(first.issue().failures(), "failure", "failures"),
                  Figures.count(first.issue().users(), "user", "users")));
    }
    return sentences;
  }

  private String change() {
    if (before.responses() == 0) {
      return "; there is no week before to compare with.";
    }
    ShareChange change = now.goodChange(before);
    if (!change.isClear()) {
      return ", no clear change from " + before.name() + ".";
    }
    String size = Figures.points(change.change());
    return ", %s points %s than %s."
        .formatted(size.substring(1), change.change() < 0 ? "less" : "more", before.name());
  }

  private String open() {
    var parts = new ArrayList<String>();
    for (String status : List.of("new", "regressed")) {
      long n = issues.stream().filter(i -> i.issue().status().equals(status)).count();
      if (n > 0) {
        parts.add(Figures.count(n) + " " + status);
      }
    }
    long failures = issues.stream().mapToLong(i -> i.issue().failures()).sum();
    return "%s open%s, together %s of the %s."
        .formatted(
            issues.size() == 1 ? "One issue is" : Figures.count(issues.size()) + " issues are",
            parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")",
            Figures.wholePercent(Math.min(1, (double) failures / Math.max(1, now.bad()))),
            Figures.count(now.bad(), "failure", "failures"));
  }

  private List<Page.Headline> headlines() {
    if (now.responses() == 0) {
      return List.of();
    }
    return List.of(
        share("Good", now, before, Totals::good),
        share("Bad", now, before, Totals::bad),
        new Page.Headline(
            "Responses",
            Figures.count(now.responses()),
            "in " + Figures.count(now.days(), "day", "days"),
            before.responses() == 0 ? "" : Figures.count(before.responses()) + " " + before.name()),
        new Page.Headline(
            "Decided",
            Figures.percent((double) (now.good() + now.bad()) / now.responses()),
            Figures.count(now.uncertain()) + " uncertain",
            now.provisional() == 0
                ? "all labels final"
                : Figures.count(now.provisional(), "label", "labels") + " still provisional"));
  }

  private static Page.Headline share(
      String name, Totals now, Totals before, ToLongFunction<Totals> part) {
    long n = part.applyAsLong(now);
    String change = "";
    if (before.responses() > 0) {
      ShareChange difference =
          ShareChange.of(n, now.responses(), part.applyAsLong(before), before.responses());
      change =
          "%s points (%s to %s) on %s"
              .formatted(
                  Figures.points(difference.change()),
                  Figures.points(difference.lower()),
                  Figures.points(difference.upper()),
                  before.name());
    }
    return new Page.Headline(
        name,
        Figures.percent((double) n / now.responses()),
        "95% interval " + Figures.percent(Wilson.of(n, now.responses())),
        change);
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

  /** The largest segments of each dimension. */
  private Map<String, List<Segment>> shownSegments() {
    return Segments.of(evidence, settings.report().minDistinctUsers()).stream()
        .collect(
            Collectors.groupingBy(
                segment -> segment.name().dimension(),
                LinkedHashMap::new,
                Collectors.collectingAndThen(
                    Collectors.toList(),
                    segments -> segments.stream().limit(MAX_SEGMENTS).toList())));
  }

  /** Lower end, upper end and step of the axis that all segments share. */
  private double[] segmentScale() {
    List<Wilson> intervals =
        segments.values().stream().flatMap(List::stream).map(PageMaker::good).toList();
    return Charts.niceScale(
        intervals.stream().mapToDouble(Wilson::lower).min().orElse(0),
        intervals.stream().mapToDouble(Wilson::upper).max().orElse(1));
  }

  private List<Page.DimensionTable> dimensions() {
    double[] scale = segmentScale();
    return segments.entrySet().stream()
        .map(
            dimension ->
                new Page.DimensionTable(
                    ShownText.dimension(dimension.getKey()),
                    dimension.getValue().stream()
                        .map(segment -> segmentLine(segment, scale))
                        .toList()))
        .toList();
  }

  private String segmentAxis() {
    double[] scale = segmentScale();
    return Figures.wholePercent(scale[0]) + " to " + Figures.wholePercent(scale[1]);
  }

  private static Wilson good(Segment segment) {
    return Wilson.of(segment.good(), segment.responses());
  }

  private Page.SegmentLine segmentLine(Segment segment, double[] scale) {
    double share = (double) segment.good() / segment.responses();
    return new Page.SegmentLine(
        ShownText.name(segment.name().segment()),
        Figures.count(segment.responses()),
        Figures.percent(share),
        Figures.percent(good(segment)),
        Figures.percent((double) segment.bad() / segment.responses()),
        Charts.intervalMark(
            share,
            good(segment),
            OptionalDouble.of(Math.min(scale[1], Math.max(scale[0], now.goodShare()))),
            scale[0],
            scale[1],
            SEGMENT_WIDTH));
  }

  /** Label sources, the one that votes on most responses first. */
  private List<Page.SourceLine> sources() {
    return evidence.sources().stream()
        .collect(Collectors.groupingBy(Source::name))
        .values()
        .stream()
        .sorted(
            Comparator.comparingDouble((List<Source> days) -> -coverage(days))
                .thenComparing(days -> days.get(0).name()))
        .map(PageMaker::sourceLine)
        .toList();
  }

  private static Page.SourceLine sourceLine(List<Source> days) {
    Double learned = last(days).learned();
    List<Source> judged =
        days.stream().filter(day -> day.empirical() != null && day.judged() > 0).toList();
    return new Page.SourceLine(
        ShownText.name(days.get(0).name()),
        Figures.percent(coverage(days)),
        (int) Math.round(100 * coverage(days)),
        Figures.percent(mean(days, Source::overlaps, Source::responses)),
        Figures.percent(mean(days, Source::conflicts, Source::responses)),
        learned == null ? UNKNOWN : Figures.percent(learned),
        judged.isEmpty()
            ? UNKNOWN
            : Figures.percent(mean(judged, Source::empirical, Source::judged)));
  }

  private static double coverage(List<Source> days) {
    return mean(days, Source::coverage, Source::responses);
  }

  /** Mean over days, weighted by the responses that it is a share of. */
  private static double mean(
      List<Source> days, ToDoubleFunction<Source> share, ToLongFunction<Source> of) {
    double responses = days.stream().mapToLong(of).sum();
    return responses == 0
        ? 0
        : days.stream().mapToDouble(day -> share.applyAsDouble(day) * of.applyAsLong(day)).sum()
            / responses;
  }

  private String labelModel() {
    return evidence.labelModel().map(this::labelModel).orElse("");
  }

  private String labelModel(Evidence.LabelModel model) {
    return String.format(
            Locale.ROOT,
            "Labels of %s: %s, from the votes on %s since %s. Why this method: %s",
            Figures.longDay(evidence.date()),
            model.method().equals("dawid_skene") ? "the Dawid-Skene model" : "the majority vote",
            Figures.count(model.responses(), "response", "responses"),
            Figures.longDay(model.windowFrom()),
            ShownText.shown(model.reason()))
        + model.ratings().map(PageMaker::ratings).orElse("");
  }

  private static String ratings(Evidence.Ratings ratings) {
    return String.format(
        Locale.ROOT,
        ". Of %s in the same days %s are good. If everybody rated it would be %s (%s to %s, doubly"
            + " robust; the ratings are worth %,.0f equally weighted ones), as far as user type,"
            + " query category and behaviour tell who rates: where rating depends on quality beyond"
            + " them, only people who judge responses drawn at random can say.",
        Figures.count(ratings.rated(), "rating", "ratings"),
        Figures.percent(ratings.good()),
        Figures.percent(ratings.ifAllRated()),
        Figures.percent(ratings.lower()),
        Figures.percent(ratings.upper()),
        ratings.effective());
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
            "A group of failures that read alike, found by clustering the window. Issues are"
                + " ranked by failures in the window. Daily figures count each day as it was"
                + " clustered that day, so their sum can differ a little."),
        new Term(
            "Where",
            ("Segments in which the issue is more frequent than elsewhere by Fisher's exact test,"
                    + " at a false discovery rate of %s over all segments of the page, with"
                    + " %d failures or more. The factor compares the rate there with the rate"
                    + " everywhere else. It says where to look, not why.")
                .formatted(
                    Figures.wholePercent(StandOuts.FALSE_DISCOVERY_RATE), StandOuts.MIN_FAILURES)),
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
                    MAX_SEGMENTS)));
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
