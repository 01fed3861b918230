package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.collection.immutable.Seq;

class NativeFormatTest {
  private static final Path SUITE = Path.of("../../shared/data/json-test-suite/test_parsing");
  private static final int MAX_CHARS = 30;

  private final LineFormat.Parser parser = new NativeFormat("default", MAX_CHARS, 1 << 20).parser();

  @Test
  void everyFieldOfTheContractFillsItsColumn() throws RefusedLine {
    var roomy = new NativeFormat("default", 1_000, 1 << 20).parser();
    for (EventType type : RawEvents.TYPES) {
      Set<String> shown = new HashSet<>();
      for (String payload : type.examples()) {
        String whole =
            payload.equals("{}")
                ? RawLine.of(type.name()).toString()
                : RawLine.of(type.name()).withJson(payload.substring(1, payload.length() - 1));
        Object[] row = ParsedRecords.only(roomy, utf8(whole));
        for (Field field : type.payload()) {
          if (payload.contains("\"" + field.name() + "\":")) {
            assertThat(row[ParsedLines.column(field.column())])
                .as("%s.%s", type.name(), field.name())
                .isNotNull();
            shown.add(field.name());
          }
        }
        assertThat(row[ParsedLines.column(Events.UNKNOWN_FIELDS)]).as(whole).isEqualTo(0);
      }
      if (!type.name().equals("suggestion_dismissed")) {
        assertThat(shown)
            .as("the examples of %s show every field", type.name())
            .isEqualTo(type.payload().stream().map(Field::name).collect(Collectors.toSet()));
      }
    }
  }

  @Test
  void valuesComeOutAsTheyWereWritten() throws RefusedLine {
    Object[] row =
        parse(
            RawLine.of("response_shown")
                .with("event_time", "2026-01-06T00:30:00.5+01:00")
                .with("prompt", "ä\n\"😀\u0000")
                .with("turn_index", 2_147_483_647)
                .with("input_tokens", Long.MAX_VALUE)
                .with("cost_usd", 1)
                .with("capabilities", List.of("copy", "edit"))
                .toString());
    assertThat(value(row, Events.PROMPT)).isEqualTo("ä\n\"😀\u0000");
    assertThat(value(row, Events.TURN_INDEX)).isEqualTo(Integer.MAX_VALUE);
    assertThat(value(row, Events.INPUT_TOKENS)).isEqualTo(Long.MAX_VALUE);
    assertThat(value(row, Events.COST_USD)).isEqualTo(1.0);
    assertThat(((Seq<?>) value(row, Events.CAPABILITIES)).mkString(",")).isEqualTo("copy,edit");
    assertThat(value(row, Events.TENANT_ID)).isEqualTo("default");
    // 2026-01-05T23:30:00.5Z, independently: date -u -d @1767655800.
    assertThat(value(row, Events.EVENT_TIME)).isEqualTo(1_767_655_800_500_000L);
    assertThat(value(row, Events.EVENT_DATE)).isEqualTo(20_458);
  }

  @Test
  void messagesAndDocumentsKeepTheirOrderAndTheirNulls() throws RefusedLine {
    Object[] row =
        parse(
            RawLine.of("response_shown")
                .withJson(
                    "\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"content\":null,"
                        + "\"tool_calls\":[]}],\"retrieval\":[{\"score\":0.5,\"document_id\":\"d\"}]"));
    var messages = (Seq<?>) value(row, Events.MESSAGES);
    assertThat(((Row) messages.apply(0)).mkString("|")).isEqualTo("user|a");
    assertThat(((Row) messages.apply(1)).mkString("|")).isEqualTo("null|null");
    assertThat(((Row) ((Seq<?>) value(row, Events.RETRIEVAL)).apply(0)).mkString("|"))
        .isEqualTo("d|0.5");
    assertThat(value(row, Events.UNKNOWN_FIELDS)).isEqualTo(1);
  }

  @Test
  void unknownFieldsAreIgnoredAndCounted() throws RefusedLine {
    Object[] row =
        parse(
            RawLine.of("text_copied")
                .with("source_file", "not ours")
                .with("landing_date", 7)
                .with("event_date", "1999-01-01")
                .with("_corrupt_record", List.of(Map.of("a", 1)))
                .with("unknown_fields", -1)
                // Of another event type, and of the wrong type even there.
                .with("thumbs", 3)
                .with("copied_text", "x")
                .toString());
    assertThat(value(row, Events.UNKNOWN_FIELDS)).isEqualTo(6);
    assertThat(value(row, Events.THUMBS)).isNull();
    assertThat(value(row, Events.COPIED_TEXT)).isEqualTo("x");
    assertThat(value(row, Events.SOURCE_FILE)).isNull();
    assertThat(value(row, Events.EVENT_DATE)).isEqualTo(20_458);
  }

  @Test
  void theOrderOfFieldsDoesNotMatter() throws RefusedLine {
    Object[] row =
        parse(
            "{\"copied_text\":\"x\",\"thumbs\":\"up\",\"interaction_id\":\"i\",\"session_id\":\"s\","
                + "\"user_id\":\"u\",\"event_time\":\"2026-01-05T12:00:00Z\",\"event_id\":\"e\","
                + "\"event_type\":\"text_copied\"}");
    assertThat(value(row, Events.COPIED_TEXT)).isEqualTo("x");
    assertThat(value(row, Events.THUMBS)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "response_shown  | `\"prompt\":7`                           | wrong_type prompt",
        "response_shown  | `\"prompt\":{\"a\":[1,{\"b\":2}]}`       | wrong_type prompt",
        "response_shown  | `\"turn_index\":1.0`                     | wrong_type turn_index",
        "response_shown  | `\"turn_index\":\"1\"`                   | wrong_type turn_index",
        "response_shown  | `\"turn_index\":2147483648`              | invalid_value turn_index",
        "response_shown  | `\"turn_index\":-1`                      | invalid_value turn_index",
        "response_shown  | `\"input_tokens\":9223372036854775808`   | invalid_value input_tokens",
        "response_shown  | `\"cost_usd\":1e999`                     | invalid_value cost_usd",
        "response_shown  | `\"cost_usd\":true`                      | wrong_type cost_usd",
        "response_shown  | `\"messages\":\"hello\"`                 | wrong_type messages",
        "response_shown  | `\"messages\":[\"hello\"]`               | wrong_type messages",
        "response_shown  | `\"messages\":[null]`                    | wrong_type messages",
        "response_shown  | `\"messages\":[{\"content\":[{\"a\":1}]}]` | wrong_type messages",
        "response_shown  | `\"retrieval\":[{\"score\":\"0.5\"}]`    | wrong_type retrieval",
        "response_shown  | `\"capabilities\":[\"copy\",[]]`         | wrong_type capabilities",
        "response_shown  | `\"prompt\":\"\\ud800\"`                 | invalid_text prompt",
        "response_shown  | `\"prompt\":\"\\uDC00\\uD800\"`          | invalid_text prompt",
        "response_shown  | `\"messages\":[{\"role\":\"\\ud83d\"}]`  | invalid_text messages",
        "response_shown  | `\"prompt\":\"1234567890123456789012345678901\"`   | field_too_long"
            + " prompt",
        "code_executed   | `\"succeeded\":1`                        | wrong_type succeeded",
        "code_executed   | `\"succeeded\":[[]]`                     | wrong_type succeeded",
        "feedback_submitted | `\"thumbs\":\"sideways\"`             | invalid_value thumbs",
        "feedback_submitted | `\"stars\":0`                         | invalid_value stars",
        "feedback_submitted | `\"stars\":6`                         | invalid_value stars",
        "assessment_recorded | `\"source_type\":\"Human\"`          | invalid_value source_type",
        "assessment_recorded | `\"score\":NaN`                      | invalid_json",
        "session_ended   | `\"x\":01`                               | invalid_json",
        "session_ended   | `'x':1`                                  | invalid_json",
        "session_ended   | `\"x\":1,`                               | invalid_json",
        "session_ended   | `\"x\":1,\"x\":1`                        | duplicate_field",
        "session_ended   | `\"user_id\":\"u\"`                      | duplicate_field",
        "session_ended   | `\"x\":{\"a\":1,\"a\":2}`                | duplicate_field",
        "session_ended   | `\"x\":1}{\"y\":2`                       | trailing_content",
        "session_ended   | `\"x\":1} x {`                           | trailing_content",
        "no_such_type    | `\"x\":1`                                | unknown_event_type"
      })
  void aLineIsRefusedForTheRightReason(String type, String json, String expected) {
    assertThat(reason(RawLine.of(type).withJson(json))).isEqualTo(expected);
  }

  @Test
  void surrogatePairsAndTextsAtTheLimitAreGood() {
    assertThat(reason(RawLine.of("response_shown").withJson("\"prompt\":\"\\ud83d\\ude00\"")))
        .isEqualTo("good");
    assertThat(
            reason(RawLine.of("response_shown").with("prompt", "😀".repeat(MAX_CHARS)).toString()))
        .isEqualTo("good");
    assertThat(
            reason(
                RawLine.of("response_shown").with("prompt", "😀".repeat(MAX_CHARS + 1)).toString()))
        .isEqualTo("field_too_long prompt");
  }

  @Test
  void everyRequiredFieldIsMissed() {
    for (Field field : RawEvents.ENVELOPE) {
      String name = field.name();
      boolean required = !name.equals("tenant_id");
      assertThat(reason(RawLine.of("session_ended").without(name).toString()))
          .isEqualTo(required ? "missing_field " + name : "good");
      assertThat(reason(RawLine.of("session_ended").with(name, null).toString()))
          .isEqualTo(required ? "missing_field " + name : "good");
      assertThat(reason(RawLine.of("session_ended").with(name, " ").toString()))
          .isEqualTo("missing_field " + name);
      assertThat(reason(RawLine.of("session_ended").with(name, List.of("x")).toString()))
          .isEqualTo("wrong_type " + name);
    }
    assertThat(reason(RawLine.of("session_ended").with("event_time", "yesterday").toString()))
        .isEqualTo("invalid_time");
  }

  @Test
  void aLineThatIsNoObjectIsRefused() {
    assertThat(reason("[]")).isEqualTo("not_an_object");
    assertThat(reason("[{}]")).isEqualTo("not_an_object");
    assertThat(reason("\"text\"")).isEqualTo("not_an_object");
    assertThat(reason("null")).isEqualTo("not_an_object");
    assertThat(reason("[] []")).isEqualTo("trailing_content");
    assertThat(reason("[")).isEqualTo("invalid_json");
    assertThat(reason("{\"event_id\":\"e\"")).isEqualTo("invalid_json");
  }

  @Test
  void deepNestingIsRefusedAndDoesNotOverflow() {
    assertThat(reason(nested(StrictJson.MAX_DEPTH - 1))).isEqualTo("good");
    assertThat(reason(nested(StrictJson.MAX_DEPTH))).isEqualTo("json_limit");
    assertThat(reason(nested(1_000_000))).isEqualTo("json_limit");
    assertThat(reason(RawLine.of("session_ended").withJson("\"x\":" + "9".repeat(2_000))))
        .isEqualTo("json_limit");
  }

  private static String nested(int depth) {
    return RawLine.of("session_ended").withJson("\"x\":" + "[".repeat(depth) + "]".repeat(depth));
  }

  @Test
  void onlyUtf8IsText() {
    for (int[] bad :
        new int[][] {
          {0xFF},
          {0xC0, 0xAF},
          {0xE0, 0x80, 0xAF},
          {0xED, 0xA0, 0x80},
          {0xF5, 0x80, 0x80, 0x80},
          {0xE2, 0x82},
          {0x80}
        }) {
      var line = new ByteArrayOutputStream();
      line.writeBytes(utf8("{\"x\":\""));
      for (int value : bad) {
        line.write(value);
      }
      line.writeBytes(utf8("\"}"));
      assertThat(reason(line.toByteArray())).isEqualTo("invalid_utf8");
    }
    byte[] utf16 = RawLine.of("session_ended").toString().getBytes(StandardCharsets.UTF_16LE);
    assertThat(reason(utf16)).isEqualTo("invalid_json");
  }

  @Test
  void aRefusalNeverRepeatsWhatTheUserWrote() {
    String secret = "s3cret";
    for (String json :
        List.of(
            "\"prompt\":[\"" + secret + "\"]",
            "\"" + secret + "\":1,\"" + secret + "\":2",
            "\"x\":" + secret,
            "\"" + secret,
            "\"prompt\":\"" + secret.repeat(20) + "\"")) {
      assertThat(reason(RawLine.of("response_shown").withJson(json)))
          .isNotEqualTo("good")
          .doesNotContain(secret);
    }
  }

  /** Each file of the suite as a line, and as the value of an unknown field of a good line. */
  @Test
  void theJsonTestSuiteIsReadAsItSays() throws IOException {
    assumeThat(Files.isDirectory(SUITE))
        .as("skipped: it needs ../shared/data/json-test-suite, which a clone has not")
        .isTrue();
    var notJson =
        EnumSet.of(
            QuarantineReason.INVALID_JSON,
            QuarantineReason.INVALID_UTF8,
            QuarantineReason.TRAILING_CONTENT,
            QuarantineReason.JSON_LIMIT);
    Map<String, Integer> seen = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> listed = Files.list(SUITE)) {
      files = listed.sorted().toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      byte[] content = Files.readAllBytes(file);
      QuarantineReason alone = refusal(content);
      QuarantineReason asValue = refusal(asValue(content));
      seen.merge(name.substring(0, 1), 1, Integer::sum);
      switch (name.charAt(0)) {
        case 'y' -> {
          assertThat(alone).as(name).isNotNull().isNotIn(notJson);
          // JSON as a grammar allows it; nobody can say which of the two is meant.
          assertThat(asValue)
              .as(name)
              .isEqualTo(name.contains("duplicated_key") ? QuarantineReason.DUPLICATE_FIELD : null);
        }
        case 'n' -> {
          assertThat(alone).as(name).isIn(notJson);
          assertThat(asValue).as(name).isIn(notJson);
        }
        default -> assertThat(alone).as(name).isNotNull();
      }
    }
    assertThat(seen).isEqualTo(Map.of("i", 35, "n", 188, "y", 95));
  }

  private static byte[] asValue(byte[] content) {
    var line = new ByteArrayOutputStream();
    String start = RawLine.of("session_ended").toString();
    line.writeBytes(utf8(start.substring(0, start.length() - 1) + ",\"x\":"));
    line.writeBytes(content);
    line.write('}');
    return line.toByteArray();
  }

  private Object[] parse(String line) throws RefusedLine {
    return ParsedRecords.only(parser, utf8(line));
  }

  /** Null where the line is good. */
  private QuarantineReason refusal(byte[] line) {
    try {
      ParsedRecords.of(parser, line);
      return null;
    } catch (RefusedLine e) {
      return e.reason();
    }
  }

  private String reason(String line) {
    return reason(utf8(line));
  }

  /** Reason and detail, without positions. */
  private String reason(byte[] line) {
    try {
      ParsedRecords.of(parser, line);
      return "good";
    } catch (RefusedLine e) {
      return e.detail() == null || e.detail().matches("(ends early at )?character \\d+")
          ? e.reason().code()
          : e.reason().code() + " " + e.detail();
    }
  }

  private static Object value(Object[] row, String column) {
    return row[ParsedLines.column(column)];
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
