package dev.flywheel.ingest;

import dev.flywheel.lake.StorageFailure;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.TableSpec;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Reads files of raw logs, by the number of the task: a row of {@link ParsedLines} for every record
 * that is ours, good or bad, one for each that is ignored but says something of responses, and one
 * more for what cannot be read of a damaged file. {@link Tally} has the sums that must hold for
 * each file.
 */
final class LineRows implements FlatMapFunction<Integer, InternalRow> {
  private static final int LANDING_DATE = ParsedLines.column(TableSpec.LANDING_DATE);
  private static final int EVENT_DATE = ParsedLines.column(Events.EVENT_DATE);
  private static final int USER_ID = ParsedLines.column(Events.USER_ID);
  private static final int SESSION_ID = ParsedLines.column(Events.SESSION_ID);
  private static final int INTERACTION_ID = ParsedLines.column(Events.INTERACTION_ID);
  private static final int UNKNOWN_FIELDS = ParsedLines.column(Events.UNKNOWN_FIELDS);
  private static final int SOURCE_FILE = ParsedLines.column(Events.SOURCE_FILE);
  private static final int SOURCE_LINE = ParsedLines.column(Events.SOURCE_LINE);
  private static final int SOURCE_RECORD = ParsedLines.column(Events.SOURCE_RECORD);
  private static final int REASON = ParsedLines.column(Quarantine.REASON);
  private static final int DETAIL = ParsedLines.column(Quarantine.DETAIL);
  private static final int LINE_BYTES = ParsedLines.column(Quarantine.LINE_BYTES);
  private static final int LINE_TEXT = ParsedLines.column(Quarantine.LINE_TEXT);
  private static final int SPAN = ParsedLines.column(ParsedLines.SPAN);
  private static final int RESPONSE_ID = ParsedLines.column(ParsedLines.RESPONSE_ID);
  private static final int PART = ParsedLines.column(ParsedLines.PART);

  /** What of the run and the settings a task must know. */
  record Limits(int lookbackDays, int futureDays, int quarantineChars) implements Serializable {
    static Limits of(RunContext run, Settings.Ingest settings) {
      return new Limits(run.lookbackDays(), run.futureDays(), settings.quarantineChars());
    }
  }

  private final List<RawFiles.Task> tasks;
  private final LineFormat format;
  private final Limits limits;
  private final DayTallies tallies;
  private final Broadcast<SerializableConfiguration> hadoop;

  LineRows(
      List<RawFiles.Task> tasks,
      LineFormat format,
      Limits limits,
      DayTallies tallies,
      Broadcast<SerializableConfiguration> hadoop) {
    this.tasks = tasks;
    this.format = format;
    this.limits = limits;
    this.tallies = tallies;
    this.hadoop = hadoop;
  }

  /** The rows of all files, one partition for each task. */
  Dataset<Row> read(SparkSession spark) {
    List<Integer> numbers = IntStream.range(0, tasks.size()).boxed().toList();
    JavaRDD<InternalRow> rows =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(numbers, numbers.size())
            .flatMap(this);
    // Not by an encoder of rows: for as many columns as these, the code that Spark generates for it
    // is longer than the JVM compiles, and takes longer than everything else that is done to a
    // line.
    return ((org.apache.spark.sql.classic.SparkSession) spark)
        .internalCreateDataFrame(rows.rdd(), ParsedLines.SCHEMA, false);
  }

  @Override
  public Iterator<InternalRow> call(Integer task) {
    RawFiles.Task work = tasks.get(task);
    var rows = new Rows(work.files().iterator());
    TaskContext.get()
        .addTaskCompletionListener(
            (TaskCompletionListener)
                context -> {
                  rows.close();
                  tallies.add(Map.of(work.landingDay(), rows.tally));
                });
    return rows;
  }

  /** Opens one file after the other, and holds one line at a time. */
  private final class Rows implements Iterator<InternalRow>, LineFormat.Records {
    private final Iterator<RawFile> files;
    private final LineFormat.Parser parser = format.parser();
    private final ArrayDeque<InternalRow> ahead = new ArrayDeque<>();
    private final Tally tally = new Tally();
    private RawFile file;
    private Lines reader;
    private long line;
    private int record;

    Rows(Iterator<RawFile> files) {
      this.files = files;
    }

    @Override
    public boolean hasNext() {
      while (ahead.isEmpty()) {
        if (reader == null && !open()) {
          return false;
        }
        read();
      }
      return true;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ahead.remove();
    }

    private boolean open() {
      if (!files.hasNext()) {
        return false;
      }
      file = files.next();
      tally.addFile(file);
      line = 0;
      try {
        reader = format.open(file, hadoop.value().value());
        parser.begins(file.name());
      } catch (UncheckedIOException e) {
        throw unreadable(e.getCause());
      } catch (IOException e) {
        throw unreadable(e);
      }
      return true;
    }

    /** Reads one line; its rows are ahead then, if it has any. */
    private void read() {
      record = 0;
      try {
        if (!reader.next()) {
          close();
          return;
        }
        if (line == 0 && parser.goesOn(reader.bytes(), reader.length())) {
          reader.takeRest();
        }
      } catch (UncheckedIOException e) {
        throw unreadable(e.getCause());
      } catch (IOException e) {
        line++;
        tally.addLine();
        tally.addDamaged(file);
        refusedLine(new RefusedLine(QuarantineReason.CORRUPT_FILE));
        close();
        return;
      }
      line++;
      tally.addLine();
      if (reader.blank()) {
        tally.addBlank();
        return;
      }
      try {
        if (reader.tooLong()) {
          throw new RefusedLine(QuarantineReason.LINE_TOO_LONG);
        }
        parser.parse(reader.bytes(), reader.length(), this);
      } catch (RefusedLine e) {
        refusedLine(e);
      }
    }

    @Override
    public void event(Object[] row) {
      Integer part = (Integer) row[PART];
      if (part != null && ParsedLines.onlyHints(part)) {
        ignored();
        tally.addPart(part);
        place(row);
        return;
      }
      int delay = file.landingDay() - (Integer) row[EVENT_DATE];
      if (delay > limits.lookbackDays()) {
        refused(new RefusedLine(QuarantineReason.TOO_LATE));
      } else if (-delay > limits.futureDays()) {
        refused(new RefusedLine(QuarantineReason.TOO_EARLY));
      } else {
        record++;
        tally.addGood((Integer) row[UNKNOWN_FIELDS]);
        if (part != null) {
          tally.addPart(part);
        }
        if (row[SPAN] != null || row[RESPONSE_ID] != null) {
          tally.addNames(row[INTERACTION_ID], row[SPAN], row[RESPONSE_ID]);
        }
        if (row[USER_ID] == null || row[SESSION_ID] == null) {
          tally.addUnplaced();
          describe(row, parser.recordText(2 * limits.quarantineChars()));
        }
        place(row);
      }
    }

    @Override
    public void refused(RefusedLine refused) {
      record++;
      tally.addRefused(refused.reason());
      quarantine(refused, parser.recordText(2 * limits.quarantineChars()));
    }

    @Override
    public void ignored() {
      record++;
      tally.addIgnored();
    }

    private void refusedLine(RefusedLine refused) {
      tally.addRefusedLine(refused.reason());
      quarantine(refused, null);
    }

    private void quarantine(RefusedLine refused, String text) {
      var row = new Object[ParsedLines.WIDTH];
      row[REASON] = refused.reason().code();
      row[DETAIL] = refused.detail();
      describe(row, text);
      place(row);
    }

    private void describe(Object[] row, String text) {
      row[LINE_BYTES] = reader.size();
      row[LINE_TEXT] = start(text == null ? startOfLine() : text);
    }

    private void place(Object[] row) {
      row[LANDING_DATE] = file.landingDay();
      row[SOURCE_FILE] = file.name();
      row[SOURCE_LINE] = line;
      row[SOURCE_RECORD] = record;
      ahead.add(ParsedLines.internal(row));
    }

    private String startOfLine() {
      // A character has at most four bytes, so this holds enough and the cut shows no half of one.
      int bytes = (int) Math.min(reader.length(), 4L * limits.quarantineChars());
      return new String(reader.bytes(), 0, bytes, StandardCharsets.UTF_8);
    }

    private String start(String text) {
      int characters = Math.min(limits.quarantineChars(), text.codePointCount(0, text.length()));
      return text.substring(0, text.offsetByCodePoints(0, characters));
    }

    private FlywheelException unreadable(IOException e) {
      return StorageFailure.explain(e, "read the raw log " + file.name());
    }

    private void close() {
      if (reader != null) {
        try {
          reader.close();
        } catch (IOException e) {
          // Everything that was wanted of it has been read.
        }
        reader = null;
      }
    }
  }
}
