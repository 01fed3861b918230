package dev.flywheel.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** A line of raw logs as tests write it: what matters is named, the rest is plain. */
final class RawLine {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Object> fields = new LinkedHashMap<>();

  private RawLine(String type) {
    fields.put("event_id", "e");
    fields.put("event_type", type);
    fields.put("event_time", "2026-01-05T12:00:00Z");
    fields.put("user_id", "u");
    fields.put("session_id", "s");
    fields.put("interaction_id", "i");
  }

  /** A good event on noon of 2026-01-05. */
  static RawLine of(String type) {
    return new RawLine(type);
  }

  RawLine with(String field, Object value) {
    fields.put(field, value);
    return this;
  }

  RawLine without(String field) {
    fields.remove(field);
    return this;
  }

  /** The line, with {@code json} as one more field, written as it is. */
  String withJson(String json) {
    String line = toString();
    return line.substring(0, line.length() - 1) + "," + json + "}";
  }

  @Override
  public String toString() {
    try {
      return JSON.writeValueAsString(fields);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
