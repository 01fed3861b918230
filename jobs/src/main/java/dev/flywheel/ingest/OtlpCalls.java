package dev.flywheel.ingest;

import static dev.flywheel.ingest.OtlpRows.OURS;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Calls of a model as OpenTelemetry has them, as span or as event, of today's names and of older
 * ones: responses.
 */
final class OtlpCalls {
  private static final Set<String> INFERENCE =
      Set.of("chat", "generate_content", "text_completion");
  private static final int CLIENT = 3;
  private static final EventType SHOWN = RawEvents.type("response_shown").orElseThrow();

  private final StrictJson json;
  private final ChatText chat;
  private final OtlpRows rows;

  OtlpCalls(StrictJson json, OtlpRows rows) {
    this.json = json;
    this.chat = new ChatText(json);
    this.rows = rows;
  }

  /** Whether a span is one. */
  static boolean isCall(OtlpRecord span) {
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
  Object[] response(OtlpRecord record) throws RefusedLine {
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
    ContractRow row = rows.begin(record, SHOWN);
    OtlpRows.shown(record, row);
    row.happened(OtlpRows.micros(record));
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
    row.put(Events.EXPERIMENT_VARIANT, "feature_flag.result.variant", OtlpFlags.takeArms(record));
    OtlpRows.putPeopleAndRelease(record, row);
    row.set(
        ParsedLines.PART,
        ParsedLines.part(
            record.span ? ParsedLines.OF_SPAN : ParsedLines.OF_EVENT, shown.text() != null));
    return OtlpRows.finished(record, row);
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
    // The name of a prompt begins like its messages.
    record.attributes.keySet().removeIf(name -> name.matches(Pattern.quote(prefix) + "[0-9].*"));
    messages.values().forEach(OtlpCalls::complete);
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
