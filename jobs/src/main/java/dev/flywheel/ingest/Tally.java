package dev.flywheel.ingest;

import dev.flywheel.lake.StageLog;
import dev.flywheel.tables.QuarantineReason;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * What became of every line and of every record in it. For formats that write one record a line,
 * lines = good + quarantined + blank; for all, records = good + quarantined + ignored, where a line
 * that is refused as a whole counts as one record. Tasks add to it; the driver reads it after the
 * one action that reads the files, since a repeated task is counted once only there.
 */
final class Tally implements Serializable {
  private final LongAccumulator lines;
  private final LongAccumulator refusedLines;
  private final LongAccumulator good;
  private final LongAccumulator ignored;
  private final LongAccumulator blank;
  private final LongAccumulator unknownFields;
  private final LongAccumulator unresolved;
  private final LongAccumulator bridges;
  private final LongAccumulator unplaced;
  private final LongAccumulator[] sources;
  private final EnumMap<QuarantineReason, LongAccumulator> refused =
      new EnumMap<>(QuarantineReason.class);

  Tally(SparkContext context) {
    lines = context.longAccumulator();
    refusedLines = context.longAccumulator();
    ignored = context.longAccumulator();
    unresolved = context.longAccumulator();
    bridges = context.longAccumulator();
    unplaced = context.longAccumulator();
    sources = new LongAccumulator[ParsedLines.SOURCES];
    Arrays.setAll(sources, source -> context.longAccumulator());
    good = context.longAccumulator();
    blank = context.longAccumulator();
    unknownFields = context.longAccumulator();
    for (QuarantineReason reason : QuarantineReason.values()) {
      refused.put(reason, context.longAccumulator());
    }
  }

  void addLine() {
    lines.add(1L);
  }

  /** A line that holds nothing. */
  void addBlank() {
    blank.add(1L);
  }

  /** A line that is refused as a whole. */
  void addRefusedLine(QuarantineReason reason) {
    if (reason.bad()) {
      refusedLines.add(1L);
    }
    addRefused(reason);
  }

  void addGood(int unknown) {
    good.add(1L);
    unknownFields.add(unknown);
  }

  void addRefused(QuarantineReason reason) {
    refused.get(reason).add(1L);
  }

  void addIgnored() {
    ignored.add(1L);
  }

  /** A record that names a span: instead of the response that it belongs to, or beside it. */
  void addSpan(boolean instead) {
    (instead ? unresolved : bridges).add(1L);
  }

  /** A response that does not say to whom, or in which session, it was shown. */
  void addUnplaced() {
    unplaced.add(1L);
  }

  /** A record that may tell of a response together with others. */
  void addPart(int part) {
    sources[ParsedLines.sourceOf(part)].add(1L);
  }

  /** Whether some record may find by its span the response that it belongs to. */
  boolean resolves() {
    return unresolved.sum() > 0 && bridges.sum() > 0;
  }

  /** Whether some response may be told of by more than one kind of record. */
  boolean tellsTwice() {
    return Arrays.stream(sources).filter(source -> source.sum() > 0).count() > 1
        || sources[ParsedLines.ADDS].sum() > 0;
  }

  long unplaced() {
    return unplaced.sum();
  }

  /** Of the good, {@code count} turned out to have nobody to whom they were shown. */
  void moveUnplaced(long count) {
    good.add(-count);
    refused.get(QuarantineReason.MISSING_FIELD).add(count);
  }

  long lines() {
    return lines.sum();
  }

  long good() {
    return good.sum();
  }

  long blank() {
    return blank.sum();
  }

  long quarantined() {
    return refused.values().stream().mapToLong(LongAccumulator::sum).sum();
  }

  /** What speaks against its sender. */
  long bad() {
    return refused.entrySet().stream()
        .filter(entry -> entry.getKey().bad())
        .mapToLong(entry -> entry.getValue().sum())
        .sum();
  }

  /**
   * Share of the bad among the good and the bad, of records or of lines, whichever is larger: a
   * line that is refused as a whole may have held a thousand records. 0 without any.
   */
  double badShare() {
    return bad() == 0 ? 0 : Math.max(badShareOfRecords(), badShareOfLines());
  }

  private double badShareOfRecords() {
    return (double) bad() / (good() + bad());
  }

  private double badShareOfLines() {
    return (double) refusedLines.sum() / Math.max(1, lines() - blank());
  }

  /** How many are bad, such as {@code 2 of 3 lines}. */
  String badOfAll() {
    if (records() == lines() - blank()) {
      return String.format(Locale.ROOT, "%,d of %,d lines", bad(), good() + bad());
    }
    return badShareOfRecords() >= badShareOfLines()
        ? String.format(Locale.ROOT, "%,d of %,d records", bad(), good() + bad())
        : String.format(Locale.ROOT, "%,d of %,d lines", refusedLines.sum(), lines() - blank());
  }

  private long records() {
    return good() + quarantined() + ignored();
  }

  long ignored() {
    return ignored.sum();
  }

  /** Number of each reason that occurred, such as {@code invalid_json 3, too_late 1}. */
  String reasons() {
    return refused.entrySet().stream()
        .filter(entry -> entry.getValue().sum() > 0)
        .map(entry -> entry.getKey().code() + " " + entry.getValue().sum())
        .collect(Collectors.joining(", "));
  }

  /** Notes the counts for the manifest. */
  void note(StageLog log) {
    log.count("lines", lines());
    log.count("records", records());
    log.count("ignored", ignored());
    log.count("good", good());
    log.count("quarantined", quarantined());
    log.count("blank", blank());
    log.count("unknown_fields", unknownFields.sum());
    for (Map.Entry<QuarantineReason, LongAccumulator> entry : refused.entrySet()) {
      if (entry.getValue().sum() > 0) {
        log.count("quarantined_" + entry.getKey().code(), entry.getValue().sum());
      }
    }
  }
}
