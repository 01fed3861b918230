package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_from_unix_date;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.timestamp_micros;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Lines as tasks read them, good and bad in one set of rows, so that files are opened once: one row
 * per line that is not blank. A good line has the columns of {@code events}; a bad one has a reason
 * and, of those columns, only the place where it lies. Dates are days and times microseconds since
 * 1970 UTC, which cost nothing to make a row of.
 */
final class ParsedLines {
  private static final StructType EVENTS = Events.SPEC.schema();

  static final StructType SCHEMA = schema();

  /** Number of columns of a row. */
  static final int WIDTH = SCHEMA.length();

  private ParsedLines() {}

  private static StructType schema() {
    var schema = new StructType();
    for (StructField field : EVENTS.fields()) {
      schema = schema.add(field.name(), stored(field.dataType()), true);
    }
    return schema
        .add(Quarantine.REASON, DataTypes.StringType)
        .add(Quarantine.DETAIL, DataTypes.StringType)
        .add(Quarantine.LINE_BYTES, DataTypes.LongType)
        .add(Quarantine.LINE_TEXT, DataTypes.StringType);
  }

  private static DataType stored(DataType type) {
    if (type.equals(DataTypes.DateType)) {
      return DataTypes.IntegerType;
    }
    return type.equals(DataTypes.TimestampType) ? DataTypes.LongType : type;
  }

  /** Position of a column in a row. */
  static int column(String name) {
    return SCHEMA.fieldIndex(name);
  }

  /** The good lines, as rows of {@code events}. */
  static Dataset<Row> events(Dataset<Row> lines) {
    return lines
        .where(col(Quarantine.REASON).isNull())
        .select(Arrays.stream(EVENTS.fields()).map(ParsedLines::restored).toArray(Column[]::new));
  }

  private static Column restored(StructField field) {
    Column stored = col(field.name());
    if (field.dataType().equals(DataTypes.DateType)) {
      return date_from_unix_date(stored).as(field.name());
    }
    return field.dataType().equals(DataTypes.TimestampType)
        ? timestamp_micros(stored).as(field.name())
        : stored;
  }

  /** The bad lines, as rows of {@code quarantine}. */
  static Dataset<Row> quarantine(Dataset<Row> lines, String runId) {
    return lines
        .where(col(Quarantine.REASON).isNotNull())
        .select(
            restored(EVENTS.apply(TableSpec.LANDING_DATE)),
            col(Quarantine.SOURCE_FILE),
            col(Quarantine.SOURCE_LINE),
            col(Quarantine.REASON),
            col(Quarantine.DETAIL),
            col(Quarantine.LINE_BYTES),
            col(Quarantine.LINE_TEXT),
            lit(runId).as(Quarantine.RUN_ID));
  }
}
