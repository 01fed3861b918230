package dev.flywheel.sample;

import static dev.flywheel.tables.TableSpec.EVENT_DATE;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDraws;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * How many responses are drawn from each stratum of each event date, by {@link Allocation} for each
 * date on its own.
 *
 * @param strata by date, then by name
 */
record SampleDesign(List<Stratum> strata) {
  /** Highest hash that is worth ranking in a stratum; a column of {@link #rows}. */
  static final String LAST_HASH = "last_hash";

  /** More strata than this are no segments any more; the driver holds one entry for each. */
  static final int MOST_STRATA = 100_000;

  private static final StructType ROWS =
      new StructType()
          .add(EVENT_DATE, DataTypes.DateType, false)
          .add(EvalDraws.STRATUM, DataTypes.StringType, false)
          .add(EvalDraws.STRATUM_POPULATION, DataTypes.LongType, false)
          .add(EvalDraws.STRATUM_SAMPLE, DataTypes.LongType, false)
          .add(LAST_HASH, DataTypes.LongType, false);

  /**
   * One stratum of one event date.
   *
   * @param population its responses, N_h
   * @param sample how many of them are drawn, n_h
   */
  record Stratum(LocalDate date, String name, long population, long sample) {

    /**
     * Hash below which the {@code sample} smallest are found, all but surely: 4 standard deviations
     * and 8 above the mean of their number.
     */
    long lastHash() {
      double wanted = sample + 4 * Math.sqrt((double) sample) + 8;
      return HashShare.last(wanted / population);
    }
  }

  /** Size of each stratum of {@code interactions}: one row per event date and stratum. */
  static Dataset<Row> populations(Dataset<Row> interactions, Settings.Sample policy) {
    return interactions
        .select(col(EVENT_DATE), Strata.of(policy).as(EvalDraws.STRATUM))
        .groupBy(EVENT_DATE, EvalDraws.STRATUM)
        .agg(count(lit(1)).as(EvalDraws.STRATUM_POPULATION));
  }

  /**
   * The design for strata of these sizes.
   *
   * @param populations rows of {@link #populations}, in any order
   */
  static SampleDesign of(List<Row> populations, Settings.Sample policy) {
    if (populations.size() > MOST_STRATA) {
      throw FlywheelException.usage(
          "The columns of sample.strata (%s) make more than %,d strata: choose columns with fewer"
              + " values, or run fewer days at once.",
          String.join(", ", policy.strata()), MOST_STRATA);
    }
    SortedMap<LocalDate, List<Row>> byDate = new TreeMap<>();
    for (Row stratum : populations) {
      LocalDate date = stratum.<Date>getAs(EVENT_DATE).toLocalDate();
      byDate.computeIfAbsent(date, day -> new ArrayList<>()).add(stratum);
    }
    var strata = new ArrayList<Stratum>();
    byDate.forEach((date, rows) -> strata.addAll(ofDate(date, rows, policy)));
    return new SampleDesign(List.copyOf(strata));
  }

  private static List<Stratum> ofDate(LocalDate date, List<Row> rows, Settings.Sample policy) {
    rows.sort(Comparator.comparing(row -> row.<String>getAs(EvalDraws.STRATUM)));
    long[] populations =
        rows.stream().mapToLong(row -> row.<Long>getAs(EvalDraws.STRATUM_POPULATION)).toArray();
    long[] sample =
        Allocation.of(populations, policy.perDay(), policy.allocationPower(), policy.floor());
    var strata = new ArrayList<Stratum>();
    for (int h = 0; h < sample.length; h++) {
      strata.add(
          new Stratum(date, rows.get(h).getAs(EvalDraws.STRATUM), populations[h], sample[h]));
    }
    return strata;
  }

  /** Records of all strata and dates. */
  long records() {
    return strata.stream().mapToLong(Stratum::sample).sum();
  }

  /** Event dates with traffic. */
  long dates() {
    return strata.stream().map(Stratum::date).distinct().count();
  }

  /** Event dates of which the floors take all of {@code per_day}, so that nothing is allocated. */
  long datesOfFloorsOnly(Settings.Sample policy) {
    Map<LocalDate, Long> floors =
        strata.stream()
            .collect(
                groupingBy(
                    Stratum::date,
                    summingLong(stratum -> Math.min(policy.floor(), stratum.population()))));
    return floors.values().stream().filter(least -> least >= policy.perDay()).count();
  }

  /** The same as a small table, to be broadcast: one row per event date and stratum. */
  Dataset<Row> rows(SparkSession spark) {
    return rows(spark, false);
  }

  /** As {@link #rows(SparkSession)}, but with every response of a stratum worth ranking. */
  Dataset<Row> rowsWithoutLimit(SparkSession spark) {
    return rows(spark, true);
  }

  private Dataset<Row> rows(SparkSession spark, boolean everyHash) {
    List<Row> rows =
        strata.stream()
            .filter(stratum -> stratum.sample() > 0)
            .map(
                stratum ->
                    RowFactory.create(
                        Date.valueOf(stratum.date()),
                        stratum.name(),
                        stratum.population(),
                        stratum.sample(),
                        everyHash ? Long.MAX_VALUE : stratum.lastHash()))
            .toList();
    return spark.createDataFrame(rows, ROWS);
  }
}
