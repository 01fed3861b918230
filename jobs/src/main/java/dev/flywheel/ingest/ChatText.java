package dev.flywheel.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Text of conversations as tools log them: a plain text, a message, or a list of messages, whose
 * content is a text or a list of parts. Values are those of {@link StrictJson#value}, or JSON of
 * them in a text.
 */
final class ChatText {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> TEXTS = Set.of("text", "input_text", "output_text");
  private static final String BLOB = "blob";

  /** Parts of an output that the user does not see. */
  private static final Set<String> INNER =
      Set.of(
          "reasoning",
          "thinking",
          "compaction",
          "tool_call",
          "tool_use",
          "function_call",
          "tool_call_response",
          "server_tool_call",
          "server_tool_call_response");

  private final StrictJson json;

  ChatText(StrictJson json) {
    this.json = json;
  }

  /** One turn of a conversation; either may be null. */
  record Message(String role, String content) {}

  /**
   * What was sent to the model.
   *
   * @param prompt the request as one text; null where messages tell it
   * @param messages the conversation, oldest first; null where there is only a text
   */
  record Input(String prompt, List<Message> messages) {}

  /**
   * What came back.
   *
   * @param text what the user could see of it; null without any
   * @param calls whether the model asked for a tool
   */
  record Output(String text, boolean calls) {}

  /** Reads an input, whichever way it was logged. */
  Input input(Object logged) {
    Object value = structured(logged);
    if (value instanceof Map<?, ?> map && map.get("messages") instanceof List<?> inner) {
      value = inner;
    }
    if (isMessage(value)) {
      value = List.of(value);
    }
    if (value instanceof List<?> list
        && !list.isEmpty()
        && list.stream().allMatch(ChatText::isMessage)) {
      return new Input(null, list.stream().map(item -> message((Map<?, ?>) item)).toList());
    }
    if (logged == null || logged instanceof String) {
      return new Input((String) logged, null);
    }
    return new Input(asJson(logged), null);
  }

  /**
   * Reads an output, whichever way it was logged: of several choices the first. A model may well
   * answer in JSON: what holds nothing but messages, choices or parts is taken apart, and anything
   * else is the answer as it stands.
   */
  Output output(Object logged) {
    Object value = structured(logged);
    if (value instanceof List<?> none && none.isEmpty()) {
      return new Output(null, false);
    }
    Map<?, ?> message = answer(value);
    if (message != null) {
      return shown(message);
    }
    if (logged instanceof String text) {
      return new Output(text.isEmpty() ? null : text, false);
    }
    return new Output(logged == null ? null : asJson(logged), false);
  }

  /** The message that is the answer; null where there is none. */
  private static Map<?, ?> answer(Object value) {
    if (value instanceof Map<?, ?> map) {
      if (isMessage(map) || isParts(map.get("content"))) {
        return map;
      }
      return map.get("choices") instanceof List<?> choices ? answer(choices) : chosen(map);
    }
    if (!(value instanceof List<?> list) || list.isEmpty()) {
      return null;
    }
    if (list.stream().allMatch(ChatText::isMessage)) {
      // A whole conversation ends with the answer; choices are all the model's.
      int at = list.stream().allMatch(ChatText::fromModel) ? 0 : list.size() - 1;
      return (Map<?, ?>) list.get(at);
    }
    if (list.stream().allMatch(choice -> chosen(choice) != null)) {
      return chosen(list.get(0));
    }
    return isParts(list) ? Map.of("content", list) : null;
  }

  /** The message of a choice; null where it is none. */
  private static Map<?, ?> chosen(Object choice) {
    return choice instanceof Map<?, ?> map
            && map.get("message") instanceof Map<?, ?> message
            && isMessage(message)
        ? message
        : null;
  }

  /** Whether these are parts of a message: each has a type, and one of them one that is known. */
  private static boolean isParts(Object value) {
    return value instanceof List<?> list
        && list.stream()
            .allMatch(part -> part instanceof Map<?, ?> map && map.get("type") instanceof String)
        && list.stream().anyMatch(part -> isKnown((Map<?, ?>) part));
  }

  private static boolean isKnown(Map<?, ?> part) {
    Object type = part.get("type");
    return TEXTS.contains(type) || INNER.contains(type) || BLOB.equals(type);
  }

  /** Instructions that stand apart from the conversation; null without any. */
  Message instructions(Object logged) {
    Object value = structured(logged);
    String content =
        value instanceof List<?> parts
            ? content(parts, false)
            : logged instanceof String s ? s : null;
    return content == null ? null : new Message("system", content);
  }

  /** JSON in a text as its value; anything else as it is. */
  private Object structured(Object logged) {
    if (!(logged instanceof String text)) {
      return logged;
    }
    String trimmed = text.stripLeading();
    return trimmed.startsWith("[") || trimmed.startsWith("{") ? json.valueOf(text) : null;
  }

  private static boolean isMessage(Object value) {
    return value instanceof Map<?, ?> map
        && map.get("role") instanceof String
        && (map.containsKey("parts") || map.containsKey("content") || hasCalls(map));
  }

  private static boolean hasCalls(Map<?, ?> message) {
    return message.get("tool_calls") instanceof List<?> calls && !calls.isEmpty();
  }

  private static boolean fromModel(Object message) {
    Object role = ((Map<?, ?>) message).get("role");
    return "assistant".equals(role) || "model".equals(role);
  }

  private static Message message(Map<?, ?> message) {
    return new Message((String) message.get("role"), content(parts(message), false));
  }

  private static Output shown(Map<?, ?> message) {
    List<?> parts = parts(message);
    boolean calls =
        parts.stream()
            .anyMatch(
                part ->
                    part instanceof Map<?, ?> map
                        && map.get("type") instanceof String type
                        && (type.equals("tool_call")
                            || type.equals("tool_use")
                            || type.equals("function_call")));
    return new Output(content(parts, true), calls || message.get("tool_calls") instanceof List<?>);
  }

  private static List<?> parts(Map<?, ?> message) {
    Object content = message.containsKey("parts") ? message.get("parts") : message.get("content");
    var parts = new ArrayList<Object>();
    if (content instanceof List<?> list) {
      parts.addAll(list);
    } else if (content != null) {
      parts.add(content);
    }
    if (message.get("tool_calls") instanceof List<?> calls && !calls.isEmpty()) {
      calls.forEach(call -> parts.add(called(call)));
    }
    return parts;
  }

  /** A call as older logs have it, beside the content, as one of the parts. */
  private static Object called(Object call) {
    var part = new LinkedHashMap<String, Object>();
    part.put("type", "tool_call");
    if (call instanceof Map<?, ?> fields) {
      fields.forEach((name, value) -> part.putIfAbsent(String.valueOf(name), value));
    }
    return part;
  }

  /**
   * The texts of the parts, and of what is no text its JSON, one below the other; null when nothing
   * is left.
   *
   * @param shown leave out what users do not see: calls, their results, reasoning
   */
  private static String content(List<?> parts, boolean shown) {
    var pieces = new ArrayList<String>();
    for (Object part : parts) {
      if (part instanceof String text) {
        pieces.add(text);
      } else if (part instanceof Map<?, ?> map && textOf(map) != null) {
        pieces.add(textOf(map));
      } else if (part instanceof Map<?, ?> map
          && !(shown && map.get("type") instanceof String type && INNER.contains(type))) {
        pieces.add(asJson(withoutBytes(map)));
      } else if (part != null && !(part instanceof Map)) {
        pieces.add(asJson(part));
      }
    }
    return pieces.isEmpty() ? null : String.join("\n", pieces);
  }

  private static String textOf(Map<?, ?> part) {
    if (!(part.get("type") instanceof String type) || !TEXTS.contains(type)) {
      return null;
    }
    Object text = part.containsKey("content") ? part.get("content") : part.get("text");
    return text instanceof String string ? string : null;
  }

  /** Images and sound are no text: what they are is kept, not their bytes. */
  private static Map<?, ?> withoutBytes(Map<?, ?> part) {
    if (!BLOB.equals(part.get("type"))) {
      return part;
    }
    var rest = new LinkedHashMap<Object, Object>(part);
    rest.remove("content");
    return rest;
  }

  private static String asJson(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Values that were read can be written", e);
    }
  }
}
