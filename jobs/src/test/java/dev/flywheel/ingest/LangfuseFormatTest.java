package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.QuarantineReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LangfuseFormatTest {
  private final LineFormat.Parser parser =
      new LangfuseFormat("acme", Set.of("user-feedback"), 1_000, 1 << 20).parser();

  @Test
  void rowsOfTheExportBecomeEventsOfTheContract() throws IOException, RefusedLine {
    var shown = new ArrayList<String>();
    for (String line : lines("observations_v2")) {
      ParsedRecords records = parse("observations_v2/x.jsonl", line);
      for (Object[] row : records.events) {
        shown.add(
            "%s %s %s %s %s"
                .formatted(
                    value(row, Events.EVENT_ID),
                    value(row, Events.INTERACTION_ID),
                    value(row, Events.RESPONSE),
                    value(row, Events.INPUT_TOKENS),
                    told(row)));
      }
    }
    assertThat(shown)
        .containsExactly(
            "root-1 t-1 Refunds are open for 30 days. null by span",
            "gen-1a t-1 null 10 within",
            "gen-1b t-1 Refunds are open for 30 days. 20 within",
            "gen-1b t-1 Refunds are open for 30 days. 20 within",
            "gen-2 t-2 Hi! 1 by span",
            "gen-3 t-3 null null none",
            "gen-5 t-5 Hi! null by span");

    Object[] thumb = parse("scores/x.jsonl", lines("scores").get(0)).events.get(0);
    assertThat(value(thumb, Events.EVENT_TYPE)).isEqualTo("feedback_submitted");
    assertThat(value(thumb, Events.THUMBS)).isEqualTo("up");
    assertThat(value(thumb, Events.EVENT_TIME)).isEqualTo(1_767_605_460_000_000L);
    assertThat(value(thumb, Events.TENANT_ID)).isEqualTo("acme");
  }

  private static String told(Object[] row) {
    return switch (ParsedLines.sourceOf((Integer) value(row, ParsedLines.PART))) {
      case ParsedLines.OF_SPAN -> "by span";
      case ParsedLines.WITHIN -> "within";
      case ParsedLines.OF_NONE -> "none";
      default -> "otherwise";
    };
  }

  @Test
  void aRowThatBreaksTheExportsOwnPromisesIsRefused() {
    for (String wrong :
        List.of(
            "{\"type\":\"SPAN\",\"trace_id\":\"t\",\"start_time\":\"2026-01-05 10:00:00\"}",
            "{\"type\":\"SPAN\",\"id\":\"o\",\"start_time\":\"2026-01-05 10:00:00\"}",
            "{\"type\":\"SPAN\",\"id\":\"o\",\"trace_id\":\"t\",\"start_time\":\"yesterday\"}",
            "{\"type\":\"SPAN\",\"id\":\"o\",\"trace_id\":7,\"start_time\":\"2026-01-05"
                + " 10:00:00\"}",
            "[]",
            "{\"id\":")) {
      assertThatThrownBy(() -> parse("observations_v2/x.jsonl", wrong))
          .as(wrong)
          .isInstanceOf(RefusedLine.class);
    }
  }

  @Test
  void timesAreInUtcWhetherTheySaySoOrNot() throws RefusedLine {
    for (String time :
        List.of(
            "2026-01-05 10:00:00.5", "2026-01-05T10:00:00.500Z", "2026-01-05T11:00:00.5+01:00")) {
      Object[] row =
          parse(
                  "observations_v2/x.jsonl",
                  "{\"type\":\"SPAN\",\"id\":\"o\",\"traceId\":\"t\",\"startTime\":\""
                      + time
                      + "\",\"output\":\"x\",\"userId\":\"u\"}")
              .events
              .get(0);
      assertThat(value(row, Events.EVENT_TIME)).as(time).isEqualTo(1_767_607_200_500_000L);
      assertThat(value(row, Events.SESSION_ID)).as("its trace").isEqualTo("t");
    }
  }

  @Test
  void aTruthIsSaidByTheValueOrInWordsAndNeverGuessed() throws RefusedLine {
    String score =
        "{\"id\":\"sc\",\"timestamp\":\"2026-01-05 10:00:00\",\"trace_id\":\"t\",\"name\":\"%s\","
            + "\"data_type\":\"BOOLEAN\",\"value\":%s,\"string_value\":%s}";
    List<String> yes = List.of("1,null", "1.0,null", "true,null", "null,\"True\"", "2,\"true\"");
    List<String> no = List.of("0,\"False\"", "0.0,null", "false,null", "null,\"False\"");
    for (boolean truth : new boolean[] {true, false}) {
      for (String said : truth ? yes : no) {
        int comma = said.indexOf(',');
        String value = said.substring(0, comma);
        String words = said.substring(comma + 1);
        Object[] thumb = only(score.formatted("user-feedback", value, words));
        assertThat(value(thumb, Events.THUMBS)).as(said).isEqualTo(truth ? "up" : "down");
        Object[] verdict = only(score.formatted("polite", value, words));
        assertThat(value(verdict, Events.ASSESSMENT_SCORE)).as(said).isEqualTo(truth ? 1.0 : 0.0);
      }
    }
    for (String name : List.of("user-feedback", "polite")) {
      for (String value : List.of("null", "0.5", "\"1\"", "[]")) {
        assertThatThrownBy(() -> only(score.formatted(name, value, "null")))
            .as(value)
            .isInstanceOfSatisfying(
                RefusedLine.class,
                e -> assertThat(e.reason()).isEqualTo(QuarantineReason.WRONG_TYPE));
      }
    }
  }

  private Object[] only(String score) throws RefusedLine {
    return parse("scores/x.jsonl", score).events.get(0);
  }

  @Test
  void aClockThatWasSetBackTakesNoResponseAway() throws RefusedLine {
    Object[] row =
        parse(
                "observations_v2/x.jsonl",
                "{\"type\":\"SPAN\",\"id\":\"o\",\"trace_id\":\"t\",\"output\":\"x\","
                    + "\"start_time\":\"2026-01-05 10:00:00.005\","
                    + "\"end_time\":\"2026-01-05 10:00:00\"}")
            .events
            .get(0);
    assertThat(value(row, Events.LATENCY_MS)).isNull();
    assertThat(value(row, Events.RESPONSE)).isEqualTo("x");
  }

  @Test
  void aRowOfParquetIsALineOfJson(@TempDir Path folder) throws IOException {
    var schema =
        MessageTypeParser.parseMessageType(
            "message row { optional binary id (STRING); optional int64 start"
                + " (TIMESTAMP(MICROS,true)); optional int64 n; optional double score; optional"
                + " boolean root; optional int64 cost (DECIMAL(12,3)); optional binary raw;"
                + " optional group usage (MAP) { repeated group key_value { required binary key"
                + " (STRING); optional int64 value; } } optional group tags (LIST) { repeated group"
                + " list { optional binary element (STRING); } } }");
    Path file = folder.resolve("x.parquet");
    Group row = new SimpleGroupFactory(schema).newGroup();
    row.append("id", "ä").append("start", 1_767_607_200_500_000L).append("n", 7L);
    row.append("score", Double.NaN).append("root", true).append("cost", 1_250L);
    row.add("raw", Binary.fromString("text"));
    Group entry = row.addGroup("usage").addGroup("key_value");
    entry.append("key", "input").append("value", 3L);
    Group tags = row.addGroup("tags");
    tags.addGroup("list").append("element", "a");
    tags.addGroup("list");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(schema)
            .build()) {
      writer.write(row);
      writer.write(new SimpleGroupFactory(schema).newGroup());
    }

    try (Lines lines = open(file)) {
      assertThat(lines.next()).isTrue();
      assertThat(new String(lines.bytes(), 0, lines.length(), StandardCharsets.UTF_8))
          .isEqualTo(
              "{\"id\":\"ä\",\"start\":\"2026-01-05T10:00:00.500Z\",\"n\":7,\"score\":null,"
                  + "\"root\":true,\"cost\":1.250,\"raw\":\"text\",\"usage\":{\"input\":3},"
                  + "\"tags\":[\"a\",null]}");
      assertThat(lines.next()).isTrue();
      assertThat(new String(lines.bytes(), 0, lines.length(), StandardCharsets.UTF_8))
          .isEqualTo("{}");
      assertThat(lines.next()).isFalse();
    }

    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    Files.deleteIfExists(folder.resolve(".x.parquet.crc"));
    try (Lines lines = open(file)) {
      assertThatThrownBy(lines::next).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> open(folder.resolve("none.parquet"))).isInstanceOf(IOException.class);
  }

  private static Lines open(Path file) throws IOException {
    long size = Files.exists(file) ? Files.size(file) : 0;
    return new LangfuseFormat("acme", Set.of(), 1_000, 1 << 20)
        .open(new RawFile(file.toString(), "scores/x.parquet", 20_458, size), new Configuration());
  }

  private ParsedRecords parse(String file, String line) throws RefusedLine {
    parser.begins(file);
    return ParsedRecords.of(parser, line);
  }

  private static List<String> lines(String table) throws IOException {
    try (InputStream in =
        LangfuseFormatTest.class.getResourceAsStream("/langfuse/" + table + ".jsonl")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static Object value(Object[] row, String column) {
    return row[ParsedLines.column(column)];
  }
}
