package dev.flywheel.runner;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Parallel;
import dev.flywheel.lake.StageLog;
import dev.flywheel.lake.StorageFailure;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.RunManifest;
import java.io.PrintWriter;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs stages, each after those whose tables it reads: job group, timing, progress, the manifest
 * row, and which failure becomes which exit code. Stages are handed in; there is no base class.
 */
public final class JobRunner {
  private final Lakehouse lake;
  private final Settings settings;
  private final PrintWriter out;

  /**
   * @param out where progress and the closing summary go
   */
  public JobRunner(Lakehouse lake, Settings settings, PrintWriter out) {
    this.lake = lake;
    this.settings = settings;
    this.out = out;
  }

  /**
   * Runs {@code stages} and appends one row to {@code run_manifest}, whatever happens. Stages that
   * read nothing of one another's run at the same time: one alone leaves most processors idle.
   *
   * @param stages in an order in which each comes after those it needs
   * @throws FlywheelException as a stage threw it; any other failure of a stage is thrown on
   *     unchanged
   */
  public void run(RunContext run, List<Stage> stages) {
    Instant started = run.clock().instant();
    var rows = new ConcurrentSkipListMap<Integer, Row>();
    try {
      runInTurn(knowingQuietDays(lake, run), stages, rows);
    } catch (Throwable e) {
      // Not only RuntimeException: Spark throws checked exceptions that Java code cannot declare.
      ExitCode code = exitCode(e);
      try {
        appendManifest(run, started, rows.values(), code, describe(e));
      } catch (Exception second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    appendManifest(run, started, rows.values(), ExitCode.OK, null);
  }

  /** The run, after the landing day before it that last brought events. */
  public static RunContext knowingQuietDays(Lakehouse lake, RunContext run) {
    return run.landing() == null
        ? run
        : run.after(lake.lastDateBefore(Events.SPEC, run.landing().from()));
  }

  /** Adds a row for each stage that was begun to {@code rows}, by its place in the order. */
  private void runInTurn(RunContext run, List<Stage> stages, Map<Integer, Row> rows) {
    var begun = new ArrayList<Supplier<Object>>();
    try (var parallel = new Parallel()) {
      for (Stage stage : stages) {
        for (int i = 0; i < begun.size(); i++) {
          if (reads(stage, stages.get(i))) {
            Object unused = begun.get(i).get();
          }
        }
        int place = begun.size();
        begun.add(
            parallel.start(
                Executors.callable(() -> runStage(run, stage, row -> rows.put(place, row)))));
      }
      for (Supplier<Object> ended : begun) {
        Object unused = ended.get();
      }
    }
  }

  private static boolean reads(Stage stage, Stage earlier) {
    return !Collections.disjoint(stage.reads(), earlier.writes());
  }

  /** Hands the stage's row over: if it fails, with what it did until then. */
  private void runStage(RunContext run, Stage stage, Consumer<Row> ended) {
    var log = new StageLog();
    Instant started = run.clock().instant();
    var context = lake.spark().sparkContext();
    context.setJobGroup(
        run.runId(),
        "flywheel " + stage.name() + (run.landing() == null ? "" : " " + run.landing()),
        true);
    try {
      Lakehouse noting = lake.noting(log);
      String summary = stage.run(noting, run, settings);
      noting.requireUnchanged();
      createUnwritten(stage, log);
      out.printf(
          Locale.ROOT,
          "  %-8s %6.1f s  %s%n",
          stage.name(),
          millisSince(started, run) / 1000.0,
          summary);
      out.flush();
    } finally {
      context.clearJobGroup();
      ended.accept(
          RowFactory.create(
              stage.name(),
              millisSince(started, run),
              CollectionConverters.asScala(log.inputVersions()),
              CollectionConverters.asScala(log.outputVersions()),
              CollectionConverters.asScala(log.counts())));
    }
  }

  /** A table that got no rows is there all the same: views and notebooks read it. */
  private void createUnwritten(Stage stage, StageLog log) {
    Map<String, Long> written = log.outputVersions();
    stage.writes().stream()
        .filter(table -> !written.containsKey(table.name()))
        .forEach(lake::createIfMissing);
  }

  private void appendManifest(
      RunContext run, Instant started, Collection<Row> stages, ExitCode code, String error) {
    DateRange landing = run.landing();
    Row row =
        RowFactory.create(
            run.runId(),
            run.command(),
            switch (code) {
              case OK -> "ok";
              case NOTHING_TO_DO -> "nothing_to_do";
              default -> "failed";
            },
            code.code(),
            error,
            landing == null ? null : Date.valueOf(landing.from()),
            landing == null ? null : Date.valueOf(landing.to()),
            Timestamp.from(started),
            millisSince(started, run),
            CollectionConverters.asScala(List.copyOf(stages)).toSeq(),
            settings.hash(),
            run.seed(),
            run.buildCommit());
    lake.append(
        RunManifest.SPEC,
        lake.spark().createDataFrame(List.of(row), RunManifest.SPEC.schema()).coalesce(1));
  }

  private static long millisSince(Instant started, RunContext run) {
    return Duration.between(started, run.clock().instant()).toMillis();
  }

  /** How a failure ends the process. */
  public static ExitCode exitCode(Throwable failure) {
    return explained(failure).map(FlywheelException::exitCode).orElse(ExitCode.UNEXPECTED);
  }

  /** What may be shown of a failure: our own messages whole, of others only the class. */
  public static String describe(Throwable failure) {
    Optional<FlywheelException> known = explained(failure);
    if (known.isPresent()) {
      return known.get().getMessage();
    }
    return StorageFailure.causes(failure).stream()
        .map(cause -> cause.getClass().getSimpleName())
        .collect(Collectors.joining(" < ", "Unexpected failure: ", ""));
  }

  /** A failure that is known, as what to tell of it. */
  private static Optional<FlywheelException> explained(Throwable failure) {
    for (Throwable cause : StorageFailure.causes(failure)) {
      if (cause instanceof FlywheelException known) {
        return Optional.of(known);
      }
      if (isConflict(cause)) {
        return Optional.of(
            FlywheelException.transientFailure(
                failure,
                "Another run made the same table or changed the same partitions of it meanwhile;"
                    + " nothing is half-written. Run the same command again."));
      }
    }
    return StorageFailure.of(failure)
        .map(kind -> kind.explained(failure, "read or write what lies in the lake or the input"));
  }

  /** By its name, since Delta may be what is missing. */
  private static boolean isConflict(Throwable cause) {
    for (Class<?> type = cause.getClass(); type != null; type = type.getSuperclass()) {
      if (type.getName()
          .equals("org.apache.spark.sql.delta.DeltaConcurrentModificationException")) {
        return true;
      }
    }
    return false;
  }
}
