package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How stored bytes become text, and what is said when they do not. */
class StoredLogTest {
  @Test
  void aFrameIsReadAsItIsAskedForHoweverLongItIs() throws IOException {
    byte[] noise = new byte[8 << 20];
    new Random(3).nextBytes(noise);
    byte[] framed = framed(noise, "end".getBytes(StandardCharsets.UTF_8));
    var stored = new Counting(framed);
    try (InputStream lines = FramedZstd.orPlain(stored)) {
      assertThat(lines.read()).isEqualTo(noise[0] & 0xff);
      assertThat(stored.read).isLessThan(1 << 20);
      byte[] rest = lines.readAllBytes();
      assertThat(rest).hasSize(noise.length + 4);
      assertThat(rest).endsWith('\n', 'e', 'n', 'd', '\n');
    }
    try (InputStream lines =
        FramedZstd.orPlain(new ByteArrayInputStream(Arrays.copyOf(framed, framed.length / 2)))) {
      assertThatThrownBy(lines::readAllBytes).isInstanceOf(EOFException.class);
    }
  }

  private static byte[] framed(byte[]... lines) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    for (byte[] line : lines) {
      byte[] frame = Zstd.compress(line);
      out.writeInt(frame.length);
      out.write(frame);
    }
    return bytes.toByteArray();
  }

  private static final class Counting extends FilterInputStream {
    private int read;

    Counting(byte[] content) {
      super(new ByteArrayInputStream(content));
    }

    @Override
    public int read() throws IOException {
      read++;
      return super.read();
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      int count = super.read(buffer, from, length);
      read += Math.max(count, 0);
      return count;
    }
  }
}
