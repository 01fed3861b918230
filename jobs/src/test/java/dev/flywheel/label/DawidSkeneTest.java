package dev.flywheel.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DawidSkeneTest {
  private static final double[][] HIT = {{0.9, 0.85}, {0.7, 0.8}, {0.65, 0.6}, {0.95, 0.9}};
  private static final double[][] VOTES = {{0.5, 0.8}, {0.9, 0.9}, {0.7, 0.4}, {0.1, 0.3}};

  private record Planted(String votes, boolean good) {}

  /** Votes of four independent sources that are right and speak up as often as planted. */
  private static List<Planted> planted(int n, long seed) {
    var random = new SplittableRandom(seed);
    var rows = new ArrayList<Planted>();
    for (int i = 0; i < n; i++) {
      boolean good = random.nextDouble() < 0.7;
      int y = good ? 0 : 1;
      var votes = new StringBuilder();
      for (int j = 0; j < HIT.length; j++) {
        boolean applies = j < 3 || i % 2 == 0;
        boolean speaks = random.nextDouble() < VOTES[j][y];
        boolean right = random.nextDouble() < HIT[j][y];
        votes.append(!applies ? '.' : !speaks ? '-' : good == right ? 'g' : 'b');
      }
      rows.add(new Planted(votes.toString(), good));
    }
    return rows;
  }

  private static List<VoteCount> counted(List<Planted> rows) {
    return VoteCount.merged(rows.stream().map(row -> new VoteCount(row.votes(), null, 1)).toList());
  }

  @Test
  void findsTheSharesItWasGivenNoneOf() {
    DawidSkene.Fit fit = DawidSkene.fit(counted(planted(60_000, 1)));
    assertThat(fit.priorGood()).isCloseTo(0.7, within(0.02));
    for (int j = 0; j < HIT.length; j++) {
      List<Double> of = fit.likelihoods(j);
      assertThat(of.get(0))
          .as("P(good|good) of %d", j)
          .isCloseTo(VOTES[j][0] * HIT[j][0], within(0.03));
      assertThat(of.get(2)).as("P(abstain|good) of %d", j).isCloseTo(1 - VOTES[j][0], within(0.03));
      assertThat(of.get(4))
          .as("P(bad|bad) of %d", j)
          .isCloseTo(VOTES[j][1] * HIT[j][1], within(0.04));
    }
  }

  @Test
  void isCalibratedAndBetterThanTheVote() {
    List<Planted> rows = planted(60_000, 2);
    DawidSkene.Fit fit = DawidSkene.fit(counted(rows));
    long fitted = 0;
    long voted = 0;
    var expected = new double[10];
    var found = new double[10];
    for (Planted row : rows) {
      var pattern = new VoteCount(row.votes(), null, 1);
      double p = fit.pGood(pattern);
      fitted += (p >= 0.5) == row.good() ? 1 : 0;
      voted += (VoteTable.voteShare(VoteTable.cells(pattern), 2)[0] >= 0.5) == row.good() ? 1 : 0;
      int bin = Math.min(9, (int) (10 * p));
      expected[bin] += p;
      found[bin] += row.good() ? 1 : 0;
    }
    assertThat(fitted).isGreaterThan(voted);
    double error = 0;
    for (int bin = 0; bin < 10; bin++) {
      error += Math.abs(expected[bin] - found[bin]) / rows.size();
    }
    assertThat(error).as("expected calibration error").isLessThan(0.02);
  }

  /** EM row by row, without patterns, written apart from the code under test. */
  private static Map<String, Double> rowByRow(List<Planted> rows, int iterations) {
    String symbols = "gb-";
    int sources = rows.get(0).votes().length();
    var good = new double[rows.size()];
    for (int i = 0; i < good.length; i++) {
      double g = 0.5;
      double all = 1;
      for (char vote : rows.get(i).votes().toCharArray()) {
        g += vote == 'g' ? 1 : 0;
        all += vote == 'g' || vote == 'b' ? 1 : 0;
      }
      good[i] = g / all;
    }
    for (int iteration = 0; iteration < iterations; iteration++) {
      double prior = 1;
      // One virtual response of each symbol and class in all sources, and one of the mix of all
      // sources in each of them.
      var theta = new double[sources][2][3];
      var mix = new double[][] {{1, 1, 1}, {1, 1, 1}};
      for (int i = 0; i < good.length; i++) {
        prior += good[i];
        for (int j = 0; j < sources; j++) {
          int l = symbols.indexOf(rows.get(i).votes().charAt(j));
          if (l >= 0) {
            theta[j][0][l] += good[i];
            theta[j][1][l] += 1 - good[i];
            mix[0][l] += good[i];
            mix[1][l] += 1 - good[i];
          }
        }
      }
      prior /= good.length + 2;
      for (double[][] of : theta) {
        for (int y = 0; y < 2; y++) {
          double mixed = mix[y][0] + mix[y][1] + mix[y][2];
          double all = of[y][0] + of[y][1] + of[y][2] + 1;
          for (int l = 0; l < 3; l++) {
            of[y][l] = (of[y][l] + mix[y][l] / mixed) / all;
          }
        }
      }
      for (int i = 0; i < good.length; i++) {
        double ifGood = prior;
        double ifBad = 1 - prior;
        for (int j = 0; j < sources; j++) {
          int l = symbols.indexOf(rows.get(i).votes().charAt(j));
          if (l >= 0) {
            ifGood *= theta[j][0][l];
            ifBad *= theta[j][1][l];
          }
        }
        good[i] = ifGood / (ifGood + ifBad);
      }
    }
    var posterior = new HashMap<String, Double>();
    for (int i = 0; i < good.length; i++) {
      posterior.put(rows.get(i).votes(), good[i]);
    }
    return posterior;
  }

  @Test
  void patternsGiveWhatRowsGive() {
    List<Planted> rows = planted(4_000, 3);
    List<VoteCount> patterns = counted(rows);
    DawidSkene.Fit fit = DawidSkene.fit(patterns);
    Map<String, Double> byRow = rowByRow(rows, fit.iterations());
    for (VoteCount pattern : patterns) {
      assertThat(fit.pGood(pattern)).isCloseTo(byRow.get(pattern.votes()), within(1e-9));
    }
  }

  @Test
  void doesNotDependOnTheOrderOfTheCountsOrOnHowTheyAreSplit() {
    var rows =
        new ArrayList<>(
            planted(3_000, 4).stream().map(row -> new VoteCount(row.votes(), null, 1)).toList());
    List<String> names = List.of("a", "b", "c", "d");
    LabelModel once = LabelModel.fit(VoteCount.merged(rows), names);
    Collections.shuffle(rows, new Random(5));
    assertThat(LabelModel.fit(rows, names).version("a, b")).isEqualTo(once.version("a, b"));
  }

  @Test
  void aHumanVerdictIsKeptAndTeaches() {
    var counts = new ArrayList<>(counted(planted(2_000, 6)));
    counts.add(new VoteCount("g---", "bad", 1));
    DawidSkene.Fit fit = DawidSkene.fit(VoteCount.merged(counts));
    assertThat(fit.pGood(new VoteCount("gggg", "bad", 1))).isZero();
    double without =
        DawidSkene.fit(counted(planted(2_000, 6))).pGood(new VoteCount("g---", null, 1));
    counts.add(new VoteCount("g---", "bad", 400));
    double with = DawidSkene.fit(VoteCount.merged(counts)).pGood(new VoteCount("g---", null, 1));
    assertThat(with).isLessThan(without);
  }
}
