package dev.flywheel.generate;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** One line of the native raw event contract, field by field. */
final class EventLine {
  private final StringBuilder out = new StringBuilder(1024);

  /** An event of {@code user} with its envelope; payload fields follow. */
  static EventLine event(
      User user, String id, String type, long millis, String session, String interaction) {
    EventLine line = new EventLine();
    line.out.append('{');
    line.text("event_id", id)
        .text("event_type", type)
        .text(
            "event_time",
            DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                Instant.ofEpochMilli(millis).atOffset(user.offset())))
        .text("user_id", user.id())
        .text("session_id", session)
        .text("interaction_id", interaction);
    if (user.tenant() != null) {
      line.text("tenant_id", user.tenant());
    }
    return line;
  }

  /** A line of the truth. */
  static String truth(
      String interaction,
      User user,
      long millis,
      boolean good,
      String mode,
      String category,
      String release) {
    EventLine line = new EventLine();
    line.out.append('{');
    line.text("interaction_id", interaction)
        .text("tenant_id", user.tenant() == null ? "default" : user.tenant())
        .text(
            "event_date",
            Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC).toLocalDate().toString())
        .text("quality", good ? "good" : "bad");
    if (mode == null) {
      line.name("failure_mode").append("null");
    } else {
      line.text("failure_mode", mode);
    }
    return line.text("user_type", user.type())
        .text("query_category", category)
        .text("release", release)
        .json();
  }

  EventLine text(String name, String value) {
    name(name);
    quote(value);
    return this;
  }

  EventLine number(String name, long value) {
    name(name).append(value);
    return this;
  }

  EventLine number(String name, double value) {
    name(name).append(value);
    return this;
  }

  EventLine flag(String name, boolean value) {
    name(name).append(value);
    return this;
  }

  EventLine texts(String name, List<String> values) {
    name(name).append('[');
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      quote(values.get(i));
    }
    out.append(']');
    return this;
  }

  /** Roles and contents in turns, starting with the user. */
  EventLine messages(List<String> contents) {
    name("messages").append('[');
    for (int i = 0; i < contents.size(); i++) {
      out.append(i > 0 ? ",{" : "{");
      text("role", i % 2 == 0 ? "user" : "assistant").text("content", contents.get(i));
      out.append('}');
    }
    out.append(']');
    return this;
  }

  /** Documents with falling scores. */
  EventLine retrieval(int documents, Dice dice) {
    name("retrieval").append('[');
    double score = 0.95;
    for (int i = 0; i < documents; i++) {
      score -= dice.uniform(0.01, 0.1);
      out.append(i > 0 ? ",{" : "{");
      text("document_id", "doc-" + dice.between(1, 4000))
          .number("score", Math.round(score * 1e4) / 1e4);
      out.append('}');
    }
    out.append(']');
    return this;
  }

  /** The finished line, without line break. */
  String json() {
    return out.append('}').toString();
  }

  private StringBuilder name(String name) {
    if (out.charAt(out.length() - 1) != '{') {
      out.append(',');
    }
    return out.append('"').append(name).append("\":");
  }

  private void quote(String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        default -> {
          if (c < ' ') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
