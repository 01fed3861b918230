package dev.flywheel.label;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** Items, their votes as a table, and the gold class of each or -1. */
record Crowd(VoteTable table, List<Integer> gold) {
  static final Path FOLDER = Path.of("../../shared/data/crowd");

  static Crowd read(String name) throws IOException {
    Path file = FOLDER.resolve(name + ".csv");
    List<String[]> rows =
        Files.readAllLines(file).stream().skip(1).map(line -> line.split(",", -1)).toList();
    List<String> labels = distinct(rows, 2);
    List<String> workers = distinct(rows, 1);
    var votes = new TreeMap<String, List<Integer>>();
    var gold = new TreeMap<String, Integer>();
    for (String[] row : rows) {
      List<Integer> of = votes.computeIfAbsent(row[0], item -> new ArrayList<>());
      of.add(workers.indexOf(row[1]));
      of.add(labels.indexOf(row[2]));
      gold.merge(row[0], row[3].isEmpty() ? -1 : labels.indexOf(row[3]), Math::max);
    }
    return new Crowd(
        VoteTable.of(
            labels.size(),
            workers.size(),
            votes.values().stream()
                .map(of -> of.stream().mapToInt(Integer::intValue).toArray())
                .toList()),
        List.copyOf(gold.values()));
  }

  private static List<String> distinct(List<String[]> rows, int cell) {
    return List.copyOf(new TreeSet<>(rows.stream().map(row -> row[cell]).toList()));
  }

  DawidSkene.Fit fit() {
    double[] weights = new double[table.sources()];
    Arrays.fill(weights, 1);
    return DawidSkene.fit(table, weights);
  }

  /** Share of gold that the first of the likeliest labels hits, to three digits. */
  double accuracyOfFirst(List<double[]> beliefs) {
    int right = 0;
    int judged = 0;
    for (int i = 0; i < gold.size(); i++) {
      if (gold.get(i) >= 0) {
        double[] of = beliefs.get(i);
        double most = Arrays.stream(of).max().getAsDouble();
        int first = 0;
        while (of[first] < most - 1e-12) {
          first++;
        }
        right += first == gold.get(i) ? 1 : 0;
        judged++;
      }
    }
    return Math.round(1000.0 * right / judged) / 1000.0;
  }

  /** Share of gold that beliefs hit, ties shared, to three digits as the published ones. */
  double accuracy(List<double[]> beliefs) {
    double right = 0;
    int judged = 0;
    for (int i = 0; i < gold.size(); i++) {
      if (gold.get(i) >= 0) {
        double[] of = beliefs.get(i);
        double most = Arrays.stream(of).max().getAsDouble();
        long ties = Arrays.stream(of).filter(p -> p >= most - 1e-12).count();
        right += of[gold.get(i)] >= most - 1e-12 ? 1.0 / ties : 0;
        judged++;
      }
    }
    return Math.round(1000 * right / judged) / 1000.0;
  }

  List<double[]> ofModel(DawidSkene.Fit fit) {
    var beliefs = new ArrayList<double[]>();
    for (int i = 0; i < table.size(); i++) {
      beliefs.add(fit.posterior(table.cells(i)));
    }
    return beliefs;
  }

  List<double[]> ofVote() {
    var beliefs = new ArrayList<double[]>();
    for (int i = 0; i < table.size(); i++) {
      beliefs.add(table.voteShare(i));
    }
    return beliefs;
  }
}
