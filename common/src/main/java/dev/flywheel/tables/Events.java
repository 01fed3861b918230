package dev.flywheel.tables;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Every good line as it landed: one row per line, or record of a line. One that is repeated later
 * keeps its row here and is dropped when events are read: a repeat has the same tenant_id,
 * interaction_id, event_id and event_time, and the row with the smallest landing_date, source_file,
 * source_line and source_record stands.
 */
public final class Events {
  public static final String EVENT_DATE = "event_date";
  public static final String EVENT_TIME = "event_time";
  public static final String EVENT_ID = "event_id";
  public static final String EVENT_TYPE = "event_type";
  public static final String TENANT_ID = "tenant_id";
  public static final String USER_ID = "user_id";
  public static final String SESSION_ID = "session_id";
  public static final String INTERACTION_ID = "interaction_id";
  public static final String PROMPT = "prompt";
  public static final String MESSAGES = "messages";
  public static final String RESPONSE = "response";
  public static final String CONVERSATION_ID = "conversation_id";
  public static final String TURN_INDEX = "turn_index";
  public static final String MODEL = "model";
  public static final String PROMPT_NAME = "prompt_name";
  public static final String PROMPT_VERSION = "prompt_version";
  public static final String RELEASE = "release";
  public static final String USER_TYPE = "user_type";
  public static final String QUERY_CATEGORY = "query_category";
  public static final String SURFACE = "surface";
  public static final String LANGUAGE = "language";
  public static final String EXPERIMENT_VARIANT = "experiment_variant";
  public static final String INPUT_TOKENS = "input_tokens";
  public static final String OUTPUT_TOKENS = "output_tokens";
  public static final String LATENCY_MS = "latency_ms";
  public static final String COST_USD = "cost_usd";
  public static final String RETRIEVAL = "retrieval";
  public static final String CAPABILITIES = "capabilities";
  public static final String FINAL_TEXT = "final_text";
  public static final String COPIED_TEXT = "copied_text";
  public static final String COPY_START = "copy_start";
  public static final String COPY_END = "copy_end";
  public static final String ACCEPTED_TEXT = "accepted_text";
  public static final String SUCCEEDED = "succeeded";
  public static final String EXECUTED_TEXT = "executed_text";
  public static final String ERROR_TYPE = "error_type";
  public static final String TASK_ID = "task_id";
  public static final String THUMBS = "thumbs";
  public static final String STARS = "stars";
  public static final String HELPFUL = "helpful";
  public static final String REPORT_REASON = "report_reason";
  public static final String COMMENT = "comment";
  public static final String ASSESSMENT_NAME = "assessment_name";
  public static final String ASSESSMENT_SCORE = "assessment_score";
  public static final String ASSESSMENT_LABEL = "assessment_label";
  public static final String ASSESSMENT_EXPLANATION = "assessment_explanation";
  public static final String ASSESSMENT_SOURCE_TYPE = "assessment_source_type";
  public static final String ASSESSMENT_SOURCE_ID = "assessment_source_id";
  public static final String UNKNOWN_FIELDS = "unknown_fields";
  public static final String SOURCE_FILE = "source_file";
  public static final String SOURCE_LINE = "source_line";
  public static final String SOURCE_RECORD = "source_record";

  /** Role and content of each turn of a conversation. */
  static final DataType MESSAGES_TYPE =
      DataTypes.createArrayType(
          new StructType()
              .add("role", DataTypes.StringType, true)
              .add("content", DataTypes.StringType, true));

  static final DataType RETRIEVAL_TYPE =
      DataTypes.createArrayType(
          new StructType()
              .add("document_id", DataTypes.StringType, true)
              .add("score", DataTypes.DoubleType, true));

  public static final TableSpec SPEC =
      TableSpec.byLandingDate(
              "events",
              "Every good line as it landed: one row per line, or record of a line. One that is"
                  + " repeated later keeps its row here and is dropped when events are read: a"
                  + " repeat has the same tenant_id, interaction_id, event_id and event_time, and"
                  + " the row with the smallest landing_date, source_file, source_line and"
                  + " source_record stands.")
          .required(EVENT_DATE, DataTypes.DateType, "Day of event_time, UTC.")
          .required(EVENT_TIME, DataTypes.TimestampType, "When it happened, by the sender's clock.")
          .required(EVENT_ID, DataTypes.StringType, "The sender's identity of the event.")
          .required(EVENT_TYPE, DataTypes.StringType, "What happened; see the data contract.")
          .required(
              TENANT_ID,
              DataTypes.StringType,
              "Customer or workspace; 'default' where the line names none.")
          .required(USER_ID, DataTypes.StringType, "Person, as the sender names them.")
          .required(SESSION_ID, DataTypes.StringType, "Sitting, as the sender names it.")
          .required(INTERACTION_ID, DataTypes.StringType, "One AI response shown to one user.")
          .optional(PROMPT, DataTypes.StringType, "User's request; null unless response_shown.")
          .optional(
              MESSAGES,
              MESSAGES_TYPE,
              "Conversation sent to the model; null where the sender logs a single prompt.")
          .optional(
              RESPONSE, DataTypes.StringType, "Text shown to the user; null unless response_shown.")
          .optional(
              CONVERSATION_ID, DataTypes.StringType, "Thread of turns; null where there is none.")
          .optional(
              TURN_INDEX,
              DataTypes.IntegerType,
              "Position in the conversation, from 0; null where unknown.")
          .optional(MODEL, DataTypes.StringType, "Model that answered.")
          .optional(PROMPT_NAME, DataTypes.StringType, "Name of the prompt template.")
          .optional(PROMPT_VERSION, DataTypes.StringType, "Version of the prompt template.")
          .optional(
              RELEASE, DataTypes.StringType, "Release of the product that showed the response.")
          .optional(USER_TYPE, DataTypes.StringType, "Segment of the user.")
          .optional(QUERY_CATEGORY, DataTypes.StringType, "What kind of request it is.")
          .optional(SURFACE, DataTypes.StringType, "Where in the product the response was shown.")
          .optional(LANGUAGE, DataTypes.StringType, "Language of the request, BCP 47.")
          .optional(
              EXPERIMENT_VARIANT, DataTypes.StringType, "Arm of an experiment; null outside one.")
          .optional(INPUT_TOKENS, DataTypes.LongType, "Tokens read by the model.")
          .optional(OUTPUT_TOKENS, DataTypes.LongType, "Tokens written by the model.")
          .optional(LATENCY_MS, DataTypes.LongType, "Milliseconds until the response was complete.")
          .optional(COST_USD, DataTypes.DoubleType, "Cost of the call in US dollars.")
          .optional(RETRIEVAL, RETRIEVAL_TYPE, "Documents given to the model, with their scores.")
          .optional(
              CAPABILITIES,
              DataTypes.createArrayType(DataTypes.StringType),
              "What the surface lets the user do: accept, copy, edit, run, task, rate; null where"
                  + " unknown.")
          .optional(
              FINAL_TEXT, DataTypes.StringType, "The user's text at that moment (response_edited).")
          .optional(
              COPIED_TEXT, DataTypes.StringType, "Text copied out of the response (text_copied).")
          .optional(
              COPY_START,
              DataTypes.IntegerType,
              "First copied character, from 0, in code points (text_copied).")
          .optional(
              COPY_END,
              DataTypes.IntegerType,
              "First character after the copy, in code points (text_copied).")
          .optional(ACCEPTED_TEXT, DataTypes.StringType, "Text taken over (suggestion_accepted).")
          .optional(
              SUCCEEDED,
              DataTypes.BooleanType,
              "Whether the code ran without error (code_executed).")
          .optional(EXECUTED_TEXT, DataTypes.StringType, "Code as run (code_executed).")
          .optional(ERROR_TYPE, DataTypes.StringType, "Kind of error (code_executed).")
          .optional(TASK_ID, DataTypes.StringType, "Task that was completed or abandoned.")
          .optional(THUMBS, DataTypes.StringType, "up or down (feedback_submitted).")
          .optional(STARS, DataTypes.IntegerType, "1 to 5 (feedback_submitted).")
          .optional(
              HELPFUL, DataTypes.BooleanType, "Answer to 'was this helpful' (feedback_submitted).")
          .optional(
              REPORT_REASON,
              DataTypes.StringType,
              "Why the user reported the response (feedback_submitted).")
          .optional(COMMENT, DataTypes.StringType, "Free text of the user (feedback_submitted).")
          .optional(
              ASSESSMENT_NAME, DataTypes.StringType, "What was assessed (assessment_recorded).")
          .optional(
              ASSESSMENT_SCORE, DataTypes.DoubleType, "Numeric verdict (assessment_recorded).")
          .optional(
              ASSESSMENT_LABEL, DataTypes.StringType, "Verdict in words (assessment_recorded).")
          .optional(ASSESSMENT_EXPLANATION, DataTypes.StringType, "Why (assessment_recorded).")
          .optional(
              ASSESSMENT_SOURCE_TYPE,
              DataTypes.StringType,
              "HUMAN, LLM_JUDGE, CODE or END_USER (assessment_recorded).")
          .optional(
              ASSESSMENT_SOURCE_ID,
              DataTypes.StringType,
              "Who or what assessed (assessment_recorded).")
          .required(
              UNKNOWN_FIELDS,
              DataTypes.IntegerType,
              "Fields of the line outside the contract, ignored.")
          .required(
              SOURCE_FILE, DataTypes.StringType, "File the line came from, below the input root.")
          .required(SOURCE_LINE, DataTypes.LongType, "Line in the file, from 1.")
          .required(
              SOURCE_RECORD,
              DataTypes.IntegerType,
              "Record in the line, from 1; always 1 where a line is one record.")
          .key(
              TENANT_ID,
              EVENT_ID,
              EVENT_TIME,
              TableSpec.LANDING_DATE,
              SOURCE_FILE,
              SOURCE_LINE,
              SOURCE_RECORD)
          .statistics(EVENT_DATE, EVENT_TIME, EVENT_TYPE, INTERACTION_ID)
          .build();

  private Events() {}
}
