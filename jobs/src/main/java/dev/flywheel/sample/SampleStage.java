package dev.flywheel.sample;

import static org.apache.spark.sql.functions.col;

import dev.flywheel.lake.Cached;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.Parallel;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Stage;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Draws the statistical sample of each event date and publishes the eval set it makes. */
public final class SampleStage implements Stage {
  @Override
  public String name() {
    return "sample";
  }

  @Override
  public List<TableSpec> reads() {
    return List.of(
        QualityLabels.SPEC,
        Interactions.SPEC,
        EvalDraws.SPEC,
        EvalDatasetRecords.SPEC,
        EvalDatasetVersions.SPEC);
  }

  @Override
  public List<TableSpec> writes() {
    return List.of(EvalDraws.SPEC, EvalDatasetRecords.SPEC, EvalDatasetVersions.SPEC);
  }

  @Override
  public void check(SparkSession spark, Settings settings) {
    Column unused = Strata.of(settings.sample());
  }

  @Override
  public String run(Lakehouse lake, RunContext run, Settings settings) {
    Settings.Sample policy = settings.sample();
    DateRange dates = run.affected(EvalDraws.SPEC);
    Dataset<Row> interactions = lake.read(Interactions.SPEC, dates);
    Dataset<Row> labels = lake.read(QualityLabels.SPEC, dates);
    var set = new EvalSet(lake, policy.dataset());
    set.requireSides(dates, policy.holdoutShare());
    SampleDesign design = SampleDesign.of(populations(interactions, policy), policy);

    // Read by the draws, by the comparison with the published version and by its write.
    try (var records = draw(run, interactions, labels, design, policy);
        var parallel = new Parallel()) {
      var draws = parallel.start(() -> replace(lake, dates, records.rows(), policy.dataset()));
      try (var edition = set.compare(dates, records.rows(), run)) {
        // No set is published without the draws that it is made of.
        boolean replaced = draws.get();
        if (!replaced) {
          throw EvalSet.published(policy.dataset());
        }
        lake.requireUnchanged();
        EvalSet.Version version = edition.publish(run);
        return String.format(
            Locale.ROOT,
            "%,d records drawn over %d dates%s; '%s' version %d holds %,d",
            design.records(),
            design.dates(),
            floorsOnly(design, policy),
            policy.dataset(),
            version.number(),
            version.records());
      }
    }
  }

  /**
   * Makes {@code draws} those of set {@code name} on {@code dates}; other sets keep theirs.
   *
   * @return false when another run wrote draws meanwhile, and nothing was written
   */
  private static boolean replace(Lakehouse lake, DateRange dates, Dataset<Row> draws, String name) {
    String[] columns = EvalDraws.SPEC.schema().fieldNames();
    long seen = lake.guard(EvalDraws.SPEC);
    Dataset<Row> others =
        lake.read(EvalDraws.SPEC, dates).where(col(EvalDraws.DATASET_NAME).notEqual(name));
    boolean written =
        lake.replaceIfUnchanged(
            EvalDraws.SPEC,
            dates,
            EvalSet.select(draws, columns).unionByName(EvalSet.select(others, columns)),
            seen);
    // Delta makes no commit where a replacement changes nothing.
    return written || lake.guard(EvalDraws.SPEC) == seen;
  }

  /** What to change where the floors leave nothing to allocate; empty where they do not. */
  private static String floorsOnly(SampleDesign design, Settings.Sample policy) {
    long dates = design.datesOfFloorsOnly(policy);
    return dates == 0
        ? ""
        : String.format(
            Locale.ROOT,
            " (on %d of them sample.floor = %d for each stratum takes all of sample.per_day = %d,"
                + " and allocation_power does nothing: draw more, or choose fewer strata or longer"
                + " bands)",
            dates,
            policy.floor(),
            policy.perDay());
  }

  private static List<Row> populations(Dataset<Row> interactions, Settings.Sample policy) {
    return SampleDesign.populations(interactions, policy)
        .limit(SampleDesign.MOST_STRATA + 1)
        .collectAsList();
  }

  /**
   * Draws below the design's limits, and where a stratum came short of its size, which is possible
   * but all but never happens, once more without them.
   */
  static Cached draw(
      RunContext run,
      Dataset<Row> interactions,
      Dataset<Row> labels,
      SampleDesign design,
      Settings.Sample policy) {
    SparkSession spark = interactions.sparkSession();
    long found = 0;
    for (Dataset<Row> strata : List.of(design.rows(spark), design.rowsWithoutLimit(spark))) {
      // Read by the texts and by the labels that are looked up for the drawn responses.
      try (var drawn = Cached.of(StratifiedDraw.of(interactions, strata, policy, run.seed()))) {
        var records = Cached.of(EvalRecords.of(drawn.rows(), interactions, labels, policy));
        found = records.rows().count();
        if (found == design.records()) {
          return records;
        }
        records.close();
      }
    }
    throw FlywheelException.transientFailure(
        "%,d records were drawn where the strata ask for %,d: another run changed the interactions"
            + " or labels meanwhile. Nothing was written; run the same command again.",
        found, design.records());
  }
}
