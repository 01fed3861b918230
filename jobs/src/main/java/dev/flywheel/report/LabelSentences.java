package dev.flywheel.report;

import dev.flywheel.report.Evidence.Source;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** What the page says of where labels come from: the sources, the model, and who rates. */
final class LabelSentences {

  private LabelSentences() {}

  /** Label sources, the one that votes on most responses first. */
  static List<Page.SourceLine> sources(List<Source> sources) {
    return sources.stream().collect(Collectors.groupingBy(Source::name)).values().stream()
        .sorted(
            Comparator.comparingDouble((List<Source> days) -> -coverage(days))
                .thenComparing(days -> days.get(0).name()))
        .map(LabelSentences::sourceLine)
        .toList();
  }

  private static Page.SourceLine sourceLine(List<Source> days) {
    Double learned = days.get(days.size() - 1).learned();
    List<Source> judged =
        days.stream().filter(day -> day.empirical() != null && day.judged() > 0).toList();
    return new Page.SourceLine(
        ShownText.name(days.get(0).name()),
        Figures.percent(coverage(days)),
        (int) Math.round(100 * coverage(days)),
        Figures.percent(mean(days, Source::overlaps, Source::responses)),
        Figures.percent(mean(days, Source::conflicts, Source::responses)),
        learned == null ? Figures.UNKNOWN : Figures.percent(learned),
        judged.isEmpty()
            ? Figures.UNKNOWN
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

  /** How the labels of the date came about; empty where it has no label model. */
  static String model(Evidence evidence) {
    return evidence.labelModel().map(model -> model(evidence.date(), model)).orElse("");
  }

  private static String model(LocalDate date, Evidence.LabelModel model) {
    return String.format(
            Locale.ROOT,
            "Labels of %s: %s, from the votes on %s since %s. Why this method: %s",
            Figures.longDay(date),
            model.method().equals("dawid_skene") ? "the Dawid-Skene model" : "the majority vote",
            Figures.count(model.responses(), "response", "responses"),
            Figures.longDay(model.windowFrom()),
            ShownText.shown(model.reason()))
        + model.ratings().map(LabelSentences::ratings).orElse("");
  }

  private static String ratings(Evidence.Ratings ratings) {
    return String.format(
        Locale.ROOT,
        ". Of %s in the same days %s are good. If everybody rated it would be %s (%s to %s, doubly"
            + " robust; %s by weights alone, SNIPS; the ratings are worth %,.0f equally weighted"
            + " ones), as far as user type, query category and behaviour tell who rates: where"
            + " rating depends on quality beyond them, only people who judge responses drawn at"
            + " random can say.",
        Figures.count(ratings.rated(), "rating", "ratings"),
        Figures.percent(ratings.good()),
        Figures.percent(ratings.ifAllRated()),
        Figures.percent(ratings.lower()),
        Figures.percent(ratings.upper()),
        Figures.percent(ratings.weighted()),
        ratings.effective());
  }
}
