package dev.flywheel.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lines of OpenTelemetry as the collector writes them: what matters is named, the rest is plain.
 */
public final class Otlp {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final boolean span;
  private final Map<String, Object> fields = new LinkedHashMap<>();
  private final Map<String, Object> attributes = new LinkedHashMap<>();
  private final List<Otlp> events = new ArrayList<>();

  private Otlp(boolean span) {
    this.span = span;
  }

  /** A log record with a name, at noon of 2026-01-05. */
  public static Otlp log(String eventName) {
    return new Otlp(false)
        .field("eventName", eventName)
        .at(Instant.parse("2026-01-05T12:00:00Z"))
        .in("00f067aa0ba902b7");
  }

  /** A span of the given operation that took 800 ms and ended at noon of 2026-01-05. */
  public static Otlp span(String operation) {
    return new Otlp(true)
        .field("name", operation + " small-2")
        .field("kind", 3)
        .field("startTimeUnixNano", "1767614399200000000")
        .field("endTimeUnixNano", "1767614400000000000")
        .in("00f067aa0ba902b7")
        .with("gen_ai.operation.name", operation);
  }

  /** The time of a log record. */
  public Otlp at(Instant time) {
    return field("timeUnixNano", nanos(time));
  }

  public static String nanos(Instant time) {
    return time.getEpochSecond() + String.format("%09d", time.getNano());
  }

  /** The span that it is, or in whose context it was logged; null for none. */
  public Otlp in(String spanId) {
    field("traceId", spanId == null ? "" : TRACE);
    return field("spanId", spanId == null ? "" : spanId);
  }

  public Otlp field(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  /** An attribute; null takes it away. */
  public Otlp with(String attribute, Object value) {
    if (value == null) {
      attributes.remove(attribute);
    } else {
      attributes.put(attribute, value);
    }
    return this;
  }

  /** With a person, in a session. */
  public Otlp by(String user, String session) {
    return with("user.id", user).with("session.id", session);
  }

  /** An event within a span. */
  public Otlp holding(Otlp event) {
    events.add(event);
    return this;
  }

  /** One export request of records of one kind. */
  public static String line(Otlp... records) {
    return line(Map.of("service.name", "shop", "service.version", "2026.1"), records);
  }

  /** As {@link #line(Otlp...)}, with attributes that all records share. */
  public static String line(Map<String, Object> resource, Otlp... records) {
    boolean spans = records.length > 0 && records[0].span;
    return json(
        Map.of(
            spans ? "resourceSpans" : "resourceLogs",
            List.of(
                ordered(
                    "resource",
                    Map.of("attributes", attributes(resource)),
                    spans ? "scopeSpans" : "scopeLogs",
                    List.of(
                        ordered(
                            "scope",
                            Map.of("name", "lib"),
                            spans ? "spans" : "logRecords",
                            Arrays.stream(records).map(Otlp::record).toList()))))));
  }

  private static Map<String, Object> ordered(Object... namesAndValues) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  private Map<String, Object> record() {
    var record = new LinkedHashMap<>(fields);
    record.put("attributes", attributes(attributes));
    if (!events.isEmpty()) {
      record.put("events", events.stream().map(Otlp::inner).toList());
    }
    return record;
  }

  private Map<String, Object> inner() {
    var record = record();
    record.put("name", record.remove("eventName"));
    record.remove("traceId");
    record.remove("spanId");
    return record;
  }

  private static List<Object> attributes(Map<String, ?> values) {
    var list = new ArrayList<Object>();
    values.forEach((key, value) -> list.add(ordered("key", key, "value", any(value))));
    return list;
  }

  /** A value in the encoding of OTLP. */
  public static Map<String, Object> any(Object value) {
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      var fields = new LinkedHashMap<String, Object>();
      map.forEach((key, inner) -> fields.put((String) key, inner));
      return Map.of("kvlistValue", Map.of("values", attributes(fields)));
    }
    if (value instanceof List<?> list) {
      return Map.of("arrayValue", Map.of("values", list.stream().map(Otlp::any).toList()));
    }
    if (value instanceof Boolean) {
      return Map.of("boolValue", value);
    }
    if (value instanceof Integer || value instanceof Long) {
      return Map.of("intValue", value.toString());
    }
    return value instanceof Double ? Map.of("doubleValue", value) : Map.of("stringValue", value);
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
