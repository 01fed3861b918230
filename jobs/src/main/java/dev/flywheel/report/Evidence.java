package dev.flywheel.report;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;

import dev.flywheel.tables.FailureReports;
import dev.flywheel.tables.QualityTrends;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the tables say about one report date, all of it aggregated: what the rows of {@code
 * failure_reports} and the page are made of. Its size depends on issues and segments, never on
 * traffic.
 *
 * @param date last day of the report's window
 * @param quality rows of {@code quality_trends}, {@code FailureReports.PAGE_DAYS} up to {@code
 *     date}, of segments that have enough users to be told apart
 * @param issues rows of {@code failure_issues} of {@code date}
 * @param trends rows of {@code issue_trends} of the same days, of all responses
 * @param places where the failures of the open issues lie, in the segments of {@code quality}
 * @param exemplars typical failures of the open issues, the most typical of each first
 * @param sources rows of {@code label_sources} of the window
 * @param labelModel how the labels of {@code date} were made; empty where the lake does not say
 * @param drawn records of the present eval sets, by event date of the window
 * @param landings lines by landing day of the window
 */
record Evidence(
    LocalDate date,
    List<Quality> quality,
    List<Issue> issues,
    List<Trend> trends,
    List<Place> places,
    List<Exemplar> exemplars,
    List<Source> sources,
    Optional<LabelModel> labelModel,
    List<Drawn> drawn,
    List<Landing> landings) {

  /** What names a segment. */
  record SegmentName(String dimension, String segment) {}

  /** Labels of one segment, or of all responses, on one day. */
  record Quality(
      LocalDate date,
      String dimension,
      String segment,
      long responses,
      long good,
      long bad,
      long uncertain,
      long provisional,
      double meanGood,
      long users)
      implements Comparable<Quality> {
    private static final Comparator<Quality> ORDER =
        comparing(Quality::date).thenComparing(Quality::dimension).thenComparing(Quality::segment);

    boolean isOfAll() {
      return dimension.equals(QualityTrends.ALL);
    }

    @Override
    public int compareTo(Quality other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * A row of {@code failure_issues}; the one that costs most good responses first.
   *
   * @param mergedInto null unless another issue took this one over
   * @param users of the window; none are left once it is resolved
   * @param peakUsers most users on any date of the page
   */
  record Issue(
      String id,
      String title,
      String status,
      LocalDate firstSeen,
      LocalDate lastSeen,
      String mergedInto,
      long failures,
      long users,
      long peakUsers)
      implements Comparable<Issue> {
    private static final Comparator<Issue> MOST_COSTLY =
        comparingLong(Issue::failures)
            .thenComparingLong(Issue::users)
            .reversed()
            .thenComparing(Issue::id);

    static final String RESOLVED = "resolved";

    boolean isResolved() {
      return status.equals(RESOLVED);
    }

    @Override
    public int compareTo(Issue other) {
      return MOST_COSTLY.compare(this, other);
    }
  }

  /**
   * Failures of an issue on one day. There is none for a day on which no group of failures was the
   * issue: how many there were is not known then.
   */
  record Trend(LocalDate date, String issueId, long failures) implements Comparable<Trend> {
    @Override
    public int compareTo(Trend other) {
      return comparing(Trend::date).thenComparing(Trend::issueId).compare(this, other);
    }
  }

  /**
   * Failures of an issue in one segment over the report's window, as the issue was clustered on the
   * report's date.
   */
  record Place(String issueId, SegmentName name, long failures, long users)
      implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        comparing(Place::issueId)
            .thenComparing(place -> place.name().dimension())
            .thenComparing(place -> place.name().segment());

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * One failure, its texts redacted and cut in Spark; null where not logged.
   *
   * @param position place among the exemplars of its issue, from 0
   * @param signals names of the sources that voted bad, joined by commas
   */
  record Exemplar(
      String issueId,
      int position,
      Instant shownAt,
      String prompt,
      String response,
      String model,
      String signals)
      implements Comparable<Exemplar> {
    private static final Comparator<Exemplar> ORDER =
        comparing(Exemplar::issueId)
            .thenComparingInt(Exemplar::position)
            .thenComparing(Exemplar::shownAt);

    @Override
    public int compareTo(Exemplar other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * A row of {@code label_sources}; accuracies are null where not known.
   *
   * @param judged responses that {@code empirical} is a share of
   */
  record Source(
      LocalDate date,
      String name,
      long responses,
      double coverage,
      double overlaps,
      double conflicts,
      long judged,
      Double empirical,
      Double learned)
      implements Comparable<Source> {
    @Override
    public int compareTo(Source other) {
      return comparing(Source::date).thenComparing(Source::name).compare(this, other);
    }
  }

  /** How the labels of one day were made. */
  record LabelModel(
      String method, String reason, LocalDate windowFrom, long responses, Optional<Ratings> ratings)
      implements Comparable<LabelModel> {
    @Override
    public int compareTo(LabelModel other) {
      return windowFrom.compareTo(other.windowFrom);
    }
  }

  /**
   * What ratings say of the responses of the fit window.
   *
   * @param good share of good among them
   * @param ifAllRated the same if everybody rated, doubly robust, with its 95 % interval
   * @param weighted the same by weights alone (SNIPS)
   * @param effective what they are worth in equally weighted ratings
   */
  record Ratings(
      long rated,
      double good,
      double ifAllRated,
      double lower,
      double upper,
      double weighted,
      double effective) {}

  /** Records of an eval set drawn on one day. */
  record Drawn(String dataset, String split, long records) implements Comparable<Drawn> {
    private static final Comparator<Drawn> ORDER =
        comparing(Drawn::dataset).thenComparing(Drawn::split);

    @Override
    public int compareTo(Drawn other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * Lines of one landing day.
   *
   * @param kind {@link #READ}, {@link #LATE} for those that landed a day or more after their event
   *     date, or the reason for quarantine
   */
  record Landing(LocalDate day, String kind, long lines) implements Comparable<Landing> {
    static final String READ = "read";
    static final String LATE = "late";

    boolean isQuarantined() {
      return !kind.equals(READ) && !kind.equals(LATE);
    }

    @Override
    public int compareTo(Landing other) {
      return comparing(Landing::day).thenComparing(Landing::kind).compare(this, other);
    }
  }

  /** The newest version of an eval set. */
  record EvalVersion(
      String dataset, int version, long records, long added, long retired, Instant published) {}

  /** First day of the report's window. */
  LocalDate windowFrom() {
    return date.minusDays(FailureReports.WINDOW_DAYS - 1);
  }

  /** Whether {@code day} lies in the report's window, and not in the one before. */
  boolean inWindow(LocalDate day) {
    return !day.isBefore(windowFrom());
  }

  /** Quality of all responses by day; days without responses are left out. */
  List<Quality> days() {
    return quality.stream().filter(Quality::isOfAll).toList();
  }

  /** Responses of the report's window. */
  long responses() {
    return days().stream().filter(day -> inWindow(day.date())).mapToLong(Quality::responses).sum();
  }
}
