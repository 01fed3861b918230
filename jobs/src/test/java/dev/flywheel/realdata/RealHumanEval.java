package dev.flywheel.realdata;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * RealHumanEval (Mozannar et al. 2024): programmers chat with code models and copy from the
 * answers. One answer is one interaction, one programmer one session.
 *
 * <p>The data counts seconds from the start of each programmer's session. The calendar here is
 * invented: twelve programmers a day, one an hour from 08:00 UTC. The moment of a copy is not in
 * the data either: copies follow their answer a second apart.
 */
final class RealHumanEval {
  private static final Instant FIRST_DAY = Instant.parse("2024-01-08T08:00:00Z");
  private static final int PROGRAMMERS_PER_DAY = 12;

  private final List<Answer> answers = new ArrayList<>();

  /** One answer of a model, with what was copied out of it. */
  record Answer(
      String programmer,
      int position,
      int conversation,
      int turn,
      Instant at,
      String task,
      String model,
      JsonNode request,
      String response,
      List<String> copies) {

    String interactionId() {
      return programmer + "-" + position;
    }
  }

  private RealHumanEval() {}

  /** Reads the data set; skips the test, saying so, where there is none. */
  static RealHumanEval read() {
    var data = new RealHumanEval();
    var last = new LinkedHashMap<String, Answer>();
    RealData.eachLine(
        RealData.folder("realhumaneval").resolve("chat_data.jsonl"),
        line -> {
          String programmer = "programmer-" + line.get("programmer_id").intValue();
          Answer before = last.get(programmer);
          int number =
              before == null ? last.size() : List.copyOf(last.keySet()).indexOf(programmer);
          Answer answer = answer(line, programmer, before, startOf(number));
          last.put(programmer, answer);
          data.answers.add(answer);
        });
    return data;
  }

  private static Instant startOf(int programmer) {
    return FIRST_DAY
        .plusSeconds(86_400L * (programmer / PROGRAMMERS_PER_DAY))
        .plusSeconds(3_600L * (programmer % PROGRAMMERS_PER_DAY));
  }

  private static Answer answer(JsonNode line, String programmer, Answer before, Instant start) {
    JsonNode request = line.get("request");
    boolean goesOn = before != null && continues(before.request(), request);
    return new Answer(
        programmer,
        before == null ? 0 : before.position() + 1,
        before == null ? 0 : before.conversation() + (goesOn ? 0 : 1),
        goesOn ? before.turn() + 1 : 0,
        start.plusMillis(Math.round(1000 * line.get("timestamp").doubleValue())),
        line.get("task_name").textValue(),
        line.get("model").textValue(),
        request,
        line.get("response").textValue(),
        line.get("copy_events").valueStream().map(copy -> copy.get("copied").textValue()).toList());
  }

  /** A conversation goes on when everything said before is sent again with more at its end. */
  private static boolean continues(JsonNode before, JsonNode request) {
    if (before.isEmpty() || request.size() <= before.size()) {
      return false;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!before.get(i).equals(request.get(i))) {
        return false;
      }
    }
    return true;
  }

  List<Answer> answers() {
    return List.copyOf(answers);
  }

  /** Everything that is known, as native raw events. */
  NativeLog log() {
    var log = new NativeLog();
    for (Answer answer : answers) {
      ObjectNode shown =
          add(log, "response_shown", answer.at(), answer)
              .put("response", answer.response())
              .put("conversation_id", answer.programmer() + "-" + answer.conversation())
              .put("turn_index", answer.turn())
              .put("model", answer.model())
              .put("query_category", answer.task())
              .put("surface", "chat")
              .put("language", "en");
      shown.putArray("capabilities").add("copy");
      // One record of the data has no request.
      if (!answer.request().isEmpty()) {
        ArrayNode messages = shown.putArray("messages");
        answer
            .request()
            .forEach(
                message ->
                    messages
                        .addObject()
                        .put("role", message.get("role").textValue())
                        .put("content", message.get("content").textValue()));
      }
      Instant at = answer.at();
      for (String copy : answer.copies()) {
        at = at.plusSeconds(1);
        add(log, "text_copied", at, answer).put("copied_text", copy);
      }
    }
    return log;
  }

  private static ObjectNode add(NativeLog log, String type, Instant at, Answer answer) {
    return log.add(type, at, answer.programmer(), answer.programmer(), answer.interactionId());
  }

  /** Copied share of every answer that something was copied from, by interaction. */
  Map<String, Double> copiedShares() {
    var shares = new HashMap<String, Double>();
    for (Answer answer : answers) {
      if (!answer.copies().isEmpty()) {
        shares.put(answer.interactionId(), copiedShare(answer.response(), answer.copies()));
      }
    }
    return shares;
  }

  /**
   * Length of the union of the copied spans over the length of the response, in code points. A text
   * that occurs more than once is taken to be its first occurrence; one that does not occur, to be
   * no part of the response.
   */
  static double copiedShare(String response, List<String> copies) {
    var copied = new BitSet();
    for (String copy : copies) {
      int start = response.indexOf(copy);
      if (start >= 0) {
        int first = response.codePointCount(0, start);
        copied.set(first, first + copy.codePointCount(0, copy.length()));
      }
    }
    return (double) copied.cardinality() / response.codePointCount(0, response.length());
  }
}
