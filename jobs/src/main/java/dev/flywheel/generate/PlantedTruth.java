package dev.flywheel.generate;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.stats.Clustering;
import dev.flywheel.stats.Clustering.Cell;
import dev.flywheel.stats.Ranking;
import dev.flywheel.stats.Ranking.Tie;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Compares a lake with the truth that was planted into its logs. */
public final class PlantedTruth {
  static final String TENANT_ID = "tenant_id";
  static final String INTERACTION_ID = "interaction_id";
  static final String QUALITY = "quality";
  static final String FAILURE_MODE = "failure_mode";
  static final String GOOD = "good";
  static final String BAD = "bad";

  /** What is read of the truth. */
  static final StructType SCHEMA =
      new StructType()
          .add(TENANT_ID, DataTypes.StringType)
          .add(INTERACTION_ID, DataTypes.StringType)
          .add(QUALITY, DataTypes.StringType)
          .add(FAILURE_MODE, DataTypes.StringType);

  private static final String SCORE = "score";
  private static final String ITEMS = "items";
  private static final String TRAFFIC = "traffic";
  private static final String WEIGHT = "weight";

  /** Digits of {@code p_good} that count, so that the aggregate is small: 10,001 scores at most. */
  private static final int SCORE_DIGITS = 4;

  private PlantedTruth() {}

  /**
   * Compares a lake with the truth of its logs.
   *
   * @param truth folder that the generator wrote the truth to
   * @param dataset eval set whose draws are compared with traffic
   */
  public static Recovery measure(Lakehouse lake, Path truth, String dataset) {
    return measure(lake, read(lake.spark(), truth), dataset);
  }

  static Recovery measure(Lakehouse lake, Dataset<Row> truth, String dataset) {
    Labels labels = labels(lake.read(QualityLabels.SPEC), truth);
    SortedMap<String, Double> clusters = clusters(lake.read(FailureAssignments.SPEC), truth);
    Totals totals =
        totals(
            lake.read(EvalDraws.SPEC).where(col(EvalDraws.DATASET_NAME).equalTo(dataset)),
            lake.read(Interactions.SPEC));
    return new Recovery(
        labels.compared(),
        labels.auc(),
        ratio(labels.right(), labels.decided()),
        ratio(labels.decided(), labels.compared()),
        clusters.isEmpty()
            ? OptionalDouble.empty()
            : OptionalDouble.of(clusters.get(clusters.lastKey())),
        clusters.values().stream().mapToDouble(Double::doubleValue).average(),
        totals.overall(),
        totals.worst());
  }

  private static Dataset<Row> read(SparkSession spark, Path truth) {
    return spark.read().schema(SCHEMA).json(truth.resolve(Generator.TRUTH_FILE).toString());
  }

  /** Labels against the truth. */
  record Labels(OptionalDouble auc, long compared, long decided, long right) {}

  static Labels labels(Dataset<Row> labels, Dataset<Row> truth) {
    List<Row> counts =
        matched(labels, truth)
            .groupBy(
                round(col(QualityLabels.P_GOOD), SCORE_DIGITS).as(SCORE), col(QualityLabels.LABEL))
            .agg(countWhere(GOOD).as(GOOD), countWhere(BAD).as(BAD))
            .collectAsList();
    Map<Double, Tie> ties = new TreeMap<>();
    long compared = 0;
    long decided = 0;
    long right = 0;
    for (Row row : counts) {
      double score = row.<Double>getAs(SCORE);
      long good = row.<Long>getAs(GOOD);
      long bad = row.<Long>getAs(BAD);
      ties.merge(
          score,
          new Tie(score, good, bad),
          (a, b) -> new Tie(score, a.positives() + b.positives(), a.negatives() + b.negatives()));
      compared += good + bad;
      String label = row.getAs(QualityLabels.LABEL);
      if (label.equals(GOOD) || label.equals(BAD)) {
        decided += good + bad;
        right += label.equals(GOOD) ? good : bad;
      }
    }
    return new Labels(Ranking.auc(List.copyOf(ties.values())), compared, decided, right);
  }

  /** V-measure by event date, over failures that truly have a mode. */
  static SortedMap<String, Double> clusters(Dataset<Row> assignments, Dataset<Row> truth) {
    // One row per date, cluster and mode: some hundred for a fortnight.
    List<Row> counts =
        matched(assignments, truth.where(col(FAILURE_MODE).isNotNull()))
            .groupBy(
                col(TableSpec.EVENT_DATE).cast(DataTypes.StringType).as(TableSpec.EVENT_DATE),
                col(FailureAssignments.CLUSTER_ID).cast(DataTypes.StringType).as(SCORE),
                col(FAILURE_MODE))
            .agg(count(lit(1)).as(ITEMS))
            .collectAsList();
    Map<String, List<Cell>> byDate = new TreeMap<>();
    for (Row row : counts) {
      byDate
          .computeIfAbsent(row.getAs(TableSpec.EVENT_DATE), date -> new ArrayList<>())
          .add(new Cell(row.getAs(SCORE), row.getAs(FAILURE_MODE), row.<Long>getAs(ITEMS)));
    }
    var measures = new TreeMap<String, Double>();
    byDate.forEach(
        (date, cells) ->
            Clustering.vMeasure(cells).ifPresent(measure -> measures.put(date, measure)));
    return measures;
  }

  /** Horvitz-Thompson totals over traffic. */
  record Totals(OptionalDouble overall, OptionalDouble worst) {}

  /**
   * Weighs the draws up to traffic by date, user type and query category, on dates with draws.
   * Strata that are as fine as that or finer must give back the traffic exactly.
   */
  static Totals totals(Dataset<Row> draws, Dataset<Row> interactions) {
    Column[] cell = {
      col(TableSpec.EVENT_DATE),
      coalesce(col(Interactions.USER_TYPE), lit("")).as(Interactions.USER_TYPE),
      coalesce(col(Interactions.QUERY_CATEGORY), lit("")).as(Interactions.QUERY_CATEGORY)
    };
    Dataset<Row> weights =
        draws.select(
            TableSpec.EVENT_DATE,
            EvalDraws.TENANT_ID,
            EvalDraws.INTERACTION_ID,
            EvalDraws.SHOWN_AT,
            EvalDraws.SAMPLING_WEIGHT);
    String[] identity = {
      TableSpec.EVENT_DATE, EvalDraws.TENANT_ID, EvalDraws.INTERACTION_ID, EvalDraws.SHOWN_AT
    };
    Dataset<Row> sampled = draws.select(TableSpec.EVENT_DATE).distinct();
    Dataset<Row> cells =
        interactions
            .join(sampled, TableSpec.EVENT_DATE)
            .join(weights, identity, "left")
            .groupBy(cell)
            .agg(
                count(lit(1)).as(TRAFFIC),
                coalesce(sum(col(EvalDraws.SAMPLING_WEIGHT)), lit(0.0)).as(WEIGHT));
    Column ratio = col(WEIGHT).divide(col(TRAFFIC));
    Row all = cells.agg(sum(TRAFFIC).as(TRAFFIC), sum(WEIGHT).as(WEIGHT)).head();
    if (all.isNullAt(all.fieldIndex(TRAFFIC))) {
      return new Totals(OptionalDouble.empty(), OptionalDouble.empty());
    }
    Row worst = cells.select(ratio.as(SCORE)).orderBy(abs(col(SCORE).minus(1)).desc()).head();
    return new Totals(
        OptionalDouble.of(all.<Double>getAs(WEIGHT) / all.<Long>getAs(TRAFFIC)),
        OptionalDouble.of(worst.<Double>getAs(SCORE)));
  }

  /** Rows of a table that have a truth, with it. */
  private static Dataset<Row> matched(Dataset<Row> rows, Dataset<Row> truth) {
    return rows.join(truth, new String[] {TENANT_ID, INTERACTION_ID});
  }

  private static Column countWhere(String quality) {
    return count(when(col(QUALITY).equalTo(quality), lit(1)));
  }

  private static OptionalDouble ratio(long part, long whole) {
    return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
  }
}
