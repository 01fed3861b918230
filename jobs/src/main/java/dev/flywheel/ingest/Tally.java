package dev.flywheel.ingest;

import dev.flywheel.lake.StageLog;
import dev.flywheel.tables.QuarantineReason;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What became of every line and of every record in it: of what a task reads, of a landing day, or
 * of a run. For formats that write one record a line, lines = good + quarantined + blank; for all,
 * records = good + quarantined + ignored, where a line that is refused as a whole counts as one
 * record.
 */
final class Tally implements Serializable {
  private long bytes;
  private long damagedBytes;
  private long lines;
  private long refusedLines;
  private long good;
  private long ignored;
  private long blank;
  private long unknownFields;
  private long unresolved;
  private long bridges;
  private long ownNames;
  private long lesserNames;
  private long unplaced;
  private final long[] sources = new long[ParsedLines.SOURCES];
  private final EnumMap<QuarantineReason, Long> refused = new EnumMap<>(QuarantineReason.class);

  /** The sum of this one and another, which both stay as they are. */
  Tally plus(Tally other) {
    var sum = new Tally();
    sum.add(this);
    sum.add(other);
    return sum;
  }

  private void add(Tally other) {
    bytes += other.bytes;
    damagedBytes += other.damagedBytes;
    lines += other.lines;
    refusedLines += other.refusedLines;
    good += other.good;
    ignored += other.ignored;
    blank += other.blank;
    unknownFields += other.unknownFields;
    unresolved += other.unresolved;
    bridges += other.bridges;
    ownNames += other.ownNames;
    lesserNames += other.lesserNames;
    unplaced += other.unplaced;
    Arrays.setAll(sources, source -> sources[source] + other.sources[source]);
    other.refused.forEach(this::addRefused);
  }

  /** A file that is read. */
  void addFile(RawFile file) {
    bytes += file.bytes();
  }

  /** A file whose rest cannot be read, of which nobody knows how much that is. */
  void addDamaged(RawFile file) {
    damagedBytes += file.bytes();
  }

  void addLine() {
    lines++;
  }

  /** A line that holds nothing. */
  void addBlank() {
    blank++;
  }

  /** A line that is refused as a whole. */
  void addRefusedLine(QuarantineReason reason) {
    if (reason.bad()) {
      refusedLines++;
    }
    addRefused(reason);
  }

  void addGood(int unknown) {
    good++;
    unknownFields += unknown;
  }

  void addRefused(QuarantineReason reason) {
    addRefused(reason, 1);
  }

  private void addRefused(QuarantineReason reason, long count) {
    refused.merge(reason, count, Long::sum);
  }

  void addIgnored() {
    ignored++;
  }

  /**
   * How a record names its response that has a span, or an id of the provider, or both.
   *
   * @param id that it counts under
   * @param span that it names, or null
   * @param responseId that it names, or null
   */
  void addNames(Object id, Object span, Object responseId) {
    if (id.equals(span)) {
      unresolved++;
    } else if (span != null) {
      bridges++;
    }
    if (id.equals(span) || id.equals(responseId)) {
      lesserNames++;
    } else {
      ownNames++;
    }
  }

  /** A response that does not say to whom, or in which session, it was shown. */
  void addUnplaced() {
    unplaced++;
  }

  /** A record that may tell of a response together with others. */
  void addPart(int part) {
    sources[ParsedLines.sourceOf(part)]++;
  }

  /** Whether some record may find by a name of it the response that it belongs to. */
  boolean resolves() {
    return hasOwnNames() || (unresolved > 0 && bridges > 0);
  }

  /** Whether some response has an id of its own, and others may know it by lesser names. */
  boolean hasOwnNames() {
    return ownNames > 0 && lesserNames > 0;
  }

  /** Whether some response may be told of by more than one kind of record, or by one too many. */
  boolean tellsTwice() {
    return Arrays.stream(sources).limit(ParsedLines.OF_FLAG).filter(count -> count > 0).count() > 1
        || sources[ParsedLines.OF_NONE] + sources[ParsedLines.WITHIN] > 0;
  }

  /** Whether some record says only to which arms of experiments responses belong. */
  boolean hasFlags() {
    return sources[ParsedLines.OF_FLAG] > 0;
  }

  /** Whether some response does not say to whom, or in which session, it was shown. */
  boolean hasUnplaced() {
    return unplaced > 0;
  }

  /** Of the good, {@code count} turned out to have nobody to whom they were shown. */
  void moveUnplaced(long count) {
    good -= count;
    addRefused(QuarantineReason.MISSING_FIELD, count);
  }

  long lines() {
    return lines;
  }

  long good() {
    return good;
  }

  long blank() {
    return blank;
  }

  long quarantined() {
    return refused.values().stream().mapToLong(count -> count).sum();
  }

  /** What speaks against its sender. */
  private long bad() {
    return refused.entrySet().stream()
        .filter(entry -> entry.getKey().bad())
        .mapToLong(entry -> entry.getValue())
        .sum();
  }

  /**
   * Share of the bad among the good and the bad, of records, of lines or of the bytes of files,
   * whichever is largest: a line that is refused as a whole may have held a thousand records, and
   * what is missing from a file that ends early a million lines. 0 without any.
   */
  double badShare() {
    return bad() == 0
        ? 0
        : Math.max(badShareOfBytes(), Math.max(badShareOfRecords(), badShareOfLines()));
  }

  private double badShareOfBytes() {
    return (double) damagedBytes / Math.max(1, bytes);
  }

  private double badShareOfRecords() {
    return (double) bad() / (good + bad());
  }

  private double badShareOfLines() {
    return (double) refusedLines / Math.max(1, lines - blank);
  }

  /** How many are bad, such as {@code 2 of 3 lines}. */
  String badOfAll() {
    if (badShareOfBytes() >= Math.max(badShareOfRecords(), badShareOfLines())) {
      return String.format(
          Locale.ROOT, "%,d of %,d bytes, those of damaged files,", damagedBytes, bytes);
    }
    if (records() == lines - blank) {
      return String.format(Locale.ROOT, "%,d of %,d lines", bad(), good + bad());
    }
    return badShareOfRecords() >= badShareOfLines()
        ? String.format(Locale.ROOT, "%,d of %,d records", bad(), good + bad())
        : String.format(Locale.ROOT, "%,d of %,d lines", refusedLines, lines - blank);
  }

  private long records() {
    return good + quarantined() + ignored;
  }

  long ignored() {
    return ignored;
  }

  /** Number of each reason that occurred, such as {@code invalid_json 3, too_late 1}. */
  String reasons() {
    return refused.entrySet().stream()
        .map(entry -> entry.getKey().code() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  /** Notes the counts for the manifest. */
  void note(StageLog log) {
    log.count("lines", lines);
    log.count("records", records());
    log.count("ignored", ignored);
    log.count("good", good);
    log.count("quarantined", quarantined());
    log.count("blank", blank);
    log.count("unknown_fields", unknownFields);
    for (Map.Entry<QuarantineReason, Long> entry : refused.entrySet()) {
      log.count("quarantined_" + entry.getKey().code(), entry.getValue());
    }
  }
}
