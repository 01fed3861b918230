package dev.flywheel.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream into lines at {@code \n}, dropping one {@code \r} before it and a byte order mark
 * before the first. Keeps no more of a line than its limit, however long the line is, and counts
 * the rest.
 */
final class LineReader implements Lines {
  private static final int CHUNK = 1 << 16;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final InputStream in;
  private final int limit;
  private final byte[] chunk = new byte[CHUNK];
  private boolean begun;
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

  /** The one after the last {@code \n} is a line if it is not empty. */
  @Override
  public boolean next() throws IOException {
    kept = 0;
    size = 0;
    if (!begun) {
      begun = true;
      end = in.readNBytes(chunk, 0, BYTE_ORDER_MARK.length);
      boolean marked = Arrays.equals(chunk, 0, end, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
      next = marked ? end : 0;
    }
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

  @Override
  public void takeRest() throws IOException {
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

  @Override
  public byte[] bytes() {
    return line;
  }

  @Override
  public int length() {
    return Math.min(kept, limit);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean tooLong() {
    return size > limit;
  }

  @Override
  public boolean blank() {
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
