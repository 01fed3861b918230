package dev.flywheel.label;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flywheel.run.DateRange;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestSpark;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

final class EditHabitsTest {
  private static final LocalDate DAY = LocalDate.parse("2026-01-12");

  private static final StructType SIGNALS =
      new StructType()
          .add(TableSpec.EVENT_DATE, DataTypes.DateType)
          .add(BehaviorSignals.TENANT_ID, DataTypes.StringType)
          .add(BehaviorSignals.USER_ID, DataTypes.StringType)
          .add(BehaviorSignals.INTERACTION_ID, DataTypes.StringType)
          .add(BehaviorSignals.EDIT_RETAINED, DataTypes.DoubleType)
          .add(BehaviorSignals.SURVIVAL_CONTAINMENT, DataTypes.DoubleType);

  private final List<Row> signals = new ArrayList<>();

  private void edited(LocalDate day, String user, Double retained, Double contained) {
    String id = "i-%05d".formatted(signals.size());
    signals.add(RowFactory.create(Date.valueOf(day), "default", user, id, retained, contained));
  }

  private Dataset<Row> rows() {
    return TestSpark.session().createDataFrame(signals, SIGNALS);
  }

  private static List<Double> habits(Dataset<Row> signals) {
    return EditHabits.added(signals, DateRange.of(DAY))
        .orderBy(BehaviorSignals.INTERACTION_ID)
        .select(BehaviorSignals.EDIT_HABIT)
        .collectAsList()
        .stream()
        .map(row -> row.isNullAt(0) ? null : row.getDouble(0))
        .toList();
  }

  /** Computed in Python from the formulas of docs/methods.md. */
  @Test
  void isWhatTheOtherEditsOfTheUserSayShrunkToThePopulation() {
    LocalDate before = DAY.minusDays(6);
    edited(DAY, "polisher", 0.9, null);
    edited(DAY, "polisher", 0.8, 0.95);
    edited(DAY, "rewriter", 0.2, 0.1);
    edited(DAY, "once", 0.5, null);
    edited(DAY, "reader", null, null);
    edited(before, "polisher", 0.99, null);
    edited(before, "rewriter", 0.3, null);
    edited(before, "rewriter", 0.15, 0.4);
    // Longer ago than the window.
    edited(before.minusDays(1), "rewriter", 1.0, null);
    edited(before.minusDays(1), "once", 1.0, null);
    List<Double> habits = habits(rows());
    assertThat(habits).hasSize(5);
    assertThat(habits.get(0)).isCloseTo(0.3799801452, within(1e-6));
    assertThat(habits.get(1)).isCloseTo(0.3554828579, within(1e-6));
    assertThat(habits.get(2)).isCloseTo(-0.2275525798, within(1e-6));
    assertThat(habits.get(3)).isZero();
    assertThat(habits.get(4)).isNull();
  }

  @Test
  void oneWhoEditsAllDayIsNotTheMeasureOfOthers() {
    var random = new Random(11);
    for (int n = 0; n < 900; n++) {
      edited(DAY, "agent", 0.1 + 0.02 * random.nextGaussian(), null);
    }
    for (int user = 0; user < 50; user++) {
      edited(DAY, "u-" + user, 0.9 + 0.02 * random.nextGaussian(), null);
      edited(DAY, "u-" + user, 0.9 + 0.02 * random.nextGaussian(), null);
    }
    List<Double> habits = habits(rows());
    assertThat(habits.subList(0, 900)).allSatisfy(habit -> assertThat(habit).isLessThan(-0.7));
    assertThat(habits.subList(900, 1000))
        .allSatisfy(habit -> assertThat(habit).isBetween(-0.1, 0.1));
  }

  @Test
  void isNothingWhereUsersDifferByNoMoreThanChance() {
    for (String user : List.of("a", "b", "c")) {
      edited(DAY, user, 0.2, null);
      edited(DAY, user, 0.8, null);
    }
    assertThat(habits(rows())).containsOnly(0.0);
  }

  @Test
  void isNothingWhereNobodyEditedTwice() {
    edited(DAY, "a", 0.2, null);
    edited(DAY, "b", 0.8, null);
    assertThat(habits(rows())).containsOnly(0.0);
    signals.remove(0);
    assertThat(habits(rows())).containsOnly(0.0);
  }

  /**
   * Writers as in public data on edited answers, where the quality explains more of a writer's
   * edits than of all edits together: without the habit, edits say what they say within writers.
   */
  @Test
  void takenOffLetsEditsSayMoreOfTheQuality() {
    var random = new Random(7);
    var quality = new ArrayList<Double>();
    for (int user = 0; user < 200; user++) {
      double base = 0.5 + 0.18 * random.nextGaussian();
      for (int n = 0; n < 12; n++) {
        double good = random.nextGaussian();
        double kept = base + 0.06 * good + 0.1 * random.nextGaussian();
        quality.add(good);
        edited(DAY.minusDays(n % 2), "u-" + user, Math.max(0, Math.min(1, kept)), null);
      }
    }
    List<Row> found =
        EditHabits.added(rows(), new DateRange(DAY.minusDays(1), DAY.plusDays(1)))
            .orderBy(BehaviorSignals.INTERACTION_ID)
            .select(BehaviorSignals.EDIT_RETAINED, BehaviorSignals.EDIT_HABIT)
            .collectAsList();
    double raw = correlation(quality, found.stream().map(row -> row.getDouble(0)).toList());
    double rid =
        correlation(
            quality, found.stream().map(row -> row.getDouble(0) - row.getDouble(1)).toList());
    assertThat(raw).isBetween(0.2, 0.35);
    assertThat(rid).isBetween(0.42, 0.55);
  }

  private static double correlation(List<Double> a, List<Double> b) {
    return new PearsonsCorrelation()
        .correlation(
            a.stream().mapToDouble(x -> x).toArray(), b.stream().mapToDouble(x -> x).toArray());
  }

  @Test
  void isTheSameHoweverRowsAreSpread() {
    var random = new Random(3);
    for (int n = 0; n < 300; n++) {
      double kept = (n % 20 + 5 * random.nextDouble()) / 25;
      edited(DAY.minusDays(n % 7), "u-" + n % 20, kept, random.nextDouble() / 2);
    }
    List<Double> together = habits(rows().coalesce(1));
    assertThat(together.stream().filter(habit -> habit != 0)).isNotEmpty();
    assertThat(habits(rows().orderBy(col(BehaviorSignals.EDIT_RETAINED)).repartition(7)))
        .isEqualTo(together);
  }
}
