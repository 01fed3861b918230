package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A storage that fails is told from a file that is damaged: the first is worth a retry. */
class ParquetLinesTest {
  @TempDir Path folder;
  private byte[] parquet;

  /** The local disk, until so many more bytes were read. */
  public static final class Failing extends RawLocalFileSystem {
    static final String SCHEME = "failing";
    private static long left;

    @Override
    public String getScheme() {
      return SCHEME;
    }

    @Override
    public java.net.URI getUri() {
      return java.net.URI.create(SCHEME + ":///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int buffer) throws IOException {
      fail();
      FSDataInputStream in = super.open(path, buffer);
      return new FSDataInputStream(
          new FSInputStream() {
            @Override
            public int read() throws IOException {
              left--;
              fail();
              return in.read();
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
              left -= length;
              fail();
              return in.read(bytes, from, length);
            }

            @Override
            public void seek(long position) throws IOException {
              in.seek(position);
            }

            @Override
            public long getPos() throws IOException {
              return in.getPos();
            }

            @Override
            public boolean seekToNewSource(long position) {
              return false;
            }
          });
    }

    private static void fail() throws IOException {
      if (left < 0) {
        throw new IOException("made up");
      }
    }
  }

  @BeforeEach
  void write() throws IOException {
    parquet = written(1_000, "id", "uuid() AS text");
  }

  private byte[] written(int rows, String... columns) throws IOException {
    Path written = folder.resolve("written-" + rows);
    TestSpark.session()
        .range(0, rows, 1, 1)
        .selectExpr(columns)
        .write()
        .parquet(written.toString());
    try (Stream<Path> files = Files.list(written)) {
      Path file =
          files.filter(path -> path.toString().endsWith(".parquet")).findFirst().orElseThrow();
      return Files.readAllBytes(file);
    }
  }

  /** Reads a file of such content from a storage that gives so many bytes. */
  private int lines(byte[] content, long bytes) throws IOException {
    Path file = Files.write(folder.resolve("scores.parquet"), content);
    var hadoop = new Configuration();
    hadoop.set("fs.failing.impl", Failing.class.getName());
    Failing.left = bytes;
    var raw = new RawFile(Failing.SCHEME + "://" + file, "scores.parquet", 0, content.length);
    int read = 0;
    try (var lines = ParquetLines.open(raw, hadoop, 1_000)) {
      while (lines.next()) {
        read++;
      }
    }
    return read;
  }

  @Test
  void aFileIsReadWhole() throws IOException {
    assertThat(lines(parquet, Long.MAX_VALUE)).isEqualTo(1_000);
  }

  /** Changed here, they would pass for what the user wrote. */
  @Test
  void bytesThatAreNoUtf8AreLeftToTheReaderOfTheLine() throws IOException {
    Path file =
        Files.write(folder.resolve("broken.parquet"), written(1, "unhex('63C0AF') AS text"));
    var raw = new RawFile(file.toString(), "broken.parquet", 0, Files.size(file));
    try (var lines = ParquetLines.open(raw, new Configuration(), 1_000)) {
      assertThat(lines.next()).isTrue();
      assertThat(lines.bytes())
          .isEqualTo("{\"text\":\"c\u00c0\u00af\"}".getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void aStorageThatFailsAtTheFooterOrWithinTheRowsIsNoDamage() {
    for (long bytes : new long[] {-1, 0, 10, 2_000, parquet.length / 2}) {
      assertThatThrownBy(() -> lines(parquet, bytes))
          .as("after %d bytes", bytes)
          .isInstanceOf(UncheckedIOException.class)
          .hasRootCauseMessage("made up");
    }
  }

  @Test
  void aDamagedFileIsNoFailureOfTheStorage() {
    byte[] cut = Arrays.copyOf(parquet, parquet.length / 2);
    byte[] holed = parquet.clone();
    Arrays.fill(holed, 4, parquet.length / 2, (byte) 0x5A);
    byte[] otherFooter = parquet.clone();
    Arrays.fill(otherFooter, parquet.length - 200, parquet.length - 8, (byte) 0x5A);
    byte[] text = "no Parquet at all, but a text".getBytes(StandardCharsets.UTF_8);
    for (byte[] damaged : new byte[][] {cut, holed, otherFooter, text, new byte[0]}) {
      assertThatThrownBy(() -> lines(damaged, Long.MAX_VALUE)).isInstanceOf(IOException.class);
    }
  }
}
