package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/** AI responses with what the user made of them: one row per response shown to one user. */
public final class Interactions {
  public static final String TENANT_ID = "tenant_id";
  public static final String INTERACTION_ID = "interaction_id";
  public static final String USER_ID = "user_id";
  public static final String SESSION_ID = "session_id";
  public static final String SHOWN_AT = "shown_at";
  public static final String PROMPT = "prompt";
  public static final String MESSAGES = "messages";
  public static final String RESPONSE = "response";
  public static final String FINAL_TEXT = "final_text";
  public static final String COMMENT = "comment";
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
  public static final String N_EVENTS = "n_events";

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "interactions",
              "AI responses with what the user made of them: one row per response shown to one"
                  + " user.",
              "Day the response was shown, UTC.")
          .required(TENANT_ID, DataTypes.StringType, "Customer or workspace.")
          .required(INTERACTION_ID, DataTypes.StringType, "The sender's identity of the response.")
          .required(USER_ID, DataTypes.StringType, "Person who saw the response.")
          .required(SESSION_ID, DataTypes.StringType, "Sitting, as the sender names it.")
          .required(SHOWN_AT, DataTypes.TimestampType, "When the response was shown.")
          .optional(
              PROMPT,
              DataTypes.StringType,
              "User's request: the last user message where the sender logs messages; null where"
                  + " neither was logged.")
          .optional(
              MESSAGES,
              Events.MESSAGES_TYPE,
              "Conversation sent to the model; null where the sender logs a single prompt.")
          .optional(
              RESPONSE,
              DataTypes.StringType,
              "Text shown to the user; null where content is not logged.")
          .optional(
              FINAL_TEXT,
              DataTypes.StringType,
              "User's text at the last edit in the observation window; null without an edit.")
          .optional(COMMENT, DataTypes.StringType, "User's last comment; null without one.")
          .optional(
              CONVERSATION_ID, DataTypes.StringType, "Thread of turns; null where there is none.")
          .optional(
              TURN_INDEX,
              DataTypes.IntegerType,
              "Position in the conversation, from 0; null where unknown.")
          .optional(
              MODEL,
              DataTypes.StringType,
              "Model that answered; null where unknown, as all that follow.")
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
          .optional(
              RETRIEVAL, Events.RETRIEVAL_TYPE, "Documents given to the model, with their scores.")
          .optional(
              CAPABILITIES,
              DataTypes.createArrayType(DataTypes.StringType),
              "What the surface lets the user do; null where unknown.")
          .required(
              N_EVENTS,
              DataTypes.LongType,
              "Events of the response in its observation window, repeats dropped.")
          .key(TENANT_ID, INTERACTION_ID, SHOWN_AT)
          .statistics(SHOWN_AT, INTERACTION_ID, RELEASE)
          .reach(new Reach(1, 1))
          .build();

  private Interactions() {}
}
