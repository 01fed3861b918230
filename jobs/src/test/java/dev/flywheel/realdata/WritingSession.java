package dev.flywheel.realdata;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One whole CoAuthor session, followed keystroke by keystroke: the document is rebuilt from its
 * Quill deltas, and each accepted suggestion is a region of it that later edits move, change or
 * clear. Positions are UTF-16 units, as the editor counts them.
 */
final class WritingSession {
  private final StringBuilder document = new StringBuilder();
  private final List<String> textsBeforeCursor = new ArrayList<>();
  private final List<Region> regions = new ArrayList<>();
  private Instant startedAt;
  private Instant endedAt;
  private int events;
  private int selects;
  private long typed;
  private long inserted;

  /** The text of an accepted suggestion from {@code at} on. */
  record Change(Instant at, String text) {}

  /** What became of one accepted suggestion. */
  static final class Region {
    private final int request;
    private final String accepted;
    private final List<Change> changes = new ArrayList<>();
    private int start;
    private int end;

    private Region(int request, String accepted, int start, int end) {
      this.request = request;
      this.accepted = accepted;
      this.start = start;
      this.end = end;
    }

    /** Position of the request in its session, from 0. */
    int request() {
      return request;
    }

    /** Text as it was taken over, with the white space around it. */
    String accepted() {
      return accepted;
    }

    /** Every state after the first, in order. */
    List<Change> changes() {
      return List.copyOf(changes);
    }

    private void inserted(int at, int length) {
      if (at <= start) {
        start += length;
        end += length;
      } else if (at < end) {
        end += length;
      }
    }

    private void deleted(int at, int length) {
      start = after(start, at, length);
      end = after(end, at, length);
    }

    private static int after(int position, int at, int length) {
      return position <= at ? position : Math.max(at, position - length);
    }
  }

  /** Takes the next event of the session. */
  void add(JsonNode event) {
    Instant at = Instant.ofEpochMilli(event.get("eventTimestamp").longValue());
    if (events++ == 0) {
      startedAt = at;
    }
    endedAt = at;
    switch (event.get("eventName").textValue()) {
      case "system-initialize" -> document.append(event.get("currentDoc").textValue());
      case "suggestion-open" ->
          textsBeforeCursor.add(document.substring(0, event.get("currentCursor").intValue()));
      case "suggestion-select" -> selects++;
      case "text-insert", "text-delete" ->
          apply(at, event.get("textDelta").get("ops"), event.get("eventSource").textValue());
      default -> {
        // Moves of the cursor and looks at the list change no text.
      }
    }
  }

  private void apply(Instant at, JsonNode ops, String source) {
    List<String> before = regions.stream().map(this::text).toList();
    int position = 0;
    for (JsonNode op : ops) {
      if (op.has("retain")) {
        position += op.get("retain").intValue();
      } else if (op.has("insert")) {
        position = insert(position, op.get("insert").textValue(), source);
      } else {
        delete(position, op.get("delete").intValue());
      }
    }
    for (int i = 0; i < before.size(); i++) {
      String now = text(regions.get(i));
      if (!now.equals(before.get(i))) {
        regions.get(i).changes.add(new Change(at, now));
      }
    }
  }

  private int insert(int at, String text, String source) {
    document.insert(at, text);
    regions.forEach(region -> region.inserted(at, text.length()));
    inserted += text.length();
    if (source.equals("user")) {
      typed += text.length();
    } else {
      int lead = text.length() - text.stripLeading().length();
      regions.add(new Region(requests() - 1, text, at + lead, at + lead + text.strip().length()));
    }
    return at + text.length();
  }

  private void delete(int at, int length) {
    if (at + length > document.length()) {
      throw new IllegalStateException("A delta deletes beyond the end of the document");
    }
    document.delete(at, at + length);
    regions.forEach(region -> region.deleted(at, length));
  }

  private String text(Region region) {
    return document.substring(region.start, region.end);
  }

  /** The document up to the cursor when the suggestions of a request were shown. */
  String textBeforeCursor(int request) {
    return textsBeforeCursor.get(request);
  }

  /** Accepted suggestions in the order of acceptance. */
  List<Region> regions() {
    return List.copyOf(regions);
  }

  int events() {
    return events;
  }

  int requests() {
    return textsBeforeCursor.size();
  }

  int selects() {
    return selects;
  }

  Instant endedAt() {
    return endedAt;
  }

  double minutes() {
    return Duration.between(startedAt, endedAt).toMillis() / 60_000.0;
  }

  /** Characters the writer typed, in per cent of all that were inserted. */
  double writtenByHuman() {
    return 100.0 * typed / inserted;
  }
}
