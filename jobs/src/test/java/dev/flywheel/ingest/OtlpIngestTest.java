package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.StageLog;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.testing.Otlp;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From files of OpenTelemetry to the tables events and quarantine of a lake. */
class OtlpIngestTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final String PREFIX = "year=2026/month=01/day=05/";
  private static final String DETAILS = "gen_ai.client.inference.operation.details";

  @TempDir Path root;
  private Path raw;
  private Lakehouse lake;
  private IngestedRows ingested;
  private final Map<String, Object> overrides = new HashMap<>();

  @BeforeEach
  void openLake() {
    raw = root.resolve("raw");
    lake = TestLakes.open(root.resolve("lake"));
    ingested = new IngestedRows(lake);
    overrides.put("input.path", raw.toString());
    overrides.put("input.format", "otlp_json");
    overrides.put("input.day_pattern", "'year='yyyy'/month='MM'/day='dd");
    overrides.put("ingest.max_bad_share", 1.0);
  }

  /** The span of a call, with everything but its content. */
  private static Otlp span(String response, String spanId) {
    return Otlp.span("chat")
        .in(spanId)
        .by("u-" + response, "s")
        .with("gen_ai.response.id", response)
        .with("gen_ai.response.model", "small-2")
        .with("gen_ai.usage.output_tokens", 4);
  }

  /** The event of the same call: its content, and nobody's name. */
  private static Otlp details(String response, String spanId) {
    return Otlp.log(DETAILS)
        .in(spanId)
        .with("gen_ai.operation.name", "chat")
        .with("gen_ai.response.id", response)
        .with("gen_ai.prompt", "Hello")
        .with("gen_ai.completion", "Hi " + response);
  }

  @Test
  void aSpanAndAnEventOfOneCallAreOneResponseWithWhatBothSay() {
    land("hour=11/minute=59/traces_1.json", Otlp.line(span("a", "0a"), span("b", "0b")));
    land("hour=12/minute=00/logs_1.json", Otlp.line(details("a", "0a"), details("b", "0b")));
    land(
        "hour=12/minute=07/logs_2.json",
        Otlp.line(
            Otlp.log("gen_ai.evaluation.result").in("0b").with("gen_ai.evaluation.name", "tone"),
            Otlp.log("flywheel.text_copied")
                .in(null)
                .by("u-a", "s")
                .with("gen_ai.response.id", "a"),
            Otlp.log("flywheel.response_shown")
                .in(null)
                .with("gen_ai.response.id", "b")
                .with("flywheel.surface", "editor"),
            Otlp.log("device.app.lifecycle")));

    StageLog log = ingest();

    assertThat(
            ingested.events(
                "event_type = 'response_shown'",
                Events.INTERACTION_ID,
                Events.USER_ID,
                Events.SESSION_ID,
                Events.RESPONSE,
                Events.PROMPT,
                Events.MODEL,
                Events.OUTPUT_TOKENS,
                Events.LATENCY_MS,
                Events.SURFACE,
                Events.SOURCE_FILE,
                Events.SOURCE_RECORD))
        .containsExactly(
            "a|u-a|s|Hi a|Hello|small-2|4|800|null|" + PREFIX + "hour=12/minute=00/logs_1.json|1",
            "b|u-b|s|Hi b|Hello|small-2|4|800|editor|"
                + PREFIX
                + "hour=12/minute=00/logs_1.json|2");
    assertThat(
            ingested.events(
                "event_type <> 'response_shown'", Events.EVENT_TYPE, Events.INTERACTION_ID))
        .containsExactly("assessment_recorded|b", "text_copied|a");
    assertThat(log.counts())
        .containsEntry("records", 8L)
        .containsEntry("good", 7L)
        .containsEntry("ignored", 1L)
        .containsEntry("merged", 3L)
        .containsEntry("quarantined", 0L)
        .containsEntry("events_rows", 4L);
  }

  @Test
  void armsOfExperimentsAreThoseOfTheTrace() {
    land(
        "traces.json",
        Otlp.line(
            span("a", "0a").holding(flag("model", "b")),
            span("b", "0b"),
            span("c", "0c").field("traceId", "0c0c"),
            span("d", "0d").with("flywheel.tenant_id", "other")));
    land("details.json", Otlp.line(details("b", "0b")));
    land(
        "flags.json",
        Otlp.line(
            flag("tone", "warm").in("01"),
            flag("tone", "warm").in("02"),
            flag("layout", "wide").in("02"),
            flag("tone", "cold").in("01").field("traceId", "0d0d")));
    land("acts.json", Otlp.line(act("1").in("0b")));

    StageLog log = ingest();

    assertThat(
            ingested.events(
                "event_type = 'response_shown'",
                Events.INTERACTION_ID,
                Events.EXPERIMENT_VARIANT,
                Events.RESPONSE))
        .containsExactly(
            "a|model=b|null", "b|layout=wide,tone=warm|Hi b", "c|null|null", "d|null|null");
    assertThat(ingested.events("event_type = 'text_copied'", Events.EXPERIMENT_VARIANT))
        .containsExactly("null");
    assertThat(log.counts())
        .containsEntry("records", 10L)
        .containsEntry("ignored", 4L)
        .containsEntry("merged", 1L)
        .containsEntry("quarantined", 0L)
        .containsEntry("events_rows", 5L);
  }

  private static Otlp flag(String key, String variant) {
    return Otlp.log("feature_flag.evaluation")
        .with("feature_flag.key", key)
        .with("feature_flag.result.variant", variant);
  }

  @Test
  void namesOfOneResponseMeetUnderTheApplicationsOwn() {
    land("traces.json", Otlp.line(span("a", "0a"), span("b", "0b"), span("c", "0c")));
    land("details.json", Otlp.line(details("a", "0a").with("flywheel.surface", "chat")));
    land(
        "app.json",
        Otlp.line(
            Otlp.log("flywheel.response_shown")
                .in(null)
                .by("person", "window")
                .with("gen_ai.response.id", "a")
                .with("flywheel.interaction_id", "own-a")
                .with("flywheel.release", "r9")
                .with("flywheel.surface", "editor"),
            Otlp.log("flywheel.response_shown").in("0b").with("flywheel.interaction_id", "own-b"),
            Otlp.log("flywheel.response_shown")
                .in("0e")
                .by("w", "s")
                .with("gen_ai.response.id", "final")
                .with("flywheel.interaction_id", "own-final")));
    // Two calls within one span of a request.
    land("steps.json", Otlp.line(details("draft", "0e").by("u", "s"), details("final", "0e")));
    land(
        "acts.json",
        Otlp.line(
            act("1").in(null).with("gen_ai.response.id", "a"),
            act("2").in(null).with("gen_ai.response.id", "b"),
            act("3").in("0a"),
            act("4").in("0b"),
            act("5").in("0c"),
            act("6").in("0d"),
            act("7").in("0a").with("flywheel.interaction_id", "own-a"),
            Otlp.log("gen_ai.evaluation.result")
                .in(null)
                .with("gen_ai.response.id", "a")
                .with("gen_ai.evaluation.name", "tone")));

    ingest();

    assertThat(
            ingested.events(
                "event_type = 'response_shown'",
                Events.INTERACTION_ID,
                Events.USER_ID,
                Events.SESSION_ID,
                Events.RELEASE,
                Events.SURFACE,
                Events.RESPONSE,
                Events.MODEL))
        .containsExactly(
            "c|u-c|s|2026.1|null|null|small-2",
            "draft|u|s|2026.1|null|Hi draft|null",
            "own-a|person|window|r9|editor|Hi a|small-2",
            "own-b|u-b|s|2026.1|null|null|small-2",
            "own-final|w|s|2026.1|null|Hi final|null");
    assertThat(
            ingested.events(
                "event_type = 'assessment_recorded'",
                Events.INTERACTION_ID,
                Events.USER_ID,
                Events.SESSION_ID))
        .containsExactly("own-a|own-a|own-a");
    assertThat(
            ingested.events("event_type = 'text_copied'", Events.EVENT_ID, Events.INTERACTION_ID))
        .containsExactly(
            "1|own-a",
            "2|own-b",
            "3|own-a",
            "4|own-b",
            "5|c",
            "6|4bf92f3577b34da6a3ce929d0e0e4736-0d",
            "7|own-a");
  }

  private static Otlp act(String eventId) {
    return Otlp.log("flywheel.text_copied").by("u", "s").with("flywheel.event_id", eventId);
  }

  @Test
  void everyCompressionOfTheCollectorIsRead() throws IOException {
    byte[] line = utf8(Otlp.line(details("a", "0a").by("u", "s")));
    write("hour=00/a.json.gz", wrapped(line, GZIPOutputStream::new));
    write("hour=01/b.json.zst", wrapped(line, ZstdOutputStream::new));
    var framed = new ByteArrayOutputStream();
    var out = new DataOutputStream(framed);
    for (int i = 0; i < 2; i++) {
      byte[] frame = Zstd.compress(line);
      out.writeInt(frame.length);
      out.write(frame);
    }
    write("hour=02/framed.json", framed.toByteArray());
    write("hour=03/cut.json", Arrays.copyOf(framed.toByteArray(), framed.size() - 9));
    write(
        "hour=04/indented.json",
        utf8("{\n" + new String(line, 1, line.length - 1, StandardCharsets.UTF_8)));

    ingest();

    assertThat(ingested.events("true", Events.SOURCE_FILE, Events.SOURCE_LINE))
        .containsExactly(
            PREFIX + "hour=00/a.json.gz|1",
            PREFIX + "hour=01/b.json.zst|1",
            PREFIX + "hour=02/framed.json|1",
            PREFIX + "hour=02/framed.json|2",
            PREFIX + "hour=03/cut.json|1",
            PREFIX + "hour=04/indented.json|1");
    assertThat(ingested.bad())
        .containsExactly("corrupt_file|null|" + PREFIX + "hour=03/cut.json|2|0");
  }

  @Test
  void aFileThatIsCutInTheMiddleIsSaidClearlyAndNothingIsPublished() {
    overrides.remove("ingest.max_bad_share");
    String whole = Otlp.line(details("a", "0a").by("u", "s"), details("b", "0b").by("u", "s"));
    land("logs_1.json", whole + "\n");
    land("logs_2.json", whole + "\n" + whole.substring(0, whole.length() / 2));

    assertThatThrownBy(this::ingest)
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.GATE))
        .hasMessageContaining("1 of 3 lines")
        .hasMessageContaining(PREFIX + "logs_2.json:2 (ends early at character")
        .hasMessageContaining("fetch files anew that end early");

    overrides.put("ingest.max_bad_share", 0.34);
    ingest();
    assertThat(ingested.events("true", Events.INTERACTION_ID)).containsExactly("a", "a", "b", "b");
    assertThat(ingested.bad())
        .hasSize(1)
        .allMatch(row -> row.startsWith("invalid_json|ends early"));
  }

  @Test
  void aResponseShownToNobodyIsRefusedAndOneShownInAConversationIsNot() {
    land(
        "logs.json",
        Otlp.line(
            details("a", "0a"),
            details("b", "0b").with("gen_ai.conversation.id", "c"),
            details("c", "0c").with("user.id", "u")));

    StageLog log = ingest();

    assertThat(ingested.events("true", Events.INTERACTION_ID, Events.USER_ID, Events.SESSION_ID))
        .containsExactly("b|c|c", "c|u|4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(ingested.bad()).containsExactly("missing_field|user.id|" + PREFIX + "logs.json|1|1");
    assertThat(lake.read(Quarantine.SPEC).first().<String>getAs(Quarantine.LINE_TEXT))
        .startsWith("{\"eventName\"")
        .contains("Hi a");
    assertThat(log.counts())
        .containsEntry("good", 2L)
        .containsEntry("quarantined_missing_field", 1L)
        .containsEntry("records", 3L);
  }

  @Test
  void twiceEqualsOnceWithRepeatsAmongTheRecords() {
    for (int i = 0; i < 3; i++) {
      land("traces_" + i + ".json", Otlp.line(span("r" + i, "0" + i)));
      land("logs_" + i + ".json", Otlp.line(details("r" + i, "0" + i)));
    }
    land("repeat.json", Otlp.line(details("r0", "00")));
    ingest();
    var once = TestLakes.rows(lake, Events.SPEC);
    ingest();

    assertThat(once).hasSize(3);
    assertThat(TestLakes.rows(lake, Events.SPEC)).isEqualTo(once);
  }

  @Test
  void daysInOneRunGiveTheSameRowsAsOneByOne() {
    LocalDate next = DAY.plusDays(1);
    // No response of this day is told of by two kinds of record; one is by two of a kind.
    land("logs.json", Otlp.line(details("a", "0a").by("u", "s"), details("a", "0b").by("u", "s")));
    land(next, "traces.json", Otlp.line(span("b", "0c")));
    land(next, "logs.json", Otlp.line(details("b", "0c")));
    ingest();
    ingest(DateRange.of(next));
    var oneByOne = TestLakes.rows(lake, Events.SPEC);

    StageLog log = ingest(new DateRange(DAY, next.plusDays(1)));

    assertThat(TestLakes.rows(lake, Events.SPEC)).isEqualTo(oneByOne).hasSize(3);
    assertThat(log.counts()).containsEntry("merged", 1L);
  }

  @Test
  void theCommandLineReadsItAndListsFormatsForOneThatItDoesNotKnow() {
    land("logs.json", Otlp.line(details("a", "0a").by("u", "s")));
    String[] days = {"--from", "2026-01-05", "--to", "2026-01-06"};

    Program.Ended unknown = Program.run(command("csv", days));
    assertThat(unknown.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(unknown.err())
        .contains("The input format 'csv' is not known")
        .contains("native, otlp_json, langfuse");

    Program.Ended known = Program.run(command("otlp_json", days));
    assertThat(known.exitCode()).as(known.err()).isZero();
    assertThat(ingested.events("true", Events.INTERACTION_ID)).containsExactly("a");
  }

  private String[] command(String format, String... days) {
    Path config = root.resolve("flywheel.yaml");
    try {
      Files.writeString(config, "input:\n  day_pattern: \"'year='yyyy'/month='MM'/day='dd\"\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Stream.of(
            List.of("ingest", "--config", config.toString(), "--format", format),
            List.of("--input", raw.toString(), "--lake", root.resolve("lake").toString()),
            List.of(days))
        .flatMap(List::stream)
        .toArray(String[]::new);
  }

  private StageLog ingest() {
    return ingest(DateRange.of(DAY));
  }

  private StageLog ingest(DateRange landing) {
    var log = new StageLog();
    new IngestStage().run(lake.noting(log), TestSpark.run(landing), TestSpark.settings(overrides));
    assertThat(log.counts().get("records"))
        .isEqualTo(
            log.counts().get("good")
                + log.counts().get("quarantined")
                + log.counts().get("ignored"));
    assertThat(log.counts().get("events_rows") + log.counts().get("merged"))
        .isEqualTo(log.counts().get("good"));
    return log;
  }

  private void land(String name, String text) {
    land(DAY, name, text);
  }

  private void land(LocalDate day, String name, String text) {
    write(day, name, utf8(text));
  }

  private void write(String name, byte[] content) {
    write(DAY, name, content);
  }

  private void write(LocalDate day, String name, byte[] content) {
    try {
      Path file = raw.resolve(TestSpark.settings(overrides).input().prefix(day)).resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Wrapper {
    OutputStream wrap(OutputStream out) throws IOException;
  }

  private static byte[] wrapped(byte[] content, Wrapper wrapper) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = wrapper.wrap(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
