package dev.flywheel.tables;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Clusters of the failures in the trailing window of each event date: one row per event date and
 * cluster.
 */
public final class FailureClusters {
  public static final String CLUSTER_ID = "cluster_id";
  public static final String SIZE = "size";
  public static final String DISTINCT_USERS = "distinct_users";
  public static final String CENTROID = "centroid";
  public static final String TERMS = "terms";
  public static final String EXEMPLARS = "exemplars";
  public static final String EXEMPLAR_KEYS = "exemplar_keys";
  public static final String FINGERPRINT = "fingerprint";
  public static final String SEGMENTS = "segments";
  public static final String DIMENSION = "dimension";
  public static final String SEGMENT = "segment";
  public static final String FAILURES = "failures";

  /** Event dates, up to and including its own, whose failures a day's clusters are made of. */
  public static final int WINDOW_DAYS = 7;

  /** What identifies a failure in the other tables. */
  static final DataType EXEMPLAR_KEYS_TYPE =
      DataTypes.createArrayType(
          new StructType()
              .add(FailureAssignments.TENANT_ID, DataTypes.StringType)
              .add(FailureAssignments.INTERACTION_ID, DataTypes.StringType)
              .add(FailureAssignments.SHOWN_AT, DataTypes.TimestampType));

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "failure_clusters",
              "Clusters of the failures in the trailing window of each event date: one row per"
                  + " event date and cluster.",
              "Last day of the window, UTC.")
          .required(
              CLUSTER_ID,
              DataTypes.IntegerType,
              "Number of the cluster on that date, largest first; says nothing across dates.")
          .required(SIZE, DataTypes.LongType, "Failures of the window in the cluster.")
          .required(
              DISTINCT_USERS,
              DataTypes.LongType,
              "Users with a failure of the window in the cluster.")
          .required(CENTROID, DataTypes.createArrayType(DataTypes.DoubleType), "Unit vector.")
          .required(
              TERMS,
              DataTypes.createArrayType(DataTypes.StringType),
              "Words that set the cluster apart, strongest first (class-based TF-IDF); two that"
                  + " mostly stand together are one term.")
          .required(
              EXEMPLARS,
              DataTypes.createArrayType(DataTypes.StringType),
              "interaction_id of the failures nearest the centroid, of different users;"
                  + " exemplar_keys tells apart those of one name.")
          .required(
              FINGERPRINT,
              DataTypes.StringType,
              "Hash over window, members and centroid: equal clusters have equal fingerprints.")
          .optional(
              SEGMENTS,
              DataTypes.createArrayType(
                  new StructType()
                      .add(DIMENSION, DataTypes.StringType)
                      .add(SEGMENT, DataTypes.StringType)
                      .add(FAILURES, DataTypes.LongType)
                      .add(DISTINCT_USERS, DataTypes.LongType)),
              "Failures of the window in the cluster, and users among them, by segment; dimensions"
                  + " are those of issue_trends without all. A segment without failures is not"
                  + " among them; null where no segment is known.")
          .optional(
              EXEMPLAR_KEYS,
              EXEMPLAR_KEYS_TYPE,
              "Keys of exemplars in the same order; null where not known.")
          .key(TableSpec.EVENT_DATE, CLUSTER_ID)
          .reach(QualityLabels.SPEC.reach().plus(WINDOW_DAYS - 1, 0))
          .build();

  private FailureClusters() {}
}
