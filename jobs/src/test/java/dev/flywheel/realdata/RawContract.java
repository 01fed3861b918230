package dev.flywheel.realdata;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The native raw event contract as docs/data-contract.md words it, for the events that real logs
 * and examples hold; a reading of its own, apart from the program's.
 */
public final class RawContract {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final List<String> ENVELOPE =
      List.of("event_id", "event_type", "event_time", "user_id", "session_id", "interaction_id");

  private static final Map<String, Predicate<JsonNode>> SHOWN =
      Map.ofEntries(
          Map.entry("prompt", JsonNode::isTextual),
          Map.entry("messages", RawContract::isMessages),
          Map.entry("response", JsonNode::isTextual),
          Map.entry("conversation_id", JsonNode::isTextual),
          Map.entry("turn_index", JsonNode::isInt),
          Map.entry("model", JsonNode::isTextual),
          Map.entry("prompt_name", JsonNode::isTextual),
          Map.entry("query_category", JsonNode::isTextual),
          Map.entry("surface", JsonNode::isTextual),
          Map.entry("language", JsonNode::isTextual),
          Map.entry("experiment_variant", JsonNode::isTextual),
          Map.entry("latency_ms", JsonNode::isIntegralNumber),
          Map.entry("capabilities", RawContract::isCapabilities));

  private static final Map<String, Map<String, Predicate<JsonNode>>> PAYLOAD =
      Map.of(
          "response_shown", SHOWN,
          "response_edited", Map.of("final_text", JsonNode::isTextual),
          "text_copied", Map.of("copied_text", JsonNode::isTextual),
          "suggestion_accepted", Map.of("accepted_text", JsonNode::isTextual),
          "suggestion_dismissed", Map.of(),
          "feedback_submitted", Map.of("thumbs", RawContract::isThumbs),
          "session_ended", Map.of());

  private RawContract() {}

  /** What is wrong with one line; empty when nothing is. */
  public static List<String> problems(String line) {
    JsonNode event;
    try {
      event = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return List.of("not JSON");
    }
    var problems = new ArrayList<String>();
    for (String field : ENVELOPE) {
      if (event.path(field).asText().isEmpty()) {
        problems.add("no " + field);
      }
    }
    try {
      OffsetDateTime.parse(event.path("event_time").asText());
    } catch (DateTimeException e) {
      problems.add("event_time has no offset or is no time");
    }
    Map<String, Predicate<JsonNode>> payload = PAYLOAD.get(event.path("event_type").asText());
    if (payload == null) {
      problems.add("unknown event_type");
      return problems;
    }
    event
        .properties()
        .forEach(
            field -> {
              Predicate<JsonNode> type = payload.get(field.getKey());
              if (!ENVELOPE.contains(field.getKey())
                  && (type == null || !type.test(field.getValue()))) {
                problems.add("unknown field or wrong type: " + field.getKey());
              }
            });
    return problems;
  }

  private static boolean isThumbs(JsonNode value) {
    return value.asText().equals("up") || value.asText().equals("down");
  }

  private static boolean isCapabilities(JsonNode value) {
    Set<String> known = Set.of("accept", "copy", "edit", "run", "task", "rate");
    return value.isArray() && value.valueStream().allMatch(item -> known.contains(item.asText()));
  }

  private static boolean isMessages(JsonNode value) {
    return value.isArray()
        && value
            .valueStream()
            .allMatch(item -> item.path("role").isTextual() && item.path("content").isTextual());
  }
}
