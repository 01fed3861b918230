package dev.flywheel.report;

import java.util.List;

/**
 * Everything the page says, written out: the templates only place it. Text that users or senders
 * wrote has been through {@link ShownText}; none of it is escaped yet.
 *
 * <p>The records are public because FreeMarker reads public members only.
 *
 * @param title of the document
 * @param range days the report is about
 * @param lede the whole report in a few sentences
 * @param empty whether there are no responses, and so nothing else
 * @param fewUsers issues with fewer users than this are shown without words of theirs
 * @param moreIssues issues beyond those shown; 0 when all are
 * @param segmentAxis ends of the axis that the segments of all dimensions share
 * @param sources none where the lake does not say
 * @param labelModel how the labels were made; empty where the lake does not say
 */
public record Page(
    String title,
    String range,
    List<String> lede,
    boolean empty,
    List<Headline> headlines,
    List<Trend> trends,
    List<DayLine> days,
    int fewUsers,
    List<IssueCard> issues,
    long moreIssues,
    List<ResolvedLine> resolved,
    List<DimensionTable> dimensions,
    String segmentAxis,
    List<SourceLine> sources,
    String labelModel,
    List<EvalSet> evalSets,
    List<LandingLine> landings,
    List<ReasonLine> reasons,
    List<Term> terms,
    List<Term> provenance) {

  /**
   * One of the figures on top.
   *
   * @param certainty how sure it is, or what it is made of
   * @param change against the week before; empty where there is none
   */
  public record Headline(String name, String value, String certainty, String change) {}

  /**
   * A share over time.
   *
   * @param kind good or bad
   * @param says the chart in a sentence, for those who do not see it
   */
  public record Trend(String kind, String name, String says, Charts.TimeChart chart) {}

  /** One day of the data table beside the charts. */
  public record DayLine(
      String day,
      String responses,
      String good,
      String goodInterval,
      String bad,
      String badInterval,
      String uncertain,
      String provisional,
      String expected) {}

  /**
   * An open issue.
   *
   * @param anchor id in the page, for links such as {@code #issue-abc}
   * @param named false where so few users are behind it that even its title is theirs
   * @param share of all failures of the window
   * @param rateMark the rate on an axis common to all issues
   * @param where segments that stand out
   * @param exemplars none where few users are behind the issue
   */
  public record IssueCard(
      int rank,
      String anchor,
      String title,
      boolean named,
      String status,
      String failures,
      String users,
      String rate,
      String interval,
      String share,
      Charts.IntervalMark rateMark,
      List<Charts.Column> columns,
      String trendSays,
      List<IssueDayLine> days,
      String since,
      List<Where> where,
      List<Example> exemplars) {}

  /** One day of an issue's data table; a dash where a figure is not known. */
  public record IssueDayLine(String day, String failures, String responses, String rate) {}

  /**
   * A segment in which an issue stands out.
   *
   * @param shareWidth share of the issue's failures that lie here, 0 to 100
   */
  public record Where(
      String dimension, String segment, String lift, String rate, String share, int shareWidth) {}

  /** A failure as an example; prompt and response are empty where not logged. */
  public record Example(String day, String model, String signals, String prompt, String response) {}

  /**
   * An issue that no group of failures continues.
   *
   * @param mergedInto empty where no issue took it over
   * @param inWindow whether failures of it lie in the window
   */
  public record ResolvedLine(String title, String seen, String mergedInto, boolean inWindow) {}

  /** Quality by the segments of one dimension. */
  public record DimensionTable(String name, List<SegmentLine> segments) {}

  /** Quality of one segment. */
  public record SegmentLine(
      String name,
      String responses,
      String good,
      String interval,
      String bad,
      Charts.IntervalMark mark) {}

  /** A label source; a dash where a figure is not known. */
  public record SourceLine(
      String name,
      String coverage,
      int coverageWidth,
      String overlaps,
      String conflicts,
      String learned,
      String empirical) {}

  /** The newest version of an eval set and what the window added to it. */
  public record EvalSet(
      String name, String version, String records, String change, String published, String drawn) {}

  /** What landed on one day. */
  public record LandingLine(
      String day, String read, String late, String quarantined, String quarantinedShare) {}

  /** Lines set aside for one reason in the window. */
  public record ReasonLine(String reason, String lines) {}

  /** A term with its explanation, or a fact with its value. */
  public record Term(String name, String says) {}
}
