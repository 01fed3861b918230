package dev.flywheel.ingest;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream into lines at {@code \n}, dropping one {@code \r} before it. Keeps no more of a
 * line than its limit, however long the line is, and counts the rest.
 */
final class LineReader implements Closeable {
  private static final int CHUNK = 1 << 16;

  private final InputStream in;
  private final int limit;
  private final byte[] chunk = new byte[CHUNK];
  private int next;
  private int end;

  private byte[] line = new byte[1 << 12];
  private int kept;
  private long size;
  private byte last;

  /**
   * @param limit longest line that is kept whole, in bytes
   */
  LineReader(InputStream in, int limit) {
    this.in = in;
    this.limit = limit;
  }

  /**
   * Moves to the next line; the one after the last {@code \n} is a line if it is not empty.
   *
   * @return false at the end of the stream
   * @throws IOException when the stream breaks; what it gave of the line until then can be had
   */
  boolean next() throws IOException {
    kept = 0;
    size = 0;
    while (true) {
      if (next == end) {
        next = 0;
        end = 0;
        int read = in.read(chunk, 0, CHUNK);
        if (read < 0) {
          return size > 0;
        }
        end = read;
      }
      int lineEnd = next;
      while (lineEnd < end && chunk[lineEnd] != '\n') {
        lineEnd++;
      }
      keep(next, lineEnd);
      boolean ended = lineEnd < end;
      next = ended ? lineEnd + 1 : end;
      if (ended) {
        dropCarriageReturn();
        return true;
      }
    }
  }

  /**
   * Makes the rest of the stream part of the present line, whose end was a {@code \n}.
   *
   * @throws IOException when the stream breaks
   */
  void takeRest() throws IOException {
    if (next > 0) {
      chunk[--next] = '\n';
    }
    while (true) {
      keep(next, end);
      next = end;
      int read = in.read(chunk, 0, CHUNK);
      if (read < 0) {
        return;
      }
      next = 0;
      end = read;
    }
  }

  private void keep(int from, int to) {
    int count = to - from;
    if (count == 0) {
      return;
    }
    size += count;
    // One byte more than the limit, since the last may be a \r that is dropped.
    int room = Math.min(count, limit + 1 - kept);
    if (kept + room > line.length) {
      line = Arrays.copyOf(line, Math.min(limit + 1, Math.max(kept + room, 2 * line.length)));
    }
    System.arraycopy(chunk, from, line, kept, room);
    kept += room;
    last = chunk[to - 1];
  }

  private void dropCarriageReturn() {
    if (size > 0 && last == '\r') {
      size--;
      kept = (int) Math.min(kept, size);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** The line in its first {@link #length()} bytes; overwritten by the next. */
  byte[] bytes() {
    return line;
  }

  /** Number of bytes kept. */
  int length() {
    return Math.min(kept, limit);
  }

  /** Number of bytes of the whole line, without its end. */
  long size() {
    return size;
  }

  /** Whether the line is longer than what is kept of it. */
  boolean tooLong() {
    return size > limit;
  }

  /** Whether the line holds nothing but JSON's white space. */
  boolean blank() {
    if (tooLong()) {
      return false;
    }
    for (int i = 0; i < kept; i++) {
      if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
        return false;
      }
    }
    return true;
  }
}
