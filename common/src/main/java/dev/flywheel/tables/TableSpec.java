package dev.flywheel.tables;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The contract of one Delta table: name, grain, columns with comments, partitioning, constraints.
 *
 * @param name folder below {@code <lake>/tables}
 * @param comment what the table holds and its grain
 * @param partitionColumn {@code landing_date}, {@code event_date}, or empty for a registry
 * @param schema columns in order, each with its comment
 * @param key columns that identify a row
 * @param checks constraint name to SQL condition
 * @param statisticsColumns columns Delta keeps statistics of: never text, never a person
 * @param reach how far rows look from their own event date
 */
public record TableSpec(
    String name,
    String comment,
    Optional<String> partitionColumn,
    StructType schema,
    List<String> key,
    Map<String, String> checks,
    List<String> statisticsColumns,
    Reach reach) {

  public static final String LANDING_DATE = "landing_date";
  public static final String EVENT_DATE = "event_date";

  /** Raised by hand when a published column changes its meaning or type. */
  public static final int SCHEMA_VERSION = 1;

  /** Starts the contract of a table that is replaced by landing day. */
  public static Builder byLandingDate(String name, String comment) {
    return new Builder(name, comment, Optional.of(LANDING_DATE))
        .required(LANDING_DATE, DataTypes.DateType, "Day under whose prefix the line landed, UTC.");
  }

  /** Starts the contract of a table that is replaced by event date. */
  public static Builder byEventDate(String name, String comment, String eventDateComment) {
    return new Builder(name, comment, Optional.of(EVENT_DATE))
        .required(EVENT_DATE, DataTypes.DateType, eventDateComment);
  }

  /** Starts the contract of a table that is only ever appended to. */
  public static Builder registry(String name, String comment) {
    return new Builder(name, comment, Optional.empty());
  }

  /** Collects columns in the order in which they are published. */
  public static final class Builder {
    private final String name;
    private final String comment;
    private final Optional<String> partitionColumn;
    private final List<StructField> fields = new ArrayList<>();
    private final Map<String, String> checks = new LinkedHashMap<>();
    private List<String> key = List.of();
    private List<String> statistics = List.of();
    private Reach reach = Reach.NONE;

    private Builder(String name, String comment, Optional<String> partitionColumn) {
      this.name = name;
      this.comment = comment;
      this.partitionColumn = partitionColumn;
    }

    /** A column that is never null. */
    public Builder required(String column, DataType type, String comment) {
      return column(column, type, false, comment);
    }

    /** A column whose comment says what null means. */
    public Builder optional(String column, DataType type, String comment) {
      return column(column, type, true, comment);
    }

    private Builder column(String column, DataType type, boolean nullable, String comment) {
      fields.add(
          DataTypes.createStructField(
              column, type, nullable, new MetadataBuilder().putString("comment", comment).build()));
      return this;
    }

    /** Columns that identify a row. */
    public Builder key(String... columns) {
      this.key = List.of(columns);
      return this;
    }

    /** A condition every row meets. */
    public Builder check(String constraint, String condition) {
      checks.put(constraint, condition);
      return this;
    }

    /** Columns to keep file statistics of; none that holds text or names a person. */
    public Builder statistics(String... columns) {
      this.statistics = List.of(columns);
      return this;
    }

    /** How far rows look from their own event date. */
    public Builder reach(Reach declared) {
      this.reach = declared;
      return this;
    }

    public TableSpec build() {
      var schema = new StructType(fields.toArray(StructField[]::new));
      key.forEach(schema::fieldIndex);
      statistics.forEach(schema::fieldIndex);
      return new TableSpec(
          name, comment, partitionColumn, schema, key, Map.copyOf(checks), statistics, reach);
    }
  }
}
