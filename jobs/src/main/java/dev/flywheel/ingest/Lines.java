package dev.flywheel.ingest;

import java.io.Closeable;
import java.io.IOException;

/** The lines of one file, one at a time. */
interface Lines extends Closeable {
  /**
   * Moves to the next line.
   *
   * @return false at the end of the file
   * @throws IOException when the file breaks; what it gave of the line until then can be had
   */
  boolean next() throws IOException;

  /** Makes the rest of the file part of the present line. */
  void takeRest() throws IOException;

  /** The line in its first {@link #length()} bytes; overwritten by the next. */
  byte[] bytes();

  /** Number of bytes kept. */
  int length();

  /** Number of bytes of the whole line, without its end. */
  long size();

  /** Whether the line is longer than what is kept of it. */
  boolean tooLong();

  /** Whether the line holds nothing but JSON's white space. */
  boolean blank();
}
