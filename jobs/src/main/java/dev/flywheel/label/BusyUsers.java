package dev.flywheel.label;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.Events;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * Users with more events than a task should have, such as an agent or an account that many share.
 * Their time is cut into pieces, and each piece told what lies before and after it: the last act,
 * and the next request. That takes more exchanges, of their events only; which is why they are
 * looked for, instead of cutting everybody's time. What comes out is the same either way.
 *
 * @param users user and tenant of each
 */
record BusyUsers(List<Row> users) {
  static final BusyUsers NONE = new BusyUsers(List.of());

  /** Events; fewer of one user are little work for a task. */
  private static final long BUSY_ABOVE = 50_000;

  private static final long MICROS_OF_PIECE = 60_000_000;

  private static final String COUNT = "count";
  private static final String PIECE = "piece";
  private static final String SHOWN_AGAIN = "shown_again";
  private static final String LAST_ACT = "last_act";
  private static final String NEXT_REQUEST = "next_request";

  private static final Column[] USER = {col(Events.USER_ID), col(Events.TENANT_ID)};
  private static final Column[] PIECE_OF_USER = {
    col(Events.USER_ID), col(Events.TENANT_ID), col(PIECE)
  };

  /**
   * The busiest users, at most as many as there are tasks.
   *
   * @param events rows of {@code events}
   */
  static BusyUsers among(Dataset<Row> events) {
    return withMoreThan(BUSY_ABOVE, events);
  }

  static BusyUsers withMoreThan(long number, Dataset<Row> events) {
    int tasks = Integer.parseInt(events.sparkSession().conf().get("spark.sql.shuffle.partitions"));
    return new BusyUsers(
        events
            .groupBy(USER)
            .count()
            .where(col(COUNT).gt(number))
            .orderBy(col(COUNT).desc(), USER[0], USER[1])
            .select(USER)
            .limit(tasks)
            .collectAsList());
  }

  /** What the rows of {@link #cut} lie together by. */
  Column[] keys() {
    return users.isEmpty() ? USER : PIECE_OF_USER;
  }

  /** Whether the response of each row of {@link #cut} had been shown already. */
  Column shownAgain() {
    Column[] response =
        Stream.concat(Stream.of(keys()), Stream.of(col(Events.INTERACTION_ID)))
            .toArray(Column[]::new);
    Column here = BeforeAndAfter.shownAgain(response);
    return users.isEmpty() ? here : coalesce(col(SHOWN_AGAIN), here);
  }

  /** Whether a row of {@link #cut} is an event, and not what a piece is told of others. */
  static Column isEvent() {
    return col(Events.EVENT_TIME).isNotNull();
  }

  /** The rows, those of busy users in pieces. */
  Dataset<Row> cut(Dataset<Row> rows) {
    if (users.isEmpty()) {
      return rows;
    }
    Column[] keys =
        users.stream()
            .map(user -> struct(lit(user.getString(0)), lit(user.getString(1))))
            .toArray(Column[]::new);
    Column isBusy = struct(USER).isin((Object[]) keys);
    Dataset<Row> pieces =
        rows.where(isBusy)
            .withColumn(PIECE, floor(col(BeforeAndAfter.MICROS).divide(MICROS_OF_PIECE)))
            .withColumn(
                SHOWN_AGAIN,
                BeforeAndAfter.shownAgain(
                    col(Events.INTERACTION_ID), col(Events.USER_ID), col(Events.TENANT_ID)));
    return rows.where(not(isBusy)).unionByName(pieces, true).unionByName(borders(pieces), true);
  }

  /** What each piece is told: an act before all of it, a request after. */
  private static Dataset<Row> borders(Dataset<Row> pieces) {
    Column isRequest = col(BeforeAndAfter.ANSWERS_USER).and(not(col(SHOWN_AGAIN)));
    WindowSpec before =
        Window.partitionBy(USER).orderBy(PIECE).rowsBetween(Window.unboundedPreceding(), -1);
    WindowSpec after =
        Window.partitionBy(USER)
            .orderBy(col(PIECE).desc())
            .rowsBetween(Window.unboundedPreceding(), -1);
    return pieces
        .groupBy(PIECE_OF_USER)
        .agg(
            BeforeAndAfter.lastAct().as(LAST_ACT),
            max(when(isRequest, BeforeAndAfter.request())).as(NEXT_REQUEST))
        .withColumn(LAST_ACT, max(LAST_ACT).over(before))
        .withColumn(NEXT_REQUEST, max(NEXT_REQUEST).over(after))
        .withColumn(BeforeAndAfter.SHOWN, explode(array(lit(false), lit(true))))
        .withColumn(
            BeforeAndAfter.MICROS,
            when(col(BeforeAndAfter.SHOWN), BeforeAndAfter.micros(col(NEXT_REQUEST)))
                .otherwise(col(LAST_ACT)))
        .where(col(BeforeAndAfter.MICROS).isNotNull())
        .withColumn(BeforeAndAfter.IS_ACT, lit(true))
        .withColumn(BeforeAndAfter.ANSWERS_USER, col(BeforeAndAfter.SHOWN))
        .withColumn(SHOWN_AGAIN, lit(false))
        .select(col("*"), col(NEXT_REQUEST + ".*"))
        .drop(LAST_ACT, NEXT_REQUEST);
  }
}
