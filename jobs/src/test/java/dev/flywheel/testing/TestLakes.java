package dev.flywheel.testing;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.FailureReports;
import dev.flywheel.tables.IssueIdentities;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.RunManifest;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Lakes as tests compare and copy them. */
public final class TestLakes {
  /** Who wrote a row, and what a registry has given it: these are history, not content. */
  private static final Map<String, Set<String>> HISTORY =
      Map.of(
          FailureIssues.SPEC.name(),
              Set.of(
                  FailureIssues.ISSUE_ID,
                  FailureIssues.STATUS,
                  FailureIssues.FIRST_SEEN,
                  FailureIssues.LAST_SEEN,
                  FailureIssues.MERGED_INTO),
          IssueTrends.SPEC.name(), Set.of(IssueTrends.ISSUE_ID),
          FailureReports.SPEC.name(),
              Set.of(FailureReports.RANK, FailureReports.ISSUE_ID, FailureReports.STATUS),
          EvalDatasetRecords.SPEC.name(),
              Set.of(EvalDatasetRecords.ADDED_IN_VERSION, EvalDatasetRecords.RETIRED_IN_VERSION),
          Quarantine.SPEC.name(), Set.of(Quarantine.RUN_ID));

  /** Who wrote a row and when, by the clock. */
  private static final Set<String> WRITER =
      Set.of(Quarantine.RUN_ID, EvalDatasetVersions.PUBLISHED_AT, IssueIdentities.REGISTERED_AT);

  /** Rows that only say what once was. */
  private static final Map<String, String> PRESENT =
      Map.of(
          FailureIssues.SPEC.name(), FailureIssues.CLUSTER_ID + " >= 0",
          IssueTrends.SPEC.name(), IssueTrends.FAILURES + " > 0",
          FailureReports.SPEC.name(), FailureReports.FAILURES + " > 0",
          EvalDatasetRecords.SPEC.name(), EvalDatasetRecords.RETIRED_IN_VERSION + " IS NULL");

  private TestLakes() {}

  public static Lakehouse open(Path lake) {
    return new Lakehouse(TestSpark.session(), lake.toString());
  }

  /**
   * Every row of every table that obeys the law of time, as sorted JSON by table name: without what
   * the registries (identities of issues, versions of eval sets) gave it, which depends on the
   * order of runs by design, and without the run that wrote it.
   */
  public static Map<String, List<String>> lawfulRows(Path lake) {
    return lawfulRows(open(lake));
  }

  /** As {@link #lawfulRows(Path)}, wherever the lake lies. */
  public static Map<String, List<String>> lawfulRows(Lakehouse tables) {
    var rows = new TreeMap<String, List<String>>();
    for (TableSpec table : Tables.ALL) {
      if (table.partitionColumn().isPresent()) {
        Dataset<Row> present = tables.read(table).where(PRESENT.getOrDefault(table.name(), "true"));
        rows.put(table.name(), json(present, HISTORY.getOrDefault(table.name(), Set.of())));
      }
    }
    return rows;
  }

  /**
   * Every row of every table but run_manifest, as sorted JSON by table name, without the run that
   * wrote it and when: the same in lakes that saw the same runs in the same order.
   */
  public static Map<String, List<String>> allRows(Lakehouse lake) {
    var rows = new TreeMap<String, List<String>>();
    for (TableSpec table : Tables.ALL) {
      if (!table.equals(RunManifest.SPEC)) {
        rows.put(table.name(), rows(lake, table));
      }
    }
    return rows;
  }

  /** Every row of a table as sorted JSON, without the run that wrote it and when. */
  public static List<String> rows(Lakehouse lake, TableSpec table) {
    return json(lake.read(table), WRITER);
  }

  /** Rows as sorted JSON. */
  public static List<String> rows(Dataset<Row> rows) {
    return json(rows, Set.of());
  }

  private static List<String> json(Dataset<Row> rows, Set<String> without) {
    Column[] columns =
        Arrays.stream(rows.columns())
            .filter(name -> !without.contains(name))
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
