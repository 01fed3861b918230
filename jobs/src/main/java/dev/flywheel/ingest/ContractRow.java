package dev.flywheel.ingest;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Fills one row of {@link ParsedLines} from values that were read as a whole, checking each against
 * the contract of raw events: for formats whose fields go by other names than ours. Lists may stand
 * there as JSON in a text, since not every sender can write them otherwise.
 */
final class ContractRow {
  private static final Map<String, Field> FIELDS = fields();

  private final StrictJson json;
  private final int maxFieldChars;
  private final boolean numbersAreTexts;
  private final Object[] values = new Object[ParsedLines.WIDTH];

  /**
   * @param json reads the record
   * @param maxFieldChars longest text, in code points
   * @param numbersAreTexts whether a text may stand there as a whole number
   */
  ContractRow(StrictJson json, int maxFieldChars, boolean numbersAreTexts) {
    this.json = json;
    this.maxFieldChars = maxFieldChars;
    this.numbersAreTexts = numbersAreTexts;
  }

  private static Map<String, Field> fields() {
    var fields = new HashMap<String, Field>();
    RawEvents.ENVELOPE.forEach(field -> fields.put(field.column(), field));
    RawEvents.TYPES.stream()
        .map(EventType::payload)
        .flatMap(List::stream)
        .forEach(field -> fields.put(field.column(), field));
    // Checked as the columns in which they may end.
    fields.put(ParsedLines.RESPONSE_ID, fields.get(Events.INTERACTION_ID));
    fields.put(ParsedLines.SENDER_RELEASE, fields.get(Events.RELEASE));
    return fields;
  }

  /** The row in the order of {@link ParsedLines}. */
  Object[] values() {
    return values;
  }

  /** The value of a column so far; null without one. */
  Object get(String column) {
    return values[ParsedLines.column(column)];
  }

  /** Sets a column to a value that needs no check. */
  void set(String column, Object value) {
    values[ParsedLines.column(column)] = value;
  }

  /** Whether an envelope's text is there. */
  boolean has(String column) {
    return get(column) != null;
  }

  /**
   * Sets when it happened.
   *
   * @param micros since 1970 UTC
   * @throws RefusedLine (invalid_time) for a time that only a broken clock can give
   */
  void happened(long micros) throws RefusedLine {
    set(Events.EVENT_TIME, Rfc3339.plausible(micros));
    set(Events.EVENT_DATE, Math.toIntExact(Math.floorDiv(micros, Rfc3339.MICROS_PER_DAY)));
  }

  /**
   * Sets a column of the contract unless {@code value} is null or the column has a value already.
   *
   * @param name what the format calls the value, for the refusal
   * @param value a {@link String}, {@link Long}, {@link Double}, {@link Boolean}, {@link List} or
   *     {@link Map}
   * @throws RefusedLine when the value is not of the column's type, or not allowed there
   */
  void put(String column, String name, Object value) throws RefusedLine {
    if (value == null || get(column) != null) {
      return;
    }
    Field field = FIELDS.get(column);
    set(column, checked(field, name, value));
  }

  /** Sets a required text unless it is blank, which counts as missing. */
  void putText(String column, String name, Object value) throws RefusedLine {
    if (!(value instanceof String text) || !text.isBlank()) {
      put(column, name, value);
    }
  }

  /** Sets how long it took, unless a clock was set back meanwhile. */
  void took(long millis) {
    if (millis >= 0) {
      set(Events.LATENCY_MS, millis);
    }
  }

  /** Sets the conversation that was sent to the model, unless there is none. */
  void putMessages(String name, List<ChatText.Message> messages) throws RefusedLine {
    if (messages.isEmpty()) {
      return;
    }
    var rows = new ArrayList<Object>();
    for (ChatText.Message message : messages) {
      rows.add(RowFactory.create(text(message.role(), name), text(message.content(), name)));
    }
    set(Events.MESSAGES, CollectionConverters.asScala(rows).toSeq());
  }

  private String text(String text, String name) throws RefusedLine {
    return text == null ? null : json.checked(text, name, maxFieldChars);
  }

  private Object checked(Field field, String name, Object value) throws RefusedLine {
    return switch (field.type()) {
      case TEXT, TIME -> allowedText(field, name, value);
      case WHOLE -> whole(field, name, value);
      case NUMBER -> within(field, name, number(name, value));
      case FLAG -> {
        if (!(value instanceof Boolean)) {
          throw wrongType(name);
        }
        yield value;
      }
      case TEXTS -> {
        var texts = new ArrayList<Object>();
        for (Object item : list(name, value)) {
          texts.add(text(string(name, item), name));
        }
        yield CollectionConverters.asScala(texts).toSeq();
      }
      case MESSAGES -> pairs(name, value, "role", "content", false);
      case DOCUMENTS -> pairs(name, value, "document_id", "score", true);
    };
  }

  private String allowedText(Field field, String name, Object value) throws RefusedLine {
    String text = text(string(name, value), name);
    if (!field.values().isEmpty() && !field.values().contains(text)) {
      throw new RefusedLine(QuarantineReason.INVALID_VALUE, name);
    }
    return text;
  }

  private static Object whole(Field field, String name, Object value) throws RefusedLine {
    if (!(value instanceof Long number)) {
      throw wrongType(name);
    }
    within(field, name, number.doubleValue());
    if (!Events.SPEC.schema().apply(field.column()).dataType().equals(DataTypes.IntegerType)) {
      return number;
    }
    if (number != number.intValue()) {
      throw new RefusedLine(QuarantineReason.INVALID_VALUE, name);
    }
    return number.intValue();
  }

  private static double number(String name, Object value) throws RefusedLine {
    if (!(value instanceof Long) && !(value instanceof Double)) {
      throw wrongType(name);
    }
    return ((Number) value).doubleValue();
  }

  private static double within(Field field, String name, double value) throws RefusedLine {
    if (!Double.isFinite(value) || value < field.least() || value > field.most()) {
      throw new RefusedLine(QuarantineReason.INVALID_VALUE, name);
    }
    return value;
  }

  private Object pairs(String name, Object value, String first, String second, boolean numbers)
      throws RefusedLine {
    var rows = new ArrayList<Object>();
    for (Object item : list(name, value)) {
      if (!(item instanceof Map<?, ?> map)) {
        throw wrongType(name);
      }
      Object one = map.get(first);
      Object two = map.get(second);
      rows.add(
          RowFactory.create(
              one == null ? null : text(string(name, one), name),
              two == null ? null : numbers ? number(name, two) : text(string(name, two), name)));
    }
    return CollectionConverters.asScala(rows).toSeq();
  }

  private List<?> list(String name, Object value) throws RefusedLine {
    Object meant = value instanceof String text ? json.valueOf(text) : value;
    if (meant instanceof List<?> list) {
      return list;
    }
    throw wrongType(name);
  }

  private String string(String name, Object value) throws RefusedLine {
    if (value instanceof String text) {
      return text;
    }
    if (numbersAreTexts && value instanceof Long number) {
      return number.toString();
    }
    throw wrongType(name);
  }

  private static RefusedLine wrongType(String name) {
    return new RefusedLine(QuarantineReason.WRONG_TYPE, name);
  }
}
