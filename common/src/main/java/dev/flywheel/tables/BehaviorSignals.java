package dev.flywheel.tables;

import org.apache.spark.sql.types.DataTypes;

/**
 * What users did with each response: one row per response. Each signal has an outcome column
 * (observed, not_observed: the surface offers it and the user did not do it, not_applicable: the
 * surface does not offer it) and value columns that are null unless observed.
 */
public final class BehaviorSignals {
  public static final String TENANT_ID = "tenant_id";
  public static final String INTERACTION_ID = "interaction_id";
  public static final String SHOWN_AT = "shown_at";
  public static final String USER_ID = "user_id";
  public static final String EDIT_OUTCOME = "edit_outcome";
  public static final String EDIT_RETAINED = "edit_retained";
  public static final String EDIT_RETAINED_30S = "edit_retained_30s";
  public static final String EDIT_RETAINED_2M = "edit_retained_2m";
  public static final String EDIT_RETAINED_5M = "edit_retained_5m";
  public static final String EDIT_RETAINED_10M = "edit_retained_10m";
  public static final String EDIT_RETAINED_15M = "edit_retained_15m";
  public static final String USER_TYPE = "user_type";
  public static final String QUERY_CATEGORY = "query_category";
  public static final String EDIT_APPROXIMATE = "edit_approximate";
  public static final String CODE_STEPS = "code_steps";
  public static final String EDIT_HABIT = "edit_habit";
  public static final String SURVIVAL_OUTCOME = "survival_outcome";
  public static final String SURVIVAL_SIMILARITY = "survival_similarity";
  public static final String SURVIVAL_CONTAINMENT = "survival_containment";
  public static final String COPY_OUTCOME = "copy_outcome";
  public static final String COPY_SHARE = "copy_share";
  public static final String ACCEPT_OUTCOME = "accept_outcome";
  public static final String ACCEPTED = "accepted";
  public static final String CODE_OUTCOME = "code_outcome";
  public static final String CODE_RESULT = "code_result";
  public static final String TASK_OUTCOME = "task_outcome";
  public static final String TASK_COMPLETED = "task_completed";
  public static final String SESSION_OUTCOME = "session_outcome";
  public static final String SESSION_RESULT = "session_result";
  public static final String NEXT_PROMPT_SECONDS = "next_prompt_seconds";
  public static final String REPHRASE_SIMILARITY = "rephrase_similarity";
  public static final String SESSION_GAP_SECONDS = "session_gap_seconds";
  public static final String STARTS_SESSION = "starts_session";
  public static final String RATING_OUTCOME = "rating_outcome";
  public static final String THUMBS = "thumbs";
  public static final String STARS = "stars";
  public static final String HELPFUL = "helpful";
  public static final String REPORTED = "reported";
  public static final String HUMAN_VERDICT = "human_verdict";

  /** Event dates, up to and including its own, whose edits say what a user is used to keep. */
  public static final int HABIT_WINDOW_DAYS = 7;

  public static final TableSpec SPEC =
      TableSpec.byEventDate(
              "behavior_signals",
              "What users did with each response: one row per response. Each signal has an outcome"
                  + " column (observed, not_observed: the surface offers it and the user did not do"
                  + " it, not_applicable: the surface does not offer it) and value columns that are"
                  + " null unless observed.",
              "Day the response was shown, UTC.")
          .required(TENANT_ID, DataTypes.StringType, "Customer or workspace.")
          .required(INTERACTION_ID, DataTypes.StringType, "The sender's identity of the response.")
          .required(SHOWN_AT, DataTypes.TimestampType, "When the response was shown.")
          .required(USER_ID, DataTypes.StringType, "Person who saw the response.")
          .required(EDIT_OUTCOME, DataTypes.StringType, "Outcome of the edit signal.")
          .optional(
              EDIT_RETAINED,
              DataTypes.DoubleType,
              "Share of the response kept at the last edit: 1 - d/max(|a|,|b|), d the Levenshtein"
                  + " distance over code points, 0 to 1.")
          .optional(
              EDIT_RETAINED_30S,
              DataTypes.DoubleType,
              "The same 30 seconds after the response was shown; 1 where the first edit came"
                  + " later.")
          .optional(EDIT_RETAINED_2M, DataTypes.DoubleType, "The same after 2 minutes.")
          .optional(EDIT_RETAINED_5M, DataTypes.DoubleType, "The same after 5 minutes.")
          .optional(EDIT_RETAINED_10M, DataTypes.DoubleType, "The same after 10 minutes.")
          .optional(EDIT_RETAINED_15M, DataTypes.DoubleType, "The same after 15 minutes.")
          .required(SURVIVAL_OUTCOME, DataTypes.StringType, "Outcome of the survival signal.")
          .optional(
              SURVIVAL_SIMILARITY,
              DataTypes.DoubleType,
              "4-gram similarity (T - sum|c1-c2|)/T of response and final text, 0 to 1; null for a"
                  + " response under 4 code points.")
          .optional(
              SURVIVAL_CONTAINMENT,
              DataTypes.DoubleType,
              "Share of the response's 4-grams still in the final text, 0 to 1; does not fall when"
                  + " the text around it grows. Of a response of fewer than four characters, 1"
                  + " where the text holds it and 0 where not.")
          .required(COPY_OUTCOME, DataTypes.StringType, "Outcome of the copy signal.")
          .optional(
              COPY_SHARE,
              DataTypes.DoubleType,
              "Length of the union of copied spans over the length of the response, 0 to 1; 0 where"
                  + " nothing was in them; null where nothing was copied, and where nothing that"
                  + " was is found in the response.")
          .required(ACCEPT_OUTCOME, DataTypes.StringType, "Outcome of accept or dismiss.")
          .optional(
              ACCEPTED,
              DataTypes.BooleanType,
              "True after suggestion_accepted, false after suggestion_dismissed; the last one"
                  + " stands.")
          .required(CODE_OUTCOME, DataTypes.StringType, "Outcome of the code signal.")
          .optional(
              CODE_RESULT,
              DataTypes.StringType,
              "ran_as_is, ran_after_edit, fixed_after_error or error; null where no run of the"
                  + " response's code has a logged outcome.")
          .required(TASK_OUTCOME, DataTypes.StringType, "Outcome of the task signal.")
          .optional(
              TASK_COMPLETED,
              DataTypes.BooleanType,
              "True when completed, false when abandoned; the last one stands.")
          .required(
              SESSION_OUTCOME,
              DataTypes.StringType,
              "Outcome of the session signal; not_applicable where a request follows whose words,"
                  + " or those of this one, are not logged.")
          .optional(
              SESSION_RESULT,
              DataTypes.StringType,
              "regenerated, rephrased, engaged or bounced, the first that holds in this order.")
          .optional(
              NEXT_PROMPT_SECONDS,
              DataTypes.DoubleType,
              "Seconds until the user asked for the next response, at any surface; null where none"
                  + " was shown within the observation window, or the next one was asked for before"
                  + " this one was shown.")
          .optional(
              REPHRASE_SIMILARITY,
              DataTypes.DoubleType,
              "Jaccard similarity of the word sets of this request and the next, 0 to 1; null"
                  + " without a next one or where either was not logged.")
          .optional(
              SESSION_GAP_SECONDS,
              DataTypes.DoubleType,
              "Seconds since the user's previous event; null beyond a day.")
          .required(
              STARTS_SESSION,
              DataTypes.BooleanType,
              "True when more than 30 minutes lie between this response and the user's previous"
                  + " event.")
          .required(RATING_OUTCOME, DataTypes.StringType, "Outcome of explicit feedback.")
          .optional(
              THUMBS,
              DataTypes.StringType,
              "up or down; the last one stands, as for all that follow.")
          .optional(STARS, DataTypes.IntegerType, "1 to 5.")
          .optional(HELPFUL, DataTypes.BooleanType, "Answer to 'was this helpful'.")
          .optional(
              REPORTED,
              DataTypes.BooleanType,
              "True when the user reported the response, with a reason.")
          .optional(
              HUMAN_VERDICT,
              DataTypes.StringType,
              "good or bad from a HUMAN assessment named quality, the last one of the 24 hours"
                  + " after the response was shown; by its label, else by its score, good from the"
                  + " middle of label.human_scores on; null without one.")
          .optional(
              EDIT_APPROXIMATE,
              DataTypes.BooleanType,
              "True when what was kept, at the last edit or at a horizon, was counted in words or"
                  + " 4-grams, since the texts are long and unlike (label.exact_edit_cells); null"
                  + " without an edit.")
          .optional(USER_TYPE, DataTypes.StringType, "Segment of the user; null where unknown.")
          .optional(
              QUERY_CATEGORY,
              DataTypes.StringType,
              "What kind of request it is; null where unknown.")
          .optional(
              CODE_STEPS,
              DataTypes.createArrayType(DataTypes.StringType),
              "What was done with code in order of time, the first 50: ran, failed, tried (how it"
                  + " ended is not logged), edited; null unless code was run.")
          .optional(
              EDIT_HABIT,
              DataTypes.DoubleType,
              "How much more of a response this user keeps than users do, by the larger of"
                  + " edit_retained and survival_containment of the user's other edits on this and"
                  + " the six days before, shrunk towards 0 where they are few: -1 to 1; null"
                  + " without an edit.")
          .key(TENANT_ID, INTERACTION_ID, SHOWN_AT)
          .statistics(INTERACTION_ID)
          .reach(Interactions.SPEC.reach().plus(HABIT_WINDOW_DAYS - 1, 0))
          .build();

  private BehaviorSignals() {}
}
