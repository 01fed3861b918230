package dev.flywheel.label;

import dev.flywheel.label.Calibration.Judged;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.function.Predicate;

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

  /** With two sources, who is right cannot be told from who agrees. */
  private static final int FEWEST_SOURCES = 3;

  /** Fewest responses on which sources can be compared. */
  private static final long FEWEST_OVERLAPS = 50;

  /** Fewest judged responses, and of each verdict, that choose and calibrate. */
  private static final long FEWEST_JUDGED = 50;

  private static final long FEWEST_OF_EACH_VERDICT = 10;

  private static final int FOLDS = 5;

  /**
   * Why this method, and what it was chosen by.
   *
   * @param reason for people
   * @param heldOutGain mean log probability of the votes on responses that were not fitted on, the
   *     model's less that of sources that are all equally good, nats
   * @param heldOutError its standard error
   * @param brierOfModel mean squared error on judged responses whose verdict was not known to it
   * @param brierOfVote the same of the vote share
   * @param calibrationError expected calibration error of the method chosen, on the same responses
   */
  record Choice(
      String reason,
      OptionalDouble heldOutGain,
      OptionalDouble heldOutError,
      OptionalDouble brierOfModel,
      OptionalDouble brierOfVote,
      OptionalDouble calibrationError) {
    static Choice because(String reason) {
      OptionalDouble none = OptionalDouble.empty();
      return new Choice(reason, none, none, none, none, none);
    }
  }

  /**
   * How much better one method is than another, a response.
   *
   * @param error standard error of the mean
   */
  record Gain(double mean, double error) {
    /** Standard errors beyond which a gain is none of chance. */
    private static final double CERTAIN = 2;

    static Gain of(double sum, double squares, double n) {
      double mean = sum / n;
      return new Gain(mean, Math.sqrt(Math.max(0, squares / n - mean * mean) / n));
    }

    boolean isCertain() {
      return mean > CERTAIN * error;
    }

    Gain negated() {
      return new Gain(-mean, error);
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
    return new Fitting(VoteCount.merged(window), sources).model();
  }

  /** One fit: what its steps share. */
  private static final class Fitting {
    private final List<VoteCount> patterns;
    private final List<String> sources;
    private final VoteTable table;
    private final long n;
    private final long judged;
    private final boolean enoughJudged;

    Fitting(List<VoteCount> patterns, List<String> sources) {
      this.patterns = patterns;
      this.sources = sources;
      this.table = VoteTable.of(patterns);
      this.n = patterns.stream().mapToLong(VoteCount::n).sum();
      long good = count(p -> "good".equals(p.human()));
      this.judged = count(p -> p.human() != null);
      this.enoughJudged =
          judged >= FEWEST_JUDGED && Math.min(good, judged - good) >= FEWEST_OF_EACH_VERDICT;
    }

    private long count(Predicate<VoteCount> which) {
      return patterns.stream().filter(which).mapToLong(VoteCount::n).sum();
    }

    LabelModel model() {
      long voting = 0;
      for (int j = 0; j < table.sources(); j++) {
        int source = j;
        voting += patterns.stream().anyMatch(p -> isVote(p.vote(source))) ? 1 : 0;
      }
      if (voting < FEWEST_SOURCES) {
        return vote("%d sources vote, fewer than %d".formatted(voting, FEWEST_SOURCES));
      }
      long overlaps = count(p -> p.nVotes() >= 2);
      if (overlaps < FEWEST_OVERLAPS) {
        return vote(
            "two sources vote on %d responses, fewer than %d".formatted(overlaps, FEWEST_OVERLAPS));
      }
      Dependence dependence = Dependence.of(table);
      DawidSkene.Fit fit = DawidSkene.fit(table, dependence.weights());
      if (contradictsItsSources(fit)) {
        return vote("the fit has most votes wrong: classes have changed places");
      }
      return enoughJudged ? chosenByPeople(fit, dependence) : chosenByVotes(fit, dependence);
    }

    /** Whether most votes are more likely wrong than right, which no set of honest sources is. */
    private boolean contradictsItsSources(DawidSkene.Fit fit) {
      double expectedRight = 0;
      long votes = 0;
      for (VoteCount pattern : patterns) {
        double good = fit.pGood(pattern);
        for (int j = 0; j < pattern.votes().length(); j++) {
          if (isVote(pattern.vote(j))) {
            expectedRight += pattern.n() * (pattern.vote(j) == Sources.GOOD ? good : 1 - good);
            votes += pattern.n();
          }
        }
      }
      return expectedRight < votes / 2.0;
    }

    private LabelModel vote(String reason) {
      return enoughJudged
          ? calibrated(Optional.empty(), Optional.empty(), Choice.because(reason), beliefsOfVote())
          : model(Optional.empty(), Optional.empty(), Choice.because(reason), Calibration.NONE);
    }

    /**
     * Whoever comes closer to verdicts that were kept from both; where that may be chance, whoever
     * the votes speak for. Some hundred verdicts seldom tell: to follow them all the same would
     * change the method, and with it the meaning of every label, from one night to the next.
     */
    private LabelModel chosenByPeople(DawidSkene.Fit fit, Dependence dependence) {
      List<List<Judged>> ofModel = beliefsOfModel(fit);
      List<List<Judged>> ofVote = beliefsOfVote();
      List<Judged> model = Calibration.crossFitted(ofModel);
      List<Judged> vote = Calibration.crossFitted(ofVote);
      Gain closer = Calibration.gain(model, vote);
      double brierOfModel = Calibration.brier(model);
      double brierOfVote = Calibration.brier(vote);
      boolean told = closer.isCertain() || closer.negated().isCertain();
      Optional<Gain> foretold = told ? Optional.empty() : Optional.of(foretold(fit, dependence));
      boolean isModel = foretold.orElse(closer).isCertain();
      String reason =
          told
              ? String.format(
                  Locale.ROOT,
                  "%s is closer to people's verdicts on %d responses that it was not told (Brier"
                      + " %.4f against %.4f)",
                  isModel ? "the model" : "the vote",
                  judged,
                  Math.min(brierOfModel, brierOfVote),
                  Math.max(brierOfModel, brierOfVote))
              : String.format(
                  Locale.ROOT,
                  "people's verdicts on %d responses do not tell (Brier %.4f of the model, %.4f of"
                      + " the vote); %s",
                  judged,
                  brierOfModel,
                  brierOfVote,
                  describe(foretold.get()));
      var choice =
          new Choice(
              reason,
              mean(foretold),
              error(foretold),
              OptionalDouble.of(brierOfModel),
              OptionalDouble.of(brierOfVote),
              OptionalDouble.empty());
      return isModel
          ? calibrated(Optional.of(fit), Optional.of(dependence), choice, ofModel)
          : calibrated(Optional.empty(), Optional.of(dependence), choice, ofVote);
    }

    /** The model, if it foretells votes on other responses better than equal sources would. */
    private LabelModel chosenByVotes(DawidSkene.Fit fit, Dependence dependence) {
      Gain gain = foretold(fit, dependence);
      var choice =
          new Choice(
              describe(gain),
              OptionalDouble.of(gain.mean()),
              OptionalDouble.of(gain.error()),
              OptionalDouble.empty(),
              OptionalDouble.empty(),
              OptionalDouble.empty());
      return model(
          gain.isCertain() ? Optional.of(fit) : Optional.empty(),
          Optional.of(dependence),
          choice,
          Calibration.NONE);
    }

    /** How much better than equal sources the model foretells the votes on held-out responses. */
    private Gain foretold(DawidSkene.Fit fit, Dependence dependence) {
      double sum = 0;
      double squares = 0;
      for (int fold = 0; fold < FOLDS; fold++) {
        double[] held = inFold(fold, false);
        var counts = new double[held.length];
        for (int v = 0; v < held.length; v++) {
          counts[v] = table.n(v) - held[v];
        }
        VoteTable rest = table.withCounts(counts);
        DawidSkene.Fit learned = DawidSkene.refit(rest, fit);
        EqualSources equal = EqualSources.fit(rest, dependence.weights());
        for (int v = 0; v < held.length; v++) {
          double gain =
              learned.logProbability(table.cells(v)) - equal.logProbability(table.cells(v));
          sum += held[v] * gain;
          squares += held[v] * gain * gain;
        }
      }
      return Gain.of(sum, squares, (double) n);
    }

    private static String describe(Gain foretold) {
      return String.format(
          Locale.ROOT,
          "on responses that were held out the model foretells votes %s than equal sources would"
              + " (%.4f nats a response, standard error %.4f)",
          foretold.isCertain() ? "better" : "no better",
          foretold.mean(),
          foretold.error());
    }

    private static OptionalDouble mean(Optional<Gain> gain) {
      return gain.map(one -> OptionalDouble.of(one.mean())).orElse(OptionalDouble.empty());
    }

    private static OptionalDouble error(Optional<Gain> gain) {
      return gain.map(one -> OptionalDouble.of(one.error())).orElse(OptionalDouble.empty());
    }

    private LabelModel calibrated(
        Optional<DawidSkene.Fit> fit,
        Optional<Dependence> dependence,
        Choice choice,
        List<List<Judged>> beliefs) {
      List<Judged> crossFitted = Calibration.crossFitted(beliefs);
      double brier = Calibration.brier(crossFitted);
      return model(
          fit,
          dependence,
          new Choice(
              choice.reason(),
              choice.heldOutGain(),
              choice.heldOutError(),
              fit.isPresent() ? OptionalDouble.of(brier) : choice.brierOfModel(),
              fit.isPresent() ? choice.brierOfVote() : OptionalDouble.of(brier),
              OptionalDouble.of(Calibration.expectedError(crossFitted))),
          Calibration.fit(beliefs));
    }

    private LabelModel model(
        Optional<DawidSkene.Fit> fit,
        Optional<Dependence> dependence,
        Choice choice,
        Calibration calibration) {
      double prior = 0;
      for (int v = 0; v < table.size(); v++) {
        double share =
            table.isJudged(v)
                ? (table.verdict(v) == VoteTable.GOOD ? 1 : 0)
                : table.voteShare(v)[VoteTable.GOOD];
        prior += table.n(v) * share / n;
      }
      return new LabelModel(
          sources,
          fit,
          choice,
          fit.map(DawidSkene.Fit::priorGood).orElse(prior),
          n,
          patterns.size(),
          judged,
          dependence,
          calibration);
    }

    /** By fold, what the model believes of judged responses whose verdict it was not told. */
    private List<List<Judged>> beliefsOfModel(DawidSkene.Fit fit) {
      var folds = new ArrayList<List<Judged>>();
      for (int fold = 0; fold < FOLDS; fold++) {
        double[] held = inFold(fold, true);
        var counts = new double[held.length];
        for (int v = 0; v < held.length; v++) {
          counts[v] = table.n(v) - held[v];
        }
        VoteTable untold = table.withCounts(counts).and(table.withCounts(held).unjudged());
        DawidSkene.Fit learned = DawidSkene.refit(untold, fit);
        folds.add(beliefs(held, v -> learned.posterior(table.cells(v))[VoteTable.GOOD]));
      }
      return folds;
    }

    private List<List<Judged>> beliefsOfVote() {
      var folds = new ArrayList<List<Judged>>();
      for (int fold = 0; fold < FOLDS; fold++) {
        folds.add(beliefs(inFold(fold, true), v -> table.voteShare(v)[VoteTable.GOOD]));
      }
      return folds;
    }

    private List<Judged> beliefs(double[] held, IntToDoubleFunction belief) {
      var beliefs = new ArrayList<Judged>();
      for (int v = 0; v < held.length; v++) {
        if (held[v] > 0) {
          double good = table.verdict(v) == VoteTable.GOOD ? held[v] : 0;
          beliefs.add(new Judged(belief.applyAsDouble(v), good, held[v]));
        }
      }
      return beliefs;
    }

    /** How many responses of each pattern are in a fold: every fifth of all, in order. */
    private double[] inFold(int fold, boolean ofJudged) {
      var held = new double[table.size()];
      long before = 0;
      for (int v = 0; v < held.length; v++) {
        if (!ofJudged || table.isJudged(v)) {
          long after = before + patterns.get(v).n();
          held[v] = upTo(after, fold) - upTo(before, fold);
          before = after;
        }
      }
      return held;
    }

    private static long upTo(long rows, int fold) {
      return Math.floorDiv(rows - 1 - fold, FOLDS) + 1;
    }
  }

  static boolean isVote(char symbol) {
    return symbol == Sources.GOOD || symbol == Sources.BAD;
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

  /** Identity of the model: a hash of its sources, method, parameters and calibration. */
  String version() {
    String content =
        String.join(
            "|",
            method(),
            String.join(",", sources),
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
