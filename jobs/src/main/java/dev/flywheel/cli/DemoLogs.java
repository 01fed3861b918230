package dev.flywheel.cli;

import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.generate.GeneratorSummary;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The made-up logs of a demo, and the folder they lie in.
 *
 * @param folder holds raw/, truth/ and lake/
 * @param landing landing days to generate
 * @param interactionsPerDay responses shown on a weekday
 * @param seed seed of the logs
 */
record DemoLogs(Path folder, DateRange landing, int interactionsPerDay, long seed) {
  private static final String MARKER = "made-by-flywheel-demo.txt";
  private static final String UNFINISHED = "unfinished: ";

  Path raw() {
    return folder.resolve("raw");
  }

  Path truth() {
    return folder.resolve("truth");
  }

  Path lake() {
    return folder.resolve("lake");
  }

  /**
   * Generates the logs unless the same ones are there.
   *
   * @param fresh delete first what an earlier demo made
   * @return one line that says what was made or kept
   * @throws FlywheelException (usage) when the folder holds something else
   */
  String prepare(boolean fresh) {
    try {
      String made = made();
      if (made == null && anythingThere()) {
        throw FlywheelException.usage(
            "%s holds raw/, truth/ or lake/ that no demo made. Name another --folder.", folder);
      }
      if (description().equals(made) && !fresh) {
        return "Kept the logs in " + raw() + ": " + made + ".";
      }
      if (made != null && !fresh && !made.startsWith(UNFINISHED)) {
        throw FlywheelException.usage(
            "%s holds a demo of %s, not of %s. Pass --fresh to replace it, or another --folder.",
            folder, made, description());
      }
      for (Path part : List.of(raw(), truth(), lake())) {
        delete(part);
      }
      return generate();
    } catch (IOException e) {
      throw FlywheelException.usage(
          "Cannot prepare %s (%s): check that this user may write there and that the disk has"
              + " space.",
          folder, e.getClass().getSimpleName());
    }
  }

  private String generate() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(marker(), UNFINISHED + description());
    GeneratorSummary summary =
        Generator.run(GeneratorOptions.of(raw(), truth(), landing, interactionsPerDay, seed));
    Files.writeString(marker(), description());
    return "Generated %,d interactions in %,d lines of logs in %s; what is true about them is in %s."
        .formatted(summary.interactions(), summary.lines(), raw(), truth());
  }

  /** What tells one demo's logs from another's. */
  private String description() {
    return "%d landing days from %s, %d interactions a day, seed %d"
        .formatted(landing.days(), landing.from(), interactionsPerDay, seed);
  }

  private Path marker() {
    return folder.resolve(MARKER);
  }

  /** Description of the demo in the folder; null when there is none. */
  private String made() throws IOException {
    return Files.exists(marker()) ? Files.readString(marker()) : null;
  }

  private boolean anythingThere() {
    return Stream.of(raw(), truth(), lake()).anyMatch(Files::exists);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> below = Files.walk(folder)) {
      below.sorted(Comparator.reverseOrder()).forEach(DemoLogs::deleteOne);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
