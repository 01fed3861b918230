package dev.flywheel.ingest;

import dev.flywheel.lake.StageLog;
import dev.flywheel.tables.QuarantineReason;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * What became of every line. Tasks add to it; the driver reads it after the one action that reads
 * the files, since a repeated task is counted once only there.
 */
final class Tally implements Serializable {
  private final LongAccumulator lines;
  private final LongAccumulator good;
  private final LongAccumulator blank;
  private final LongAccumulator unknownFields;
  private final EnumMap<QuarantineReason, LongAccumulator> refused =
      new EnumMap<>(QuarantineReason.class);

  Tally(SparkContext context) {
    lines = context.longAccumulator();
    good = context.longAccumulator();
    blank = context.longAccumulator();
    unknownFields = context.longAccumulator();
    for (QuarantineReason reason : QuarantineReason.values()) {
      refused.put(reason, context.longAccumulator());
    }
  }

  void addGood(int unknown) {
    lines.add(1L);
    good.add(1L);
    unknownFields.add(unknown);
  }

  void addBlank() {
    lines.add(1L);
    blank.add(1L);
  }

  void addRefused(QuarantineReason reason) {
    lines.add(1L);
    refused.get(reason).add(1L);
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

  /** Lines that speak against their sender. */
  long bad() {
    return refused.entrySet().stream()
        .filter(entry -> entry.getKey().bad())
        .mapToLong(entry -> entry.getValue().sum())
        .sum();
  }

  /** Share of bad lines among the good and the bad; 0 without either. */
  double badShare() {
    return bad() == 0 ? 0 : (double) bad() / (good() + bad());
  }

  /** Number of lines of each reason that occurred, such as {@code invalid_json 3, too_late 1}. */
  String reasons() {
    return refused.entrySet().stream()
        .filter(entry -> entry.getValue().sum() > 0)
        .map(entry -> entry.getKey().code() + " " + entry.getValue().sum())
        .collect(Collectors.joining(", "));
  }

  /** Notes the counts for the manifest. */
  void note(StageLog log) {
    log.count("lines", lines());
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
