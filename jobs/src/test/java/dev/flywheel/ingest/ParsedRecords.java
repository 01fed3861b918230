package dev.flywheel.ingest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a parser makes of lines, kept for a test to look at. */
final class ParsedRecords implements LineFormat.Records {
  final List<Object[]> events = new ArrayList<>();
  final List<RefusedLine> refused = new ArrayList<>();
  int ignored;

  private ParsedRecords() {}

  /** Parses one line. */
  static ParsedRecords of(LineFormat.Parser parser, byte[] line) throws RefusedLine {
    var records = new ParsedRecords();
    parser.parse(line, line.length, records);
    return records;
  }

  /** Parses one line that is one event. */
  static Object[] only(LineFormat.Parser parser, byte[] line) throws RefusedLine {
    return of(parser, line).events.get(0);
  }

  static ParsedRecords of(LineFormat.Parser parser, String line) throws RefusedLine {
    return of(parser, line.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void event(Object[] row) {
    events.add(row);
  }

  @Override
  public void refused(RefusedLine why) {
    refused.add(why);
  }

  @Override
  public void ignored() {
    ignored++;
  }
}
