package dev.flywheel.ingest;

import com.github.luben.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.GzipCodec;

/**
 * A file of raw logs as a stream of its text. A failure of the storage is worth a retry and a
 * damaged file is not, so they are kept apart: the first comes out as an {@link
 * UncheckedIOException}, the second as an {@link IOException}.
 */
final class StoredLog extends FilterInputStream {
  /** The bytes of a file as they are stored. */
  StoredLog(InputStream in) {
    super(in);
  }

  /**
   * Opens {@code file}: {@code .gz} as gzip, {@code .zst} and {@code .zstd} as Zstandard, anything
   * else as it is. A file that the collector compressed line by line shows it by its first bytes,
   * whatever its name.
   *
   * @throws IOException when the storage does not open the file
   */
  static InputStream open(RawFile file, Configuration hadoop) throws IOException {
    var path = new Path(file.path());
    InputStream stored = new StoredLog(path.getFileSystem(hadoop).open(path));
    String name = file.name().toLowerCase(Locale.ROOT);
    if (file.bytes() == 0) {
      // No compressed stream, but no broken one either.
      return stored;
    }
    if (name.endsWith(".gz")) {
      // Not java.util.zip's, which drops what follows the first member when that is damaged.
      var codec = new GzipCodec();
      codec.setConf(hadoop);
      return codec.createInputStream(stored);
    }
    InputStream lines = FramedZstd.orPlain(stored);
    return (name.endsWith(".zst") || name.endsWith(".zstd")) && !(lines instanceof FramedZstd)
        ? new ZstdInputStream(lines)
        : lines;
  }

  @Override
  public int read() {
    try {
      return super.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (FSError e) {
      throw ofDisk(e);
    }
  }

  @Override
  public int read(byte[] buffer, int from, int length) {
    try {
      return super.read(buffer, from, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (FSError e) {
      throw ofDisk(e);
    }
  }

  /** Hadoop makes an error of what the local disk says, as if the program were broken. */
  private static UncheckedIOException ofDisk(FSError e) {
    return new UncheckedIOException(new IOException(e));
  }
}
