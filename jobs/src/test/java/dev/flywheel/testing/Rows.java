package dev.flywheel.testing;

import dev.flywheel.tables.TableSpec;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructField;
import scala.jdk.javaapi.CollectionConverters;

/** Small tables from literal values, so that a test shows what matters and no more. */
public final class Rows {
  private Rows() {}

  /**
   * Rows of {@code table}: each map names the columns it sets. An optional column that is not named
   * is null; a required one that is not named is an error of the test.
   */
  @SafeVarargs
  @SuppressWarnings("varargs")
  public static Dataset<Row> of(TableSpec table, Map<String, Object>... rows) {
    return of(table, Arrays.asList(rows));
  }

  /** As {@link #of(TableSpec, Map[])}. */
  public static Dataset<Row> of(TableSpec table, List<Map<String, Object>> rows) {
    List<Row> values = rows.stream().map(row -> row(table, row)).toList();
    return TestSpark.session().createDataFrame(values, table.schema());
  }

  private static Row row(TableSpec table, Map<String, Object> values) {
    for (String name : values.keySet()) {
      table.schema().fieldIndex(name);
    }
    return RowFactory.create(
        Arrays.stream(table.schema().fields()).map(field -> cell(field, values)).toArray());
  }

  private static Object cell(StructField field, Map<String, Object> values) {
    Object value = values.get(field.name());
    if (value == null && !field.nullable()) {
      throw new IllegalArgumentException(field.name() + " is required: name it in the test");
    }
    return external(value);
  }

  /** What a Row may hold for a value as tests like to write it. */
  private static Object external(Object value) {
    if (value instanceof LocalDate day) {
      return Date.valueOf(day);
    }
    if (value instanceof Instant moment) {
      return Timestamp.from(moment);
    }
    if (value instanceof List<?> items) {
      return CollectionConverters.asScala(items.stream().map(Rows::external).toList()).toSeq();
    }
    if (value instanceof Map<?, ?> map) {
      return CollectionConverters.asScala(map);
    }
    return value;
  }
}
