package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.broadcast;

import dev.flywheel.cluster.IssueIdentification.Identified;
import dev.flywheel.cluster.IssueIdentification.Known;
import dev.flywheel.cluster.IssueStates.State;
import dev.flywheel.cluster.Memberships.Clustering;
import dev.flywheel.cluster.Memberships.Pair;
import dev.flywheel.lake.Cached;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Parallel;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.IssueIdentities;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** From vectors to published clusters and issues, for the dates of one run. */
final class FailureReview {
  /** Which cluster and issue the nearest centroid stands for. */
  private static final StructType NUMBERS =
      new StructType()
          .add(TableSpec.EVENT_DATE, DataTypes.DateType)
          .add(Memberships.CLUSTERING, DataTypes.IntegerType)
          .add(Memberships.CLUSTER, DataTypes.IntegerType)
          .add(FailureAssignments.CLUSTER_ID, DataTypes.IntegerType)
          .add(IssueTrends.ISSUE_ID, DataTypes.StringType);

  private final Lakehouse lake;
  private final RunContext run;
  private final Settings settings;

  /** Dates that are replaced. */
  private final DateRange dates;

  FailureReview(Lakehouse lake, RunContext run, Settings settings, DateRange dates) {
    this.lake = lake;
    this.run = run;
    this.settings = settings;
    this.dates = dates;
  }

  /** What the lake has of the days around. */
  private record Memory(
      Map<LocalDate, Map<String, String>> registered,
      List<Known> known,
      Map<LocalDate, List<State>> states) {}

  /** What is known of the clusters of tonight's dates, by number of the clustering. */
  private record Findings(List<List<FailureCluster>> clusters, Map<Pair, Overlap> common) {}

  /** What is decided about one date. */
  private record Verdict(LocalDate date, List<Identified> clusters, List<State> issues) {}

  /**
   * Replaces clusters, assignments, issues and trends of the run's dates.
   *
   * @param vectors failures of all windows with their vectors
   * @return one line for the closing summary
   */
  String publish(Dataset<Row> vectors) {
    Memory memory;
    List<Clustering> clusterings;
    try (var parallel = new Parallel()) {
      var remembered = parallel.start(this::remember);
      clusterings = fit(vectors);
      memory = remembered.get();
    }
    var identification = new IssueIdentification(clusterings, dates.from(), memory.known());
    // Read by facts, terms, overlaps, assignments and trends.
    try (Cached failures = Cached.of(Memberships.of(vectors, identification.clusterings()))) {
      Findings findings = findings(failures.rows(), identification);
      List<Verdict> verdicts = decide(identification, findings, memory);
      lake.requireUnchanged();
      register(verdicts);
      replace(verdicts, failures.rows());
      long issues = verdicts.isEmpty() ? 0 : verdicts.get(verdicts.size() - 1).clusters().size();
      return "%d dates clustered, %d issues open on the last".formatted(verdicts.size(), issues);
    }
  }

  private Memory remember() {
    DateRange known = dates.widen(IssueStates.KNOWN_DAYS, FailureClusters.WINDOW_DAYS - 1);
    DateRange earlier = new DateRange(dates.from().minusDays(IssueStates.KNOWN_DAYS), dates.from());
    Map<LocalDate, Map<String, String>> registered = IssueRecords.registered(lake, known);
    return new Memory(
        registered,
        IssueRecords.known(lake, known, registered),
        IssueRecords.states(lake, earlier));
  }

  /** Clusters of every date that has responses. */
  private List<Clustering> fit(Dataset<Row> vectors) {
    return new WindowFit(settings.cluster(), run.seed())
        .fit(vectors, lake.dates(QualityLabels.SPEC, dates));
  }

  private Findings findings(Dataset<Row> failures, IssueIdentification identification) {
    List<Clustering> tonight = identification.tonight();
    Dataset<Row> members = Memberships.members(failures, tonight.size());
    int minUsers = settings.report().minDistinctUsers();
    try (var parallel = new Parallel()) {
      // A few rows per cluster each.
      Supplier<List<Row>> facts = parallel.start(() -> ClusterFacts.of(members).collectAsList());
      Supplier<List<Row>> terms =
          parallel.start(() -> ClusterTerms.of(members, minUsers).collectAsList());
      Supplier<Map<Pair, Overlap>> common =
          parallel.start(
              () ->
                  Memberships.common(
                      failures, identification.pairs(), identification.clusterings()));
      return new Findings(
          FailureCluster.all(
              tonight,
              facts.get().stream().map(ClusterFacts::from).toList(),
              ClusterTerms.byCluster(terms.get())),
          common.get());
    }
  }

  private List<Verdict> decide(
      IssueIdentification identification, Findings findings, Memory memory) {
    Settings.Cluster bars = settings.cluster();
    var matcher = new IssueMatcher(bars.minOverlap(), bars.minCosine());
    var states = new IssueStates(memory.states());
    var verdicts = new ArrayList<Verdict>();
    for (int i = 0; i < findings.clusters().size(); i++) {
      int number = i;
      LocalDate date = identification.tonight().get(i).date();
      List<Identified> identified =
          identification.identify(
              number,
              findings.clusters().get(i),
              memory.registered().getOrDefault(date, Map.of()),
              findings.common(),
              matcher);
      List<State> told =
          states.tell(
              date,
              IssueIdentification.byIssue(identified),
              (day, issue) ->
                  identification.absorbedBy(
                      number, day, issue, findings.common(), bars.minOverlap()));
      verdicts.add(new Verdict(date, identified, told));
    }
    return verdicts;
  }

  /** First of all writes: what is published later may show no issue that is not registered. */
  private void register(List<Verdict> verdicts) {
    List<Row> rows =
        verdicts.stream()
            .flatMap(verdict -> verdict.clusters().stream())
            .filter(identified -> !identified.decision().registered())
            .map(identified -> IssueRecords.identity(identified, run))
            .toList();
    if (!rows.isEmpty()) {
      lake.append(IssueIdentities.SPEC, IssueRecords.dataset(lake, IssueIdentities.SPEC, rows));
    }
  }

  private void replace(List<Verdict> verdicts, Dataset<Row> failures) {
    Dataset<Row> numbers = numbers(verdicts);
    Dataset<Row> members = Memberships.members(failures, verdicts.size());
    Dataset<Row> assigned =
        members.join(
            broadcast(numbers),
            new String[] {TableSpec.EVENT_DATE, Memberships.CLUSTERING, Memberships.CLUSTER});
    Dataset<Row> trends =
        Trends.of(
            assigned,
            lake.read(Interactions.SPEC, dates),
            numbers.select(TableSpec.EVENT_DATE, IssueTrends.ISSUE_ID));
    try (var parallel = new Parallel()) {
      // Independent tables, after the registry in any order.
      parallel.run(
          () -> lake.replace(FailureClusters.SPEC, dates, clusters(verdicts, numbers, members)),
          () -> lake.replace(FailureAssignments.SPEC, dates, assigned),
          () -> lake.replace(FailureIssues.SPEC, dates, issues(verdicts)),
          () -> lake.replace(IssueTrends.SPEC, dates, trends));
    }
  }

  private Dataset<Row> numbers(List<Verdict> verdicts) {
    List<Row> rows =
        verdicts.stream()
            .flatMap(verdict -> verdict.clusters().stream())
            .map(
                identified ->
                    RowFactory.create(
                        Date.valueOf(identified.cluster().date()),
                        identified.cluster().facts().clustering(),
                        identified.cluster().facts().cluster(),
                        identified.cluster().clusterId(),
                        identified.decision().issueId()))
            .toList();
    return lake.spark().createDataFrame(rows, NUMBERS);
  }

  private Dataset<Row> clusters(
      List<Verdict> verdicts, Dataset<Row> numbers, Dataset<Row> members) {
    List<Row> rows =
        verdicts.stream()
            .flatMap(verdict -> verdict.clusters().stream())
            .map(identified -> IssueRecords.cluster(identified.cluster()))
            .toList();
    Dataset<Row> segments =
        Trends.ofWindows(members)
            .join(broadcast(numbers), new String[] {Memberships.CLUSTERING, Memberships.CLUSTER})
            .select(TableSpec.EVENT_DATE, FailureClusters.CLUSTER_ID, FailureClusters.SEGMENTS);
    return IssueRecords.dataset(lake, FailureClusters.SPEC, rows)
        .drop(FailureClusters.SEGMENTS)
        .join(
            broadcast(segments),
            new String[] {TableSpec.EVENT_DATE, FailureClusters.CLUSTER_ID},
            "left_outer");
  }

  private Dataset<Row> issues(List<Verdict> verdicts) {
    int minUsers = settings.report().minDistinctUsers();
    var rows = new ArrayList<Row>();
    for (Verdict verdict : verdicts) {
      Map<String, FailureCluster> clusters = IssueIdentification.byIssue(verdict.clusters());
      for (State state : verdict.issues()) {
        rows.add(
            IssueRecords.issue(verdict.date(), state, clusters.get(state.issueId()), minUsers));
      }
    }
    return IssueRecords.dataset(lake, FailureIssues.SPEC, rows);
  }
}
