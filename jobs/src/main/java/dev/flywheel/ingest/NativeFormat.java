package dev.flywheel.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The native format: one JSON object a line, as {@link RawEvents} says. Strict where a lenient
 * reader loses something: one object and nothing after it, no field twice, no other spelling of
 * JSON, values of the declared type only. A field of the wrong type is an error only where the
 * event type has that field; everywhere else it is one of the unknown fields.
 */
final class NativeFormat implements LineFormat {
  static final String NAME = "native";

  private final String defaultTenant;
  private final int maxFieldChars;
  private final int maxLineBytes;

  /**
   * @param defaultTenant tenant of lines that name none
   * @param maxFieldChars longest text, in code points
   * @param maxLineBytes longest line
   */
  NativeFormat(String defaultTenant, int maxFieldChars, int maxLineBytes) {
    this.defaultTenant = defaultTenant;
    this.maxFieldChars = maxFieldChars;
    this.maxLineBytes = maxLineBytes;
  }

  @Override
  public int maxLineBytes() {
    return maxLineBytes;
  }

  @Override
  public Parser parser() {
    return new NativeParser(defaultTenant, maxFieldChars);
  }

  /** What is known of a field before a line is read. */
  private record Target(Field field, int column, boolean isInt) {
    static Target of(Field field) {
      int column = ParsedLines.column(field.column());
      return new Target(
          field,
          column,
          Events.SPEC.schema().apply(field.column()).dataType().equals(DataTypes.IntegerType));
    }
  }

  /** Fields that an event type has, and those that only others have. */
  private record Payload(List<Target> own, List<Target> foreign) {}

  private static final class NativeParser implements Parser {
    private static final int EVENT_TYPE = ParsedLines.column(Events.EVENT_TYPE);
    private static final int EVENT_TIME = ParsedLines.column(Events.EVENT_TIME);
    private static final int EVENT_DATE = ParsedLines.column(Events.EVENT_DATE);
    private static final int TENANT_ID = ParsedLines.column(Events.TENANT_ID);
    private static final int UNKNOWN_FIELDS = ParsedLines.column(Events.UNKNOWN_FIELDS);

    private final String defaultTenant;
    private final int maxFieldChars;
    private final StrictJson json = new StrictJson();
    private final Map<String, Target> targets = new HashMap<>();
    private final List<Target> envelope;
    private final Map<String, Payload> payloads = new HashMap<>();

    private int unknown;

    NativeParser(String defaultTenant, int maxFieldChars) {
      this.defaultTenant = defaultTenant;
      this.maxFieldChars = maxFieldChars;
      for (EventType type : RawEvents.TYPES) {
        type.payload().forEach(field -> targets.put(field.name(), Target.of(field)));
      }
      List<Target> all = List.copyOf(targets.values());
      for (EventType type : RawEvents.TYPES) {
        List<Target> own = type.payload().stream().map(f -> targets.get(f.name())).toList();
        payloads.put(
            type.name(), new Payload(own, all.stream().filter(t -> !own.contains(t)).toList()));
      }
      envelope = RawEvents.ENVELOPE.stream().map(Target::of).toList();
      envelope.forEach(target -> targets.put(target.field().name(), target));
    }

    @Override
    public void parse(byte[] line, int length, Records records) throws RefusedLine {
      unknown = 0;
      var row = new Object[ParsedLines.WIDTH];
      try (JsonParser parser = json.open(line, length)) {
        readObject(parser, row);
      } catch (IOException e) {
        throw new IllegalStateException("A parser over memory cannot fail to read", e);
      }
      checked(row);
      records.event(row);
    }

    private void readObject(JsonParser parser, Object[] row) throws IOException, RefusedLine {
      try {
        JsonToken first = parser.nextToken();
        if (first == null) {
          throw new RefusedLine(QuarantineReason.INVALID_JSON);
        }
        if (first != JsonToken.START_OBJECT) {
          parser.skipChildren();
          StrictJson.nothingMore(parser);
          throw new RefusedLine(QuarantineReason.NOT_AN_OBJECT);
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
          JsonToken value = parser.nextToken();
          Target target = targets.get(name);
          if (target == null) {
            unknown++;
            parser.skipChildren();
          } else if (value != JsonToken.VALUE_NULL) {
            row[target.column()] = value(parser, value, target);
          }
        }
        StrictJson.nothingMore(parser);
      } catch (JsonProcessingException e) {
        throw StrictJson.refusal(e);
      }
    }

    /**
     * A value, or a {@link RefusedLine} in its place: whether the event type has the field is not
     * known before the end of the line.
     */
    private Object value(JsonParser parser, JsonToken token, Target target) throws IOException {
      try {
        return switch (target.field().type()) {
          case TEXT, TIME -> text(parser, token, target);
          case WHOLE -> whole(parser, token, target);
          case NUMBER -> number(parser, token, target);
          case FLAG -> flag(parser, token, target);
          case TEXTS -> array(parser, token, target, this::textItem);
          case MESSAGES -> array(parser, token, target, this::message);
          case DOCUMENTS -> array(parser, token, target, this::document);
        };
      } catch (RefusedLine e) {
        return e;
      }
    }

    private String text(JsonParser parser, JsonToken token, Target target)
        throws IOException, RefusedLine {
      if (token != JsonToken.VALUE_STRING) {
        throw wrongType(parser, target);
      }
      String text = json.checked(parser.getText(), target.field().name(), maxFieldChars);
      List<String> allowed = target.field().values();
      if (!allowed.isEmpty() && !allowed.contains(text)) {
        throw invalid(target);
      }
      return text;
    }

    private static Object whole(JsonParser parser, JsonToken token, Target target)
        throws IOException, RefusedLine {
      if (token != JsonToken.VALUE_NUMBER_INT) {
        throw wrongType(parser, target);
      }
      NumberType type = parser.getNumberType();
      if (type == NumberType.BIG_INTEGER || (target.isInt() && type != NumberType.INT)) {
        throw invalid(target);
      }
      long value = parser.getLongValue();
      if (value < target.field().least() || value > target.field().most()) {
        throw invalid(target);
      }
      if (target.isInt()) {
        return (int) value;
      }
      return value;
    }

    private static Double number(JsonParser parser, JsonToken token, Target target)
        throws IOException, RefusedLine {
      if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
        throw wrongType(parser, target);
      }
      double value = parser.getDoubleValue();
      if (Double.isInfinite(value)
          || value < target.field().least()
          || value > target.field().most()) {
        throw invalid(target);
      }
      return value;
    }

    private static Boolean flag(JsonParser parser, JsonToken token, Target target)
        throws IOException, RefusedLine {
      return switch (token) {
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        default -> throw wrongType(parser, target);
      };
    }

    private interface Item {
      Object read(JsonParser parser, JsonToken token, Target target)
          throws IOException, RefusedLine;
    }

    private static Object array(JsonParser parser, JsonToken token, Target target, Item item)
        throws IOException, RefusedLine {
      if (token != JsonToken.START_ARRAY) {
        throw wrongType(parser, target);
      }
      var items = new ArrayList<Object>();
      RefusedLine refused = null;
      for (JsonToken next = parser.nextToken();
          next != JsonToken.END_ARRAY;
          next = parser.nextToken()) {
        // The rest is read even so, to know whether the line is JSON at all.
        try {
          items.add(item.read(parser, next, target));
        } catch (RefusedLine e) {
          refused = refused == null ? e : refused;
        }
      }
      if (refused != null) {
        throw refused;
      }
      return CollectionConverters.asScala(items).toSeq();
    }

    private String textItem(JsonParser parser, JsonToken token, Target target)
        throws IOException, RefusedLine {
      return text(parser, token, target);
    }

    private Object message(JsonParser parser, JsonToken token, Target target)
        throws IOException, RefusedLine {
      return pair(parser, token, target, "role", "content", this::textItem);
    }

    private Object document(JsonParser parser, JsonToken token, Target target)
        throws IOException, RefusedLine {
      return pair(parser, token, target, "document_id", "score", NativeParser::number);
    }

    /** An object of a text and another value, either of which may be null or missing. */
    private Object pair(
        JsonParser parser, JsonToken token, Target target, String first, String second, Item item)
        throws IOException, RefusedLine {
      if (token != JsonToken.START_OBJECT) {
        throw wrongType(parser, target);
      }
      Object one = null;
      Object two = null;
      RefusedLine refused = null;
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken value = parser.nextToken();
        try {
          if (name.equals(first)) {
            one = value == JsonToken.VALUE_NULL ? null : text(parser, value, target);
          } else if (name.equals(second)) {
            two = value == JsonToken.VALUE_NULL ? null : item.read(parser, value, target);
          } else {
            unknown++;
            parser.skipChildren();
          }
        } catch (RefusedLine e) {
          refused = refused == null ? e : refused;
        }
      }
      if (refused != null) {
        throw refused;
      }
      return RowFactory.create(one, two);
    }

    private static RefusedLine wrongType(JsonParser parser, Target target) throws IOException {
      parser.skipChildren();
      return new RefusedLine(QuarantineReason.WRONG_TYPE, target.field().name());
    }

    private static RefusedLine invalid(Target target) {
      return new RefusedLine(QuarantineReason.INVALID_VALUE, target.field().name());
    }

    /** The whole line is known: what is required is there, what is not of the type goes. */
    private void checked(Object[] row) throws RefusedLine {
      if (row[TENANT_ID] == null) {
        row[TENANT_ID] = defaultTenant;
      }
      for (Target target : envelope) {
        accepted(row, target);
        if (!(row[target.column()] instanceof String text) || text.isBlank()) {
          throw new RefusedLine(QuarantineReason.MISSING_FIELD, target.field().name());
        }
      }
      Payload payload = payloads.get((String) row[EVENT_TYPE]);
      if (payload == null) {
        throw new RefusedLine(QuarantineReason.UNKNOWN_EVENT_TYPE);
      }
      long micros = Rfc3339.micros((String) row[EVENT_TIME]);
      row[EVENT_TIME] = micros;
      row[EVENT_DATE] = Math.toIntExact(Math.floorDiv(micros, Rfc3339.MICROS_PER_DAY));
      for (Target target : payload.own()) {
        accepted(row, target);
      }
      for (Target target : payload.foreign()) {
        if (row[target.column()] != null) {
          row[target.column()] = null;
          unknown++;
        }
      }
      row[UNKNOWN_FIELDS] = unknown;
    }

    private static void accepted(Object[] row, Target target) throws RefusedLine {
      if (row[target.column()] instanceof RefusedLine refused) {
        throw refused;
      }
    }
  }
}
