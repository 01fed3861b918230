package dev.flywheel.label;

import dev.flywheel.bench.PythonPeer;
import dev.flywheel.bench.Rounds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The label model: time for the patterns of ten million responses, and time and accuracy beside
 * crowd-kit's Dawid-Skene on labels of crowd workers.
 *
 * <p>Argument: rounds (default 7). Run it with {@code make bench BENCH=label.LabelModelBench}.
 */
public final class LabelModelBench {
  private static final long RESPONSES = 10_000_000;
  private static final int SAMPLE = 200_000;

  private LabelModelBench() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
    List<VoteCount> patterns = patterns();
    System.out.printf(
        Locale.ROOT, "%,d responses in %,d patterns of six sources%n", RESPONSES, patterns.size());
    List<String> names = List.of("a", "b", "c", "d", "e", "f");
    var fits = new LinkedHashMap<String, Rounds.Timed>();
    fits.put("EM alone", Rounds.here(() -> DawidSkene.fit(patterns), 1));
    fits.put("fit, dependence, choice", Rounds.here(() -> LabelModel.fit(patterns, names), 1));
    Rounds.of(2, rounds, fits).print("A day's model:", "EM alone");
    if (!Crowd.FOLDER.toFile().isDirectory()) {
      System.out.println("Crowd labels: skipped, the shared data is not there");
      return;
    }
    try (var python = new PythonPeer("crowd_peers.py", Crowd.FOLDER)) {
      for (String name : List.of("sp", "sp_amt", "ms", "adultcontent2")) {
        Crowd crowd = Crowd.read(name);
        var ways = new LinkedHashMap<String, Rounds.Timed>();
        ways.put("ours", Rounds.here(crowd::fit, 1));
        var accuracies = new ArrayList<Double>();
        ways.put(
            "crowd-kit",
            () -> {
              String[] answer = python.ask(name).split(" ", -1);
              accuracies.add(Double.parseDouble(answer[1]));
              return Double.parseDouble(answer[0]);
            });
        Rounds.of(1, rounds, ways).print(name + ":", "ours");
        System.out.printf(
            Locale.ROOT,
            "  accuracy: ours %.4f, crowd-kit %.4f%n",
            crowd.accuracy(crowd.ofModel(crowd.fit())),
            accuracies.get(0));
      }
    }
  }

  /** Counts of a sample, scaled up: six sources of which each can abstain or not apply. */
  private static List<VoteCount> patterns() {
    var random = new SplittableRandom(1);
    double[] speaks = {0.4, 0.3, 0.2, 0.3, 0.5, 0.05};
    double[] right = {0.8, 0.75, 0.9, 0.85, 0.7, 0.8};
    var counts = new ArrayList<VoteCount>();
    for (int i = 0; i < SAMPLE; i++) {
      boolean good = random.nextDouble() < 0.75;
      var votes = new StringBuilder();
      for (int j = 0; j < speaks.length; j++) {
        boolean correct = random.nextDouble() < right[j];
        double draw = random.nextDouble();
        votes.append(draw > 0.8 ? '.' : draw > 0.8 * speaks[j] ? '-' : good == correct ? 'g' : 'b');
      }
      counts.add(new VoteCount(votes.toString(), null, RESPONSES / SAMPLE));
    }
    return VoteCount.merged(counts);
  }
}
