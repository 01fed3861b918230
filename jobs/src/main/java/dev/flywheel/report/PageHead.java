package dev.flywheel.report;

import dev.flywheel.report.Report.RankedIssue;
import dev.flywheel.stats.ShareChange;
import dev.flywheel.stats.Wilson;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What the page says before everything else: some sentences, and the figures of the window.
 *
 * @param issues open ones, costliest first
 * @param now the window
 * @param before the window before it
 */
record PageHead(List<RankedIssue> issues, IssueCards cards, Totals now, Totals before) {

  List<String> lede() {
    if (now.responses() == 0) {
      return List.of(
          "There are no labelled responses in these seven days.",
          "Once logs have landed and the nightly run has labelled them, this page says what"
              + " failed, for whom, since when and how sure that is.");
    }
    var sentences = new ArrayList<String>();
    sentences.add(
        "%s of %s good%s"
            .formatted(
                Figures.percent(now.goodShare()),
                Figures.count(now.responses(), "response was", "responses were"),
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
    String size = Figures.points(change.change()).substring(1);
    if (!change.isClear() || size.equals("0.0")) {
      return ", no clear change from " + before.name() + ".";
    }
    return ", %s points %s than %s."
        .formatted(size, change.change() < 0 ? "less" : "more", before.name());
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
    boolean one = issues.size() == 1;
    return "%s open%s, %s%s of the %s."
        .formatted(
            one ? "One issue is" : Figures.count(issues.size()) + " issues are",
            parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")",
            one ? "" : "together ",
            Figures.wholePercent(Math.min(1, (double) failures / Math.max(1, now.bad()))),
            Figures.count(now.bad(), "failure", "failures"));
  }

  List<Page.Headline> headlines() {
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
}
