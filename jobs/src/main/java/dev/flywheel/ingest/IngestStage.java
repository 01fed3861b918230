package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.unix_date;

import dev.flywheel.lake.Cached;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Parallel;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Raw logs of the run's landing days become {@code events}, or rows of {@code quarantine} with the
 * reason; nothing is dropped in silence. Too large a share of bad lines on any of the days fails
 * the run before anything is published.
 */
public final class IngestStage implements Stage {
  /** Number of bad days that a message names. */
  private static final int MOST_NAMED = 5;

  @Override
  public String name() {
    return "ingest";
  }

  @Override
  public List<TableSpec> writes() {
    return List.of(Events.SPEC, Quarantine.SPEC);
  }

  @Override
  public List<TableSpec> reads() {
    return List.of();
  }

  @Override
  public String run(Lakehouse lake, RunContext run, Settings settings) {
    LineFormat format = LineFormat.of(settings);
    SparkSession spark = lake.spark();
    Configuration hadoop = spark.sessionState().newHadoopConf();
    // Whoever lists the files of a day later knows better what lies there.
    lake.relyOn(Events.SPEC, run.landing());
    RawFiles files = RawFiles.list(hadoop, settings, run.landing());
    var tallies = DayTallies.in(spark.sparkContext());
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var reader =
        new LineRows(
            files.tasks(context.defaultParallelism()),
            format,
            LineRows.Limits.of(run, settings.ingest()),
            tallies,
            context.broadcast(new SerializableConfiguration(hadoop)));
    // Read by the events and again by quarantine, after the gate has seen every line.
    try (var parsed = Cached.computed(reader.read(spark));
        var whole = correlated(parsed, tallies);
        var parallel = new Parallel()) {
      refuseBadInput(run, settings, tallies, whole.rows());
      var events =
          parallel.start(
              () -> lake.replace(Events.SPEC, files.days(), ParsedLines.events(whole.rows())));
      lake.replace(
          Quarantine.SPEC, files.days(), ParsedLines.quarantine(whole.rows(), run.runId()));
      lake.log().count("merged", tallies.total().good() - events.get());
    }
    Tally tally = tallies.total();
    tally.note(lake.log());
    lake.log().count("files", files.files().size());
    lake.log().count("bytes", files.bytes());
    return summary(files, tally);
  }

  /** The lines with every response in one row; the same lines where each is in one already. */
  private static Cached correlated(Cached parsed, DayTallies tallies) {
    if (!Correlation.isNeeded(tallies)) {
      return new Cached(parsed.rows(), () -> {});
    }
    Cached whole = Cached.computed(Correlation.of(parsed.rows(), tallies));
    if (tallies.any(Tally::hasUnplaced)) {
      Correlation.nobodys(whole.rows())
          .groupBy(unix_date(col(TableSpec.LANDING_DATE)))
          .count()
          .collectAsList()
          .forEach(
              row -> tallies.of(LocalDate.ofEpochDay(row.getInt(0))).moveUnplaced(row.getLong(1)));
    }
    return whole;
  }

  /** Looks at each landing day by itself: good days beside it make a bad one no better. */
  private static void refuseBadInput(
      RunContext run, Settings settings, DayTallies tallies, Dataset<Row> lines) {
    double most = settings.ingest().maxBadShare();
    List<LocalDate> days = tallies.where(day -> day.badShare() > most);
    if (days.isEmpty()) {
      return;
    }
    String examples =
        lines
            .where(
                col(Quarantine.REASON)
                    .isNotNull()
                    .and(col(TableSpec.LANDING_DATE).isInCollection(days)))
            .groupBy(Quarantine.REASON)
            .agg(
                min(struct(Quarantine.SOURCE_FILE, Quarantine.SOURCE_LINE, Quarantine.DETAIL))
                    .as("first"))
            .select(Quarantine.REASON, "first.*")
            .orderBy(Quarantine.REASON)
            .collectAsList()
            .stream()
            .map(
                row ->
                    "%s first at %s:%d%s"
                        .formatted(
                            row.<String>getAs(Quarantine.REASON),
                            row.<String>getAs(Quarantine.SOURCE_FILE),
                            row.<Long>getAs(Quarantine.SOURCE_LINE),
                            row.getAs(Quarantine.DETAIL) == null
                                ? ""
                                : " (" + row.<String>getAs(Quarantine.DETAIL) + ")"))
            .collect(Collectors.joining("; "));
    String shares =
        days.stream()
            .limit(MOST_NAMED)
            .map(day -> describe(day, tallies.of(day)))
            .collect(Collectors.joining(", "));
    throw FlywheelException.gate(
        "%s%s, more than ingest.max_bad_share allows of a landing day (%.1f %%), so nothing of the"
            + " interval %s is published. By reason: %s. Look at: %s. Mend the sender or the"
            + " files, and fetch files anew that end early or are corrupt; raise"
            + " ingest.max_bad_share only if the lines may be missing.",
        shares,
        days.size() > MOST_NAMED ? " and more of other days" : "",
        100 * most,
        run.landing(),
        tallies.sum(days).reasons(),
        examples);
  }

  private static String describe(LocalDate day, Tally tally) {
    return String.format(
        Locale.ROOT,
        "%s of the landing day %s are bad (%.1f %%)",
        tally.badOfAll(),
        day,
        100 * tally.badShare());
  }

  private static String summary(RawFiles files, Tally tally) {
    return String.format(
        Locale.ROOT,
        "%,d events from %,d lines in %,d files; %,d to quarantine%s, %,d blank%s",
        tally.good(),
        tally.lines(),
        files.files().size(),
        tally.quarantined(),
        tally.quarantined() == 0 ? "" : " (" + tally.reasons() + ")",
        tally.blank(),
        tally.ignored() == 0 ? "" : String.format(Locale.ROOT, ", %,d ignored", tally.ignored()));
  }
}
