package dev.flywheel.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.label.Calibration.Judged;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Choice of method, dependence, calibration and evidence, on votes whose truth is planted. */
class LabelModelTest {
  /** What a source does, whatever the others do. */
  private record Voter(double speaks, double right) {}

  private record Item(String votes, boolean good) {}

  /**
   * Votes of independent sources, then of copies of the first one, each of which is changed now and
   * then.
   */
  private static List<Item> planted(
      int n, long seed, List<Voter> voters, int copies, double changed) {
    var random = new SplittableRandom(seed);
    var items = new ArrayList<Item>();
    for (int i = 0; i < n; i++) {
      boolean good = random.nextDouble() < 0.65;
      var votes = new StringBuilder();
      for (Voter voter : voters) {
        boolean right = random.nextDouble() < voter.right();
        votes.append(random.nextDouble() > voter.speaks() ? '-' : good == right ? 'g' : 'b');
      }
      for (int copy = 0; copy < copies; copy++) {
        boolean change = random.nextDouble() < changed;
        votes.append(change ? (random.nextBoolean() ? 'g' : 'b') : votes.charAt(0));
      }
      items.add(new Item(votes.toString(), good));
    }
    return items;
  }

  private static final List<Voter> VOTERS =
      List.of(
          new Voter(0.9, 0.68),
          new Voter(0.8, 0.8),
          new Voter(0.7, 0.75),
          new Voter(0.9, 0.72),
          new Voter(0.6, 0.85));

  private static List<String> names(List<Item> items) {
    var names = new ArrayList<String>();
    for (int j = 0; j < items.get(0).votes().length(); j++) {
      names.add("s" + j);
    }
    return names;
  }

  private static LabelModel fit(List<Item> items, int goldEvery) {
    var counts = new ArrayList<VoteCount>();
    for (int i = 0; i < items.size(); i++) {
      boolean told = goldEvery > 0 && i % goldEvery == 0;
      counts.add(
          new VoteCount(
              items.get(i).votes(), told ? (items.get(i).good() ? "good" : "bad") : null, 1));
    }
    return LabelModel.fit(counts, names(items));
  }

  private static double accuracy(LabelModel model, List<Item> items) {
    return items.stream()
            .filter(item -> model.pGood(new VoteCount(item.votes(), null, 1)) >= 0.5 == item.good())
            .count()
        / (double) items.size();
  }

  private static double voteAccuracy(List<Item> items) {
    double right = 0;
    for (Item item : items) {
      double share =
          VoteTable.voteShare(VoteTable.cells(new VoteCount(item.votes(), null, 1)), 2)[0];
      right += share == 0.5 ? 0.5 : share > 0.5 == item.good() ? 1 : 0;
    }
    return right / items.size();
  }

  private static double calibrationError(LabelModel model, List<Item> items) {
    return Calibration.expectedError(
        items.stream()
            .map(
                item ->
                    new Judged(
                        model.pGood(new VoteCount(item.votes(), null, 1)), item.good() ? 1 : 0, 1))
            .toList());
  }

  @Test
  void independentSourcesAreFoundIndependentAndKeepTheirWeight() {
    LabelModel model = fit(planted(20_000, 1, VOTERS, 0, 0), 0);
    assertThat(model.method()).isEqualTo(LabelModel.DAWID_SKENE);
    assertThat(model.weights().values()).allMatch(weight -> weight == 1);
    Dependence dependence = model.dependence().orElseThrow();
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(dependence.between(i, j)).as("%d, %d", i, j).isCloseTo(0, within(0.1));
      }
    }
  }

  @Test
  void copiesShareOneVoteAndTheModelIsNoWorseThanTheVote() {
    for (int copies : new int[] {1, 2}) {
      for (long seed = 0; seed < 5; seed++) {
        List<Item> items = planted(10_000, 10 + seed, VOTERS, copies, 0.1);
        LabelModel model = fit(items, 0);
        Dependence dependence = model.dependence().orElseThrow();
        for (int copy = 5; copy < 5 + copies; copy++) {
          assertThat(dependence.between(0, copy)).isGreaterThan(0.6);
          assertThat(model.weights().getOrDefault("s" + copy, 0.0)).isLessThan(0.65);
        }
        assertThat(model.weights().getOrDefault("s1", 1.0)).isGreaterThan(0.8);
        assertThat(accuracy(model, items))
            .as("%d copies, seed %d, %s", copies, seed, model.method())
            .isGreaterThanOrEqualTo(voteAccuracy(items));
      }
    }
  }

  @Test
  void aTwentiethOfVerdictsCalibrates() {
    for (int copies : new int[] {0, 2}) {
      List<Item> items = planted(20_000, 20 + copies, VOTERS, copies, 0.1);
      LabelModel model = fit(items, 20);
      assertThat(calibrationError(model, items)).isLessThanOrEqualTo(0.03);
      assertThat(model.choice().calibrationError().getAsDouble()).isLessThan(0.06);
      List<Item> fewer = items.subList(0, 16_000);
      LabelModel ofFewer = fit(fewer, 20);
      assertThat(calibrationError(ofFewer, fewer)).isLessThanOrEqualTo(0.03);
    }
  }

  /** A model of sources that all contradict people is worse than anything, and people say so. */
  @Test
  void peopleChoose() {
    List<Item> items = planted(4_000, 30, VOTERS, 0, 0);
    LabelModel model = fit(items, 10);
    assertThat(model.choice().reason()).contains("people's verdicts on 400 responses");
    assertThat(model.nHuman()).isEqualTo(400);
    assertThat(model.choice().brierOfModel().getAsDouble())
        .isLessThanOrEqualTo(model.choice().brierOfVote().getAsDouble());
  }

  /** A hundred verdicts are closer to one or the other by chance; the method stays all the same. */
  @Test
  void fewVerdictsDoNotChangeTheMethodFromNightToNight() {
    for (long seed = 0; seed < 20; seed++) {
      LabelModel model = fit(planted(5_000, 70 + seed, VOTERS, 0, 0), 50);
      assertThat(model.method()).as(model.choice().reason()).isEqualTo(LabelModel.DAWID_SKENE);
    }
  }

  @Test
  void verdictsThatSayLittleCalibrateLittle() {
    // All that were judged are good, by chance.
    Calibration few = Calibration.fit(folds(new Judged(0.6, 2, 2)));
    Calibration many = Calibration.fit(folds(new Judged(0.6, 200, 200)));
    assertThat(few.apply(0.6)).isBetween(0.6, 0.9);
    assertThat(many.apply(0.6)).isGreaterThan(0.98);
  }

  private static List<List<Judged>> folds(Judged each) {
    return Collections.nCopies(5, List.of(each));
  }

  @Test
  void withoutEvidenceTheVoteStands() {
    List<Voter> equal = List.of(new Voter(1, 0.7), new Voter(1, 0.7), new Voter(1, 0.7));
    LabelModel model = fit(planted(5_000, 40, equal, 0, 0), 0);
    assertThat(model.method()).as(model.choice().reason()).isEqualTo(LabelModel.MAJORITY_VOTE);
    assertThat(model.choice().reason()).contains("no better than equal sources would");
  }

  /** As edits do, which only what was accepted has: nobody is left to tell who of two is right. */
  @Test
  void aSourceThatAlwaysSaysTheSameTellsNothingOfTheOthers() {
    List<Voter> two = List.of(new Voter(1, 0.8), new Voter(0.2, 0.6));
    List<Item> items =
        planted(5_000, 41, two, 0, 0).stream()
            .map(
                item ->
                    new Item(
                        item.votes() + (item.votes().startsWith("g") ? "g" : "-"), item.good()))
            .toList();
    LabelModel model = fit(items, 0);
    assertThat(model.method()).as(model.choice().reason()).isEqualTo(LabelModel.MAJORITY_VOTE);
    assertThat(model.choice().reason()).startsWith("fewer than 3 sources say good and bad");
  }

  /** Ratings of a few that were dismissed do not make up for edits of what was accepted only. */
  @Test
  void sourcesMustMeetWhereTheyVoteBothWays() {
    List<VoteCount> counts =
        List.of(
            new VoteCount("ggg-", null, 1_000),
            new VoteCount("ggb-", null, 1_000),
            new VoteCount("b-g-", null, 1_000),
            new VoteCount("b-b-", null, 1_000),
            new VoteCount("b-gg", null, 10),
            new VoteCount("b-gb", null, 10));
    LabelModel model = LabelModel.fit(counts, List.of("uptake", "edit", "session", "rating"));
    assertThat(model.method()).as(model.choice().reason()).isEqualTo(LabelModel.MAJORITY_VOTE);
    assertThat(model.choice().reason()).startsWith("fewer than 3 sources say good and bad");
  }

  @Test
  void theEvidenceAddsUpToTheLabel() {
    List<Item> items = planted(8_000, 50, VOTERS, 1, 0.1);
    for (LabelModel model : List.of(fit(items, 0), fit(items, 20))) {
      for (Item item : items.subList(0, 50)) {
        var pattern = new VoteCount(item.votes(), null, 1);
        List<LabelModel.Evidence> evidence = model.evidence(pattern);
        double sum = evidence.stream().mapToDouble(LabelModel.Evidence::logOdds).sum();
        assertThat(sum).isCloseTo(Calibration.logit(model.pGood(pattern)), within(1e-6));
        assertThat(evidence.get(0).source()).isEqualTo("prior");
      }
    }
    var judged = new VoteCount(items.get(0).votes(), "bad", 1);
    assertThat(fit(items, 20).evidence(judged).get(0))
        .isEqualTo(new LabelModel.Evidence("human", "bad", null));
  }

  @Test
  void manyVerdictsCalibrateByACurveOfAnyFormWhereALogisticOneDoesNotFit() {
    var random = new SplittableRandom(60);
    var folds = new ArrayList<List<Judged>>();
    for (int fold = 0; fold < 5; fold++) {
      var judged = new ArrayList<Judged>();
      for (int i = 0; i < 2_000; i++) {
        double belief = random.nextDouble();
        double truth = belief < 0.3 ? 0.1 : belief < 0.8 ? 0.5 : 0.6;
        judged.add(new Judged(belief, random.nextDouble() < truth ? 1 : 0, 1));
      }
      folds.add(judged);
    }
    Calibration curve = Calibration.fit(folds);
    assertThat(curve.method()).isEqualTo(Calibration.ISOTONIC);
    assertThat(curve.apply(0.2)).isCloseTo(0.1, within(0.04));
    assertThat(curve.apply(0.5)).isCloseTo(0.5, within(0.04));
    assertThat(
            Calibration.fit(List.of(folds.get(0).subList(0, 400), folds.get(1).subList(0, 400)))
                .method())
        .isEqualTo(Calibration.PLATT);
  }

  @Test
  void equalBeliefsAreOnePointOfTheCurve() {
    var folds = new ArrayList<List<Judged>>();
    for (int fold = 0; fold < 5; fold++) {
      // A step, which no logistic curve follows; of one belief there are two patterns.
      folds.add(
          List.of(
              new Judged(0.2, 10, 100),
              new Judged(0.5, 10, 100),
              new Judged(0.6, 80, 100),
              new Judged(0.6, 100, 100),
              new Judged(0.9, 95, 100)));
    }
    Calibration curve = Calibration.fit(folds);
    assertThat(curve.method()).isEqualTo(Calibration.ISOTONIC);
    assertThat(curve.apply(0.6)).isCloseTo(0.9, within(1e-9));
  }

  @Test
  void calibrationNeverTurnsBeliefsAround() {
    for (int each : new int[] {1, 20}) {
      List<List<Judged>> folds = List.of(new ArrayList<>(), new ArrayList<>());
      for (int i = 1; i < 100; i++) {
        folds.get(i % 2).add(new Judged(i / 100.0, i < 50 ? each : 0, each));
      }
      Calibration curve = Calibration.fit(folds);
      assertThat(curve.apply(0.9)).isEqualTo(curve.apply(0.1)).isCloseTo(0.5, within(0.02));
    }
  }
}
