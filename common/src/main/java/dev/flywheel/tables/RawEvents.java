package dev.flywheel.tables;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The native format of raw logs: JSON Lines, one event a line. Says which events there are, which
 * fields each may carry, and which column of {@code events} a field fills. {@code
 * docs/data-contract.md} is made from it.
 */
public final class RawEvents {

  /** What a value may be. */
  public enum Type {
    TEXT("text"),
    TIME("RFC 3339 time with offset"),
    WHOLE("whole number"),
    NUMBER("number"),
    FLAG("true or false"),
    TEXTS("array of texts"),
    MESSAGES("array of {role, content}, both text"),
    DOCUMENTS("array of {document_id: text, score: number}");

    private final String words;

    Type(String words) {
      this.words = words;
    }

    /** As people write it. */
    public String words() {
      return words;
    }
  }

  /**
   * One field of a line.
   *
   * @param name as it stands in the line
   * @param type what its value may be
   * @param column the column of {@code events} that it fills
   * @param least smallest number allowed; only for numbers
   * @param most largest number allowed; only for numbers
   * @param values texts allowed; empty where every text is
   * @param meaning for the person who writes the logs
   */
  public record Field(
      String name,
      Type type,
      String column,
      double least,
      double most,
      List<String> values,
      String meaning) {

    private static Field of(Type type, String column, String meaning) {
      return new Field(
          column,
          type,
          column,
          Double.NEGATIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          List.of(),
          meaning);
    }

    /** A count, a position or an amount: never below 0. */
    private static Field amount(Type type, String column, String meaning) {
      return of(type, column, meaning).between(0, Double.POSITIVE_INFINITY);
    }

    private static Field text(String column, String meaning) {
      return of(Type.TEXT, column, meaning);
    }

    private Field named(String other) {
      return new Field(other, type, column, least, most, values, meaning);
    }

    private Field between(double from, double to) {
      return new Field(name, type, column, from, to, values, meaning);
    }

    private Field oneOf(String... allowed) {
      return new Field(name, type, column, least, most, List.of(allowed), meaning);
    }
  }

  /**
   * What may happen.
   *
   * @param name value of {@code event_type}
   * @param meaning when to write it
   * @param payload fields it may carry besides the envelope, all optional
   * @param examples payloads as JSON objects; together they show every field
   */
  public record EventType(
      String name, String meaning, List<Field> payload, List<String> examples) {}

  public static final Field EVENT_ID =
      Field.text(
          Events.EVENT_ID,
          "Identity of the event, made by the sender and kept when a line is sent again: repeats"
              + " are dropped by it.");
  public static final Field EVENT_TYPE =
      Field.text(Events.EVENT_TYPE, "What happened: one of the event types below.");
  public static final Field EVENT_TIME =
      Field.of(
          Type.TIME,
          Events.EVENT_TIME,
          "When it happened; kept to the microsecond. The day under which a file lands never"
              + " decides it.");
  public static final Field USER_ID =
      Field.text(Events.USER_ID, "The person; a pseudonym that stays the same does.");
  public static final Field SESSION_ID = Field.text(Events.SESSION_ID, "The sitting.");
  public static final Field INTERACTION_ID =
      Field.text(
          Events.INTERACTION_ID,
          "One AI response shown to one user. Whatever is done with the response carries the same"
              + " one.");
  public static final Field TENANT_ID =
      Field.text(
          Events.TENANT_ID,
          "Customer or workspace; where it is missing, the setting input.tenant fills it.");

  /** Fields of every line; all are required but {@code tenant_id}. */
  public static final List<Field> ENVELOPE =
      List.of(EVENT_ID, EVENT_TYPE, EVENT_TIME, USER_ID, SESSION_ID, INTERACTION_ID, TENANT_ID);

  private static final Field ACCEPTED_TEXT =
      Field.text(Events.ACCEPTED_TEXT, "Text of the suggestion that was taken over.");
  private static final Field TASK_ID =
      Field.text(Events.TASK_ID, "The task, as the sender names it.");

  public static final List<EventType> TYPES =
      List.of(
          new EventType(
              "response_shown",
              "A response was shown to a user. Everything else hangs on it: an interaction without"
                  + " it is not labelled.",
              List.of(
                  Field.text(Events.PROMPT, "The user's request; or give messages."),
                  Field.of(
                      Type.MESSAGES,
                      Events.MESSAGES,
                      "The conversation sent to the model, oldest first; or give prompt."),
                  Field.text(Events.RESPONSE, "The text shown."),
                  Field.text(Events.CONVERSATION_ID, "Thread of turns."),
                  Field.amount(
                      Type.WHOLE, Events.TURN_INDEX, "Position in the conversation, from 0."),
                  Field.text(Events.MODEL, "Model that answered."),
                  Field.text(Events.PROMPT_NAME, "Name of the prompt template."),
                  Field.text(Events.PROMPT_VERSION, "Version of the prompt template."),
                  Field.text(Events.RELEASE, "Release of your product."),
                  Field.text(Events.USER_TYPE, "Segment of the user."),
                  Field.text(Events.QUERY_CATEGORY, "Kind of request."),
                  Field.text(Events.SURFACE, "Where in the product it was shown."),
                  Field.text(Events.LANGUAGE, "Language of the request, BCP 47."),
                  Field.text(Events.EXPERIMENT_VARIANT, "Arm of an experiment."),
                  Field.amount(Type.WHOLE, Events.INPUT_TOKENS, "Tokens read by the model."),
                  Field.amount(Type.WHOLE, Events.OUTPUT_TOKENS, "Tokens written by the model."),
                  Field.amount(
                      Type.WHOLE,
                      Events.LATENCY_MS,
                      "Milliseconds until the response was complete."),
                  Field.amount(Type.NUMBER, Events.COST_USD, "Cost of the call in US dollars."),
                  Field.of(
                      Type.DOCUMENTS,
                      Events.RETRIEVAL,
                      "Documents given to the model, with scores."),
                  Field.of(
                      Type.TEXTS,
                      Events.CAPABILITIES,
                      "What this surface lets the user do: accept, copy, edit, run, task, rate. It"
                          + " tells 'did not copy' from 'could not copy'; other names are kept and"
                          + " have no effect.")),
              List.of(
                  """
                  {"prompt":"How do I undo the last commit?","response":"Run git reset --soft HEAD~1.",\
                  "conversation_id":"c-9","turn_index":0,"model":"small-2","prompt_name":"helper",\
                  "prompt_version":"7","release":"2026.1","user_type":"developer",\
                  "query_category":"git","surface":"editor","language":"en","experiment_variant":"b",\
                  "input_tokens":42,"output_tokens":12,"latency_ms":830,"cost_usd":0.00031,\
                  "retrieval":[{"document_id":"git-reset","score":0.83}],\
                  "capabilities":["copy","edit","rate"]}\
                  """,
                  """
                  {"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi!"},\
                  {"role":"user","content":"Shorten my mail, please."}],"response":"Here it is: …"}\
                  """)),
          new EventType(
              "response_edited",
              "The user changed the text that came out of the response. Write it as often as you"
                  + " like; the last one in the observation window counts as final.",
              List.of(Field.text(Events.FINAL_TEXT, "The user's text at that moment, as a whole.")),
              List.of("{\"final_text\":\"Run git reset --soft HEAD^.\"}")),
          new EventType(
              "text_copied",
              "The user copied from the response.",
              List.of(
                  Field.text(Events.COPIED_TEXT, "The copied text; or give start and end."),
                  Field.amount(
                          Type.WHOLE,
                          Events.COPY_START,
                          "First copied character of the response, from 0, counted in code points.")
                      .named("start"),
                  Field.amount(
                          Type.WHOLE,
                          Events.COPY_END,
                          "First character after the copy, counted in code points.")
                      .named("end")),
              List.of("{\"copied_text\":\"git reset --soft HEAD~1\"}", "{\"start\":4,\"end\":27}")),
          new EventType(
              "suggestion_accepted",
              "The user took over a suggestion.",
              List.of(ACCEPTED_TEXT),
              List.of("{\"accepted_text\":\"git reset --soft HEAD~1\"}")),
          new EventType(
              "suggestion_dismissed",
              "The user turned a suggestion down.",
              List.of(ACCEPTED_TEXT),
              List.of("{}")),
          new EventType(
              "code_executed",
              "Code from the response was run.",
              List.of(
                  Field.of(Type.FLAG, Events.SUCCEEDED, "Whether it ran without error."),
                  Field.text(Events.EXECUTED_TEXT, "The code as it was run."),
                  Field.text(Events.ERROR_TYPE, "Kind of error.")),
              List.of(
                  "{\"succeeded\":false,\"executed_text\":\"git reset\",\"error_type\":\"exit"
                      + " 128\"}")),
          new EventType(
              "task_completed",
              "The task that the response was for got done.",
              List.of(TASK_ID),
              List.of("{\"task_id\":\"t-4\"}")),
          new EventType(
              "task_abandoned",
              "The task that the response was for was given up.",
              List.of(TASK_ID),
              List.of("{\"task_id\":\"t-4\"}")),
          new EventType(
              "suggestion_clicked",
              "The user clicked a follow-up that the response offers.",
              List.of(),
              List.of("{}")),
          new EventType(
              "response_regenerated",
              "The user asked for another answer to the same request.",
              List.of(),
              List.of("{}")),
          new EventType(
              "session_ended",
              "The sitting ended; interaction_id names the last response shown.",
              List.of(),
              List.of("{}")),
          new EventType(
              "rating_prompt_shown",
              "The user was asked to rate the response, whether or not they did.",
              List.of(),
              List.of("{}")),
          new EventType(
              "feedback_submitted",
              "The user rated the response.",
              List.of(
                  Field.text(Events.THUMBS, "Thumb up or down.").oneOf("up", "down"),
                  Field.of(Type.WHOLE, Events.STARS, "Stars.").between(1, 5),
                  Field.of(Type.FLAG, Events.HELPFUL, "Answer to 'was this helpful'."),
                  Field.text(Events.REPORT_REASON, "Why the user reported the response."),
                  Field.text(Events.COMMENT, "What the user wrote.")),
              List.of(
                  "{\"thumbs\":\"down\",\"stars\":2,\"helpful\":false,\"report_reason\":\"wrong\","
                      + "\"comment\":\"It threw my changes away.\"}")),
          new EventType(
              "assessment_recorded",
              "Somebody or something else judged the response.",
              List.of(
                  Field.text(Events.ASSESSMENT_NAME, "What was judged.").named("name"),
                  Field.of(Type.NUMBER, Events.ASSESSMENT_SCORE, "Verdict as a number.")
                      .named("score"),
                  Field.text(Events.ASSESSMENT_LABEL, "Verdict in words.").named("label"),
                  Field.text(Events.ASSESSMENT_EXPLANATION, "Why.").named("explanation"),
                  Field.text(Events.ASSESSMENT_SOURCE_TYPE, "Who judged.")
                      .named("source_type")
                      .oneOf("HUMAN", "LLM_JUDGE", "CODE", "END_USER"),
                  Field.text(Events.ASSESSMENT_SOURCE_ID, "Name of who or what judged.")
                      .named("source_id")),
              List.of(
                  "{\"name\":\"quality\",\"score\":0.4,\"label\":\"incomplete\","
                      + "\"explanation\":\"Does not say what is lost.\",\"source_type\":\"HUMAN\","
                      + "\"source_id\":\"reviewer-3\"}")));

  private static final Map<String, EventType> BY_NAME =
      TYPES.stream().collect(Collectors.toUnmodifiableMap(EventType::name, Function.identity()));

  private RawEvents() {}

  /** The event type of that name, or empty. */
  public static Optional<EventType> type(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
