package dev.flywheel.ingest;

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
import java.util.Iterator;
import java.util.List;
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
 * Reads files of raw logs, by the number of the task: a row of {@link ParsedLines} for every line
 * that is not blank, and one more for what cannot be read of a damaged file. For each file, lines =
 * good + quarantined + blank.
 */
final class LineRows implements FlatMapFunction<Integer, InternalRow> {
  private static final int LANDING_DATE = ParsedLines.column(TableSpec.LANDING_DATE);
  private static final int EVENT_DATE = ParsedLines.column(Events.EVENT_DATE);
  private static final int UNKNOWN_FIELDS = ParsedLines.column(Events.UNKNOWN_FIELDS);
  private static final int SOURCE_FILE = ParsedLines.column(Events.SOURCE_FILE);
  private static final int SOURCE_LINE = ParsedLines.column(Events.SOURCE_LINE);
  private static final int REASON = ParsedLines.column(Quarantine.REASON);
  private static final int DETAIL = ParsedLines.column(Quarantine.DETAIL);
  private static final int LINE_BYTES = ParsedLines.column(Quarantine.LINE_BYTES);
  private static final int LINE_TEXT = ParsedLines.column(Quarantine.LINE_TEXT);

  /** What of the run and the settings a task must know. */
  record Limits(int lookbackDays, int futureDays, int maxLineBytes, int quarantineChars)
      implements Serializable {
    static Limits of(RunContext run, Settings.Ingest settings) {
      return new Limits(
          run.lookbackDays(),
          run.futureDays(),
          settings.maxLineBytes(),
          settings.quarantineChars());
    }
  }

  private final List<RawFiles.Task> tasks;
  private final LineFormat format;
  private final Limits limits;
  private final Tally tally;
  private final Broadcast<SerializableConfiguration> hadoop;

  LineRows(
      List<RawFiles.Task> tasks,
      LineFormat format,
      Limits limits,
      Tally tally,
      Broadcast<SerializableConfiguration> hadoop) {
    this.tasks = tasks;
    this.format = format;
    this.limits = limits;
    this.tally = tally;
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
    var rows = new Rows(tasks.get(task).files().iterator());
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> rows.close());
    return rows;
  }

  /** Opens one file after the other, and holds one line at a time. */
  private final class Rows implements Iterator<InternalRow> {
    private final Iterator<RawFile> files;
    private final LineFormat.Parser parser = format.parser();
    private RawFile file;
    private LineReader reader;
    private long line;
    private InternalRow ahead;

    Rows(Iterator<RawFile> files) {
      this.files = files;
    }

    @Override
    public boolean hasNext() {
      while (ahead == null) {
        if (reader == null && !open()) {
          return false;
        }
        ahead = read();
      }
      return true;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      InternalRow row = ahead;
      ahead = null;
      return row;
    }

    private boolean open() {
      if (!files.hasNext()) {
        return false;
      }
      file = files.next();
      line = 0;
      try {
        reader =
            new LineReader(StoredLog.open(file, hadoop.value().value()), limits.maxLineBytes());
      } catch (IOException e) {
        throw unreadable(e);
      }
      return true;
    }

    /** The next line as a row; null for a blank line and at the end of the file. */
    private InternalRow read() {
      try {
        if (!reader.next()) {
          close();
          return null;
        }
      } catch (UncheckedIOException e) {
        throw unreadable(e.getCause());
      } catch (IOException e) {
        line++;
        InternalRow rest = refused(new RefusedLine(QuarantineReason.CORRUPT_FILE));
        close();
        return rest;
      }
      line++;
      if (reader.blank()) {
        tally.addBlank();
        return null;
      }
      try {
        return good();
      } catch (RefusedLine e) {
        return refused(e);
      }
    }

    private InternalRow good() throws RefusedLine {
      if (reader.tooLong()) {
        throw new RefusedLine(QuarantineReason.LINE_TOO_LONG);
      }
      Object[] row = parser.parse(reader.bytes(), reader.length());
      int delay = file.landingDay() - (Integer) row[EVENT_DATE];
      if (delay > limits.lookbackDays()) {
        throw new RefusedLine(QuarantineReason.TOO_LATE);
      }
      if (-delay > limits.futureDays()) {
        throw new RefusedLine(QuarantineReason.TOO_EARLY);
      }
      tally.addGood((Integer) row[UNKNOWN_FIELDS]);
      return placed(row);
    }

    private InternalRow refused(RefusedLine refused) {
      tally.addRefused(refused.reason());
      var row = new Object[ParsedLines.WIDTH];
      row[REASON] = refused.reason().code();
      row[DETAIL] = refused.detail();
      row[LINE_BYTES] = reader.size();
      row[LINE_TEXT] = startOfLine();
      return placed(row);
    }

    private InternalRow placed(Object[] row) {
      row[LANDING_DATE] = file.landingDay();
      row[SOURCE_FILE] = file.name();
      row[SOURCE_LINE] = line;
      return ParsedLines.internal(row);
    }

    private String startOfLine() {
      // A character has at most four bytes, so this holds enough and the cut shows no half of one.
      int bytes = (int) Math.min(reader.length(), 4L * limits.quarantineChars());
      String text = new String(reader.bytes(), 0, bytes, StandardCharsets.UTF_8);
      int characters = Math.min(limits.quarantineChars(), text.codePointCount(0, text.length()));
      return text.substring(0, text.offsetByCodePoints(0, characters));
    }

    private FlywheelException unreadable(IOException e) {
      return FlywheelException.transientFailure(
          e,
          "The raw log %s cannot be read (%s): check that the storage answers and that this user"
              + " may read the file, then run the same command again. Nothing was changed.",
          file.name(),
          e.getClass().getSimpleName());
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
