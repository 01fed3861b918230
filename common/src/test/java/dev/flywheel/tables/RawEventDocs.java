package dev.flywheel.tables;

import dev.flywheel.settings.Settings;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The contract of raw events as Markdown. */
final class RawEventDocs {
  private RawEventDocs() {}

  /** The envelope, and every event type with its payload and examples. */
  static String fields() {
    var text = new StringBuilder("### Envelope\n\n");
    text.append("Every line carries these, whatever happened:\n\n");
    table(text, RawEvents.ENVELOPE);
    for (EventType type : RawEvents.TYPES) {
      text.append("\n### ")
          .append(type.name())
          .append("\n\n")
          .append(type.meaning())
          .append("\n\n");
      if (type.payload().isEmpty()) {
        text.append("No payload: the envelope says it all.\n\n");
      } else {
        table(text, type.payload());
        text.append('\n');
      }
      text.append("```json\n");
      examples(type).forEach(line -> text.append(line).append('\n'));
      text.append("```\n");
    }
    return text.toString();
  }

  private static void table(StringBuilder text, List<Field> fields) {
    text.append("| field | type | column | meaning |\n| --- | --- | --- | --- |\n");
    for (Field field : fields) {
      text.append(
          "| `%s` | %s | `%s` | %s |\n"
              .formatted(field.name(), type(field), field.column(), field.meaning()));
    }
  }

  private static String type(Field field) {
    String words = field.type().words();
    if (!field.values().isEmpty()) {
      return words + ": " + String.join(", ", field.values());
    }
    if (!Double.isInfinite(field.most())) {
      return String.format(Locale.ROOT, "%s, %.0f to %.0f", words, field.least(), field.most());
    }
    return Double.isInfinite(field.least())
        ? words
        : String.format(Locale.ROOT, "%s, %.0f or more", words, field.least());
  }

  /** Whole lines: the envelope of one interaction, and each payload of the type. */
  static List<String> examples(EventType type) {
    var lines = new ArrayList<String>();
    for (String payload : type.examples()) {
      String envelope =
          "\"event_id\":\"e-%s\",\"event_type\":\"%s\",\"event_time\":\"2026-01-05T09:30:00.250+01:00\","
                  .formatted(type.name().replace('_', '-') + lines.size(), type.name())
              + "\"user_id\":\"u-7\",\"session_id\":\"s-3\",\"interaction_id\":\"i-1\"";
      lines.add(
          payload.equals("{}")
              ? "{" + envelope + "}"
              : "{" + envelope + "," + payload.substring(1));
    }
    return lines;
  }

  /** Why a line goes to quarantine. */
  static String reasons() {
    var text =
        new StringBuilder("| reason | what is wrong | counts as bad |\n| --- | --- | --- |\n");
    for (QuarantineReason reason : QuarantineReason.values()) {
      text.append(
          "| `%s` | %s | %s |\n"
              .formatted(reason.code(), reason.meaning(), reason.bad() ? "yes" : "no"));
    }
    return text.toString();
  }

  /** The settings of the input and their defaults. */
  static String limits() {
    String all = Settings.referenceYaml();
    return "```yaml\n"
        + all.substring(all.indexOf("\ninput:") + 1, all.indexOf("\nlabel:"))
        + "```\n";
  }
}
