package dev.flywheel.ingest;

import static dev.flywheel.ingest.NativeLogs.compressed;
import static dev.flywheel.ingest.NativeLogs.gzip;
import static dev.flywheel.ingest.NativeLogs.join;
import static dev.flywheel.ingest.NativeLogs.utf8;
import static dev.flywheel.ingest.NativeLogs.zstd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every line of whatever a file holds is an event, or a row of quarantine, or blank. */
final class HostileLogsTest {
  private static final Path SHARED = Path.of("../../shared/data");
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  @TempDir Path root;
  private NativeLogs logs;

  @BeforeEach
  void openLake() {
    logs = new NativeLogs(root);
  }

  @Test
  void hugeLinesBecomeOneRowEach() {
    byte[] huge = new byte[50 << 20];
    Arrays.fill(huge, (byte) 'x');
    logs.write(DAY, "plain.jsonl", join(huge, utf8("\n" + RawLine.of("session_ended"))));
    byte[] bomb = gzip(join(new byte[300 << 20], utf8("\n" + RawLine.of("session_ended"))));
    assertThat(bomb).hasSizeLessThan(1 << 20);
    logs.write(DAY, "bomb.jsonl.gz", bomb);

    logs.ingest(DAY);

    assertThat(logs.reasons()).isEqualTo(Map.of("line_too_long", 2L));
    assertThat(logs.lake.read(Events.SPEC).count()).isEqualTo(2);
    Row row = logs.rows(Quarantine.SPEC, "source_file like '%bomb%'").get(0);
    assertThat(row.<Long>getAs(Quarantine.LINE_BYTES)).isEqualTo(300L << 20);
    assertThat(row.<String>getAs(Quarantine.LINE_TEXT)).hasSize(2_000);
  }

  /** Lines that hardly shrink: half of the compressed file is about half of them. */
  private static String threeThousand() {
    var random = new Random(5);
    return IntStream.range(0, 3_000)
        .mapToObj(i -> RawLine.of("session_ended").with("x", random.nextLong()) + "\n")
        .collect(Collectors.joining());
  }

  /** One line among thousands is bad, and half of the day is missing. */
  @Test
  void aDayWhoseOnlyFileEndsEarlyIsRefused() {
    String lines = threeThousand();
    byte[] gz = gzip(utf8(lines));
    logs.write(DAY, "cut.jsonl.gz", Arrays.copyOf(gz, gz.length / 2));
    logs.overrides.put("ingest.max_bad_share", 0.5);
    assertThatThrownBy(() -> logs.ingest(DAY))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.GATE))
        .hasMessageContaining(
            " bytes, those of damaged files, of the landing day 2026-01-05 are bad")
        .hasMessageContaining("corrupt_file first at dt=2026-01-05/cut.jsonl.gz:");

    // Among others that are whole it is a small part of the day.
    for (String name : List.of("a.jsonl.gz", "b.jsonl.gz")) {
      logs.write(DAY, name, gz);
    }
    logs.ingest(DAY);
    assertThat(logs.lake.read(Events.SPEC).count()).isBetween(7_000L, 8_000L);
  }

  @Test
  void theLinesBeforeABreakAreKeptAndTheRestIsOneRow() {
    String lines = threeThousand();
    byte[] gz = gzip(utf8(lines));
    byte[] zst = zstd(utf8(lines));
    logs.write(DAY, "cut.jsonl.gz", Arrays.copyOf(gz, gz.length / 2));
    logs.write(DAY, "cut.jsonl.zst", Arrays.copyOf(zst, zst.length * 9 / 10));
    logs.write(DAY, "no.jsonl.gz", utf8(lines));
    logs.write(DAY, "no.jsonl.zst", utf8(lines));
    logs.write(DAY, "tail.jsonl.gz", join(gz, utf8("garbage")));
    logs.write(DAY, "two.jsonl.gz", join(gzip(utf8("bad\n")), gz));

    logs.ingest(DAY);

    Map<String, Long> events = logs.countBy(Events.SPEC, "true", Events.SOURCE_FILE);
    Map<String, Long> corrupt =
        logs.countBy(Quarantine.SPEC, "reason = 'corrupt_file'", Quarantine.SOURCE_FILE);
    String day = "dt=2026-01-05/";
    assertThat(corrupt.keySet())
        .isEqualTo(
            Stream.of(
                    "cut.jsonl.gz", "cut.jsonl.zst", "no.jsonl.gz", "no.jsonl.zst", "tail.jsonl.gz")
                .map(name -> day + name)
                .collect(Collectors.toSet()));
    assertThat(corrupt.values()).containsOnly(1L);
    assertThat(events.get(day + "cut.jsonl.gz")).isBetween(1_000L, 2_000L);
    assertThat(events.get(day + "cut.jsonl.zst")).isBetween(1L, 2_999L);
    assertThat(events.get(day + "tail.jsonl.gz")).isEqualTo(3_000);
    assertThat(events.get(day + "two.jsonl.gz")).isEqualTo(3_000);
    Row rest = logs.rows(Quarantine.SPEC, "source_file like '%cut.jsonl.gz'").get(0);
    assertThat(rest.<Long>getAs(Quarantine.SOURCE_LINE))
        .isEqualTo(events.get(day + "cut.jsonl.gz") + 1);
  }

  @Test
  void everyLineIsAnEventOrInQuarantineOrBlank() {
    var random = new Random(11);
    var expected = new TreeMap<String, Long>();
    for (int file = 0; file < 24; file++) {
      var text = new ByteArrayOutputStream();
      int lines = random.nextInt(60);
      for (int i = 0; i < lines; i++) {
        text.writeBytes(randomLine(random));
        boolean last = i == lines - 1 && random.nextBoolean();
        text.writeBytes(utf8(last ? "" : random.nextInt(3) == 0 ? "\r\n" : "\n"));
      }
      String ending = List.of(".jsonl", ".jsonl.gz", ".zst", ".log").get(random.nextInt(4));
      String name = "f" + file + ending;
      logs.write(DAY, name, compressed(name, text.toByteArray()));
      expected.put("dt=2026-01-05/" + name, nonBlankLines(text.toByteArray()));
    }
    logs.ingest(DAY);

    Map<String, Long> found = logs.countBy(Events.SPEC, "true", Events.SOURCE_FILE);
    logs.countBy(Quarantine.SPEC, "true", Quarantine.SOURCE_FILE)
        .forEach((name, count) -> found.merge(name, count, Long::sum));
    expected.values().removeIf(count -> count == 0);
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void theFilesOfTheJsonTestSuiteReconcileAsRawLogs() throws IOException {
    Path suite = SHARED.resolve("json-test-suite/test_parsing");
    assumeShared(suite);
    var expected = new TreeMap<String, Long>();
    try (Stream<Path> files = Files.list(suite)) {
      for (Path file : files.toList()) {
        byte[] content = Files.readAllBytes(file);
        logs.write(DAY, file.getFileName().toString(), content);
        expected.put("dt=2026-01-05/" + file.getFileName(), nonBlankLines(content));
      }
    }
    assertThat(expected).hasSize(318);
    logs.ingest(DAY);

    expected.values().removeIf(count -> count == 0);
    assertThat(logs.countBy(Quarantine.SPEC, "true", Quarantine.SOURCE_FILE)).isEqualTo(expected);
    assertThat(logs.lake.read(Events.SPEC).count()).isZero();
  }

  @Test
  void naughtyStringsComeBackByteForByte() throws IOException {
    Path file = SHARED.resolve("naughty-strings/blns.json");
    assumeShared(file);
    List<String> strings =
        Arrays.asList(new ObjectMapper().readValue(file.toFile(), String[].class));
    assertThat(strings).hasSizeGreaterThan(500);
    logs.land(
        DAY,
        "a.jsonl.zst",
        IntStream.range(0, strings.size())
            .mapToObj(
                i ->
                    RawLine.of("response_shown")
                            .with("event_id", "" + i)
                            .with("prompt", strings.get(i))
                            .with("capabilities", List.of(strings.get(i)))
                        + "\n")
            .toArray());
    logs.ingest(DAY);

    List<Row> rows = logs.lake.read(Events.SPEC).collectAsList();
    assertThat(rows).hasSize(strings.size());
    for (Row row : rows) {
      String written = strings.get(Integer.parseInt(row.getAs(Events.EVENT_ID)));
      assertThat(row.<String>getAs(Events.PROMPT)).isEqualTo(written);
      assertThat(row.getList(row.fieldIndex(Events.CAPABILITIES))).containsExactly(written);
    }
    assertThat(logs.lake.read(Events.SPEC).where("not is_valid_utf8(prompt)").count()).isZero();
  }

  private byte[] randomLine(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> new byte[0];
      case 1 -> utf8(" \t ");
      case 2 -> utf8("{\"event_id\"");
      case 3 -> new byte[] {'{', '"', (byte) 0xff, '"', '}'};
      case 4 -> utf8(RawLine.of("session_ended").with("event_time", "2020-01-01T00:00:00Z") + "");
      case 5 -> utf8(RawLine.of("response_shown").with("prompt", random.nextInt()) + "");
      default -> utf8(RawLine.of("response_shown").with("prompt", "ü" + random.nextInt()) + "");
    };
  }

  /** An independent reading: split at line feeds, strip white space. */
  private static long nonBlankLines(byte[] content) {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    String withoutMark = text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text;
    return Arrays.stream(withoutMark.split("\n"))
        .filter(line -> !line.chars().allMatch(c -> c == ' ' || c == '\t' || c == '\r'))
        .count();
  }

  private static void assumeShared(Path path) {
    assumeThat(Files.exists(path)).as("skipped: it needs %s, which a clone has not", path).isTrue();
  }
}
