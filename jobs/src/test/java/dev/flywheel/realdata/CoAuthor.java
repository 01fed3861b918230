package dev.flywheel.realdata;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flywheel.realdata.WritingSession.Change;
import dev.flywheel.realdata.WritingSession.Region;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * CoAuthor (Lee, Liang, Yang 2022): writers ask an editor for sentences and take one or none. One
 * request is one interaction; users, sessions and times are those of the study.
 *
 * <p>A request shows up to five suggestions, for which the contract has one response. The response
 * is the suggestion that was taken where one was, since that is what later edits change, and all of
 * them, one a line, where none was.
 *
 * <p>The text before the cursor and later edits are known for the sessions whose keystrokes are in
 * the sample; for every other request the prompt is left out, and so is the capability to edit: the
 * editor has it, but these logs do not, and "did not edit" would be said of everyone.
 */
final class CoAuthor {
  /** When an edit is looked at, after the suggestions were shown; then at the session's end. */
  private static final List<Duration> HORIZONS =
      List.of(
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          Duration.ofMinutes(10),
          Duration.ofMinutes(15),
          Duration.ofDays(1));

  /**
   * How much of the document before the cursor is the prompt. The whole of it hardly differs from
   * one request to the next, whatever the writer wants.
   */
  private static final int PROMPT_CODE_POINTS = 200;

  private final List<Request> requests = new ArrayList<>();
  private final Map<String, WritingSession> wholeSessions = new LinkedHashMap<>();
  private final Map<String, Published> published = new LinkedHashMap<>();

  /** One request for suggestions; text and time of a decision are null where there is none. */
  record Request(
      String session,
      int position,
      String writer,
      String genre,
      String promptCode,
      Instant askedAt,
      Instant shownAt,
      List<String> suggestions,
      String decision,
      Instant decidedAt,
      String insertedText) {

    String interactionId() {
      return CoAuthor.interactionId(session, position);
    }

    boolean accepted() {
      return "select".equals(decision);
    }

    boolean dismissed() {
      return "close".equals(decision);
    }

    String response() {
      return accepted()
          ? suggestions.stream().filter(this::wasTaken).findFirst().orElseThrow()
          : String.join("\n", suggestions);
    }

    private boolean wasTaken(String suggestion) {
      return words(suggestion).equals(words(insertedText));
    }

    private static String words(String text) {
      return text.strip().replaceAll("\\s+", " ");
    }
  }

  /** What the authors published about a session. */
  record Published(
      int queries,
      int selected,
      int events,
      double minutes,
      double writtenByHuman,
      String temperature,
      String frequencyPenalty) {}

  private CoAuthor() {}

  /** Reads the data set; skips the test, saying so, where there is none. */
  static CoAuthor read() throws IOException {
    Path folder = RealData.folder("coauthor");
    var data = new CoAuthor();
    RealData.eachLine(
        folder.resolve("suggestions.jsonl.gz"), line -> data.requests.add(request(line)));
    RealData.eachLine(
        folder.resolve("events-sample.jsonl.gz"),
        line ->
            data.wholeSessions
                .computeIfAbsent(line.get("session_id").textValue(), id -> new WritingSession())
                .add(line));
    data.readPublished(folder.resolve("session_metadata.csv"));
    return data;
  }

  private static Request request(JsonNode line) {
    return new Request(
        line.get("session_id").textValue(),
        line.get("query_seq").intValue(),
        line.get("worker_id").textValue(),
        line.get("genre").textValue(),
        line.get("prompt_code").textValue(),
        time(line.get("ts_get")),
        time(line.get("ts_open")),
        RealData.texts(line.get("suggestions")),
        line.get("decision").textValue(),
        time(line.get("ts_decision")),
        line.get("inserted_text").textValue());
  }

  private static Instant time(JsonNode millis) {
    return millis.isNull() ? null : Instant.ofEpochMilli(millis.longValue());
  }

  /** No cell of the file is quoted. */
  private void readPublished(Path csv) throws IOException {
    try (Stream<String> lines = Files.lines(csv)) {
      List<List<String>> cells = lines.map(line -> List.of(line.split(",", -1))).toList();
      List<String> names = cells.get(0);
      for (List<String> row : cells.subList(1, cells.size())) {
        var cell = new HashMap<String, String>();
        for (int i = 0; i < names.size(); i++) {
          cell.put(names.get(i), row.get(i));
        }
        published.put(
            cell.get("session_id"),
            new Published(
                Integer.parseInt(cell.get("num_query")),
                Integer.parseInt(cell.get("num_selected")),
                Integer.parseInt(cell.get("num_event")),
                Double.parseDouble(cell.get("time")),
                Double.parseDouble(cell.get("written_by_human")),
                cell.get("temperature"),
                cell.get("frequency_penalty")));
      }
    }
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The sessions of which every keystroke is known, by session id. */
  Map<String, WritingSession> wholeSessions() {
    return wholeSessions;
  }

  /** The authors' figures, by session id. */
  Map<String, Published> published() {
    return published;
  }

  /** Everything that is known, as native raw events. */
  NativeLog log() {
    var log = new NativeLog();
    var last = new HashMap<String, Request>();
    for (Request request : requests) {
      logRequest(log, request);
      last.put(request.session(), request);
    }
    wholeSessions.forEach(
        (id, session) -> {
          Map<Integer, Request> byPosition = new HashMap<>();
          requests.stream()
              .filter(request -> request.session().equals(id))
              .forEach(request -> byPosition.put(request.position(), request));
          session.regions().forEach(region -> logEdits(log, byPosition, region));
          if (last.containsKey(id)) {
            add(log, "session_ended", session.endedAt(), last.get(id));
          }
        });
    return log;
  }

  private void logRequest(NativeLog log, Request request) {
    Published session = published.get(request.session());
    ObjectNode shown =
        add(log, "response_shown", request.shownAt(), request)
            .put("response", request.response())
            .put("prompt_name", request.promptCode())
            .put("query_category", request.genre())
            .put("surface", "editor")
            .put("language", "en")
            .put(
                "experiment_variant",
                "temperature %s, frequency penalty %s"
                    .formatted(session.temperature(), session.frequencyPenalty()))
            .put("latency_ms", Duration.between(request.askedAt(), request.shownAt()).toMillis());
    ArrayNode capabilities = shown.putArray("capabilities").add("accept");
    if (wholeSessions.containsKey(request.session())) {
      capabilities.add("edit");
      shown.put(
          "prompt", end(wholeSessions.get(request.session()).textBeforeCursor(request.position())));
    }
    if (request.accepted()) {
      add(log, "suggestion_accepted", request.decidedAt(), request)
          .put("accepted_text", request.insertedText());
    } else if (request.dismissed()) {
      add(log, "suggestion_dismissed", request.decidedAt(), request);
    }
  }

  /** One event for each horizon before which the text changed, at its last change before it. */
  private static void logEdits(NativeLog log, Map<Integer, Request> byPosition, Region region) {
    Request request = byPosition.get(region.request());
    int logged = 0;
    for (Duration horizon : HORIZONS) {
      Instant until = request.shownAt().plus(horizon);
      List<Change> changes =
          region.changes().stream().takeWhile(change -> !change.at().isAfter(until)).toList();
      if (changes.size() > logged) {
        logged = changes.size();
        Change change = changes.get(logged - 1);
        add(log, "response_edited", change.at(), request).put("final_text", change.text());
      }
    }
  }

  private static ObjectNode add(NativeLog log, String type, Instant at, Request request) {
    return log.add(type, at, request.writer(), request.session(), request.interactionId());
  }

  /** Text of each changed suggestion when its session ended, by interaction. */
  Map<String, String> editedTexts() {
    var texts = new HashMap<String, String>();
    wholeSessions.forEach(
        (id, session) ->
            session.regions().stream()
                .filter(region -> !region.changes().isEmpty())
                .forEach(
                    region ->
                        texts.put(
                            interactionId(id, region.request()),
                            region.changes().get(region.changes().size() - 1).text())));
    return texts;
  }

  private static String interactionId(String session, int position) {
    return session + "-" + position;
  }

  private static String end(String text) {
    int length = text.codePointCount(0, text.length());
    return length <= PROMPT_CODE_POINTS
        ? text
        : text.substring(text.offsetByCodePoints(0, length - PROMPT_CODE_POINTS));
  }
}
