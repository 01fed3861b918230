package dev.flywheel.label;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.date_add;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.try_divide;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.TableSpec;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/**
 * How much more of a response a user keeps than users do: some polish whatever they get, others
 * leave what is wrong. Taken off, what is left of an edit speaks of the response.
 *
 * <p>What a user keeps is taken to be the mean of all users, plus the user's habit, plus what
 * belongs to the response. The habit seen in the user's n other edits of the window is then best
 * foretold by their mean's distance from that of all, times n / (n + k), where k is the variance
 * within users over that between them (a one-way analysis of variance of the same window). Users of
 * whom there is no other edit, and days on which users do not differ by more than chance, have a
 * habit of 0.
 *
 * <p>Sums are of whole numbers, so that they do not depend on their order.
 */
final class EditHabits {
  /** Shares are summed in these. */
  private static final double UNITS = 10_000;

  /** Means are summed in fractions of them. */
  private static final long FINER = 1_000;

  private static final String KEPT = "habit_kept";
  private static final String EDITS = "habit_edits";
  private static final String SUM = "habit_sum";
  private static final String SQUARES = "habit_squares";
  private static final String ALL_MEAN = "habit_all_mean";
  private static final String BETWEEN = "habit_between";
  private static final String WITHIN = "habit_within";

  /** The last day of a window, and whose edits they are. */
  private static final String[] KEY = {
    TableSpec.EVENT_DATE, BehaviorSignals.TENANT_ID, BehaviorSignals.USER_ID
  };

  private EditHabits() {}

  /**
   * The signals of {@code dates} with the habit of their users.
   *
   * @param signals rows of {@code behavior_signals}, without it, of {@code dates} and the days of
   *     the window before them; read more than once
   */
  static Dataset<Row> added(Dataset<Row> signals, DateRange dates) {
    Dataset<Row> ofUsers = ofUsers(signals, dates);
    Dataset<Row> habits = ofUsers.join(broadcast(ofAll(ofUsers)), TableSpec.EVENT_DATE);
    Column others = col(EDITS).minus(1);
    Column seen =
        try_divide(col(SUM).minus(kept()), others).minus(col(ALL_MEAN)).divide(lit(UNITS));
    Column trusted =
        try_divide(others.multiply(col(BETWEEN)), others.multiply(col(BETWEEN)).plus(col(WITHIN)));
    // Plus 0, which makes 0 of -0.
    Column habit = coalesce(seen.multiply(trusted), lit(0.0)).plus(0.0);
    Dataset<Row> rows = signals.where(Lakehouse.within(TableSpec.EVENT_DATE, dates));
    Dataset<Row> edited =
        rows.where(kept().isNotNull())
            .join(habits, KEY, "left")
            .withColumn(BehaviorSignals.EDIT_HABIT, habit)
            .drop(EDITS, SUM, SQUARES, ALL_MEAN, BETWEEN, WITHIN);
    // The others, which are most, need not be brought together by user.
    return rows.where(kept().isNull())
        .withColumn(BehaviorSignals.EDIT_HABIT, lit(null).cast(DataTypes.DoubleType))
        .unionByName(edited);
  }

  /** Whole units that the user kept of the response; null without an edit. */
  private static Column kept() {
    Column share =
        greatest(col(BehaviorSignals.EDIT_RETAINED), col(BehaviorSignals.SURVIVAL_CONTAINMENT));
    return round(share.multiply(UNITS)).cast("bigint");
  }

  /** By day and user: the edits of the window that ends on the day. */
  private static Dataset<Row> ofUsers(Dataset<Row> signals, DateRange dates) {
    return signals
        .where(kept().isNotNull())
        .select(
            explode(
                    sequence(
                        col(TableSpec.EVENT_DATE),
                        date_add(col(TableSpec.EVENT_DATE), BehaviorSignals.HABIT_WINDOW_DAYS - 1)))
                .as(TableSpec.EVENT_DATE),
            col(BehaviorSignals.TENANT_ID),
            col(BehaviorSignals.USER_ID),
            kept().as(KEPT))
        .where(Lakehouse.within(TableSpec.EVENT_DATE, dates))
        .groupBy(Stream.of(KEY).map(name -> col(name)).toArray(Column[]::new))
        .agg(
            count(lit(1)).as(EDITS),
            sum(KEPT).as(SUM),
            sum(col(KEPT).multiply(col(KEPT))).as(SQUARES));
  }

  /** By day: the mean of all, and the variances between users and within them. */
  private static Dataset<Row> ofAll(Dataset<Row> ofUsers) {
    Column edits = col(EDITS).cast("double");
    Column squareOfMean = col(SUM).cast("double").multiply(col(SUM)).divide(edits);
    Column meanOfUser = col(SUM).multiply(FINER).divide(edits);
    Dataset<Row> sums =
        ofUsers
            .groupBy(TableSpec.EVENT_DATE)
            .agg(
                count(lit(1)).as("users"),
                sum(EDITS).as("n"),
                sum(col(EDITS).multiply(col(EDITS))).as("squares_of_n"),
                sum(SUM).as("all"),
                sum(SQUARES).as("squares"),
                sum(round(squareOfMean).cast("bigint")).as("of_means"),
                sum(round(meanOfUser).cast("bigint")).as("means"));
    Column n = col("n").cast("double");
    Column freedom = col("users").minus(1);
    Column all = col("all").cast("double").multiply(col("all")).divide(n);
    Column within = try_divide(col("squares").minus(col("of_means")), n.minus(col("users")));
    Column betweenAndWithin = try_divide(col("of_means").minus(all), freedom);
    Column editsOfUser = try_divide(n.minus(col("squares_of_n").divide(n)), freedom);
    Column between = try_divide(betweenAndWithin.minus(within), editsOfUser);
    return sums.select(
        col(TableSpec.EVENT_DATE),
        // Each user counts once: one who edits all day is not what users do.
        col("means").divide(lit(FINER)).divide(col("users")).as(ALL_MEAN),
        greatest(between, lit(0.0)).as(BETWEEN),
        within.as(WITHIN));
  }
}
