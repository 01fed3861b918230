package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.split;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.Seq;

/**
 * Lines as tasks read them, good and bad in one set of rows, so that files are opened once: one row
 * per record that is ours. A good one has the columns of {@code events}; a bad one has a reason
 * and, of those columns, only the place where it lies. The last columns are for {@link
 * Correlation}.
 */
final class ParsedLines {
  private static final StructType EVENTS = Events.SPEC.schema();

  /** Span that a record names, as trace and span; null where that says nothing new. */
  static final String SPAN = "_span";

  /** Id that the model's provider gave a response; null where that says nothing new. */
  static final String RESPONSE_ID = "_response_id";

  /** Of a record that may tell of a response together with others, its {@link #part}. */
  static final String PART = "_part";

  /** Release of whatever sent the record: that of a response of which nothing says it better. */
  static final String SENDER_RELEASE = "_sender_release";

  /** What told of a response: the application, an event of a library, a span. */
  static final int OF_APP = 0;

  static final int OF_EVENT = 1;
  static final int OF_SPAN = 2;

  /** A span that says that there was no response, whatever happened within it. */
  static final int OF_NONE = 3;

  /** What happened within a span that tells of a response; tells of it where none was exported. */
  static final int WITHIN = 4;

  /** Says only to which arms of experiments the responses of its trace belong. */
  static final int OF_FLAG = 5;

  /** Number of sources of a {@link #part}. */
  static final int SOURCES = 6;

  static final StructType SCHEMA = schema();

  /** Number of columns of a row. */
  static final int WIDTH = SCHEMA.length();

  private ParsedLines() {}

  private static StructType schema() {
    var schema = new StructType();
    for (StructField field : EVENTS.fields()) {
      schema = schema.add(field.name(), field.dataType(), true);
    }
    return schema
        .add(Quarantine.REASON, DataTypes.StringType)
        .add(Quarantine.DETAIL, DataTypes.StringType)
        .add(Quarantine.LINE_BYTES, DataTypes.LongType)
        .add(Quarantine.LINE_TEXT, DataTypes.StringType)
        .add(SPAN, DataTypes.StringType)
        .add(RESPONSE_ID, DataTypes.StringType)
        .add(PART, DataTypes.IntegerType)
        .add(SENDER_RELEASE, DataTypes.StringType);
  }

  /**
   * Rank of a record among those of one response, smallest first: those that have its text come
   * before those without, then {@link #OF_NONE}, {@link #WITHIN} and {@link #OF_FLAG}.
   */
  static int part(int source, boolean hasText) {
    return source >= OF_NONE ? 2 * SOURCES + source : source + (hasText ? 0 : SOURCES);
  }

  /** Whether the record becomes no event, whatever others say: it counts as ignored. */
  static boolean onlyHints(int part) {
    return sourceOf(part) == OF_NONE || sourceOf(part) == OF_FLAG;
  }

  /** What told of the response. */
  static int sourceOf(int part) {
    return part % SOURCES;
  }

  /** The trace of the span that a record names; null without one. */
  static Column trace() {
    return split(col(SPAN), "-").getItem(0);
  }

  /** Position of a column in a row. */
  static int column(String name) {
    return SCHEMA.fieldIndex(name);
  }

  /**
   * A row in the form in which Spark keeps it: texts as UTF-8, dates as days and times as
   * microseconds since 1970 UTC.
   *
   * @param values of the columns in order; changed on the way
   */
  static InternalRow internal(Object[] values) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof String text) {
        values[i] = UTF8String.fromString(text);
      } else if (values[i] instanceof Seq) {
        values[i] = CatalystTypeConverters.convertToCatalyst(values[i]);
      }
    }
    return new GenericInternalRow(values);
  }

  /** The good lines, as rows of {@code events}. */
  static Dataset<Row> events(Dataset<Row> lines) {
    return lines
        .where(col(Quarantine.REASON).isNull())
        .withColumn(Events.RELEASE, coalesce(col(Events.RELEASE), col(SENDER_RELEASE)))
        .select(Arrays.stream(EVENTS.fieldNames()).map(name -> col(name)).toArray(Column[]::new));
  }

  /** The bad lines, as rows of {@code quarantine}. */
  static Dataset<Row> quarantine(Dataset<Row> lines, String runId) {
    return lines
        .where(col(Quarantine.REASON).isNotNull())
        .select(
            col(TableSpec.LANDING_DATE),
            col(Quarantine.SOURCE_FILE),
            col(Quarantine.SOURCE_LINE),
            col(Quarantine.SOURCE_RECORD),
            col(Quarantine.REASON),
            col(Quarantine.DETAIL),
            col(Quarantine.LINE_BYTES),
            col(Quarantine.LINE_TEXT),
            lit(runId).as(Quarantine.RUN_ID));
  }
}
