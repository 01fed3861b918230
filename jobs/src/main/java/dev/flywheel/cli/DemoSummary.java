package dev.flywheel.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;

import dev.flywheel.generate.PlantedTruth;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.Tables;
import java.io.PrintWriter;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a demo ends with: tables, the biggest issues, and how near the result is to the truth. */
final class DemoSummary {
  private static final int ISSUES = 5;

  private DemoSummary() {}

  static void print(Lakehouse lake, DemoLogs logs, String dataset, PrintWriter out) {
    printTables(lake, out);
    printIssues(lake, out);
    out.printf("%nAgainst the planted truth: made-up data, good for catching breakage%n");
    PlantedTruth.measure(lake, logs.truth(), dataset)
        .lines()
        .forEach(line -> out.println("  " + line));
    out.flush();
  }

  private static void printTables(Lakehouse lake, PrintWriter out) {
    out.printf("%nTables in %s%n", lake.path(Tables.ALL.get(0)).replaceFirst("/[^/]*$", ""));
    for (TableSpec table : Tables.ALL) {
      if (lake.exists(table)) {
        out.printf(Locale.ROOT, "  %-24s %,10d rows%n", table.name(), lake.read(table).count());
      }
    }
  }

  private static void printIssues(Lakehouse lake, PrintWriter out) {
    Dataset<Row> issues = lake.read(FailureIssues.SPEC);
    out.printf("%nBiggest issues on the last day%n");
    issues
        .join(issues.agg(max(TableSpec.EVENT_DATE).as(TableSpec.EVENT_DATE)), TableSpec.EVENT_DATE)
        .orderBy(col(FailureIssues.FAILURES).desc(), col(FailureIssues.ISSUE_ID))
        .limit(ISSUES)
        .collectAsList()
        .forEach(
            issue ->
                out.printf(
                    Locale.ROOT,
                    "  %6d failures of %4d users  %-9s  %s%n",
                    issue.<Long>getAs(FailureIssues.FAILURES),
                    issue.<Long>getAs(FailureIssues.DISTINCT_USERS),
                    issue.<String>getAs(FailureIssues.STATUS),
                    issue.<String>getAs(FailureIssues.TITLE)));
  }
}
