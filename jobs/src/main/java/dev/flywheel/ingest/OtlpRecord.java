package dev.flywheel.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A log record, a span, or an event within a span, with what its batch says of all of them. */
final class OtlpRecord {
  /** A value that is not of the type it claims to be; of no type that anybody expects. */
  enum Flawed {
    FLAWED
  }

  final boolean span;
  final Map<String, Object> attributes = new LinkedHashMap<>();
  final Map<String, Object> resource;
  final Map<String, Object> scope;

  /** Events within a span. */
  final List<OtlpRecord> events = new ArrayList<>();

  /** Name of a span or an event; null where a log record has none. */
  String name;

  String traceId;
  String spanId;

  /** Nanoseconds since 1970 UTC; of a span its start. 0 is unknown, below 0 no time at all. */
  long time;

  /** Nanoseconds; of a span its end, of a log record when the collector saw it. */
  long otherTime;

  long kind;
  boolean failed;
  boolean repeatsAnAttribute;
  Object body;

  /** Where its text stands in the line, in characters. */
  long from;

  long to;

  OtlpRecord(boolean span, Map<String, Object> resource, Map<String, Object> scope) {
    this.span = span;
    this.resource = resource;
    this.scope = scope;
  }

  /** An event within this span, in its context. */
  OtlpRecord inner() {
    return new OtlpRecord(false, resource, scope);
  }

  /** Attributes that every record of a batch shares. */
  static Map<String, Object> shared() {
    return new HashMap<>();
  }

  /** An attribute of the record, else of its scope, else of its resource; taken only once. */
  Object take(String attribute) {
    Object own = attributes.remove(attribute);
    if (own != null) {
      return own;
    }
    Object ofScope = scope.get(attribute);
    return ofScope != null ? ofScope : resource.get(attribute);
  }

  /**
   * The first of several attributes that has a value, one that is not blank if there is one; the
   * others are taken, too.
   */
  Object takeFirst(String... names) {
    Object first = null;
    for (String each : names) {
      Object value = take(each);
      first = first == null || (isBlank(first) && value != null && !isBlank(value)) ? value : first;
    }
    return first;
  }

  private static boolean isBlank(Object value) {
    return value instanceof String text && text.isBlank();
  }

  /** Trace and span in one text; null without both. */
  String span() {
    return isId(traceId) && isId(spanId) ? (traceId + "-" + spanId).toLowerCase(Locale.ROOT) : null;
  }

  private static boolean isId(String id) {
    if (id == null) {
      return false;
    }
    // Zeros are how a sender says that there is none.
    return id.chars().anyMatch(c -> c != '0');
  }
}
