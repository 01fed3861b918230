package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import dev.flywheel.testing.Otlp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Which rows of events the lines of OpenTelemetry become, line by line and without Spark. */
class OtlpFormatTest {
  private static final Path EXAMPLES = Path.of("../../shared/data/otlp-examples/examples");
  private static final String DETAILS = "gen_ai.client.inference.operation.details";
  private static final String SPAN = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

  private static final Map<String, Object> CALL =
      new TreeMap<>(Map.of("type", "tool_call", "name", "weather"));
  private static final List<Object> ASKED =
      List.of(
          Map.of("role", "user", "parts", List.of(text("Weather in Paris?"))),
          Map.of("role", "assistant", "parts", List.of(CALL)),
          Map.of("role", "user", "parts", List.of(text("And now?"), text("Briefly."))));
  private static final List<Object> ANSWERED =
      List.of(Map.of("role", "assistant", "parts", List.of(text("It rains."))));

  private final LineFormat.Parser parser = new OtlpFormat("default", 1_000, 1 << 20).parser();

  private static Map<String, Object> text(String content) {
    return Map.of("type", "text", "content", content);
  }

  private static Otlp chat() {
    return Otlp.span("chat")
        .by("u", "s")
        .with("gen_ai.response.id", "resp-1")
        .with("gen_ai.input.messages", ASKED)
        .with("gen_ai.output.messages", ANSWERED);
  }

  @Test
  void aCallOfAModelIsAResponse() throws RefusedLine {
    Object[] row =
        event(
            chat()
                .with("gen_ai.provider.name", "openai")
                .with("gen_ai.request.model", "small")
                .with("gen_ai.response.model", "small-2")
                .with("gen_ai.conversation.id", "c-1")
                .with("gen_ai.usage.input_tokens", 52)
                .with("gen_ai.usage.output_tokens", 47)
                .with("gen_ai.prompt.name", "helper")
                .with("gen_ai.prompt.version", "7")
                .with("gen_ai.retrieval.documents", List.of(Map.of("id", "doc-1", "score", 0.5)))
                .with("flywheel.surface", "chat")
                .with("flywheel.capabilities", List.of("copy", "rate"))
                .with("flywheel.cost_usd", 0.25));

    assertThat(value(row, Events.EVENT_TYPE)).isEqualTo("response_shown");
    assertThat(value(row, Events.INTERACTION_ID)).isEqualTo("resp-1");
    assertThat(value(row, Events.EVENT_ID)).isEqualTo(SPAN);
    assertThat(value(row, Events.EVENT_TIME)).isEqualTo(1_767_614_400_000_000L);
    assertThat(value(row, Events.LATENCY_MS)).isEqualTo(800L);
    assertThat(value(row, Events.USER_ID)).isEqualTo("u");
    assertThat(value(row, Events.SESSION_ID)).isEqualTo("s");
    assertThat(value(row, Events.TENANT_ID)).isEqualTo("default");
    assertThat(value(row, Events.CONVERSATION_ID)).isEqualTo("c-1");
    assertThat(value(row, Events.RESPONSE)).isEqualTo("It rains.");
    assertThat(value(row, Events.PROMPT)).isNull();
    assertThat(messages(row))
        .containsExactly(
            "user|Weather in Paris?",
            "assistant|{\"name\":\"weather\",\"type\":\"tool_call\"}",
            "user|And now?\nBriefly.");
    assertThat(value(row, Events.MODEL)).isEqualTo("small-2");
    assertThat(value(row, Events.INPUT_TOKENS)).isEqualTo(52L);
    assertThat(value(row, Events.OUTPUT_TOKENS)).isEqualTo(47L);
    assertThat(value(row, Events.PROMPT_NAME)).isEqualTo("helper");
    assertThat(value(row, Events.PROMPT_VERSION)).isEqualTo("7");
    assertThat(value(row, ParsedLines.SENDER_RELEASE)).isEqualTo("2026.1");
    assertThat(value(row, Events.RETRIEVAL)).hasToString("List([doc-1,0.5])");
    assertThat(value(row, Events.SURFACE)).isEqualTo("chat");
    assertThat(value(row, Events.CAPABILITIES)).hasToString("List(copy, rate)");
    assertThat(value(row, Events.COST_USD)).isEqualTo(0.25);
    // The operation and the provider say nothing that a column holds.
    assertThat(value(row, Events.UNKNOWN_FIELDS)).isEqualTo(2);
  }

  @Test
  void contentIsTheSameStructuredAndAsJsonInAText() throws RefusedLine {
    Object[] structured = event(chat());
    Object[] asText =
        event(
            chat()
                .with(
                    "gen_ai.input.messages",
                    "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Weather in"
                        + " Paris?\"}]},{\"role\":\"assistant\",\"parts\":[{\"name\":\"weather\","
                        + "\"type\":\"tool_call\"}]},{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"And"
                        + " now?\"},{\"type\":\"text\",\"content\":\"Briefly.\"}]}]")
                .with(
                    "gen_ai.output.messages",
                    "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\","
                        + "\"content\":\"It rains.\"}]}]"));

    assertThat(messages(asText)).hasSize(3).containsExactlyElementsOf(messages(structured));
    assertThat(value(asText, Events.RESPONSE)).isEqualTo("It rains.");
  }

  @Test
  void theSpanAndTheEventOfOneCallTellOfOneInteraction() throws RefusedLine {
    Object[] span =
        event(chat().with("gen_ai.input.messages", null).with("gen_ai.output.messages", null));
    Object[] event =
        event(
            Otlp.log(DETAILS)
                .by("u", "s")
                .with("gen_ai.operation.name", "chat")
                .with("gen_ai.response.id", "resp-1")
                .with("gen_ai.output.messages", ANSWERED));

    for (String column :
        List.of(Events.INTERACTION_ID, Events.EVENT_ID, Events.EVENT_TYPE, ParsedLines.SPAN)) {
      assertThat(value(event, column)).as(column).isEqualTo(value(span, column));
    }
    assertThat((Integer) value(event, ParsedLines.PART))
        .as("what has the text comes first")
        .isLessThan((Integer) value(span, ParsedLines.PART));
  }

  @Test
  void deprecatedNamesAreRead() throws RefusedLine {
    Object[] row =
        event(
            Otlp.span("chat")
                .with("gen_ai.operation.name", null)
                .by("u", "s")
                .with("gen_ai.system", "openai")
                .with("gen_ai.request.model", "small")
                .with("gen_ai.prompt", "Hello")
                .with("gen_ai.completion", "Hi!")
                .with("gen_ai.usage.prompt_tokens", 3)
                .with("gen_ai.usage.completion_tokens", 2)
                .field("traceId", "4BF92F3577B34DA6A3CE929D0E0E4736"));

    assertThat(value(row, Events.PROMPT)).isEqualTo("Hello");
    assertThat(value(row, Events.RESPONSE)).isEqualTo("Hi!");
    assertThat(value(row, Events.MODEL)).isEqualTo("small");
    assertThat(value(row, Events.INPUT_TOKENS)).isEqualTo(3L);
    assertThat(value(row, Events.OUTPUT_TOKENS)).isEqualTo(2L);
    assertThat(value(row, Events.INTERACTION_ID))
        .as("without an id of the response, its span")
        .isEqualTo(SPAN);
  }

  @Test
  void numberedAttributesAndEventsOfASpanCarryContentToo() throws RefusedLine {
    Object[] numbered =
        event(
            Otlp.span("chat")
                .by("u", "s")
                .with("gen_ai.prompt.name", "helper")
                .with("gen_ai.prompt.0.role", "system")
                .with("gen_ai.prompt.0.content", "Be brief.")
                .with("gen_ai.prompt.1.role", "user")
                .with("gen_ai.prompt.1.content", "Hello")
                .with("gen_ai.completion.0.role", "assistant")
                .with("gen_ai.completion.0.content", "Hi!"));
    Object[] events =
        event(
            Otlp.span("chat")
                .by("u", "s")
                .holding(Otlp.log("gen_ai.content.prompt").with("gen_ai.prompt", "Hello"))
                .holding(Otlp.log("gen_ai.content.completion").with("gen_ai.completion", "Hi!")));

    assertThat(messages(numbered)).containsExactly("system|Be brief.", "user|Hello");
    assertThat(value(numbered, Events.RESPONSE)).isEqualTo("Hi!");
    assertThat(value(numbered, Events.PROMPT_NAME)).isEqualTo("helper");
    assertThat(value(events, Events.PROMPT)).isEqualTo("Hello");
    assertThat(value(events, Events.RESPONSE)).isEqualTo("Hi!");
  }

  @Test
  void partsThatAreNoTextAreKept() throws RefusedLine {
    Object[] row =
        event(
            chat()
                .with("gen_ai.system_instructions", List.of(text("Be brief.")))
                .with(
                    "gen_ai.input.messages",
                    List.of(
                        Map.of(
                            "role",
                            "user",
                            "parts",
                            List.of(
                                text("See:"),
                                Map.of("type", "hologram"),
                                Map.of("type", "blob", "content", "aGVsbG8=")))))
                .with(
                    "gen_ai.output.messages",
                    List.of(
                        Map.of(
                            "role",
                            "assistant",
                            "parts",
                            List.of(
                                Map.of("type", "reasoning", "content", "Hm."),
                                text("Nice."),
                                Map.of("type", "hologram"))))));

    assertThat(messages(row))
        .containsExactly(
            "system|Be brief.", "user|See:\n{\"type\":\"hologram\"}\n{\"type\":\"blob\"}");
    assertThat(value(row, Events.RESPONSE))
        .as("what users do not see is no part of the response")
        .isEqualTo("Nice.\n{\"type\":\"hologram\"}");
  }

  @Test
  void whatNoUserCouldSeeIsNoResponse() throws RefusedLine {
    ParsedRecords records =
        parse(
            Otlp.line(
                chat()
                    .with(
                        "gen_ai.output.messages",
                        List.of(Map.of("role", "assistant", "parts", List.of(CALL)))),
                chat()
                    .with("gen_ai.output.messages", null)
                    .with("gen_ai.response.finish_reasons", List.of("tool_calls")),
                chat().with("gen_ai.output.messages", null).with("error.type", "timeout"),
                Otlp.span("embeddings").by("u", "s"),
                Otlp.span("execute_tool").by("u", "s"),
                chat().with("gen_ai.operation.name", "invoke_agent").field("kind", 1),
                Otlp.span("GET /").with("gen_ai.operation.name", null)));

    assertThat(records.ignored).isEqualTo(7);
    assertThat(records.events).isEmpty();
    assertThat(records.refused).isEmpty();
    assertThat(parse(Otlp.line(chat().with("gen_ai.operation.name", "invoke_agent"))).events)
        .as("an agent elsewhere")
        .hasSize(1);
    assertThat(
            parse(
                    Otlp.line(
                        chat()
                            .with("gen_ai.output.messages", null)
                            .with("gen_ai.response.finish_reasons", List.of("stop"))))
                .events)
        .as("content that was not captured")
        .hasSize(1);
  }

  @Test
  void attributesOfANeighbouringTypeAreTakenForWhatTheyMean() throws RefusedLine {
    Object[] row =
        event(
            chat()
                .by(null, "s")
                .with("user.id", 12_345)
                .with("gen_ai.prompt.version", 7)
                .with("gen_ai.input.messages", null)
                .with("flywheel.messages", "[{\"role\":\"user\",\"content\":\"Hello\"}]")
                .with("flywheel.retrieval", "[{\"document_id\":\"doc-1\",\"score\":0.5}]")
                .with("flywheel.capabilities", "[\"copy\"]"));

    assertThat(value(row, Events.USER_ID)).isEqualTo("12345");
    assertThat(value(row, Events.PROMPT_VERSION)).isEqualTo("7");
    assertThat(messages(row)).containsExactly("user|Hello");
    assertThat(value(row, Events.RETRIEVAL)).hasToString("List([doc-1,0.5])");
    assertThat(value(row, Events.CAPABILITIES)).hasToString("List(copy)");

    Object[] numbered = event(chat().with("gen_ai.response.id", 7));
    assertThat(value(numbered, Events.INTERACTION_ID)).isEqualTo("7");
    assertThat(
            parse(Otlp.line(chat().with("flywheel.capabilities", "copy"))).refused.get(0).reason())
        .as("a text that is no list")
        .isEqualTo(QuarantineReason.WRONG_TYPE);
  }

  @Test
  void aClockThatWasSetBackTakesNoResponseAway() throws RefusedLine {
    Object[] row = event(chat().field("startTimeUnixNano", "1767614400005000000"));

    assertThat(value(row, Events.LATENCY_MS)).isNull();
    assertThat(value(row, Events.RESPONSE)).isEqualTo("It rains.");
  }

  @Test
  void aBlankAttributeHidesNoOther() throws RefusedLine {
    Object[] hashed = event(chat().with("user.id", "").with("user.hash", "h"));
    assertThat(value(hashed, Events.USER_ID)).isEqualTo("h");

    Object[] emptied =
        event(
            Otlp.log("flywheel.response_edited")
                .by("u", "s")
                .with("gen_ai.response.id", "resp-1")
                .with("final_text", ""));
    assertThat(value(emptied, Events.FINAL_TEXT)).as("the user deleted it all").isEqualTo("");
  }

  @Test
  void dataThatLooksLikeMessagesIsShownAsItWasLogged() throws RefusedLine {
    for (String data :
        List.of(
            "[\"apples\",\"pears\"]",
            "[{\"type\":\"fruit\",\"name\":\"apple\"},{\"type\":\"fruit\",\"name\":\"pear\"}]",
            "[{\"role\":\"assistant\",\"content\":\"Hi!\"},\"pears\"]",
            "{\"question\":\"Capital?\",\"choices\":[\"Paris\",\"Rome\"]}",
            "{\"title\":\"T\",\"content\":\"C\"}",
            "{\"title\":\"T\",\"content\":[\"C\",\"D\"]}",
            "{\"message\":{\"title\":\"T\",\"content\":\"C\"}}")) {
      Object[] row = event(chat().with("gen_ai.output.messages", data));
      assertThat(value(row, Events.RESPONSE)).isEqualTo(data);
    }
  }

  @Test
  void whateverHoldsAMessageShowsItsText() throws RefusedLine {
    for (String wrapped :
        List.of(
            "{\"role\":\"assistant\",\"content\":\"Hi!\"}",
            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi!\"}}]}",
            "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi!\"}}]",
            "{\"message\":{\"role\":\"assistant\",\"content\":\"Hi!\"}}",
            "[{\"type\":\"thinking\",\"thinking\":\"Hm.\"},{\"type\":\"text\",\"text\":\"Hi!\"}]",
            "{\"content\":[{\"type\":\"text\",\"text\":\"Hi!\"}]}",
            "[{\"role\":\"user\",\"content\":\"Hello\"},{\"role\":\"assistant\",\"content\":\"Hi!\"}]")) {
      Object[] row = event(chat().with("gen_ai.output.messages", wrapped));
      assertThat(value(row, Events.RESPONSE)).as(wrapped).isEqualTo("Hi!");
    }
  }

  @Test
  void callsOfToolsAndEmptyListsShowNothing() throws RefusedLine {
    String call = "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"name\":\"weather\"}]}";
    for (String calls :
        List.of(call, "[" + call + "]", "{\"choices\":[{\"message\":" + call + "}]}")) {
      ParsedRecords records = parse(Otlp.line(chat().with("gen_ai.output.messages", calls)));
      assertThat(records.events).as(calls).isEmpty();
      assertThat(records.ignored).as(calls).isEqualTo(1);
    }
    for (Object none : List.of("[]", List.of())) {
      Otlp empty = chat().with("gen_ai.output.messages", none);
      assertThat(value(event(empty), Events.RESPONSE)).isNull();
      empty.with("gen_ai.response.finish_reasons", List.of("tool_calls"));
      assertThat(parse(Otlp.line(empty)).ignored).isEqualTo(1);
    }
    Object[] asked =
        event(
            chat()
                .with(
                    "gen_ai.input.messages",
                    "[{\"role\":\"user\",\"content\":\"Weather?\"}," + call + "]"));
    assertThat(messages(asked))
        .containsExactly(
            "user|Weather?",
            "assistant|{\"type\":\"tool_call\",\"id\":\"c\",\"name\":\"weather\"}");
  }

  @Test
  void everyEventOfTheContractTravelsInOurNamespace() throws RefusedLine {
    for (EventType type : RawEvents.TYPES) {
      for (String payload : type.examples()) {
        var values = (Map<?, ?>) new StrictJson().valueOf(payload);
        Otlp prefixed = Otlp.log("flywheel." + type.name()).by("u", "s");
        Otlp bare = Otlp.log("flywheel." + type.name()).by("u", "s");
        Otlp body = Otlp.log("flywheel." + type.name()).by("u", "s");
        values.forEach((name, value) -> prefixed.with("flywheel." + name, value));
        values.forEach((name, value) -> bare.with((String) name, value));
        body.field("body", Otlp.any(values));
        for (Otlp log : List.of(prefixed, bare, body)) {
          Object[] row = event(log.with("gen_ai.response.id", "resp-1"));
          assertThat(value(row, Events.EVENT_TYPE)).isEqualTo(type.name());
          assertThat(value(row, Events.INTERACTION_ID)).isEqualTo("resp-1");
          for (Field field : type.payload()) {
            if (values.containsKey(field.name())) {
              assertThat(value(row, field.column()))
                  .as("%s.%s", type.name(), field.name())
                  .isNotNull();
            }
          }
        }
      }
    }
  }

  @Test
  void anEvaluationIsAnAssessmentOfTheResponseThatItNamesOrItsSpan() throws RefusedLine {
    Otlp evaluation =
        Otlp.log("gen_ai.evaluation.result")
            .with("gen_ai.evaluation.name", "relevance")
            .with("gen_ai.evaluation.score.value", 0.5)
            .with("gen_ai.evaluation.score.label", "fair")
            .with("gen_ai.evaluation.explanation", "Half of it.")
            .with("flywheel.source_type", "HUMAN");
    Object[] bySpan = event(evaluation);
    Object[] byResponse = event(evaluation.with("gen_ai.response.id", "resp-1"));

    assertThat(value(byResponse, Events.EVENT_TYPE)).isEqualTo("assessment_recorded");
    assertThat(value(byResponse, Events.ASSESSMENT_NAME)).isEqualTo("relevance");
    assertThat(value(byResponse, Events.ASSESSMENT_SCORE)).isEqualTo(0.5);
    assertThat(value(byResponse, Events.ASSESSMENT_LABEL)).isEqualTo("fair");
    assertThat(value(byResponse, Events.ASSESSMENT_EXPLANATION)).isEqualTo("Half of it.");
    assertThat(value(byResponse, Events.ASSESSMENT_SOURCE_TYPE)).isEqualTo("HUMAN");
    assertThat(value(byResponse, Events.INTERACTION_ID)).isEqualTo("resp-1");
    assertThat(value(byResponse, Events.USER_ID)).as("nobody's act").isEqualTo("resp-1");
    assertThat(value(bySpan, Events.INTERACTION_ID)).isEqualTo(SPAN);
    assertThat(value(bySpan, ParsedLines.SPAN)).as("to be resolved").isEqualTo(SPAN);
    assertThat(value(byResponse, ParsedLines.SPAN)).isNull();

    ParsedRecords within =
        parse(
            Otlp.line(
                chat()
                    .holding(
                        Otlp.log("gen_ai.evaluation.result")
                            .with("gen_ai.evaluation.name", "relevance"))));
    assertThat(within.events).hasSize(2);
    assertThat(value(within.events.get(1), Events.INTERACTION_ID)).isEqualTo(SPAN);
  }

  @Test
  void anExperimentIsKnownWhereTheCallCarriesItsFlags() throws RefusedLine {
    Object[] row =
        event(
            chat()
                .with("feature_flag.key", "tone")
                .with("feature_flag.result.variant", "warm")
                .holding(
                    Otlp.log("feature_flag.evaluation")
                        .with("feature_flag.key", "model")
                        .with("feature_flag.variant", "b")));

    assertThat(value(row, Events.EXPERIMENT_VARIANT)).isEqualTo("model=b,tone=warm");
  }

  @Test
  void aFlagLookedUpElsewhereNamesItsTraceAndSaysNothingElse() throws RefusedLine {
    Otlp flag =
        Otlp.log("feature_flag.evaluation")
            .with("feature_flag.key", "tone")
            .with("feature_flag.result.variant", "warm");

    Object[] logged = event(flag);
    assertThat(value(logged, Events.EXPERIMENT_VARIANT)).isEqualTo("tone=warm");
    assertThat(value(logged, ParsedLines.SPAN)).isEqualTo(SPAN);
    assertThat(ParsedLines.onlyHints((Integer) value(logged, ParsedLines.PART))).isTrue();

    Object[] ofRequest = event(Otlp.span("http").with("gen_ai.operation.name", null).holding(flag));
    assertThat(value(ofRequest, Events.EXPERIMENT_VARIANT)).isEqualTo("tone=warm");

    assertThat(parse(Otlp.line(flag.in(null))).events).as("of no trace").isEmpty();
    assertThat(parse(Otlp.line(flag.in("0a").with("feature_flag.key", 7))).events).isEmpty();
  }

  @Test
  void aRecordThatIsSentAgainHasTheSameIdentity() throws RefusedLine {
    Otlp copied = Otlp.log("flywheel.text_copied").by("u", "s").with("copied_text", "It rains.");
    Object[] first = event(copied);
    Object[] again = event(copied);
    Object[] other = event(copied.with("copied_text", "It"));
    Object[] named = event(copied.with("log.record.uid", "01JGX"));

    assertThat(value(again, Events.EVENT_ID)).isEqualTo(value(first, Events.EVENT_ID));
    assertThat(value(other, Events.EVENT_ID)).isNotEqualTo(value(first, Events.EVENT_ID));
    assertThat(value(named, Events.EVENT_ID)).isEqualTo("01JGX");
  }

  @Test
  void whoeverIsNotNamedIsTheirConversation() throws RefusedLine {
    Otlp nobody = Otlp.log("flywheel.text_copied").with("gen_ai.response.id", "resp-1");
    assertThat(parse(Otlp.line(nobody)).refused.get(0))
        .satisfies(
            refused -> {
              assertThat(refused.reason()).isEqualTo(QuarantineReason.MISSING_FIELD);
              assertThat(refused.detail()).isEqualTo("user.id");
            });

    Object[] conversation = event(nobody.with("gen_ai.conversation.id", "c-1"));
    assertThat(value(conversation, Events.USER_ID)).isEqualTo("c-1");
    assertThat(value(conversation, Events.SESSION_ID)).isEqualTo("c-1");

    Object[] shared = parse(Otlp.line(Map.of("enduser.pseudo.id", "p"), nobody)).events.get(0);
    assertThat(value(shared, Events.USER_ID)).as("of the resource").isEqualTo("p");

    Object[] response = event(chat().with("user.id", null).with("session.id", null));
    assertThat(value(response, Events.USER_ID)).as("another record may know").isNull();
  }

  @Test
  void badRecordsAreRefusedOneByOne() throws RefusedLine {
    ParsedRecords records =
        parse(
            Otlp.line(
                Otlp.log("flywheel.feedback_submitted").by("u", "s").with("stars", 6),
                Otlp.log("flywheel.feedback_submitted").by("u", "s").with("stars", "5"),
                Otlp.log("flywheel.sneezed").by("u", "s"),
                Otlp.log("flywheel.text_copied").by("u", "s").in(null),
                Otlp.log("flywheel.text_copied").by("u", "s").field("timeUnixNano", "soon"),
                Otlp.log("flywheel.text_copied").by("u", "s").with("copied_text", "x".repeat(1001)),
                Otlp.log("flywheel.text_copied").by("u", "s")));

    assertThat(records.refused.stream().map(why -> why.reason().code() + " " + why.detail()))
        .containsExactly(
            "invalid_value stars",
            "wrong_type stars",
            "unknown_event_type null",
            "missing_field gen_ai.response.id",
            "invalid_time null",
            "field_too_long copied_text");
    assertThat(records.events).hasSize(1);
  }

  @Test
  void aLineThatIsNoExportRequestIsRefusedAsAWhole() {
    String good = Otlp.line(chat(), chat());
    assertThat(refusal(good.substring(0, good.length() / 2))).startsWith("invalid_json ends early");
    assertThat(refusal(good + good)).isEqualTo("trailing_content null");
    assertThat(refusal("[" + good + "]")).isEqualTo("not_an_object null");
    assertThat(refusal("{\"event_id\":\"e\"}"))
        .isEqualTo("missing_field resourceLogs or resourceSpans");
    assertThat(refusal("{\"resourceLogs\":{}}")).isEqualTo("wrong_type resourceLogs");
    assertThat(refusal(good.replaceFirst("\\{\"resourceSpans", "{\"x\":1,\"x\":2,\"resourceSpans")))
        .startsWith("duplicate_field");
  }

  @Test
  void requestsWithoutRecordsAreCountedAndLeftOut() throws RefusedLine {
    for (String line :
        List.of("{}", "{\"resourceLogs\":[]}", "{\"resourceMetrics\":[{\"x\":1}]}")) {
      assertThat(parse(line).ignored).as(line).isEqualTo(1);
    }
  }

  @Test
  void theOrderOfFieldsDoesNotMatterAndUnknownOnesArePassedOver() throws RefusedLine {
    Object[] row =
        parse(
                "{\"resourceLogs\":[{\"schemaUrl\":\"x\",\"scopeLogs\":[{\"logRecords\":[{"
                    + "\"attributes\":[{\"value\":{\"stringValue\":\"u\"},\"key\":\"user.id\"},"
                    + "{\"key\":\"gone\",\"value\":{}}],\"newField\":{\"a\":[1]},"
                    + "\"timeUnixNano\":1767614400000000000,\"eventName\":\"flywheel.session_ended\"}],"
                    + "\"scope\":{\"attributes\":[{\"key\":\"session.id\",\"value\":{\"stringValue\":"
                    + "\"s\"}}]}}],\"resource\":{\"attributes\":[{\"key\":\"gen_ai.response.id\","
                    + "\"value\":{\"stringValue\":\"r\"}}]}}]}")
            .events
            .get(0);

    assertThat(value(row, Events.USER_ID)).isEqualTo("u");
    assertThat(value(row, Events.SESSION_ID)).isEqualTo("s");
    assertThat(value(row, Events.INTERACTION_ID)).isEqualTo("r");
    assertThat(value(row, Events.EVENT_TIME)).isEqualTo(1_767_614_400_000_000L);
  }

  @Test
  void thePublishedExamplesParse() throws IOException, RefusedLine {
    assumeThat(Files.exists(EXAMPLES))
        .as("skipped: it needs %s, which a clone has not", EXAMPLES)
        .isTrue();
    for (String name : List.of("events.json", "logs.json", "trace.json", "metrics.json")) {
      ParsedRecords records = parse(Files.readString(EXAMPLES.resolve(name)));
      assertThat(records.ignored).as(name).isEqualTo(1);
      assertThat(records.refused).as(name).isEmpty();
    }
    // The same records with names of ours, and cut or changed anywhere.
    byte[] ours =
        Files.readString(EXAMPLES.resolve("events.json"))
            .replace("browser.page_view", "flywheel.session_ended")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(ParsedRecords.of(parser, ours).refused.get(0).detail())
        .isEqualTo("gen_ai.response.id");
    var random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      byte[] mutated = ours.clone();
      mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(128);
      byte[] cut = Arrays.copyOf(mutated, 1 + random.nextInt(mutated.length));
      for (byte[] line : List.of(mutated, cut)) {
        try {
          ParsedRecords records = ParsedRecords.of(parser, line);
          assertThat(records.events.size() + records.refused.size() + records.ignored).isPositive();
        } catch (RefusedLine e) {
          assertThat(e.reason().bad()).isTrue();
        }
      }
    }
  }

  @Test
  void aRequestThatIsChangedAnywhereIsReadOrRefused() throws RefusedLine {
    byte[] line =
        Otlp.line(
                chat().with("gen_ai.usage.input_tokens", 52).with("flywheel.cost_usd", 0.25),
                chat()
                    .with("gen_ai.output.messages", null)
                    .with("gen_ai.completion", "[{\"role\":\"assistant\",\"content\":\"Hi!\"}]")
                    .holding(
                        Otlp.log("gen_ai.evaluation.result").with("gen_ai.evaluation.name", "x")))
            .getBytes(StandardCharsets.UTF_8);
    assertThat(ParsedRecords.of(parser, line).events).hasSize(3);
    var random = new Random(2);
    int read = 0;
    for (int i = 0; i < 4_000; i++) {
      byte[] changed = line.clone();
      for (int change = 1 + random.nextInt(3); change > 0; change--) {
        // A byte of the line itself keeps many of them JSON.
        changed[random.nextInt(line.length)] = line[random.nextInt(line.length)];
      }
      try {
        ParsedRecords records = ParsedRecords.of(parser, changed);
        assertThat(records.events.size() + records.refused.size() + records.ignored).isPositive();
        read++;
      } catch (RefusedLine e) {
        assertThat(e.reason().bad()).isTrue();
      }
    }
    assertThat(read).as("some changes leave a request").isGreaterThan(500);

    String flawed =
        Otlp.line(Otlp.span("chat").by("u", "s").with("gen_ai.completion", "Hi!"))
            .replace("{\"stringValue\":\"Hi!\"}", "{\"intValue\":\"Hi!\"}");
    assertThat(parse(flawed).events).hasSize(1);
  }

  @Test
  void theRecordIsQuotedRatherThanItsBatch() {
    var texts = new ArrayList<String>();
    String line =
        Otlp.line(
            chat(),
            chat().with("gen_ai.response.id", null).in(null).with("flywheel.surface", "here"));
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(
            () ->
                parser.parse(
                    bytes,
                    bytes.length,
                    new LineFormat.Records() {
                      @Override
                      public void event(Object[] row) {}

                      @Override
                      public void refused(RefusedLine why) {
                        texts.add(parser.recordText(10_000));
                        throw new IllegalStateException("seen");
                      }

                      @Override
                      public void ignored() {}
                    }))
        .hasMessage("seen");
    assertThat(texts.get(0)).startsWith("{\"name\"").endsWith("}").contains("here");
  }

  @Test
  void timesOfLogRecordsFallBackToWhenTheyWereSeen() throws RefusedLine {
    Otlp log =
        Otlp.log("flywheel.session_ended")
            .by("u", "s")
            .field("timeUnixNano", "0")
            .field("observedTimeUnixNano", Otlp.nanos(Instant.parse("2026-01-05T12:00:01Z")));
    assertThat(value(event(log), Events.EVENT_TIME)).isEqualTo(1_767_614_401_000_000L);
  }

  private Object[] event(Otlp record) throws RefusedLine {
    ParsedRecords records = parse(Otlp.line(record));
    assertThat(records.refused.stream().map(RefusedLine::detail)).isEmpty();
    assertThat(records.events).hasSize(1);
    return records.events.get(0);
  }

  private ParsedRecords parse(String line) throws RefusedLine {
    return ParsedRecords.of(parser, line);
  }

  private String refusal(String line) {
    try {
      parse(line);
      return "good";
    } catch (RefusedLine e) {
      return e.reason().code() + " " + e.detail();
    }
  }

  private static List<String> messages(Object[] row) {
    return CollectionConverters.asJava((Seq<?>) value(row, Events.MESSAGES)).stream()
        .map(message -> ((Row) message).mkString("|"))
        .toList();
  }

  private static Object value(Object[] row, String column) {
    return row[ParsedLines.column(column)];
  }
}
