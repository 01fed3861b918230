package dev.flywheel.testing;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoders;

/** Lakes as tests compare and copy them. */
public final class TestLakes {
  private static final String RUN_ID = "run_id";

  private TestLakes() {}

  public static Lakehouse open(Path lake) {
    return new Lakehouse(TestSpark.session(), lake.toString());
  }

  /**
   * Every row of every table that obeys the law of time, as sorted JSON by table name; which run
   * wrote a row is left out.
   */
  public static Map<String, List<String>> lawfulRows(Path lake) {
    Lakehouse tables = open(lake);
    var rows = new TreeMap<String, List<String>>();
    for (TableSpec table : Tables.ALL) {
      if (table.partitionColumn().isPresent()) {
        rows.put(table.name(), rows(tables, table));
      }
    }
    return rows;
  }

  /** Every row of a table as sorted JSON, without the run that wrote it. */
  public static List<String> rows(Lakehouse lake, TableSpec table) {
    Column[] columns =
        Arrays.stream(table.schema().fieldNames())
            .filter(name -> !name.equals(RUN_ID))
            .map(name -> col(name))
            .toArray(Column[]::new);
    return lake
        .read(table)
        .select(to_json(struct(columns)))
        .as(Encoders.STRING())
        .collectAsList()
        .stream()
        .sorted()
        .toList();
  }

  /** Copies a lake; Delta keeps relative paths, so the copy stands alone. */
  public static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(file -> copyOne(file, to.resolve(from.relativize(file).toString())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copyOne(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
