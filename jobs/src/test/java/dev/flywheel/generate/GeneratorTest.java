package dev.flywheel.generate;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.luben.zstd.ZstdInputStream;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final DateRange TWO_WEEKS =
      new DateRange(LocalDate.parse("2026-01-05"), LocalDate.parse("2026-01-19"));
  private static final int PER_DAY = GeneratorOptions.DEFAULT_INTERACTIONS_PER_DAY;

  /** Payload of each event type: field name to the JSON type it must have. */
  private static final Map<String, String> PAYLOAD =
      Map.of(
          "response_shown",
          "prompt:s messages:a response:s conversation_id:s turn_index:n model:s prompt_name:s"
              + " prompt_version:s release:s user_type:s query_category:s surface:s language:s"
              + " experiment_variant:s input_tokens:n output_tokens:n latency_ms:n cost_usd:n"
              + " retrieval:a capabilities:a",
          "response_edited",
          "final_text:s",
          "text_copied",
          "copied_text:s start:n end:n",
          "suggestion_accepted",
          "accepted_text:s",
          "code_executed",
          "succeeded:b executed_text:s error_type:s",
          "task_completed",
          "task_id:s",
          "task_abandoned",
          "task_id:s",
          "feedback_submitted",
          "thumbs:s stars:n helpful:b report_reason:s comment:s",
          "assessment_recorded",
          "name:s score:n label:s explanation:s source_type:s source_id:s");

  private static final Set<String> ENVELOPE =
      Set.of(
          "event_id",
          "event_type",
          "event_time",
          "user_id",
          "session_id",
          "interaction_id",
          "tenant_id");
  private static final Set<String> UNKNOWN = Set.of("client_build", "flags");

  /** A line that parsed. */
  private record Landed(LocalDate day, String text, JsonNode json) {
    String field(String name) {
      return json.path(name).asText();
    }

    OffsetDateTime time() {
      return OffsetDateTime.parse(field("event_time")).withOffsetSameInstant(ZoneOffset.UTC);
    }

    long delay() {
      return day.toEpochDay() - time().toLocalDate().toEpochDay();
    }
  }

  @TempDir private static Path folder;
  private static GeneratorSummary summary;
  private static final List<Landed> GOOD = new ArrayList<>();
  private static final Map<String, JsonNode> TRUTH = new HashMap<>();
  private static long lines;
  private static long blank;
  private static long bytes;
  private static long files;

  @BeforeAll
  static void generate() throws IOException {
    summary = Generator.run(options(folder, TWO_WEEKS, PER_DAY, 7));
    for (LocalDate day : TWO_WEEKS.toList()) {
      for (Path file : list(folder.resolve("raw/dt=" + day))) {
        files++;
        byte[] content = read(file);
        bytes += content.length;
        int from = 0;
        for (int i = 0; i < content.length; i++) {
          if (content[i] == '\n') {
            line(day, java.util.Arrays.copyOfRange(content, from, i));
            from = i + 1;
          }
        }
      }
    }
    for (String line : Files.readAllLines(folder.resolve("truth/interactions.jsonl"))) {
      JsonNode row = JSON.readTree(line);
      assertThat(TRUTH.put(row.path("interaction_id").asText(), row)).isNull();
    }
  }

  private static void line(LocalDate day, byte[] line) {
    lines++;
    if (line.length == 0) {
      blank++;
      return;
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
      var landed = new Landed(day, text, JSON.readTree(text));
      for (String field : ENVELOPE) {
        JsonNode value = landed.json().get(field);
        if (value == null ? !field.equals("tenant_id") : !value.isTextual()) {
          return;
        }
      }
      landed.time();
      GOOD.add(landed);
    } catch (CharacterCodingException | JsonProcessingException | DateTimeException e) {
      // A broken line: counted by what is missing from the good ones.
    }
  }

  @Test
  void theSummaryCountsWhatLiesInTheFiles() {
    assertThat(summary.files()).isEqualTo(files);
    assertThat(summary.lines()).isEqualTo(lines);
    assertThat(summary.bytes()).isEqualTo(bytes);
    assertThat(summary.blank()).isEqualTo(blank).isPositive();
    assertThat(summary.broken()).isEqualTo(lines - blank - GOOD.size()).isPositive();
    assertThat(summary.interactions()).isEqualTo(TRUTH.size()).isGreaterThanOrEqualTo(20_000);
    assertThat(summary.badInteractions())
        .isEqualTo(TRUTH.values().stream().filter(GeneratorTest::bad).count());
    assertThat(summary.duplicates()).isEqualTo(GOOD.size() - distinct().size()).isPositive();
    assertThat(summary.late())
        .isEqualTo(distinct().stream().filter(l -> l.delay() == 1 || l.delay() == 2).count())
        .isPositive();
    assertThat(summary.tooLate())
        .isEqualTo(distinct().stream().filter(l -> l.delay() > 2).count())
        .isPositive();
    assertThat((double) (summary.broken() + summary.tooLate()) / lines).isBetween(0.002, 0.01);
  }

  @Test
  void everyGoodLineFollowsTheContract() {
    for (Landed line : GOOD) {
      assertThat(line.delay()).isBetween(0L, 4L);
      Map<String, String> payload = payload(line.field("event_type"));
      for (Map.Entry<String, JsonNode> field : line.json().properties()) {
        String name = field.getKey();
        if (!ENVELOPE.contains(name) && !UNKNOWN.contains(name)) {
          assertThat(type(field.getValue())).as(name).isEqualTo(payload.get(name));
        }
      }
    }
  }

  @Test
  void aCopyLandsTheSameDayOrTheNextAndIsTheSameLine() {
    Map<String, List<Landed>> byId =
        GOOD.stream().collect(groupingBy(line -> line.field("event_id")));
    Set<Long> distances = new HashSet<>();
    byId.values().stream()
        .filter(copies -> copies.size() > 1)
        .forEach(
            copies -> {
              assertThat(copies.stream().map(Landed::text).distinct()).hasSize(1);
              distances.add(
                  copies.stream().mapToLong(Landed::delay).max().getAsLong()
                      - copies.stream().mapToLong(Landed::delay).min().getAsLong());
            });
    assertThat(distances).containsExactlyInAnyOrder(0L, 1L);
  }

  @Test
  void everyResponseInTimeHasItsTruthAndOnlyThose() {
    Set<String> shown = new HashSet<>();
    distinct().stream()
        .filter(line -> line.field("event_type").equals("response_shown") && line.delay() <= 2)
        .forEach(
            line -> {
              shown.add(line.field("interaction_id"));
              JsonNode truth = TRUTH.get(line.field("interaction_id"));
              assertThat(truth.path("event_date").asText())
                  .isEqualTo(line.time().toLocalDate().toString());
              for (String name : List.of("user_type", "query_category", "release")) {
                assertThat(truth.path(name).asText()).isEqualTo(line.field(name));
              }
              assertThat(truth.path("tenant_id").asText())
                  .isEqualTo(line.json().path("tenant_id").asText("default"));
            });
    assertThat(shown).isEqualTo(TRUTH.keySet());
  }

  @Test
  void userActionsComeAfterTheResponseAndConcernIt() {
    Map<String, Landed> shown = new HashMap<>();
    distinct().stream()
        .filter(line -> line.field("event_type").equals("response_shown"))
        .forEach(line -> shown.put(line.field("interaction_id"), line));
    for (Landed line : distinct()) {
      Landed response = shown.get(line.field("interaction_id"));
      if (response == null) {
        continue;
      }
      assertThat(line.time()).isAfterOrEqualTo(response.time());
      if (line.json().has("start")) {
        int length =
            response.field("response").codePointCount(0, response.field("response").length());
        assertThat(line.json().path("end").asInt())
            .isGreaterThan(line.json().path("start").asInt())
            .isLessThanOrEqualTo(length);
      }
      if (line.json().has("copied_text")) {
        assertThat(response.field("response")).contains(line.field("copied_text"));
      }
    }
  }

  @Test
  void plantedModesHaveTheirShareWithinTheirReleases() {
    Map<String, Map<String, Long>> byMode =
        TRUTH.values().stream()
            .filter(row -> !row.path("failure_mode").isNull())
            .collect(
                groupingBy(
                    row -> row.path("failure_mode").asText(),
                    groupingBy(row -> row.path("release").asText(), TreeMap::new, counting())));
    assertThat(byMode).hasSize(6);
    byMode.forEach(
        (mode, releases) -> {
          Set<String> expected =
              switch (mode) {
                case "invoice_totals" -> Set.of("3.1", "3.2");
                case "outdated_api" -> Set.of("3.0", "3.1");
                default -> Set.of("3.0", "3.1", "3.2");
              };
          assertThat(releases.keySet()).as(mode).isEqualTo(expected);
          long all = releases.values().stream().mapToLong(Long::longValue).sum();
          assertThat((double) all / TRUTH.size()).as(mode).isBetween(0.015, 0.07);
        });
    double bad = (double) summary.badInteractions() / summary.interactions();
    assertThat(bad).isBetween(0.2, 0.35);
    long diffuse =
        TRUTH.values().stream()
            .filter(row -> bad(row) && row.path("failure_mode").isNull())
            .count();
    assertThat((double) diffuse / TRUTH.size()).isCloseTo(0.07, within(0.02));
  }

  @Test
  void trafficIsVaried() {
    Map<String, Set<String>> values = new HashMap<>();
    Map<String, Long> types = new HashMap<>();
    for (Landed line : distinct()) {
      types.merge(line.field("event_type"), 1L, Long::sum);
      for (String name :
          List.of("user_type", "query_category", "surface", "language", "model", "release")) {
        if (line.json().has(name)) {
          values.computeIfAbsent(name, ignored -> new HashSet<>()).add(line.field(name));
        }
      }
    }
    assertThat(values.get("user_type")).hasSize(3);
    assertThat(values.get("query_category")).hasSizeGreaterThanOrEqualTo(8);
    assertThat(values.get("surface")).containsExactlyInAnyOrder("chat", "editor", "ide", "agent");
    assertThat(values.get("language")).containsExactlyInAnyOrder("en", "de", "es", "fr");
    assertThat(values.get("model")).hasSize(3);
    assertThat(values.get("release")).hasSize(3);
    assertThat(types.keySet())
        .containsAll(PAYLOAD.keySet())
        .contains(
            "suggestion_dismissed",
            "suggestion_clicked",
            "response_regenerated",
            "session_ended",
            "rating_prompt_shown");
    double interactions = summary.interactions();
    assertThat(types.get("assessment_recorded") / interactions).isBetween(0.005, 0.015);
    assertThat(types.get("feedback_submitted") / interactions).isBetween(0.01, 0.06);
    Set<String> prompts = new HashSet<>();
    distinct().forEach(line -> prompts.add(line.field("prompt")));
    assertThat(prompts.size()).isGreaterThan((int) (0.3 * interactions));
  }

  @Test
  void theSameSeedGivesTheSameBytesOnAnyNumberOfThreads(@TempDir Path other) throws IOException {
    var range = new DateRange(TWO_WEEKS.from(), TWO_WEEKS.from().plusDays(3));
    GeneratorOptions one = options(other.resolve("a"), range, 300, 3);
    GeneratorOptions two = options(other.resolve("b"), range, 300, 3);
    two =
        new GeneratorOptions(
            two.output(), two.truth(), range, 300, 3, two.storyStart(), one.threads() + 3);
    assertThat(Generator.run(one)).isEqualTo(Generator.run(two));
    assertThat(contents(other.resolve("a"))).isEqualTo(contents(other.resolve("b")));
    Generator.run(options(other.resolve("c"), range, 300, 4));
    assertThat(contents(other.resolve("a"))).isNotEqualTo(contents(other.resolve("c")));
  }

  @Test
  void logsThatAreThereAreNotReplaced() {
    GeneratorOptions again = options(folder, DateRange.of(TWO_WEEKS.last()), 10, 7);
    assertThatThrownBy(() -> Generator.run(again))
        .isInstanceOf(FlywheelException.class)
        .hasMessageContaining("never replace");
  }

  private static GeneratorOptions options(Path root, DateRange days, int perDay, long seed) {
    return GeneratorOptions.of(root.resolve("raw"), root.resolve("truth"), days, perDay, seed);
  }

  private static List<Landed> distinct() {
    Map<String, Landed> first = new HashMap<>();
    GOOD.forEach(line -> first.putIfAbsent(line.field("event_id"), line));
    return List.copyOf(first.values());
  }

  private static boolean bad(JsonNode truth) {
    return truth.path("quality").asText().equals("bad");
  }

  private static Map<String, String> payload(String eventType) {
    Map<String, String> types = new HashMap<>();
    for (String field : PAYLOAD.getOrDefault(eventType, "").split(" ", -1)) {
      int colon = field.indexOf(':');
      if (colon > 0) {
        types.put(field.substring(0, colon), field.substring(colon + 1));
      }
    }
    return types;
  }

  private static String type(JsonNode value) {
    return value.isTextual() ? "s" : value.isNumber() ? "n" : value.isBoolean() ? "b" : "a";
  }

  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        contents.put(
            root.relativize(file).toString(),
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return contents;
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }

  private static byte[] read(Path file) {
    try {
      byte[] raw = Files.readAllBytes(file);
      String name = file.toString();
      try (InputStream in =
          name.endsWith(".gz")
              ? new GZIPInputStream(new ByteArrayInputStream(raw))
              : name.endsWith(".zst")
                  ? new ZstdInputStream(new ByteArrayInputStream(raw))
                  : new ByteArrayInputStream(raw)) {
        return in.readAllBytes();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
