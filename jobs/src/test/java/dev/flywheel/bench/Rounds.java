package dev.flywheel.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Times of several ways to do the same, taken in turns: whatever else the machine does falls on all
 * of them. Ratios are taken within a round and shown with their spread.
 */
public final class Rounds {
  private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

  /** Does the work, and says how long one piece of it took, in seconds. */
  @FunctionalInterface
  public interface Timed {
    double seconds() throws Exception;
  }

  /** Times what runs here. */
  public static Timed here(Runnable work, double pieces) {
    return () -> {
      long start = System.nanoTime();
      work.run();
      return (System.nanoTime() - start) / 1e9 / pieces;
    };
  }

  /** Runs every way once a round, after warm-ups that do not count. */
  public static Rounds of(int warmUps, int rounds, Map<String, Timed> ways) throws Exception {
    var result = new Rounds();
    for (int round = -warmUps; round < rounds; round++) {
      for (Map.Entry<String, Timed> way : ways.entrySet()) {
        double took = way.getValue().seconds();
        if (round >= 0) {
          result.seconds.computeIfAbsent(way.getKey(), name -> new ArrayList<>()).add(took);
        }
      }
    }
    return result;
  }

  public double median(String way) {
    return median(seconds.get(way));
  }

  /** Prints time per piece and how many times as long as {@code own} each other way takes. */
  public void print(String title, String own) {
    System.out.println(title);
    seconds.forEach(
        (name, each) -> {
          double[] ratios = new double[each.size()];
          for (int i = 0; i < ratios.length; i++) {
            ratios[i] = each.get(i) / seconds.get(own).get(i);
          }
          Arrays.sort(ratios);
          System.out.printf(
              Locale.ROOT,
              "  %-28s %12.6f ms   %8.2f x ours (%.2f to %.2f)%n",
              name,
              1000 * median(each),
              median(Arrays.stream(ratios).boxed().toList()),
              ratios[0],
              ratios[ratios.length - 1]);
        });
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }
}
