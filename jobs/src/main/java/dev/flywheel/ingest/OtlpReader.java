package dev.flywheel.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.flywheel.tables.QuarantineReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the records of one export request in OTLP's JSON encoding: 64-bit numbers may be texts,
 * names that are not known are passed over, and what a batch says of all its records may stand
 * after them.
 */
final class OtlpReader {
  private final JsonParser parser;
  private final List<OtlpRecord> records;

  /**
   * @param parser stands on the beginning of the request
   * @param records gets what is found
   */
  OtlpReader(JsonParser parser, List<OtlpRecord> records) {
    this.parser = parser;
    this.records = records;
  }

  private interface Part {
    void read(String name) throws IOException, RefusedLine;
  }

  /**
   * Reads to the end of the request.
   *
   * @return whether it is one: of logs, spans, or a kind of telemetry that holds no records for us;
   *     an empty request is one, too
   */
  boolean read() throws IOException, RefusedLine {
    boolean[] found = {false, false};
    object(
        "request",
        name -> {
          found[0] = true;
          switch (name) {
            case "resourceLogs" -> array(name, item -> batch("scopeLogs", "logRecords"));
            case "resourceSpans" -> array(name, item -> batch("scopeSpans", "spans"));
            case "resourceMetrics", "resourceProfiles" -> parser.skipChildren();
            default -> {
              parser.skipChildren();
              return;
            }
          }
          found[1] = true;
        });
    return found[1] || !found[0];
  }

  private void batch(String scopes, String items) throws IOException, RefusedLine {
    Map<String, Object> resource = OtlpRecord.shared();
    object(
        "resource",
        name -> {
          if (name.equals("resource")) {
            shared(resource);
          } else if (name.equals(scopes)) {
            array(name, item -> scope(items, resource));
          } else {
            parser.skipChildren();
          }
        });
  }

  private void scope(String items, Map<String, Object> resource) throws IOException, RefusedLine {
    Map<String, Object> scope = OtlpRecord.shared();
    object(
        "scope",
        name -> {
          if (name.equals("scope")) {
            shared(scope);
          } else if (name.equals(items)) {
            array(
                name,
                item ->
                    records.add(record(new OtlpRecord(items.equals("spans"), resource, scope))));
          } else {
            parser.skipChildren();
          }
        });
  }

  private void shared(Map<String, Object> attributes) throws IOException, RefusedLine {
    object(
        "attributes",
        name -> {
          if (name.equals("attributes")) {
            attributes(attributes);
          } else {
            parser.skipChildren();
          }
        });
  }

  private OtlpRecord record(OtlpRecord record) throws IOException, RefusedLine {
    record.from = parser.currentTokenLocation().getCharOffset();
    object(
        "record",
        name -> {
          switch (name) {
            case "name", "eventName" -> record.name = text();
            case "traceId" -> record.traceId = text();
            case "spanId" -> record.spanId = text();
            case "timeUnixNano", "startTimeUnixNano" -> record.time = nanos();
            case "observedTimeUnixNano", "endTimeUnixNano" -> record.otherTime = nanos();
            case "kind" -> record.kind = kind();
            case "status" -> record.failed = failed();
            case "body" -> record.body = anyValue();
            case "attributes" -> record.repeatsAnAttribute = attributes(record.attributes);
            case "events" -> array(name, item -> record.events.add(record(record.inner())));
            default -> parser.skipChildren();
          }
        });
    record.to = parser.currentLocation().getCharOffset();
    record.events.forEach(
        event -> {
          event.traceId = record.traceId;
          event.spanId = record.spanId;
        });
    return record;
  }

  /** SPAN_KIND_CLIENT is 3; some senders write the name. */
  private long kind() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getText().equals("SPAN_KIND_CLIENT") ? 3 : 0;
    }
    Long number = whole();
    return number == null ? 0 : number;
  }

  private boolean failed() throws IOException, RefusedLine {
    boolean[] failed = {false};
    object(
        "status",
        name -> {
          if (name.equals("code")) {
            failed[0] =
                parser.currentToken() == JsonToken.VALUE_STRING
                    ? parser.getText().equals("STATUS_CODE_ERROR")
                    : Long.valueOf(2).equals(whole());
          } else {
            parser.skipChildren();
          }
        });
    return failed[0];
  }

  private String text() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    parser.skipChildren();
    return null;
  }

  private long nanos() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return 0;
    }
    Long number = whole();
    return number == null ? -1 : number;
  }

  /** A 64-bit number, as number or as text; null where it is none. */
  private Long whole() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return parser.getLongValue();
    }
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      try {
        return Long.valueOf(parser.getText());
      } catch (NumberFormatException e) {
        return null;
      }
    }
    parser.skipChildren();
    return null;
  }

  /** Reads a list of keys and values; whether a key stands there twice. */
  private boolean attributes(Map<String, Object> attributes) throws IOException, RefusedLine {
    boolean[] repeats = {false};
    array(
        "attributes",
        item -> {
          String[] key = {null};
          Object[] value = {null};
          object(
              "attributes",
              name -> {
                switch (name) {
                  case "key" -> key[0] = text();
                  case "value" -> value[0] = anyValue();
                  default -> parser.skipChildren();
                }
              });
          if (key[0] != null && value[0] != null) {
            repeats[0] |= attributes.put(key[0], value[0]) != null;
          }
        });
    return repeats[0];
  }

  /** A value of any kind; null where it is empty. */
  private Object anyValue() throws IOException, RefusedLine {
    Object[] value = {null};
    object("value", name -> value[0] = ofKind(name, value[0]));
    return value[0];
  }

  private Object ofKind(String kind, Object before) throws IOException, RefusedLine {
    JsonToken token = parser.currentToken();
    switch (kind) {
      case "stringValue", "bytesValue" -> {
        String text = text();
        return text == null ? OtlpRecord.Flawed.FLAWED : text;
      }
      case "boolValue" -> {
        parser.skipChildren();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
          return OtlpRecord.Flawed.FLAWED;
        }
        return token == JsonToken.VALUE_TRUE;
      }
      case "intValue" -> {
        Long number = whole();
        return number == null ? OtlpRecord.Flawed.FLAWED : number;
      }
      case "doubleValue" -> {
        return decimal();
      }
      case "arrayValue" -> {
        var items = new ArrayList<Object>();
        object(kind, name -> values(name, item -> items.add(anyValue())));
        return items;
      }
      case "kvlistValue" -> {
        var fields = new LinkedHashMap<String, Object>();
        object(
            kind,
            name -> {
              if (name.equals("values")) {
                attributes(fields);
              } else {
                parser.skipChildren();
              }
            });
        return fields;
      }
      default -> {
        parser.skipChildren();
        return before;
      }
    }
  }

  private void values(String name, Part item) throws IOException, RefusedLine {
    if (name.equals("values")) {
      array(name, item);
    } else {
      parser.skipChildren();
    }
  }

  private Object decimal() throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
      return parser.getDoubleValue();
    }
    // NaN and the infinities are texts; none of them is a value that we take.
    parser.skipChildren();
    return OtlpRecord.Flawed.FLAWED;
  }

  private void object(String what, Part field) throws IOException, RefusedLine {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new RefusedLine(QuarantineReason.WRONG_TYPE, what);
    }
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      field.read(name);
    }
  }

  private void array(String what, Part item) throws IOException, RefusedLine {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new RefusedLine(QuarantineReason.WRONG_TYPE, what);
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      item.read(what);
    }
  }
}
