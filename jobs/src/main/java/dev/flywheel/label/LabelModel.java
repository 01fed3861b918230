package dev.flywheel.label;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What turns the votes on a response into one probability: the fitted {@link DawidSkene} or the
 * share of good votes, whichever the evidence is for, calibrated where people judged enough.
 *
 * @param sources names in the order of the votes
 * @param fit empty for the vote share
 * @param priorGood learned share of good responses; the mean vote share where nothing was learned
 * @param nHuman responses that people judged
 * @param dependence empty where nothing was fitted
 */
record LabelModel(
    List<String> sources,
    Optional<DawidSkene.Fit> fit,
    Choice choice,
    double priorGood,
    long nInteractions,
    int nPatterns,
    long nHuman,
    Optional<Dependence> dependence,
    Calibration calibration) {
  static final String DAWID_SKENE = "dawid_skene";
  static final String MAJORITY_VOTE = "majority_vote";

  /**
   * Why this method, and what it was chosen by.
   *
   * @param reason for people
   * @param heldOut log probability of the votes on responses that were not fitted on, the model's
   *     less that of sources that are all equally good, nats
   * @param brierOfModel mean squared error on judged responses whose verdict was not known to it
   * @param brierOfVote the same of the vote share
   * @param calibrationError expected calibration error of the method chosen, on the same responses
   */
  record Choice(
      String reason,
      Optional<Gain> heldOut,
      OptionalDouble brierOfModel,
      OptionalDouble brierOfVote,
      OptionalDouble calibrationError) {
    static Choice because(String reason) {
      OptionalDouble none = OptionalDouble.empty();
      return new Choice(reason, Optional.empty(), none, none, none);
    }
  }

  /**
   * Why a label is what it is: what one source brings to the log odds of good.
   *
   * @param vote good, bad, abstain; null for what is not a vote
   * @param logOdds null where the method has none
   */
  record Evidence(String source, String vote, Double logOdds) {}

  /**
   * Fits the model of one event date.
   *
   * @param window counts of the fit window's days, in any order; at least one
   * @param sources names in the order of the votes
   */
  static LabelModel fit(List<VoteCount> window, List<String> sources) {
    return new LabelModelFit(VoteCount.merged(window), sources).model();
  }

  String method() {
    return fit.isPresent() ? DAWID_SKENE : MAJORITY_VOTE;
  }

  /** Probability that a response with these votes is good. */
  double pGood(VoteCount pattern) {
    return pattern.human() == null
        ? calibration.apply(belief(pattern))
        : pattern.human().equals("good") ? 1 : 0;
  }

  /** Before calibration. */
  private double belief(VoteCount pattern) {
    int[] cells = VoteTable.cells(pattern);
    return fit.map(f -> f.posterior(cells))
        .orElseGet(() -> VoteTable.voteShare(cells, 2))[VoteTable.GOOD];
  }

  /** Why the label of these votes is what it is: the prior, then the sources, largest first. */
  List<Evidence> evidence(VoteCount pattern) {
    var evidence = new ArrayList<Evidence>();
    fit.ifPresent(f -> evidence.add(new Evidence("prior", null, Calibration.logit(f.priorGood()))));
    Arrays.stream(VoteTable.cells(pattern))
        .mapToObj(
            cell ->
                new Evidence(
                    sources.get(cell / 3),
                    Sources.WORDS.get(cell % 3),
                    fit.map(f -> f.evidence(cell)).orElse(null)))
        .sorted(
            Comparator.comparingDouble(one -> one.logOdds() == null ? 0 : -Math.abs(one.logOdds())))
        .forEach(evidence::add);
    if (!calibration.equals(Calibration.NONE)) {
      double belief = belief(pattern);
      double before =
          fit.isPresent()
              ? evidence.stream().mapToDouble(Evidence::logOdds).sum()
              : Calibration.logit(belief);
      double shift = Calibration.logit(calibration.apply(belief)) - before;
      evidence.add(new Evidence("calibration", null, shift));
    }
    if (pattern.human() != null) {
      evidence.add(0, new Evidence("human", pattern.human(), null));
    }
    return evidence;
  }

  /** Per source the likelihoods of good, bad and abstain, if good and then if bad. */
  Map<String, List<Double>> parameters() {
    var parameters = new TreeMap<String, List<Double>>();
    fit.ifPresent(
        f -> {
          for (int j = 0; j < sources.size(); j++) {
            parameters.put(sources.get(j), f.likelihoods(j));
          }
        });
    return parameters;
  }

  /** Power of each source in the likelihood: below 1 where it repeats others. */
  Map<String, Double> weights() {
    var weights = new TreeMap<String, Double>();
    if (fit.isPresent()) {
      double[] of = dependence.orElseThrow().weights();
      for (int j = 0; j < of.length; j++) {
        weights.put(sources.get(j), of[j]);
      }
    }
    return weights;
  }

  /**
   * Identity of the model: a hash of its sources, method, parameters and calibration.
   *
   * @param definition of the sources, with their conditions
   */
  String version(String definition) {
    String content =
        String.join(
            "|",
            method(),
            definition,
            fit.map(f -> f.priorGood() + " " + parameters() + " " + weights())
                .orElse("no parameters"),
            calibration.toString());
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "lm-" + HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
