package dev.flywheel.tables;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What each run did: one row per run, appended when it ends, well or not. */
public final class RunManifest {
  public static final String RUN_ID = "run_id";
  public static final String COMMAND = "command";
  public static final String STATUS = "status";
  public static final String EXIT_CODE = "exit_code";
  public static final String ERROR = "error";
  public static final String INTERVAL_FROM = "interval_from";
  public static final String INTERVAL_TO = "interval_to";
  public static final String STARTED_AT = "started_at";
  public static final String DURATION_MS = "duration_ms";
  public static final String STAGES = "stages";
  public static final String CONFIG_HASH = "config_hash";
  public static final String SEED = "seed";
  public static final String BUILD_COMMIT = "build_commit";

  private static final DataType VERSIONS_TYPE =
      DataTypes.createMapType(DataTypes.StringType, DataTypes.LongType);

  private static final DataType STAGES_TYPE =
      DataTypes.createArrayType(
          new StructType()
              .add("stage", DataTypes.StringType, true)
              .add("duration_ms", DataTypes.LongType, true)
              .add("input_versions", VERSIONS_TYPE, true)
              .add("output_versions", VERSIONS_TYPE, true)
              .add("counts", VERSIONS_TYPE, true));

  public static final TableSpec SPEC =
      TableSpec.registry(
              "run_manifest",
              "What each run did: one row per run, appended when it ends, well or not.")
          .required(RUN_ID, DataTypes.StringType, "Identity of the run.")
          .required(COMMAND, DataTypes.StringType, "Subcommand.")
          .required(STATUS, DataTypes.StringType, "ok, nothing_to_do or failed.")
          .required(EXIT_CODE, DataTypes.IntegerType, "Exit code of the process.")
          .optional(
              ERROR,
              DataTypes.StringType,
              "What went wrong, without user text; null when nothing did.")
          .optional(
              INTERVAL_FROM,
              DataTypes.DateType,
              "First landing day; null for commands without an interval.")
          .optional(INTERVAL_TO, DataTypes.DateType, "First landing day after the interval.")
          .required(STARTED_AT, DataTypes.TimestampType, "When the run started.")
          .required(DURATION_MS, DataTypes.LongType, "Milliseconds from start to end.")
          .required(STAGES, STAGES_TYPE, "What each stage read and wrote, in order.")
          .required(CONFIG_HASH, DataTypes.StringType, "SHA-256 of the effective configuration.")
          .required(SEED, DataTypes.LongType, "Seed of every random choice.")
          .required(BUILD_COMMIT, DataTypes.StringType, "Commit the program was built from.")
          .key(RUN_ID)
          .build();

  private RunManifest() {}
}
