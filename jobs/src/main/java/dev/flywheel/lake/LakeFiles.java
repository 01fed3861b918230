package dev.flywheel.lake;

import dev.flywheel.run.FlywheelException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;

/** Files of a lake beside its tables: reports, exports, and whether there can be any. */
public final class LakeFiles {
  private final SparkSession spark;
  private final String root;

  LakeFiles(SparkSession spark, String root) {
    this.spark = spark;
    this.root = root;
  }

  /**
   * Writes a small file below the lake's root, replacing one of that name when it is complete:
   * readers see the old file or the whole new one.
   */
  public void write(String relativePath, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    replace(relativePath, out -> out.write(bytes));
  }

  /** Copies a file below the lake's root over another; nothing where it is not there. */
  public void copy(String from, String to) {
    try (FSDataInputStream in = storage().open(new Path(root + "/" + from))) {
      replace(to, in::transferTo);
    } catch (FileNotFoundException e) {
      // Whatever is there already stays.
    } catch (IOException e) {
      throw StorageFailure.explain(e, "read %s below the lake".formatted(from));
    }
  }

  /** Deletes a file below the lake's root, if it is there. */
  public void delete(String relativePath) {
    try {
      storage().delete(new Path(root + "/" + relativePath), false);
    } catch (IOException e) {
      throw StorageFailure.explain(e, "delete %s below the lake".formatted(relativePath));
    }
  }

  /**
   * Writes a file of lines below the lake's root, replacing one of that name when it is complete:
   * readers see the old file or the whole new one. One partition of {@code lines} at a time is held
   * in memory, in the order of the Dataset.
   *
   * @return number of lines
   */
  public long writeLines(String relativePath, Dataset<String> lines) {
    var written = new AtomicLong();
    replace(relativePath, out -> written.set(writeTo(lines, out)));
    return written.get();
  }

  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private void replace(String relativePath, Content content) {
    var target = new Path(root + "/" + relativePath);
    try {
      FileSystem storage = storage();
      // An object on S3 appears when its stream is closed, and a rename there is a copy.
      boolean appearsWhole =
          storage.hasPathCapability(target, CommonPathCapabilities.ABORTABLE_STREAM);
      Path unfinished = appearsWhole ? target : unfinished(target);
      FSDataOutputStream out = storage.create(unfinished, appearsWhole);
      try {
        content.writeTo(out);
      } catch (Throwable e) {
        if (appearsWhole) {
          out.abort();
        } else {
          out.close();
          storage.delete(unfinished, false);
        }
        throw e;
      }
      out.close();
      if (!appearsWhole) {
        FileContext.getFileContext(target.toUri(), spark.sessionState().newHadoopConf())
            .rename(unfinished, target, Options.Rename.OVERWRITE);
      }
    } catch (IOException e) {
      throw StorageFailure.explain(e, "write %s below the lake".formatted(relativePath));
    }
  }

  private static Path unfinished(Path target) {
    return new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID() + ".tmp");
  }

  private static long writeTo(Dataset<String> lines, OutputStream out) throws IOException {
    var text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    long written = 0;
    for (var line = lines.toLocalIterator(); line.hasNext(); written++) {
      text.write(line.next());
      text.write('\n');
    }
    text.flush();
    return written;
  }

  /**
   * Fails with what to do when the lake cannot be written, or when two drivers that write it at the
   * same time could lose a commit.
   */
  public void checkWritable() {
    var probe = new Path(root + "/.flywheel-write-probe-" + UUID.randomUUID());
    try {
      FileSystem storage = storage();
      if (storage.getScheme().equals(S3LogStore.SCHEME)) {
        S3LogStore.probe(storage, probe);
      } else {
        storage.create(probe, true).close();
        storage.delete(probe, false);
      }
    } catch (IOException | LinkageError e) {
      throw StorageFailure.of(e)
          .map(kind -> kind.explained(e, "write the lake " + root))
          .orElseGet(
              () ->
                  FlywheelException.usage(
                      e,
                      "The lake %s cannot be written (%s): check that it exists and that this user"
                          + " may write there.",
                      root,
                      e.getClass().getSimpleName()));
    }
  }

  FileSystem storage() throws IOException {
    return new Path(root).getFileSystem(spark.sessionState().newHadoopConf());
  }
}
