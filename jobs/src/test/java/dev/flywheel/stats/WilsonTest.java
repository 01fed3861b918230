package dev.flywheel.stats;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.testing.TestSpark;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class WilsonTest {
  /** Published worked values: Newcombe (1998), Statistics in Medicine 17, table I. */
  @Test
  void agreesWithNewcombesTable() {
    assertInterval(81, 263, 0.2553, 0.3662);
    assertInterval(15, 148, 0.0624, 0.1605);
    assertInterval(0, 20, 0.0, 0.1611);
    assertInterval(1, 29, 0.0061, 0.1718);
  }

  @Test
  void nothingObservedSaysNothing() {
    assertThat(Wilson.of(0, 0)).isEqualTo(new Wilson(0, 1));
  }

  @Property(tries = 200)
  void holdsTheShareAndStaysWithinBounds(
      @ForAll @LongRange(min = 1, max = 1_000_000) long trials,
      @ForAll @LongRange(min = 0, max = 1_000_000) long drawn) {
    long successes = drawn % (trials + 1);
    Wilson interval = Wilson.of(successes, trials);
    assertThat(interval.lower()).isBetween(0.0, (double) successes / trials);
    assertThat(interval.upper()).isBetween((double) successes / trials, 1.0);
  }

  @Test
  void columnsSayTheSame() {
    List<Row> rows =
        List.of(
            RowFactory.create(0L, 0L),
            RowFactory.create(0L, 20L),
            RowFactory.create(20L, 20L),
            RowFactory.create(15L, 148L),
            RowFactory.create(81L, 263L));
    var schema = new StructType().add("k", DataTypes.LongType).add("n", DataTypes.LongType);
    TestSpark.session()
        .createDataFrame(rows, schema)
        .withColumn("lower", Wilson.lower(col("k"), col("n")))
        .withColumn("upper", Wilson.upper(col("k"), col("n")))
        .collectAsList()
        .forEach(
            row -> {
              Wilson expected = Wilson.of(row.<Long>getAs("k"), row.<Long>getAs("n"));
              assertThat(row.<Double>getAs("lower")).isCloseTo(expected.lower(), within(1e-12));
              assertThat(row.<Double>getAs("upper")).isCloseTo(expected.upper(), within(1e-12));
            });
  }

  private static void assertInterval(long successes, long trials, double lower, double upper) {
    assertThat(Wilson.of(successes, trials).lower()).isCloseTo(lower, within(5e-5));
    assertThat(Wilson.of(successes, trials).upper()).isCloseTo(upper, within(5e-5));
  }
}
