package dev.flywheel.ingest;

import java.io.Serializable;

/** A format of raw logs: what one line of it means. */
interface LineFormat extends Serializable {

  /** A parser for one task; parsers keep buffers and are not shared. */
  Parser parser();

  /** Turns lines into events. */
  interface Parser {
    /**
     * The event of one line, as a row of {@link ParsedLines}: the columns that say where the line
     * lies are left null.
     *
     * @param line holds the line in its first {@code length} bytes; reused for the next line
     * @throws RefusedLine when the line is no event
     */
    Object[] parse(byte[] line, int length) throws RefusedLine;
  }
}
