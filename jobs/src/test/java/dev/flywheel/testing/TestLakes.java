package dev.flywheel.testing;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Lakes as tests compare and copy them. */
public final class TestLakes {
  private static final String RUN_ID = "run_id";

  private TestLakes() {}

  public static Lakehouse open(Path lake) {
    return new Lakehouse(TestSpark.session(), lake.toString());
  }

  /**
   * Every row of every table that obeys the law of time, as sorted JSON by table name; which run
   * wrote a row is left out. Of the published eval sets that is the content of the newest version:
   * which version added a record, and what earlier ones held, depends on when runs were made.
   */
  public static Map<String, List<String>> lawfulRows(Path lake) {
    Lakehouse tables = open(lake);
    var rows = new TreeMap<String, List<String>>();
    for (TableSpec table : Tables.ALL) {
      if (table.partitionColumn().isPresent()) {
        rows.put(
            table.name(),
            table.equals(EvalDatasetRecords.SPEC)
                ? standing(tables)
                : rows(tables.read(table), RUN_ID));
      }
    }
    return rows;
  }

  private static List<String> standing(Lakehouse lake) {
    return rows(
        lake.read(EvalDatasetRecords.SPEC)
            .where(col(EvalDatasetRecords.RETIRED_IN_VERSION).isNull()),
        EvalDatasetRecords.ADDED_IN_VERSION);
  }

  /** Every row of a table as sorted JSON, without the run that wrote it. */
  public static List<String> rows(Lakehouse lake, TableSpec table) {
    return rows(lake.read(table), RUN_ID);
  }

  private static List<String> rows(Dataset<Row> rows, String without) {
    Column[] columns =
        Arrays.stream(rows.columns())
            .filter(name -> !name.equals(without))
            .map(name -> col(name))
            .toArray(Column[]::new);
    return rows.select(to_json(struct(columns))).as(Encoders.STRING()).collectAsList().stream()
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

  /** Deletes a folder and what is in it. */
  public static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
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
