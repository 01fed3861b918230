package dev.flywheel.label;

import dev.flywheel.label.Calibration.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How the {@link LabelModel} of one event date comes about: the fit, whether it or the vote is
 * used, and the calibration. Here is what the steps share.
 */
final class LabelModelFit {
  /** With two sources, who is right cannot be told from who agrees. */
  private static final int FEWEST_SOURCES = 3;

  /** Fewest responses on which sources can be compared. */
  private static final long FEWEST_OVERLAPS = 50;

  /** Fewest votes of each kind, on those responses, by which a source can be told. */
  private static final long FEWEST_OF_EACH_VOTE = 10;

  /** Fewest judged responses, and of each verdict, that choose and calibrate. */
  private static final long FEWEST_JUDGED = 50;

  private static final long FEWEST_OF_EACH_VERDICT = 10;

  private static final int FOLDS = 5;

  private final List<VoteCount> patterns;
  private final List<String> sources;
  private final VoteTable table;
  private final long n;
  private final long judged;
  private final boolean enoughJudged;

  LabelModelFit(List<VoteCount> patterns, List<String> sources) {
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
    long overlaps = count(pattern -> pattern.nVotes() >= FEWEST_SOURCES);
    if (overlaps < FEWEST_OVERLAPS) {
      return vote(
          "%d sources vote on %d of the same responses, fewer than %d"
              .formatted(FEWEST_SOURCES, overlaps, FEWEST_OVERLAPS));
    }
    Set<Integer> comparable = comparable();
    if (comparable.size() < FEWEST_SOURCES) {
      return vote(
          "fewer than %d sources say good and bad, each %d times, on responses on which %d of them"
                  .formatted(FEWEST_SOURCES, FEWEST_OF_EACH_VOTE, FEWEST_SOURCES)
              + " vote: by votes alone nobody can tell who is right");
    }
    long compared = count(pattern -> isComparable(pattern, comparable));
    if (compared < FEWEST_OVERLAPS) {
      return vote(
          "%d sources that say good and bad, each %d times, vote together on %d responses, fewer than %d"
              .formatted(FEWEST_SOURCES, FEWEST_OF_EACH_VOTE, compared, FEWEST_OVERLAPS));
    }
    Dependence dependence = Dependence.of(table);
    DawidSkene.Fit fit = DawidSkene.fit(table, dependence.weights());
    if (contradictsItsSources(fit)) {
      return vote("the fit has most votes wrong: classes have changed places");
    }
    return enoughJudged ? chosenByPeople(fit, dependence) : chosenByVotes(fit, dependence);
  }

  /**
   * The sources that vote both ways where two others of them vote as well. One that always says the
   * same there, as edits do of what was accepted only, tells nothing of the others; the model would
   * take any accuracy of theirs for as likely, and find another one each night.
   */
  private Set<Integer> comparable() {
    Set<Integer> among =
        IntStream.range(0, table.sources()).boxed().collect(Collectors.toUnmodifiableSet());
    int before;
    do {
      // Without one that is gone, others may no longer meet.
      before = among.size();
      among = votingBothWays(among);
    } while (among.size() < before);
    return among;
  }

  private Set<Integer> votingBothWays(Set<Integer> among) {
    var good = new long[table.sources()];
    var bad = new long[table.sources()];
    for (VoteCount pattern : patterns) {
      if (isComparable(pattern, among)) {
        for (int source : among) {
          good[source] += pattern.vote(source) == Sources.GOOD ? pattern.n() : 0;
          bad[source] += pattern.vote(source) == Sources.BAD ? pattern.n() : 0;
        }
      }
    }
    return among.stream()
        .filter(source -> Math.min(good[source], bad[source]) >= FEWEST_OF_EACH_VOTE)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static boolean isComparable(VoteCount pattern, Set<Integer> among) {
    return among.stream().filter(source -> Sources.isVote(pattern.vote(source))).count()
        >= FEWEST_SOURCES;
  }

  /** Whether most votes are more likely wrong than right, which no set of honest sources is. */
  private boolean contradictsItsSources(DawidSkene.Fit fit) {
    double expectedRight = 0;
    long votes = 0;
    for (VoteCount pattern : patterns) {
      double good = fit.pGood(pattern);
      for (int j = 0; j < pattern.votes().length(); j++) {
        if (Sources.isVote(pattern.vote(j))) {
          expectedRight += pattern.n() * (pattern.vote(j) == Sources.GOOD ? good : 1 - good);
          votes += pattern.n();
        }
      }
    }
    return expectedRight < votes / 2.0;
  }

  private LabelModel vote(String reason) {
    if (!enoughJudged) {
      return model(
          Optional.empty(), Optional.empty(), LabelModel.Choice.because(reason), Calibration.NONE);
    }
    List<List<Judged>> beliefs = beliefsOfVote();
    List<Judged> vote = Calibration.crossFitted(beliefs);
    var choice =
        new LabelModel.Choice(
            reason,
            Optional.empty(),
            OptionalDouble.empty(),
            OptionalDouble.of(Calibration.brier(vote)),
            OptionalDouble.of(Calibration.expectedError(vote)));
    return model(Optional.empty(), Optional.empty(), choice, Calibration.fit(beliefs));
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
    boolean told = closer.isCertain() || closer.isCertainLoss();
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
        new LabelModel.Choice(
            reason,
            foretold,
            OptionalDouble.of(brierOfModel),
            OptionalDouble.of(brierOfVote),
            OptionalDouble.of(Calibration.expectedError(isModel ? model : vote)));
    return model(
        isModel ? Optional.of(fit) : Optional.empty(),
        Optional.of(dependence),
        choice,
        Calibration.fit(isModel ? ofModel : ofVote));
  }

  /** The model, if it foretells votes on other responses better than equal sources would. */
  private LabelModel chosenByVotes(DawidSkene.Fit fit, Dependence dependence) {
    Gain gain = foretold(fit, dependence);
    var choice =
        new LabelModel.Choice(
            describe(gain),
            Optional.of(gain),
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
      VoteTable rest = without(held);
      DawidSkene.Fit learned = DawidSkene.refit(rest, fit);
      EqualSources equal = EqualSources.fit(rest, dependence.weights());
      for (int v = 0; v < held.length; v++) {
        double gain = learned.logProbability(table.cells(v)) - equal.logProbability(table.cells(v));
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

  private LabelModel model(
      Optional<DawidSkene.Fit> fit,
      Optional<Dependence> dependence,
      LabelModel.Choice choice,
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
      VoteTable untold = without(held).and(table.withCounts(held).unjudged());
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

  private VoteTable without(double[] held) {
    var counts = new double[held.length];
    for (int v = 0; v < held.length; v++) {
      counts[v] = table.n(v) - held[v];
    }
    return table.withCounts(counts);
  }
}
