package dev.flywheel.cluster;

import dev.flywheel.cluster.ClusterFacts.Exemplar;
import dev.flywheel.cluster.IssueIdentification.Identified;
import dev.flywheel.cluster.IssueIdentification.Known;
import dev.flywheel.cluster.IssueStates.State;
import dev.flywheel.cluster.Memberships.Clustering;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.IssueIdentities;
import dev.flywheel.tables.TableSpec;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Clusters and issues as rows: at most some dozens per date, so that they are handled here, and
 * sorted in one task instead of by an exchange.
 */
final class IssueRecords {
  private IssueRecords() {}

  /** Issue by fingerprint for each date, as registered; where two runs raced, the earlier entry. */
  static Map<LocalDate, Map<String, String>> registered(Lakehouse lake, DateRange dates) {
    Map<LocalDate, Map<String, String>> registered = new HashMap<>();
    List<Row> rows =
        lake.read(IssueIdentities.SPEC)
            .where(Lakehouse.within(IssueIdentities.EVENT_DATE, dates))
            .select(
                IssueIdentities.EVENT_DATE,
                IssueIdentities.FINGERPRINT,
                IssueIdentities.ISSUE_ID,
                IssueIdentities.REGISTERED_AT,
                IssueIdentities.RUN_ID)
            .coalesce(1)
            .sortWithinPartitions(IssueIdentities.REGISTERED_AT, IssueIdentities.RUN_ID)
            .collectAsList();
    for (Row row : rows) {
      registered
          .computeIfAbsent(date(row, IssueIdentities.EVENT_DATE), date -> new HashMap<>())
          .putIfAbsent(row.getAs(IssueIdentities.FINGERPRINT), row.getAs(IssueIdentities.ISSUE_ID));
    }
    return registered;
  }

  /** Clusters of each date as the lake has them, with their registered issues. */
  static List<Known> known(
      Lakehouse lake, DateRange dates, Map<LocalDate, Map<String, String>> registered) {
    List<Row> rows =
        lake.read(FailureClusters.SPEC, dates)
            .select(
                TableSpec.EVENT_DATE,
                FailureClusters.CLUSTER_ID,
                FailureClusters.CENTROID,
                FailureClusters.FINGERPRINT)
            .coalesce(1)
            .sortWithinPartitions(TableSpec.EVENT_DATE, FailureClusters.CLUSTER_ID)
            .collectAsList();
    Map<LocalDate, List<Row>> byDate = new TreeMap<>();
    for (Row row : rows) {
      byDate.computeIfAbsent(date(row, TableSpec.EVENT_DATE), d -> new ArrayList<>()).add(row);
    }
    var known = new ArrayList<Known>();
    byDate.forEach(
        (date, clusters) -> {
          Map<String, String> issues = registered.getOrDefault(date, Map.of());
          known.add(
              new Known(
                  new Clustering(date, clusters.stream().map(IssueRecords::centroid).toList()),
                  clusters.stream()
                      .map(row -> issues.get(row.<String>getAs(FailureClusters.FINGERPRINT)))
                      .toList()));
        });
    return known;
  }

  private static UnitVector centroid(Row row) {
    List<Double> values = row.getList(row.fieldIndex(FailureClusters.CENTROID));
    return UnitVector.of(values);
  }

  /** Issues as of each date. */
  static Map<LocalDate, List<State>> states(Lakehouse lake, DateRange dates) {
    List<Row> rows =
        lake.read(FailureIssues.SPEC, dates)
            .coalesce(1)
            .sortWithinPartitions(TableSpec.EVENT_DATE, FailureIssues.ISSUE_ID)
            .collectAsList();
    Map<LocalDate, List<State>> states = new TreeMap<>();
    for (Row row : rows) {
      states
          .computeIfAbsent(date(row, TableSpec.EVENT_DATE), date -> new ArrayList<>())
          .add(
              new State(
                  row.getAs(FailureIssues.ISSUE_ID),
                  row.<Integer>getAs(FailureIssues.CLUSTER_ID),
                  row.getAs(FailureIssues.TITLE),
                  row.getAs(FailureIssues.STATUS),
                  date(row, FailureIssues.FIRST_SEEN),
                  date(row, FailureIssues.LAST_SEEN),
                  row.getAs(FailureIssues.MERGED_INTO)));
    }
    return states;
  }

  private static LocalDate date(Row row, String column) {
    return row.<Date>getAs(column).toLocalDate();
  }

  /** Row of {@code failure_clusters}. */
  static Row cluster(FailureCluster cluster) {
    return RowFactory.create(
        Date.valueOf(cluster.date()),
        cluster.clusterId(),
        cluster.facts().size(),
        cluster.facts().distinctUsers(),
        array(cluster.centroid().toList()),
        array(cluster.terms()),
        array(names(cluster.facts().exemplars())),
        cluster.fingerprint(),
        // Counted in Spark, and joined to the row.
        null,
        array(keys(cluster.facts().exemplars())));
  }

  /** Row of {@code issue_identities}. */
  static Row identity(Identified identified, RunContext run) {
    return RowFactory.create(
        Date.valueOf(identified.cluster().date()),
        identified.cluster().clusterId(),
        identified.cluster().fingerprint(),
        identified.decision().issueId(),
        identified.decision().decision(),
        orNull(identified.decision().overlap()),
        orNull(identified.decision().cosine()),
        Timestamp.from(run.clock().instant()),
        run.runId());
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /**
   * Row of {@code failure_issues}.
   *
   * @param cluster the issue's cluster; null once resolved
   * @param minUsers users from which an issue is shown by example
   */
  static Row issue(LocalDate date, State state, FailureCluster cluster, int minUsers) {
    boolean shown = cluster != null && cluster.facts().distinctUsers() >= minUsers;
    List<Exemplar> exemplars = shown ? cluster.facts().exemplars() : List.of();
    return RowFactory.create(
        Date.valueOf(date),
        state.issueId(),
        state.clusterId(),
        state.title(),
        state.status(),
        Date.valueOf(state.firstSeen()),
        Date.valueOf(state.lastSeen()),
        state.mergedInto(),
        cluster == null ? 0L : cluster.facts().size(),
        cluster == null ? 0L : cluster.facts().distinctUsers(),
        array(names(exemplars)),
        array(keys(exemplars)));
  }

  private static List<String> names(List<Exemplar> exemplars) {
    return exemplars.stream().map(Exemplar::interactionId).toList();
  }

  private static List<Row> keys(List<Exemplar> exemplars) {
    return exemplars.stream()
        .map(
            exemplar ->
                RowFactory.create(
                    exemplar.tenantId(),
                    exemplar.interactionId(),
                    Timestamp.from(exemplar.shownAt())))
        .toList();
  }

  private static Object array(List<?> values) {
    return CollectionConverters.asScala(values).toSeq();
  }

  /** {@code rows} of a table as one partition. */
  static Dataset<Row> dataset(Lakehouse lake, TableSpec table, List<Row> rows) {
    return lake.spark().createDataFrame(rows, table.schema()).coalesce(1);
  }
}
