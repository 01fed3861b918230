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
 * reason; nothing is dropped in silence. Too large a share of bad lines fails the run before
 * anything is published.
 */
public final class IngestStage implements Stage {
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
      refuseBadInput(run, settings, tallies.total(), whole.rows());
      var events =
          parallel.start(
              () -> lake.replace(Events.SPEC, run.landing(), ParsedLines.events(whole.rows())));
      lake.replace(
          Quarantine.SPEC, run.landing(), ParsedLines.quarantine(whole.rows(), run.runId()));
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
          .forEach(row -> tallies.of(row.getInt(0)).moveUnplaced(row.getLong(1)));
    }
    return whole;
  }

  private static void refuseBadInput(
      RunContext run, Settings settings, Tally tally, Dataset<Row> lines) {
    if (tally.badShare() <= settings.ingest().maxBadShare()) {
      return;
    }
    String examples =
        lines
            .where(col(Quarantine.REASON).isNotNull())
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
    throw FlywheelException.gate(
        "%s of the landing days %s are bad (%.1f %%), more than ingest.max_bad_share allows (%.1f"
            + " %%), so nothing of the interval is published. By reason: %s. Look at: %s. Mend the"
            + " sender or the files, and fetch files anew that end early or are corrupt; raise"
            + " ingest.max_bad_share only if the lines may be missing.",
        tally.badOfAll(),
        run.landing(),
        100 * tally.badShare(),
        100 * settings.ingest().maxBadShare(),
        tally.reasons(),
        examples);
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
