package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/**
 * Which cluster each failure belongs to: one row per failing response that has text. Issues come by
 * joining failure_issues on event_date and cluster_id.
 */
public final class FailureAssignments {
  public static final String TENANT_ID = "tenant_id";
  public static final String INTERACTION_ID = "interaction_id";
  public static final String SHOWN_AT = "shown_at";
  public static final String USER_ID = "user_id";
  public static final String CLUSTER_ID = "cluster_id";
  public static final String SIMILARITY = "similarity";
  public static final String P_GOOD = "p_good";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "failure_assignments",
              "Which cluster each failure belongs to: one row per failing response that has text."
                  + " Issues come by joining failure_issues on event_date and cluster_id.",
              "Day the response was shown, UTC.")
          .required(TENANT_ID, DataTypes.StringType, "Customer or workspace.")
          .required(INTERACTION_ID, DataTypes.StringType, "The sender's identity of the response.")
          .required(SHOWN_AT, DataTypes.TimestampType, "When the response was shown.")
          .required(USER_ID, DataTypes.StringType, "Person who saw the response.")
          .required(
              CLUSTER_ID,
              DataTypes.IntegerType,
              "Cluster of the same event date; see failure_clusters.")
          .required(SIMILARITY, DataTypes.DoubleType, "Cosine to the centroid, -1 to 1.")
          .required(P_GOOD, DataTypes.DoubleType, "Probability that the response was good.")
          .key(TENANT_ID, INTERACTION_ID, SHOWN_AT)
          .statistics(INTERACTION_ID)
          .reach(FailureClusters.SPEC.reach())
          .build();

  private FailureAssignments() {}
}
