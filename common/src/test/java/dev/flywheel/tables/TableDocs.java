package dev.flywheel.tables;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The contracts of the tables as Markdown. */
final class TableDocs {
  private static final String ONE_ROW_PER = "one row per ";

  private TableDocs() {}

  /** Every table, one section each. */
  static String sections() {
    return String.join("\n", Tables.ALL.stream().map(TableDocs::section).toList());
  }

  /**
   * Names and grains of every table.
   *
   * @param docs link to the document that has the sections
   */
  static String overview(String docs) {
    var text = new StringBuilder("| table | holds | one row per |\n| --- | --- | --- |\n");
    for (TableSpec table : Tables.ALL) {
      text.append(
          "| [`%s`](%s#%s) | %s | %s |\n"
              .formatted(table.name(), docs, table.name(), holds(table), grain(table)));
    }
    return text.toString();
  }

  /** What a row stands for, in the words of the comment. */
  static String grain(TableSpec table) {
    String rest =
        table.comment().substring(table.comment().indexOf(ONE_ROW_PER) + ONE_ROW_PER.length());
    return rest.replaceFirst("([.;]|, appended).*$", "");
  }

  /** What a table holds, in the words of the comment. */
  static String holds(TableSpec table) {
    return table.comment().substring(0, table.comment().indexOf(": " + ONE_ROW_PER));
  }

  private static String section(TableSpec table) {
    var text = new StringBuilder();
    text.append("## ").append(table.name()).append("\n\n");
    text.append(cell(table.comment())).append("\n\n");
    facts(table).forEach(fact -> text.append("- ").append(fact).append('\n'));
    text.append("\n| column | type | null | meaning |\n| --- | --- | --- | --- |\n");
    for (StructField column : table.schema().fields()) {
      text.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  column.name(),
                  type(column.dataType()),
                  column.nullable() ? "yes" : "no",
                  cell(column.getComment().get())));
    }
    return text.toString();
  }

  private static List<String> facts(TableSpec table) {
    var facts = new ArrayList<String>();
    facts.add("Key: " + names(table.key()) + ".");
    facts.add(
        table
            .partitionColumn()
            .map(column -> "Partitioned by `%s`; %s.".formatted(column, replacedBy(column)))
            .orElse("Not partitioned; rows are only ever appended."));
    if (table.partitionColumn().equals(java.util.Optional.of(TableSpec.EVENT_DATE))) {
      facts.add(reach(table.reach()));
    }
    new TreeMap<>(table.checks())
        .forEach((name, condition) -> facts.add("Check `%s`: `%s`.".formatted(name, condition)));
    facts.add(
        table.statisticsColumns().isEmpty()
            ? "File statistics: none."
            : "File statistics: " + names(table.statisticsColumns()) + ".");
    return facts;
  }

  private static String replacedBy(String partition) {
    return partition.equals(TableSpec.LANDING_DATE)
        ? "a run replaces the landing days of its interval"
        : "a run replaces the event dates that its landing days may change";
  }

  private static String reach(Reach reach) {
    if (reach.equals(Reach.NONE)) {
      return "Reach: a row depends on events of its own day only.";
    }
    String back = reach.backDays() == 0 ? "no earlier day" : days(reach.backDays()) + " before it";
    String forward =
        reach.forwardDays() == 0 ? "no later day" : days(reach.forwardDays()) + " after it";
    return "Reach: a row depends on events of its own day, %s and %s.".formatted(back, forward);
  }

  private static String days(int days) {
    return days == 1 ? "the day" : "the " + days + " days";
  }

  private static String names(List<String> columns) {
    return String.join(", ", columns.stream().map(column -> "`" + column + "`").toList());
  }

  private static String type(DataType type) {
    if (type instanceof ArrayType array) {
      return "array of " + type(array.elementType());
    }
    if (type instanceof MapType map) {
      return "map of " + type(map.keyType()) + " to " + type(map.valueType());
    }
    if (type instanceof StructType struct) {
      return "struct of "
          + String.join(
              ", ",
              Arrays.stream(struct.fields())
                  .map(field -> "`" + field.name() + "` " + type(field.dataType()))
                  .toList());
    }
    return type.equals(DataTypes.TimestampType) ? "timestamp (UTC)" : type.simpleString();
  }

  /**
   * Text that neither ends a cell nor becomes a tag or emphasis; underscores within words do not.
   */
  private static String cell(String text) {
    return text.replaceAll("([|<*\\\\])", "\\\\$1");
  }
}
