package dev.flywheel.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Labels of crowd workers with gold (Ipeirotis; Venanzi et al.): the same EM, with as many classes
 * as there are labels, against published accuracies.
 */
class CrowdTest {
  private static Crowd read(String name) throws IOException {
    assumeThat(Crowd.FOLDER).as("skipped: the shared data is not there").isDirectory();
    return Crowd.read(name);
  }

  @ParameterizedTest
  @CsvSource({"sp, .886, .915", "sp_amt, .943, .944", "ms, .704, .767"})
  void reachesThePublishedAccuracies(String name, double vote, double model) throws IOException {
    Crowd crowd = read(name);
    assertThat(crowd.accuracy(crowd.ofVote())).isEqualTo(vote);
    assertThat(crowd.accuracy(crowd.ofModel(crowd.fit()))).isGreaterThanOrEqualTo(model);
  }

  /** The model is worse than the vote there: people's verdicts say so, beyond chance. */
  @Test
  void whereTheModelIsWorseThanTheVoteGoldChoosesTheVote() throws IOException {
    Crowd crowd = read("adultcontent2");
    List<double[]> ofModel = crowd.ofModel(crowd.fit());
    List<double[]> ofVote = crowd.ofVote();
    List<double[]> chosen = gain(crowd, ofVote, ofModel).isCertain() ? ofVote : ofModel;
    assertThat(crowd.accuracyOfFirst(ofVote)).isEqualTo(.763);
    assertThat(crowd.accuracyOfFirst(chosen)).isGreaterThanOrEqualTo(.763);
  }

  /** As {@link Calibration#gain}, of as many classes as there are labels. */
  private static Gain gain(Crowd crowd, List<double[]> one, List<double[]> other) {
    double n = 0;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < one.size(); i++) {
      int gold = crowd.gold().get(i);
      if (gold >= 0) {
        double gain = squaredError(other.get(i), gold) - squaredError(one.get(i), gold);
        n++;
        sum += gain;
        squares += gain * gain;
      }
    }
    return Gain.of(sum, squares, n);
  }

  private static double squaredError(double[] beliefs, int gold) {
    double sum = 0;
    for (int y = 0; y < beliefs.length; y++) {
      sum += Math.pow(beliefs[y] - (y == gold ? 1 : 0), 2);
    }
    return sum;
  }

  /** Patterns of the product: the label that comes first is good, workers are sources. */
  private static List<VoteCount> patterns(Crowd crowd, int goldEvery) {
    var patterns = new ArrayList<VoteCount>();
    for (int i = 0; i < crowd.table().size(); i++) {
      var votes = new StringBuilder(".".repeat(crowd.table().sources()));
      for (int cell : crowd.table().cells(i)) {
        votes.setCharAt(cell / 3, cell % 3 == 0 ? Sources.GOOD : Sources.BAD);
      }
      boolean told = goldEvery > 0 && i % goldEvery == 0;
      patterns.add(
          new VoteCount(
              votes.toString(), told ? (crowd.gold().get(i) == 0 ? "good" : "bad") : null, 1));
    }
    return patterns;
  }

  @Test
  void isCalibratedOnTheRestWithATwentiethOfGold() throws IOException {
    Crowd crowd = read("sp");
    List<VoteCount> patterns = patterns(crowd, 20);
    List<String> names =
        java.util.stream.IntStream.range(0, crowd.table().sources())
            .mapToObj(worker -> "w" + worker)
            .toList();
    LabelModel model = LabelModel.fit(patterns, names);
    var rest = new ArrayList<Calibration.Judged>();
    for (int i = 0; i < patterns.size(); i++) {
      if (patterns.get(i).human() == null) {
        rest.add(
            new Calibration.Judged(
                model.pGood(patterns.get(i)), crowd.gold().get(i) == 0 ? 1 : 0, 1));
      }
    }
    assertThat(model.method()).isEqualTo(LabelModel.DAWID_SKENE);
    assertThat(Calibration.expectedError(rest)).isLessThanOrEqualTo(0.03);
  }
}
