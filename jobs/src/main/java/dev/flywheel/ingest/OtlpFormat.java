package dev.flywheel.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.flywheel.tables.QuarantineReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * OpenTelemetry logs and spans as the collector's file and S3 exporters write them ({@code
 * otlp_json}): a line is one export request, with any number of records. {@link OtlpEvents} says
 * what a record means; those that mean nothing to us, such as the spans of a web server, are
 * counted and left out.
 */
final class OtlpFormat implements LineFormat {
  static final String NAME = "otlp_json";

  private final String defaultTenant;
  private final int maxFieldChars;
  private final int maxLineBytes;

  /**
   * @param defaultTenant tenant of records that name none
   * @param maxFieldChars longest text, in code points
   * @param maxLineBytes longest line
   */
  OtlpFormat(String defaultTenant, int maxFieldChars, int maxLineBytes) {
    this.defaultTenant = defaultTenant;
    this.maxFieldChars = maxFieldChars;
    this.maxLineBytes = maxLineBytes;
  }

  @Override
  public Parser parser() {
    return new OtlpParser(defaultTenant, maxFieldChars);
  }

  @Override
  public int maxLineBytes() {
    return maxLineBytes;
  }

  private static final class OtlpParser implements Parser {
    private final StrictJson json = new StrictJson();
    private final OtlpEvents events;
    private OtlpRecord present;

    OtlpParser(String defaultTenant, int maxFieldChars) {
      this.events = new OtlpEvents(json, defaultTenant, maxFieldChars);
    }

    /** People write examples over several lines; a collector never does. */
    @Override
    public boolean goesOn(byte[] firstLine, int length) {
      return length == 1 && firstLine[0] == '{';
    }

    @Override
    public void parse(byte[] line, int length, Records records) throws RefusedLine {
      // All of the line before any of it: whether it is JSON at all shows at its end.
      List<OtlpRecord> found = read(line, length);
      if (found.isEmpty()) {
        records.ignored();
      }
      for (OtlpRecord record : found) {
        handOn(record, records);
        for (OtlpRecord inner : record.events) {
          if (OtlpEvents.means(inner)) {
            handOn(inner, records);
          }
        }
      }
    }

    private void handOn(OtlpRecord record, Records records) {
      present = record;
      try {
        Object[] row = events.row(record);
        if (row == null) {
          records.ignored();
        } else {
          records.event(row);
        }
      } catch (RefusedLine e) {
        records.refused(e);
      }
    }

    @Override
    public String recordText(int most) {
      return json.between(present.from, present.to, most);
    }

    private List<OtlpRecord> read(byte[] line, int length) throws RefusedLine {
      var records = new ArrayList<OtlpRecord>();
      try (JsonParser parser = json.open(line, length)) {
        JsonToken first = parser.nextToken();
        if (first == null) {
          throw new RefusedLine(QuarantineReason.INVALID_JSON);
        }
        if (first != JsonToken.START_OBJECT) {
          parser.skipChildren();
          StrictJson.nothingMore(parser);
          throw new RefusedLine(QuarantineReason.NOT_AN_OBJECT);
        }
        boolean otlp = new OtlpReader(parser, records).read();
        StrictJson.nothingMore(parser);
        if (!otlp) {
          throw new RefusedLine(QuarantineReason.MISSING_FIELD, "resourceLogs or resourceSpans");
        }
        return records;
      } catch (JsonProcessingException e) {
        throw StrictJson.refusal(e);
      } catch (IOException e) {
        throw new IllegalStateException("A parser over memory cannot fail to read", e);
      }
    }
  }
}
