package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/**
 * Which issue a cluster is: one row per event date, cluster fingerprint and decision. Appended to,
 * never changed.
 */
public final class IssueIdentities {
  public static final String EVENT_DATE = "event_date";
  public static final String CLUSTER_ID = "cluster_id";
  public static final String FINGERPRINT = "fingerprint";
  public static final String ISSUE_ID = "issue_id";
  public static final String DECISION = "decision";
  public static final String OVERLAP = "overlap";
  public static final String COSINE = "cosine";
  public static final String REGISTERED_AT = "registered_at";
  public static final String RUN_ID = "run_id";

  public static final TableSpec SPEC =
      TableSpec.registry(
              "issue_identities",
              "Which issue a cluster is: one row per event date, cluster fingerprint and decision."
                  + " Appended to, never changed.")
          .required(EVENT_DATE, DataTypes.DateType, "Event date of the cluster, UTC.")
          .required(CLUSTER_ID, DataTypes.IntegerType, "Cluster of that date.")
          .required(
              FINGERPRINT, DataTypes.StringType, "Content of the cluster, see failure_clusters.")
          .required(ISSUE_ID, DataTypes.StringType, "Stable identity of the issue.")
          .required(DECISION, DataTypes.StringType, "same, new, split or merged.")
          .optional(
              OVERLAP,
              DataTypes.DoubleType,
              "Jaccard overlap with the cluster it continues or came from, over failures that both"
                  + " windows hold; null for a new issue, and where they share none.")
          .optional(
              COSINE, DataTypes.DoubleType, "Cosine of the two centroids; null for a new issue.")
          .required(REGISTERED_AT, DataTypes.TimestampType, "When the decision was made.")
          .required(RUN_ID, DataTypes.StringType, "Run that made it.")
          .key(EVENT_DATE, FINGERPRINT)
          // A run opens the files of its own dates only.
          .statistics(EVENT_DATE)
          .build();

  private IssueIdentities() {}
}
