package dev.flywheel.ingest;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What rows of a Langfuse export mean to us. A trace is one interaction: its root observation is
 * the response shown, the generations within it add model, tokens and cost where the root has none
 * and stand for it where it was not exported, and a score of the trace, or of any observation in
 * it, is an assessment. A score names its trace, so nothing has to be joined, and no score is
 * counted more than once.
 *
 * <p>Names are those of the export, {@code trace_id}; those of the API, {@code traceId}, are read,
 * too.
 */
final class LangfuseEvents {
  private static final EventType SHOWN = RawEvents.type("response_shown").orElseThrow();
  private static final Set<String> ANSWERS = Set.of("SPAN", "GENERATION", "AGENT", "CHAIN");
  private static final String OURS = "flywheel.";

  /** Environments in which Langfuse records the work of its own evaluators. */
  private static final String INTERNAL = "langfuse-";

  private final StrictJson json;
  private final ChatText chat;
  private final String tenant;
  private final Set<String> userFeedback;
  private final int maxFieldChars;

  LangfuseEvents(StrictJson json, String tenant, Set<String> userFeedback, int maxFieldChars) {
    this.json = json;
    this.chat = new ChatText(json);
    this.tenant = tenant;
    this.userFeedback = userFeedback;
    this.maxFieldChars = maxFieldChars;
  }

  /** An observation as a row of {@link ParsedLines}; null when it says nothing of a response. */
  Object[] observation(Map<String, Object> fields) throws RefusedLine {
    if (take(fields, "environment") instanceof String place && place.startsWith(INTERNAL)) {
      return null;
    }
    String type = take(fields, "type") instanceof String name ? name : "";
    Object parent = take(fields, "parent_observation_id");
    boolean root =
        Boolean.TRUE.equals(take(fields, "is_root_observation"))
            || parent == null
            || parent.equals("");
    if (root ? type.equals("EVENT") : !type.equals("GENERATION")) {
      return null;
    }
    ChatText.Output shown = chat.output(blankIsNull(take(fields, "output")));
    Object input = blankIsNull(take(fields, "input"));
    boolean failed = "ERROR".equals(take(fields, "level"));
    boolean shows = ANSWERS.contains(type) && (shown.text() != null || (!failed && !shown.calls()));
    if (root && !shows) {
      return ofNone(fields);
    }
    ContractRow row = placed(fields);
    try {
      if (take(fields, "metadata") instanceof Map<?, ?> metadata) {
        putOwn(row, metadata);
      }
      ChatText.Input sent = chat.input(input);
      row.put(Events.PROMPT, "input", sent.prompt());
      row.putMessages("input", sent.messages() == null ? List.of() : sent.messages());
      row.putText(Events.RELEASE, "release", take(fields, "release"));
      row.putText(Events.RELEASE, "version", take(fields, "version"));
      row.put(Events.RESPONSE, "output", shown.text());
    } catch (RefusedLine e) {
      // Of a generation within, what it cost counts all the same; without a text it is no response.
      if (root) {
        throw e;
      }
    }
    row.putText(Events.MODEL, "provided_model_name", take(fields, "provided_model_name"));
    if (take(fields, "usage_details") instanceof Map<?, ?> usage) {
      row.put(Events.INPUT_TOKENS, "usage_details", whole(usage.get("input")));
      row.put(Events.OUTPUT_TOKENS, "usage_details", whole(usage.get("output")));
    }
    putCost(row, type, take(fields, "total_cost"));
    row.putText(Events.PROMPT_NAME, "prompt_name", take(fields, "prompt_name"));
    Object version = take(fields, "prompt_version");
    row.putText(
        Events.PROMPT_VERSION,
        "prompt_version",
        version instanceof Long number ? number.toString() : version);
    putPeople(row, take(fields, "user_id"), take(fields, "session_id"));
    row.set(
        ParsedLines.PART,
        ParsedLines.part(root ? ParsedLines.OF_SPAN : ParsedLines.WITHIN, shown.text() != null));
    row.set(Events.UNKNOWN_FIELDS, fields.size());
    return row.values();
  }

  private ContractRow placed(Map<String, Object> fields) throws RefusedLine {
    ContractRow row = begin(SHOWN.name());
    required(row, Events.EVENT_ID, "id", take(fields, "id"));
    required(row, Events.INTERACTION_ID, "trace_id", take(fields, "trace_id"));
    putTimes(row, take(fields, "start_time"), take(fields, "end_time"));
    return row;
  }

  /** A root that showed nothing; null where it does not say of which trace. */
  private Object[] ofNone(Map<String, Object> fields) {
    try {
      ContractRow row = placed(fields);
      row.set(ParsedLines.PART, ParsedLines.part(ParsedLines.OF_NONE, false));
      return row.values();
    } catch (RefusedLine e) {
      return null;
    }
  }

  /** A score as a row of {@link ParsedLines}; null when it is about no trace. */
  Object[] score(Map<String, Object> fields) throws RefusedLine {
    Object trace = blankIsNull(take(fields, "trace_id"));
    if (trace == null) {
      return null;
    }
    Object name = take(fields, "name");
    String type = take(fields, "data_type") instanceof String given ? given : "NUMERIC";
    boolean byUser = name instanceof String text && userFeedback.contains(text);
    boolean thumb = byUser && type.equals("BOOLEAN");
    ContractRow row = begin(thumb ? "feedback_submitted" : "assessment_recorded");
    required(row, Events.EVENT_ID, "id", take(fields, "id"));
    required(row, Events.INTERACTION_ID, "trace_id", trace);
    row.happened(micros(take(fields, "timestamp")));
    Object value = take(fields, "value");
    Object words = take(fields, "string_value");
    Object longWords = take(fields, "long_string_value");
    Object comment = blankIsNull(take(fields, "comment"));
    Object source = take(fields, "source");
    if (thumb) {
      row.put(Events.THUMBS, "value", isTrue(value, words) ? "up" : "down");
      row.put(Events.COMMENT, "comment", comment);
    } else {
      row.put(Events.ASSESSMENT_NAME, "name", name);
      row.set(Events.ASSESSMENT_SOURCE_TYPE, sourceType(source, byUser));
      putVerdict(row, type, value, longWords != null ? longWords : words);
      row.put(Events.ASSESSMENT_EXPLANATION, "comment", comment);
    }
    row.putText(Events.SESSION_ID, "session_id", take(fields, "session_id"));
    // Who gave it is not exported: it stands apart from every user, with its interaction.
    row.putText(Events.SESSION_ID, "trace_id", trace);
    row.putText(Events.USER_ID, "trace_id", trace);
    row.set(Events.UNKNOWN_FIELDS, fields.size());
    return row.values();
  }

  private static void putVerdict(ContractRow row, String type, Object value, Object words)
      throws RefusedLine {
    switch (type) {
      case "NUMERIC" -> row.put(Events.ASSESSMENT_SCORE, "value", value);
      case "BOOLEAN" -> {
        row.put(Events.ASSESSMENT_SCORE, "value", isTrue(value, words) ? 1.0 : 0.0);
        row.put(Events.ASSESSMENT_LABEL, "string_value", words);
      }
      case "CATEGORICAL" -> row.put(Events.ASSESSMENT_LABEL, "string_value", words);
      case "TEXT" -> row.put(Events.ASSESSMENT_EXPLANATION, "string_value", words);
      case "CORRECTION" -> {
        // What the response should have been: neither a verdict nor the user's own text.
        row.set(Events.ASSESSMENT_LABEL, "correction");
        row.put(Events.ASSESSMENT_EXPLANATION, "string_value", words);
      }
      default -> throw new RefusedLine(QuarantineReason.INVALID_VALUE, "data_type");
    }
  }

  private static String sourceType(Object source, boolean byUser) {
    if (byUser) {
      return "END_USER";
    }
    if ("ANNOTATION".equals(source)) {
      return "HUMAN";
    }
    // What comes by the API may be anybody's.
    return "EVAL".equals(source) ? "LLM_JUDGE" : null;
  }

  private ContractRow begin(String type) {
    var row = new ContractRow(json, maxFieldChars, false);
    row.set(Events.EVENT_TYPE, type);
    row.set(Events.TENANT_ID, tenant);
    return row;
  }

  private static void required(ContractRow row, String column, String name, Object value)
      throws RefusedLine {
    row.putText(column, name, value);
    if (!row.has(column)) {
      throw new RefusedLine(QuarantineReason.MISSING_FIELD, name);
    }
  }

  private static void putTimes(ContractRow row, Object start, Object end) throws RefusedLine {
    long began = micros(start);
    boolean ended = blankIsNull(end) != null;
    long shown = ended ? micros(end) : began;
    row.happened(shown);
    if (ended) {
      row.took(Math.floorDiv(shown - began, 1_000L));
    }
  }

  /** A root's cost is the trace's only where it is a generation; others have none of their own. */
  private static void putCost(ContractRow row, String type, Object cost) throws RefusedLine {
    if (type.equals("GENERATION")) {
      row.put(Events.COST_USD, "total_cost", cost instanceof String text ? number(text) : cost);
    }
  }

  private static void putPeople(ContractRow row, Object user, Object session) throws RefusedLine {
    row.putText(Events.USER_ID, "user_id", user);
    row.putText(Events.SESSION_ID, "session_id", session);
    row.putText(Events.CONVERSATION_ID, "session_id", session);
    if (!row.has(Events.USER_ID)) {
      row.set(Quarantine.DETAIL, "user_id");
    } else if (!row.has(Events.SESSION_ID)) {
      row.set(Events.SESSION_ID, row.get(Events.INTERACTION_ID));
    }
  }

  /** Fields of our contract, by our names, among the metadata, where Langfuse keeps texts only. */
  private void putOwn(ContractRow row, Map<?, ?> metadata) throws RefusedLine {
    for (Field field : SHOWN.payload()) {
      Object value = metadata.get(OURS + field.name());
      boolean quoted = value instanceof String && field.type() != RawEvents.Type.TEXT;
      row.put(field.column(), OURS + field.name(), quoted ? json.valueOf((String) value) : value);
    }
  }

  /** Takes a field out by its name in the export, else by its name in the API. */
  private static Object take(Map<String, Object> fields, String name) {
    Object exported = fields.remove(name);
    Object api = fields.remove(camel(name));
    return exported != null ? exported : api;
  }

  private static String camel(String name) {
    int underscore = name.indexOf('_');
    if (underscore < 0) {
      return name;
    }
    var camel = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      camel.append(c == '_' ? Character.toUpperCase(name.charAt(++i)) : c);
    }
    return camel.toString();
  }

  private static Object blankIsNull(Object value) {
    return value instanceof String text && text.isEmpty() ? null : value;
  }

  private static Object whole(Object count) {
    if (count instanceof String text) {
      return whole(number(text));
    }
    return count instanceof Double number && number == Math.rint(number)
        ? (Object) number.longValue()
        : count;
  }

  private static Object number(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return text;
    }
  }

  /**
   * What a score of type {@code BOOLEAN} says, by its value, else in words.
   *
   * @throws RefusedLine when neither says it: no verdict is better than a made-up one
   */
  private static boolean isTrue(Object value, Object words) throws RefusedLine {
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof Number number
        && (number.doubleValue() == 0 || number.doubleValue() == 1)) {
      return number.doubleValue() == 1;
    }
    if (words instanceof String text
        && (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false"))) {
      return text.equalsIgnoreCase("true");
    }
    throw new RefusedLine(QuarantineReason.WRONG_TYPE, "value");
  }

  /** Times are in UTC, which they do not always say. */
  private static long micros(Object time) throws RefusedLine {
    if (!(time instanceof String text)) {
      throw new RefusedLine(QuarantineReason.INVALID_TIME);
    }
    int clock = text.indexOf(':');
    boolean offset =
        clock > 0
            && (text.endsWith("Z") || text.indexOf('+', clock) > 0 || text.indexOf('-', clock) > 0);
    return Rfc3339.micros(offset ? text : text + "Z");
  }
}
