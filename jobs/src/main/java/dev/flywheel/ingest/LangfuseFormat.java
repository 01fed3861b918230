package dev.flywheel.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.flywheel.tables.QuarantineReason;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/**
 * Langfuse's blob exports, as JSON Lines or Parquet: a file is of observations or of scores, as its
 * folder says, and a row of it is a record. {@link LangfuseEvents} says what it means.
 */
final class LangfuseFormat implements LineFormat {
  static final String NAME = "langfuse";

  private final String tenant;
  private final Set<String> userFeedback;
  private final int maxFieldChars;
  private final int maxLineBytes;

  /**
   * @param tenant tenant of every row
   * @param userFeedback names of the scores that users give
   * @param maxFieldChars longest text, in code points
   * @param maxLineBytes longest row, as JSON
   */
  LangfuseFormat(String tenant, Set<String> userFeedback, int maxFieldChars, int maxLineBytes) {
    this.tenant = tenant;
    this.userFeedback = userFeedback;
    this.maxFieldChars = maxFieldChars;
    this.maxLineBytes = maxLineBytes;
  }

  @Override
  public Parser parser() {
    var json = new StrictJson();
    return new LangfuseParser(json, new LangfuseEvents(json, tenant, userFeedback, maxFieldChars));
  }

  @Override
  public int maxLineBytes() {
    return maxLineBytes;
  }

  @Override
  public Lines open(RawFile file, Configuration hadoop) throws IOException {
    return file.name().toLowerCase(Locale.ROOT).endsWith(".parquet")
        ? ParquetLines.open(file, hadoop, maxLineBytes)
        : LineFormat.super.open(file, hadoop);
  }

  private static final class LangfuseParser implements Parser {
    private final StrictJson json;
    private final LangfuseEvents events;
    private boolean scores;

    LangfuseParser(StrictJson json, LangfuseEvents events) {
      this.json = json;
      this.events = events;
    }

    @Override
    public void begins(String file) {
      scores = file.startsWith(LangfuseExport.SCORES + "/");
    }

    @Override
    public void parse(byte[] line, int length, Records records) throws RefusedLine {
      Map<String, Object> fields = read(line, length);
      Object[] row = scores ? events.score(fields) : events.observation(fields);
      if (row == null) {
        records.ignored();
      } else {
        records.event(row);
      }
    }

    @SuppressWarnings("unchecked") // An object is read as a map from names.
    private Map<String, Object> read(byte[] line, int length) throws RefusedLine {
      try (JsonParser parser = json.open(line, length)) {
        JsonToken first = parser.nextToken();
        if (first == null) {
          throw new RefusedLine(QuarantineReason.INVALID_JSON);
        }
        Object value = StrictJson.value(parser);
        StrictJson.nothingMore(parser);
        if (first != JsonToken.START_OBJECT) {
          throw new RefusedLine(QuarantineReason.NOT_AN_OBJECT);
        }
        return (Map<String, Object>) value;
      } catch (JsonProcessingException e) {
        throw StrictJson.refusal(e);
      } catch (IOException e) {
        throw new IllegalStateException("A parser over memory cannot fail to read", e);
      }
    }
  }
}
