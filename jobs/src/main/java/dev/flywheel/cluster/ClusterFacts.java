package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.TableSpec;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * What is known of the members of one cluster.
 *
 * @param clustering number of the clustering
 * @param cluster number of the centroid in it
 * @param size failures of the window in the cluster
 * @param distinctUsers users among them
 * @param first first event date of a member
 * @param last last event date of a member
 * @param membersHash hash over the members, in no order
 * @param exemplars the members nearest the centroid, of different users
 */
record ClusterFacts(
    int clustering,
    int cluster,
    long size,
    long distinctUsers,
    LocalDate first,
    LocalDate last,
    String membersHash,
    List<Exemplar> exemplars) {

  /** What identifies a member. */
  record Exemplar(String tenantId, String interactionId, Instant shownAt) {
    private static Exemplar from(Row row) {
      return new Exemplar(
          row.getAs(FailureAssignments.TENANT_ID),
          row.getAs(FailureAssignments.INTERACTION_ID),
          row.<Timestamp>getAs(FailureAssignments.SHOWN_AT).toInstant());
    }
  }

  private static final int EXEMPLARS = 5;

  private static final String SIZE = "size";
  private static final String USERS = "users";
  private static final String FIRST = "first";
  private static final String LAST = "last";
  private static final String HASH_A = "hash_a";
  private static final String HASH_B = "hash_b";
  private static final String NEAREST = "nearest";
  private static final String PLACE = "place";
  private static final String TYPICAL = "typical";

  /**
   * One row per cluster that has members.
   *
   * @param members as {@link Memberships#members} makes them
   */
  static Dataset<Row> of(Dataset<Row> members) {
    Column byDistance = col(NEAREST).desc();
    return members
        // By user first, so that no step holds all users of a cluster at once.
        .groupBy(
            Memberships.CLUSTERING,
            Memberships.CLUSTER,
            FailureAssignments.TENANT_ID,
            FailureAssignments.USER_ID)
        .agg(
            count(lit(1)).as(SIZE),
            min(TableSpec.EVENT_DATE).as(FIRST),
            max(TableSpec.EVENT_DATE).as(LAST),
            bit_xor(hash(1)).as(HASH_A),
            bit_xor(hash(2)).as(HASH_B),
            max(struct(
                    col(FailureAssignments.SIMILARITY),
                    col(FailureAssignments.INTERACTION_ID),
                    col(FailureAssignments.TENANT_ID),
                    col(FailureAssignments.SHOWN_AT)))
                .as(NEAREST))
        .withColumn(
            PLACE,
            row_number()
                .over(
                    Window.partitionBy(Memberships.CLUSTERING, Memberships.CLUSTER)
                        .orderBy(byDistance)))
        .groupBy(Memberships.CLUSTERING, Memberships.CLUSTER)
        .agg(
            sum(SIZE).as(SIZE),
            count(lit(1)).as(USERS),
            min(FIRST).as(FIRST),
            max(LAST).as(LAST),
            bit_xor(col(HASH_A)).as(HASH_A),
            bit_xor(col(HASH_B)).as(HASH_B),
            sort_array(collect_list(when(col(PLACE).leq(EXEMPLARS), col(NEAREST))), false)
                .as(TYPICAL));
  }

  static ClusterFacts from(Row row) {
    return new ClusterFacts(
        row.<Integer>getAs(Memberships.CLUSTERING),
        row.<Integer>getAs(Memberships.CLUSTER),
        row.<Long>getAs(SIZE),
        row.<Long>getAs(USERS),
        row.<Date>getAs(FIRST).toLocalDate(),
        row.<Date>getAs(LAST).toLocalDate(),
        "%016x%016x".formatted(row.<Long>getAs(HASH_A), row.<Long>getAs(HASH_B)),
        row.<Row>getList(row.fieldIndex(TYPICAL)).stream().map(Exemplar::from).toList());
  }

  /** One of two independent hashes of a failure's key. */
  private static Column hash(int number) {
    return xxhash64(
        Stream.concat(Stream.of(lit(number)), Arrays.stream(FailureTexts.keyAnd()))
            .toArray(Column[]::new));
  }
}
