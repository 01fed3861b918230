package dev.flywheel.report;

import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_sub;
import static org.apache.spark.sql.functions.map_filter;
import static org.apache.spark.sql.functions.map_keys;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.slice;

import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.FailureReports;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Typical failures of each issue as they may be shown. */
final class Exemplars {
  static final String REPORT_DATE = "report_date";
  static final String POSITION = "position";
  static final String SIGNALS = "signals";

  private static final String KEY = "key";

  /** Exemplars of an issue. */
  static final int MAX = 3;

  private Exemplars() {}

  /**
   * One row per report date, issue and exemplar: texts redacted and cut, so that nothing else of
   * them leaves the executors. Issues with fewer users than {@code minUsers} have none.
   *
   * @param issues rows of {@code failure_issues} of the report dates
   * @param labels of the windows of the report dates; which responses are failures
   * @param interactions of the same days
   */
  static Dataset<Row> of(
      Dataset<Row> issues, Dataset<Row> labels, Dataset<Row> interactions, int minUsers) {
    Dataset<Row> wanted =
        issues
            .where(
                col(FailureIssues.STATUS)
                    .notEqual(Evidence.Issue.RESOLVED)
                    .and(col(FailureIssues.DISTINCT_USERS).geq(minUsers)))
            .select(
                col(TableSpec.EVENT_DATE).as(REPORT_DATE),
                col(FailureIssues.ISSUE_ID),
                posexplode(slice(col(FailureIssues.EXEMPLAR_KEYS), 1, MAX))
                    .as(new String[] {POSITION, KEY}))
            .select(col("*"), col(KEY + ".*"))
            .drop(KEY);
    Column inWindow =
        col(TableSpec.EVENT_DATE)
            .between(date_sub(col(REPORT_DATE), FailureReports.WINDOW_DAYS - 1), col(REPORT_DATE));
    Dataset<Row> failures =
        labels
            .where(col(QualityLabels.LABEL).equalTo("bad"))
            .select(
                col(TableSpec.EVENT_DATE),
                col(QualityLabels.TENANT_ID),
                col(QualityLabels.INTERACTION_ID),
                col(QualityLabels.SHOWN_AT),
                array_join(
                        array_sort(
                            map_keys(
                                map_filter(
                                    col(QualityLabels.VOTES),
                                    (source, vote) -> vote.equalTo("bad")))),
                        ", ")
                    .as(SIGNALS))
            .join(
                broadcast(wanted),
                new String[] {
                  QualityLabels.TENANT_ID, QualityLabels.INTERACTION_ID, QualityLabels.SHOWN_AT
                })
            .where(inWindow);
    // A few rows: the texts of all other responses are read past, never moved.
    return interactions
        .select(
            col(TableSpec.EVENT_DATE),
            col(Interactions.TENANT_ID),
            col(Interactions.INTERACTION_ID),
            col(Interactions.SHOWN_AT),
            col(Interactions.PROMPT),
            col(Interactions.RESPONSE),
            col(Interactions.MODEL))
        .join(
            broadcast(failures),
            new String[] {
              TableSpec.EVENT_DATE,
              Interactions.TENANT_ID,
              Interactions.INTERACTION_ID,
              Interactions.SHOWN_AT
            },
            "inner")
        .withColumn(Interactions.PROMPT, ShownText.excerpt(col(Interactions.PROMPT)))
        .withColumn(Interactions.RESPONSE, ShownText.excerpt(col(Interactions.RESPONSE)));
  }
}
