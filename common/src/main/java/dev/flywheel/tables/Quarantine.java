package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** Every line that could not become an event: one row per line, or record of a line. */
public final class Quarantine {
  public static final String SOURCE_FILE = "source_file";
  public static final String SOURCE_LINE = "source_line";
  public static final String SOURCE_RECORD = "source_record";
  public static final String REASON = "reason";
  public static final String DETAIL = "detail";
  public static final String LINE_BYTES = "line_bytes";
  public static final String LINE_TEXT = "line_text";
  public static final String RUN_ID = "run_id";

  public static final TableSpec SPEC =
      TableSpec.byLandingDate(
              "quarantine",
              "Every line that could not become an event: one row per line, or record of a line.")
          .required(
              SOURCE_FILE, DataTypes.StringType, "File the line came from, below the input root.")
          .required(SOURCE_LINE, DataTypes.LongType, "Line in the file, from 1.")
          .required(
              SOURCE_RECORD,
              DataTypes.IntegerType,
              "Record in the line, from 1; 0 where the line as a whole was refused.")
          .required(
              REASON,
              DataTypes.StringType,
              "Short name of what is wrong, such as invalid_json, missing_field, too_late.")
          .optional(
              DETAIL,
              DataTypes.StringType,
              "Which field or position; never the user's text. Null where the reason says it all.")
          .required(LINE_BYTES, DataTypes.LongType, "Length of the whole line in bytes.")
          .optional(
              LINE_TEXT,
              DataTypes.StringType,
              "Start of the line, or of the record in it, cut; bytes that are not UTF-8 are"
                  + " replaced.")
          .required(RUN_ID, DataTypes.StringType, "Run that read the line.")
          .key(TableSpec.LANDING_DATE, SOURCE_FILE, SOURCE_LINE, SOURCE_RECORD)
          .statistics(REASON)
          .build();

  private Quarantine() {}
}
