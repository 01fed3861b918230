package dev.flywheel.generate;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How much of the planted truth a lake shows. Figures on made-up data: good for catching breakage,
 * no promise about real logs. A figure is empty where the lake has nothing to compute it from.
 *
 * @param compared responses that have both a label and a truth
 * @param auc probability that a good response has a higher {@code p_good} than a bad one
 * @param accuracy share of right labels among those that are not uncertain
 * @param decided share of labels that are not uncertain
 * @param newestVMeasure V-measure of the newest date's clusters against the planted modes, over
 *     failures that have one
 * @param meanVMeasure the same, averaged over all dates with clusters
 * @param totalRatio Horvitz-Thompson total of the sample over traffic on the sampled dates; 1 for a
 *     sample that stands for all of it
 * @param worstRatio the same for the date, user type and query category that is furthest from 1
 */
public record Recovery(
    long compared,
    OptionalDouble auc,
    OptionalDouble accuracy,
    OptionalDouble decided,
    OptionalDouble newestVMeasure,
    OptionalDouble meanVMeasure,
    OptionalDouble totalRatio,
    OptionalDouble worstRatio) {

  /** The figures for people, one a line. */
  public List<String> lines() {
    return List.of(
        line("labels compared with the truth", "%,d", compared),
        line("AUC of p_good", auc),
        line("accuracy of decided labels", accuracy),
        line("share decided", decided),
        line("V-measure of clusters, newest date", newestVMeasure),
        line("V-measure of clusters, mean of dates", meanVMeasure),
        line("sample's total over traffic", totalRatio),
        line("the same, worst date and stratum", worstRatio));
  }

  private static String line(String name, OptionalDouble value) {
    return value.isPresent()
        ? line(name, "%.3f", value.getAsDouble())
        : line(name, "%s", "nothing to compute it from");
  }

  private static String line(String name, String format, Object value) {
    return String.format(Locale.ROOT, "%-38s " + format, name, value);
  }
}
