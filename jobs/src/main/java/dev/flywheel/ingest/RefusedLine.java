package dev.flywheel.ingest;

import dev.flywheel.tables.QuarantineReason;

/** A line that is no event, and why. Carries no stack trace: there may be millions. */
final class RefusedLine extends Exception {
  private final QuarantineReason reason;
  private final String detail;

  RefusedLine(QuarantineReason reason) {
    this(reason, null);
  }

  /**
   * @param detail name of a field of the contract, or a position; never what the user wrote
   */
  RefusedLine(QuarantineReason reason, String detail) {
    super(reason.code(), null, false, false);
    this.reason = reason;
    this.detail = detail;
  }

  QuarantineReason reason() {
    return reason;
  }

  /** Null where the reason says it all. */
  String detail() {
    return detail;
  }
}
