package dev.flywheel.ingest;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;

/**
 * Lines as the collector's file exporter compresses them: each by itself, with its compressed
 * length, four bytes, before it.
 */
final class FramedZstd extends InputStream {
  private static final int PREFIX = Integer.BYTES;
  private static final byte[] MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  private final DataInputStream in;
  private InputStream frame;

  private FramedZstd(InputStream in) {
    this.in = new DataInputStream(in);
  }

  /** The lines of {@code in} if it is framed; else what {@code in} holds, as it is. */
  static InputStream orPlain(InputStream in) throws IOException {
    var peeked = new PushbackInputStream(in, PREFIX + MAGIC.length);
    byte[] start = peeked.readNBytes(PREFIX + MAGIC.length);
    peeked.unread(start);
    return start.length == PREFIX + MAGIC.length
            && Arrays.equals(start, PREFIX, start.length, MAGIC, 0, MAGIC.length)
        ? new FramedZstd(peeked)
        : peeked;
  }

  @Override
  public int read() throws IOException {
    return oneOf(this);
  }

  @Override
  public int read(byte[] buffer, int from, int length) throws IOException {
    while (true) {
      if (frame == null && !open()) {
        return -1;
      }
      int read = frame.read(buffer, from, length);
      if (read >= 0) {
        return read;
      }
      frame.close();
      frame = null;
    }
  }

  private boolean open() throws IOException {
    int first = in.read();
    if (first < 0) {
      return false;
    }
    int size = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
    if (size < 0) {
      throw new IOException("No frame has this length");
    }
    frame =
        new SequenceInputStream(
            new ZstdInputStream(new Frame(size)), new ByteArrayInputStream(new byte[] {'\n'}));
    return true;
  }

  /** The next bytes as they are stored, so many, never held as a whole: a line may be a bomb. */
  private final class Frame extends InputStream {
    private int left;

    Frame(int size) {
      left = size;
    }

    @Override
    public int read() throws IOException {
      return FramedZstd.oneOf(this);
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(buffer, from, Math.min(length, left));
      if (read < 0) {
        throw new EOFException("The stream ends within a frame");
      }
      left -= read;
      return read;
    }
  }

  private static int oneOf(InputStream in) throws IOException {
    byte[] one = new byte[1];
    return in.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
