package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.github.luben.zstd.Zstd;
import dev.flywheel.lake.StorageFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/** How stored bytes become text, and what is said when they do not. */
class StoredLogTest {
  /** A file that is there, and whose first bytes nobody can read. */
  private static final Path UNREADABLE = Path.of("/proc/self/mem");

  @Test
  void aDiskThatFailsIsAStorageThatFails() {
    assumeThat(Files.exists(UNREADABLE)).as("skipped: only Linux has such a file").isTrue();
    var file = new RawFile(UNREADABLE.toUri().toString(), "x.jsonl", 20_458, 1);
    assertThatThrownBy(
            () -> {
              try (InputStream in = StoredLog.open(file, new Configuration())) {
                in.read();
              }
            })
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void aFileThatThisUserMayNotReadNeedsMoreThanARetry() {
    assertThat(StorageFailure.of(new FileNotFoundException("/raw/x.jsonl (Permission denied)")))
        .contains(StorageFailure.DENIED);
    for (String other :
        new String[] {"File /raw/x.jsonl does not exist", "x (Too many open files)", null}) {
      assertThat(StorageFailure.of(new FileNotFoundException(other))).as(other).isEmpty();
    }
  }

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
