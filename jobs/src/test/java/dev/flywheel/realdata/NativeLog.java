package dev.flywheel.realdata;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flywheel.run.DateRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Native raw events, each landing on the UTC day of its own time. */
final class NativeLog {
  private final TreeMap<Instant, List<ObjectNode>> byTime = new TreeMap<>();
  private final Map<String, Integer> perInteraction = new HashMap<>();

  /** A new event with its envelope; the caller puts the payload into it. */
  ObjectNode add(String type, Instant at, String user, String session, String interaction) {
    int position = perInteraction.merge(interaction, 1, Integer::sum);
    ObjectNode event =
        JsonNodeFactory.instance
            .objectNode()
            .put("event_id", interaction + "-" + position)
            .put("event_type", type)
            .put("event_time", at.toString())
            .put("user_id", user)
            .put("session_id", session)
            .put("interaction_id", interaction);
    byTime.merge(at, List.of(event), (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
    return event;
  }

  /** Every event, in order of time. */
  List<ObjectNode> events() {
    return byTime.values().stream().flatMap(List::stream).toList();
  }

  /** The landing days, from the first with an event to the last. */
  DateRange landingDays() {
    return new DateRange(day(byTime.firstKey()), day(byTime.lastKey()).plusDays(1));
  }

  /** Writes one folder {@code dt=YYYY-MM-DD} per landing day below {@code root}. */
  void write(Path root) throws IOException {
    var days = new TreeMap<LocalDate, StringBuilder>();
    byTime.forEach(
        (at, events) -> {
          StringBuilder lines = days.computeIfAbsent(day(at), day -> new StringBuilder());
          events.forEach(event -> lines.append(event).append('\n'));
        });
    for (var entry : days.entrySet()) {
      Path folder = Files.createDirectories(root.resolve("dt=" + entry.getKey()));
      Files.writeString(folder.resolve("events.jsonl"), entry.getValue());
    }
  }

  private static LocalDate day(Instant at) {
    return LocalDate.ofInstant(at, ZoneOffset.UTC);
  }
}
