package dev.flywheel.generate;

import dev.flywheel.run.FlywheelException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Writes made-up raw logs with planted truth. The same options give the same bytes; memory does not
 * grow with the number of days and little with the number of interactions.
 */
public final class Generator {
  /** Name of the truth's file in its folder. */
  public static final String TRUTH_FILE = "interactions.jsonl";

  private static final String STAGING = "_generating";
  private static final int INTERACTIONS_PER_PART = 25_000;
  private static final int FEWEST_PARTS = 3;

  private Generator() {}

  /**
   * Generates the logs of all landing days and their truth. Nothing is visible under its final name
   * before all of it is written; the truth comes last.
   *
   * @throws FlywheelException when a landing day or the truth is there already
   */
  public static GeneratorSummary run(GeneratorOptions options) {
    refuseToOverwrite(options);
    Path logs = options.output().resolve(STAGING);
    Path truth = options.truth().resolve(STAGING);
    try {
      delete(logs);
      delete(truth);
      Files.createDirectories(logs);
      Files.createDirectories(truth);
      GeneratorSummary summary = write(options, logs, truth);
      for (LocalDate day : options.landing().toList()) {
        move(logs.resolve(folder(day)), options.output().resolve(folder(day)));
      }
      move(joined(truth), options.truth().resolve(TRUTH_FILE));
      delete(logs);
      delete(truth);
      return summary;
    } catch (IOException e) {
      throw FlywheelException.transientFailure(
          e,
          "Cannot write generated logs to %s and their truth to %s (%s): check space and rights.",
          options.output(),
          options.truth(),
          e.getClass().getSimpleName());
    }
  }

  static String folder(LocalDate day) {
    return "dt=" + day;
  }

  private static void refuseToOverwrite(GeneratorOptions options) {
    for (LocalDate day : options.landing().toList()) {
      Path folder = options.output().resolve(folder(day));
      if (Files.exists(folder)) {
        throw FlywheelException.usage(
            "%s exists: generated logs never replace others. Choose another output folder or delete"
                + " it first.",
            folder);
      }
    }
    Path truth = options.truth().resolve(TRUTH_FILE);
    if (Files.exists(truth)) {
      throw FlywheelException.usage(
          "%s exists: choose another folder for the truth or delete it first.", truth);
    }
  }

  private static GeneratorSummary write(GeneratorOptions options, Path logs, Path truth)
      throws IOException {
    Story story = Story.load();
    int parts = Math.max(FEWEST_PARTS, options.interactionsPerDay() / INTERACTIONS_PER_PART);
    ExecutorService threads = Executors.newFixedThreadPool(options.threads());
    try {
      var running = new ArrayList<Future<GeneratorSummary>>();
      for (int number = 0; number < parts; number++) {
        var part = new Part(options, story, number, parts);
        Path truthFile = truth.resolve("part-%04d".formatted(number));
        running.add(threads.submit(() -> part.write(logs, truthFile)));
      }
      GeneratorSummary summary = GeneratorSummary.NOTHING;
      for (Future<GeneratorSummary> part : running) {
        summary = summary.plus(part.get());
      }
      return summary;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while generating.", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UncheckedIOException failed) {
        throw failed.getCause();
      }
      throw new IllegalStateException("Generating failed.", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  /** The parts of the truth as one file, in the order of the parts. */
  private static Path joined(Path truth) throws IOException {
    Path joined = truth.resolve(TRUTH_FILE);
    List<Path> parts;
    try (Stream<Path> files = Files.list(truth)) {
      parts = files.sorted().toList();
    }
    try (OutputStream out = Files.newOutputStream(joined)) {
      for (Path part : parts) {
        Files.copy(part, out);
      }
    }
    return joined;
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
