package dev.flywheel.ingest;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What records of OpenTelemetry mean to us, by the semantic conventions for generative AI: calls of
 * a model, as span and as event, are responses; {@code gen_ai.evaluation.result} is an assessment;
 * events named {@code flywheel.*} are those of our contract. Deprecated names are read, too.
 *
 * <p>A response is identified by an id of ours, else by {@code gen_ai.response.id}, else by its
 * span. Of records that share one of these {@link ResponseNames} finds out that they are about the
 * same response, and {@link Correlation} makes one row of those that tell of it.
 */
final class OtlpEvents {
  private static final String OURS = "flywheel.";
  private static final String DETAILS = "gen_ai.client.inference.operation.details";
  private static final String EVALUATION = "gen_ai.evaluation.result";
  private static final Set<String> INFERENCE =
      Set.of("chat", "generate_content", "text_completion");
  private static final int CLIENT = 3;

  private static final Map<String, EventType> TYPES =
      RawEvents.TYPES.stream().collect(Collectors.toMap(type -> OURS + type.name(), type -> type));
  private static final EventType SHOWN = TYPES.get(OURS + "response_shown");
  private static final EventType ASSESSED = TYPES.get(OURS + "assessment_recorded");

  private final StrictJson json;
  private final ChatText chat;
  private final String defaultTenant;
  private final int maxFieldChars;

  OtlpEvents(StrictJson json, String defaultTenant, int maxFieldChars) {
    this.json = json;
    this.chat = new ChatText(json);
    this.defaultTenant = defaultTenant;
    this.maxFieldChars = maxFieldChars;
  }

  /** Whether an event within a span is a record of its own, rather than a detail of the span. */
  static boolean means(OtlpRecord inner) {
    return inner.name != null
        && (inner.name.startsWith(OURS)
            || inner.name.equals(DETAILS)
            || inner.name.equals(EVALUATION));
  }

  /**
   * The record as a row of {@link ParsedLines}; null when it is none of ours.
   *
   * @throws RefusedLine when it is ours, and no event
   */
  Object[] row(OtlpRecord record) throws RefusedLine {
    if (record.span) {
      return isModelCall(record) ? response(record) : null;
    }
    String name =
        record.name != null && !record.name.isEmpty()
            ? record.name
            : record.attributes.get("event.name") instanceof String older ? older : "";
    if (name.startsWith(OURS)) {
      EventType type = TYPES.get(name);
      if (type == null) {
        throw new RefusedLine(QuarantineReason.UNKNOWN_EVENT_TYPE);
      }
      return ours(record, type);
    }
    return switch (name) {
      case DETAILS -> response(record);
      case EVALUATION -> assessment(record);
      default -> null;
    };
  }

  private static boolean isModelCall(OtlpRecord span) {
    Object operation = span.attributes.get("gen_ai.operation.name");
    if (operation == null) {
      // Before there was an operation's name, the name of the system said what a span is.
      return (span.attributes.containsKey("gen_ai.system")
              || span.attributes.containsKey("gen_ai.provider.name"))
          && (span.attributes.containsKey("gen_ai.completion")
              || span.attributes.containsKey("gen_ai.completion.0.content")
              || span.attributes.containsKey("gen_ai.output.messages")
              || span.attributes.containsKey("gen_ai.request.model"));
    }
    // What an agent in the same process says is said by its last call of a model; the calls of an
    // agent elsewhere are not to be seen from here.
    return operation instanceof String name
        && (INFERENCE.contains(name) || (name.equals("invoke_agent") && span.kind == CLIENT));
  }

  /** A call of a model; null when no text came of it that a user could have seen. */
  private Object[] response(OtlpRecord record) throws RefusedLine {
    Object input = record.takeFirst("gen_ai.input.messages", "gen_ai.prompt");
    Object output = record.takeFirst("gen_ai.output.messages", "gen_ai.completion");
    input = input != null ? input : numbered(record, "gen_ai.prompt.");
    output = output != null ? output : numbered(record, "gen_ai.completion.");
    for (OtlpRecord inner : record.events) {
      if ("gen_ai.content.prompt".equals(inner.name) && input == null) {
        input = inner.take("gen_ai.prompt");
      } else if ("gen_ai.content.completion".equals(inner.name) && output == null) {
        output = inner.take("gen_ai.completion");
      }
    }
    ChatText.Output shown = chat.output(output);
    Object reasons = record.take("gen_ai.response.finish_reasons");
    boolean calledOnly = shown.calls() || endsInCalls(reasons);
    boolean failed = record.failed || record.take("error.type") != null;
    if (shown.text() == null && (calledOnly || failed)) {
      return null;
    }
    ContractRow row = begin(record, SHOWN);
    String span = record.span();
    String id = interaction(record, row, span);
    row.set(Events.EVENT_ID, span != null ? span : id);
    row.set(ParsedLines.SPAN, span);
    row.happened(micros(record));
    if (record.span && record.otherTime > 0 && record.time > 0) {
      row.took(Math.floorDiv(record.otherTime - record.time, 1_000_000L));
    }
    for (Field field : SHOWN.payload()) {
      row.put(field.column(), OURS + field.name(), record.take(OURS + field.name()));
    }
    row.put(Events.RESPONSE, "gen_ai.output.messages", shown.text());
    putInput(record, row, input);
    row.put(
        Events.CONVERSATION_ID, "gen_ai.conversation.id", record.take("gen_ai.conversation.id"));
    row.put(
        Events.MODEL,
        "gen_ai.response.model",
        record.takeFirst("gen_ai.response.model", "gen_ai.request.model"));
    row.put(Events.PROMPT_NAME, "gen_ai.prompt.name", record.take("gen_ai.prompt.name"));
    row.put(Events.PROMPT_VERSION, "gen_ai.prompt.version", record.take("gen_ai.prompt.version"));
    row.put(
        Events.INPUT_TOKENS,
        "gen_ai.usage.input_tokens",
        tokens(record.takeFirst("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")));
    row.put(
        Events.OUTPUT_TOKENS,
        "gen_ai.usage.output_tokens",
        tokens(record.takeFirst("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")));
    row.put(
        Events.RETRIEVAL,
        "gen_ai.retrieval.documents",
        documents(record.take("gen_ai.retrieval.documents")));
    row.put(Events.EXPERIMENT_VARIANT, "feature_flag.result.variant", arm(record));
    putPeopleAndRelease(record, row);
    row.set(
        ParsedLines.PART,
        ParsedLines.part(
            record.span ? ParsedLines.OF_SPAN : ParsedLines.OF_EVENT, shown.text() != null));
    return finished(record, row);
  }

  private void putInput(OtlpRecord record, ContractRow row, Object input) throws RefusedLine {
    ChatText.Input sent = chat.input(input);
    ChatText.Message instructions = chat.instructions(record.take("gen_ai.system_instructions"));
    if (row.has(Events.PROMPT) || row.has(Events.MESSAGES)) {
      return;
    }
    row.put(Events.PROMPT, "gen_ai.input.messages", sent.prompt());
    var messages = new ArrayList<ChatText.Message>();
    if (sent.messages() != null) {
      if (instructions != null) {
        messages.add(instructions);
      }
      messages.addAll(sent.messages());
    }
    row.putMessages("gen_ai.input.messages", messages);
  }

  private Object[] assessment(OtlpRecord record) throws RefusedLine {
    String eventId = eventId(record);
    ContractRow row = begin(record, ASSESSED);
    row.set(Events.EVENT_ID, eventId);
    row.happened(micros(record));
    String id = correlated(record, row);
    row.put(
        Events.ASSESSMENT_NAME, "gen_ai.evaluation.name", record.take("gen_ai.evaluation.name"));
    row.put(
        Events.ASSESSMENT_SCORE,
        "gen_ai.evaluation.score.value",
        record.take("gen_ai.evaluation.score.value"));
    row.put(
        Events.ASSESSMENT_LABEL,
        "gen_ai.evaluation.score.label",
        record.take("gen_ai.evaluation.score.label"));
    row.put(
        Events.ASSESSMENT_EXPLANATION,
        "gen_ai.evaluation.explanation",
        record.take("gen_ai.evaluation.explanation"));
    row.put(Events.ASSESSMENT_SOURCE_TYPE, OURS + "source_type", record.take(OURS + "source_type"));
    row.put(Events.ASSESSMENT_SOURCE_ID, OURS + "source_id", record.take(OURS + "source_id"));
    putPeople(record, row);
    orNobody(row, id);
    return finished(record, row);
  }

  /** An event of our contract, whose fields are attributes of their own names or ours. */
  private Object[] ours(OtlpRecord record, EventType type) throws RefusedLine {
    String eventId = eventId(record);
    ContractRow row = begin(record, type);
    row.happened(micros(record));
    Map<?, ?> body = record.body instanceof Map<?, ?> map ? map : Map.of();
    for (Field field : type.payload()) {
      String name = field.name();
      row.put(field.column(), name, record.takeFirst(OURS + name, name));
      row.put(field.column(), name, body.get(name));
    }
    String id;
    if (type.equals(SHOWN)) {
      String span = record.span();
      id = interaction(record, row, span);
      row.set(Events.EVENT_ID, span != null ? span : id);
      row.set(ParsedLines.SPAN, span);
      row.set(ParsedLines.PART, ParsedLines.part(ParsedLines.OF_APP, row.has(Events.RESPONSE)));
      row.put(
          Events.CONVERSATION_ID, "gen_ai.conversation.id", record.take("gen_ai.conversation.id"));
      putPeopleAndRelease(record, row);
    } else {
      row.set(Events.EVENT_ID, eventId);
      id = correlated(record, row);
      putPeople(record, row);
      if (type.equals(ASSESSED)) {
        orNobody(row, id);
      } else {
        orConversation(record, row);
      }
    }
    return finished(record, row);
  }

  private ContractRow begin(OtlpRecord record, EventType type) throws RefusedLine {
    if (record.repeatsAnAttribute) {
      throw new RefusedLine(QuarantineReason.DUPLICATE_FIELD, "attributes");
    }
    var row = new ContractRow(json, maxFieldChars, true);
    row.set(Events.EVENT_TYPE, type.name());
    row.putText(Events.TENANT_ID, OURS + "tenant_id", record.take(OURS + "tenant_id"));
    if (!row.has(Events.TENANT_ID)) {
      row.set(Events.TENANT_ID, defaultTenant);
    }
    return row;
  }

  /** The response that a record is about; sets it, and returns it. */
  private static String interaction(OtlpRecord record, ContractRow row, String span)
      throws RefusedLine {
    String response = "gen_ai.response.id";
    row.putText(ParsedLines.RESPONSE_ID, response, record.take(response));
    row.putText(
        Events.INTERACTION_ID, OURS + "interaction_id", record.take(OURS + "interaction_id"));
    row.putText(Events.INTERACTION_ID, response, row.get(ParsedLines.RESPONSE_ID));
    row.putText(Events.INTERACTION_ID, "spanId", span);
    if (!row.has(Events.INTERACTION_ID)) {
      throw new RefusedLine(QuarantineReason.MISSING_FIELD, response);
    }
    return (String) row.get(Events.INTERACTION_ID);
  }

  /** As {@link #interaction}, noting only by which name the response is known here. */
  private static String correlated(OtlpRecord record, ContractRow row) throws RefusedLine {
    String span = record.span();
    String id = interaction(record, row, span);
    if (id.equals(span)) {
      row.set(ParsedLines.SPAN, span);
    } else if (!id.equals(row.get(ParsedLines.RESPONSE_ID))) {
      row.set(ParsedLines.RESPONSE_ID, null);
    }
    return id;
  }

  /** Who a response was shown to, and by which release unless a record of it says it itself. */
  private static void putPeopleAndRelease(OtlpRecord record, ContractRow row) throws RefusedLine {
    putPeople(record, row);
    row.putText(ParsedLines.SENDER_RELEASE, "service.version", record.take("service.version"));
  }

  private static void putPeople(OtlpRecord record, ContractRow row) throws RefusedLine {
    row.putText(
        Events.USER_ID,
        "user.id",
        record.takeFirst("user.id", "enduser.pseudo.id", "enduser.id", "user.hash"));
    row.putText(Events.SESSION_ID, "session.id", record.take("session.id"));
    if (!row.has(Events.USER_ID)) {
      // Stands in quarantine, should nothing else say it.
      row.set(Quarantine.DETAIL, "user.id");
    }
  }

  /** What users do without a name counts as done by their conversation. */
  private static void orConversation(OtlpRecord record, ContractRow row) throws RefusedLine {
    Object conversation = record.take("gen_ai.conversation.id");
    row.putText(Events.SESSION_ID, "gen_ai.conversation.id", conversation);
    row.putText(Events.USER_ID, "session.id", row.get(Events.SESSION_ID));
    if (!row.has(Events.USER_ID)) {
      throw new RefusedLine(QuarantineReason.MISSING_FIELD, "user.id");
    }
    if (!row.has(Events.SESSION_ID)) {
      row.set(Events.SESSION_ID, row.get(Events.USER_ID));
    }
  }

  /** An assessment is nobody's act: it stands apart from every user, with its interaction. */
  private static void orNobody(ContractRow row, String interaction) {
    if (!row.has(Events.USER_ID)) {
      row.set(Events.USER_ID, interaction);
    }
    if (!row.has(Events.SESSION_ID)) {
      row.set(Events.SESSION_ID, interaction);
    }
  }

  private static Object[] finished(OtlpRecord record, ContractRow row) {
    record.attributes.remove("event.name");
    row.set(Events.UNKNOWN_FIELDS, record.attributes.size());
    return row.values();
  }

  /** A response was shown when its span ended; anything else happened when it was logged. */
  private static long micros(OtlpRecord record) {
    long nanos =
        record.span
            ? (record.otherTime != 0 ? record.otherTime : record.time)
            : (record.time != 0 ? record.time : record.otherTime);
    return Math.floorDiv(nanos, 1_000L);
  }

  /** An event's own identity, else a hash of what it says: a record sent again has the same. */
  private static String eventId(OtlpRecord record) {
    Object own = record.takeFirst(OURS + "event_id", "log.record.uid");
    if (own instanceof String text && !text.isBlank()) {
      return text;
    }
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      for (Object part :
          new Object[] {
            record.name, record.time, record.traceId, record.spanId, record.attributes, record.body
          }) {
        digest.update(String.valueOf(part).getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static boolean endsInCalls(Object reasons) {
    return reasons instanceof List<?> list
        && !list.isEmpty()
        && list.stream()
            .allMatch(reason -> "tool_call".equals(reason) || "tool_calls".equals(reason));
  }

  /** Some senders write counts as decimals. */
  private static Object tokens(Object count) {
    return count instanceof Double number && number == Math.rint(number)
        ? (Object) number.longValue()
        : count;
  }

  private Object documents(Object logged) {
    Object value = logged instanceof String text ? json.valueOf(text) : logged;
    if (!(value instanceof List<?> list)) {
      return null;
    }
    var documents = new ArrayList<Object>();
    for (Object item : list) {
      if (item instanceof Map<?, ?> map) {
        var document = new LinkedHashMap<String, Object>();
        document.put("document_id", map.get("id"));
        document.put("score", map.get("score"));
        documents.add(document);
      }
    }
    return documents;
  }

  /** The arms of the experiments that were looked up within the call, as {@code flag=variant}. */
  private static String arm(OtlpRecord record) {
    var arms = new TreeSet<String>();
    addArm(arms, record);
    record.events.stream()
        .filter(
            inner ->
                "feature_flag.evaluation".equals(inner.name) || "feature_flag".equals(inner.name))
        .forEach(inner -> addArm(arms, inner));
    return arms.isEmpty() ? null : String.join(",", arms);
  }

  private static void addArm(Set<String> arms, OtlpRecord record) {
    Object key = record.attributes.remove("feature_flag.key");
    Object variant = record.attributes.remove("feature_flag.result.variant");
    Object older = record.attributes.remove("feature_flag.variant");
    variant = variant == null ? older : variant;
    if (key instanceof String flag && variant instanceof String arm) {
      arms.add(flag + "=" + arm);
    }
  }

  /** Messages as older instrumentations have them, {@code gen_ai.prompt.0.role} and so on. */
  private static Object numbered(OtlpRecord record, String prefix) {
    var messages = new TreeMap<Integer, Map<String, Object>>();
    record.attributes.forEach(
        (name, value) -> {
          int dot = name.startsWith(prefix) ? name.indexOf('.', prefix.length()) : -1;
          String number = dot < 0 ? "" : name.substring(prefix.length(), dot);
          if (!number.isEmpty()
              && number.length() < 6
              && number.chars().allMatch(Character::isDigit)) {
            messages
                .computeIfAbsent(Integer.valueOf(number), at -> new LinkedHashMap<>())
                .put(name.substring(dot + 1), value);
          }
        });
    if (messages.isEmpty()) {
      return null;
    }
    record.attributes.keySet().removeIf(name -> name.startsWith(prefix));
    messages.values().forEach(OtlpEvents::complete);
    return new ArrayList<Object>(messages.values());
  }

  private static void complete(Map<String, Object> message) {
    message.putIfAbsent("role", "assistant");
    message.putIfAbsent("content", null);
    if (message.keySet().stream().anyMatch(name -> name.startsWith("tool_calls."))) {
      Map<String, Object> call = new TreeMap<>();
      message.forEach(
          (name, value) -> {
            if (name.startsWith("tool_calls.")) {
              call.put(name.substring("tool_calls.".length()), value);
            }
          });
      message.keySet().removeIf(name -> name.startsWith("tool_calls."));
      message.put("tool_calls", List.of(call));
    }
  }
}
