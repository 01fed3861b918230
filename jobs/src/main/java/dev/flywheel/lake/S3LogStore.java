package dev.flywheel.lake;

import dev.flywheel.run.FlywheelException;
import io.delta.storage.HadoopFileSystemLogStore;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Commits of Delta tables on S3, of which one of two drivers at the same time wins and the other
 * hears of it. Delta's own store for S3 knows of the writers in one JVM only, so that the second of
 * two drivers overwrites the commit of the first.
 *
 * <p>A commit is one PUT on the condition that the key is not there ({@code If-None-Match: *}). An
 * answer to it may get lost, or be a failure although the object has landed; so every commit
 * carries an id of its own, and after any failure the id that is there tells whose commit it is.
 */
public final class S3LogStore extends HadoopFileSystemLogStore {
  static final String SCHEME = "s3a";

  private static final String WRITE_ID = "flywheel-write-id";

  /** Hadoop's option for {@code If-None-Match: *}. */
  private static final String IF_ABSENT = "fs.option.create.conditional.overwrite";

  private static final String HEADER = "fs.s3a.create.header.";

  /** How often a commit that did not land is sent again; S3A itself retries before. */
  private static final int ATTEMPTS = 4;

  private static final long PAUSE_MILLIS = 200;

  /** What a failed write left under its key. */
  private enum Found {
    MINE,
    OTHERS,
    NOTHING
  }

  public S3LogStore(Configuration hadoop) {
    super(hadoop);
  }

  @Override
  public void write(Path path, Iterator<String> actions, Boolean overwrite, Configuration hadoop)
      throws IOException {
    // Drained before a stream is open: what it holds is published when it is closed.
    byte[] content = lines(actions);
    FileSystem storage = path.getFileSystem(hadoop);
    if (overwrite) {
      put(storage.create(path, true), content);
    } else {
      create(storage, path, content);
    }
  }

  private static byte[] lines(Iterator<String> actions) {
    var content = new ByteArrayOutputStream();
    while (actions.hasNext()) {
      content.writeBytes(actions.next().getBytes(StandardCharsets.UTF_8));
      content.write('\n');
    }
    return content.toByteArray();
  }

  /**
   * Writes a file that must not be there.
   *
   * @throws FileAlreadyExistsException when somebody else's is
   * @throws IOException when the storage failed and either nothing is there, or what is there
   *     cannot be found out: the write may still have happened
   */
  static void create(FileSystem storage, Path path, byte[] content) throws IOException {
    String id = UUID.randomUUID().toString();
    for (int attempt = 1; ; attempt++) {
      try {
        put(
            (FSDataOutputStream)
                storage
                    .createFile(path)
                    .overwrite(true)
                    .must(IF_ABSENT, true)
                    .must(HEADER + WRITE_ID, id)
                    .build(),
            content);
        return;
      } catch (IOException e) {
        switch (found(storage, path, id, e)) {
          case MINE -> {
            return;
          }
          case OTHERS -> throw alreadyThere(path, e);
          case NOTHING -> {
            // The same id again: should the first request land after all, it is still ours.
            if (attempt == ATTEMPTS || lasting(e)) {
              throw e;
            }
            pause(attempt, e);
          }
        }
      }
    }
  }

  private static boolean lasting(IOException failure) {
    return StorageFailure.of(failure).filter(StorageFailure::lasting).isPresent();
  }

  private static Found found(FileSystem storage, Path path, String id, IOException failure)
      throws IOException {
    try {
      byte[] there = storage.getXAttr(path, "header." + WRITE_ID);
      return Arrays.equals(there, id.getBytes(StandardCharsets.UTF_8)) ? Found.MINE : Found.OTHERS;
    } catch (FileNotFoundException e) {
      return Found.NOTHING;
    } catch (IOException e) {
      failure.addSuppressed(e);
      throw failure;
    }
  }

  private static FileAlreadyExistsException alreadyThere(Path path, IOException cause) {
    var exists = new FileAlreadyExistsException(path.toString());
    exists.initCause(cause);
    return exists;
  }

  private static void pause(int attempt, IOException failure) throws IOException {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(PAUSE_MILLIS << attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }

  /** Closed once only: a second close of a stream that failed says nothing. */
  private static void put(FSDataOutputStream out, byte[] content) throws IOException {
    try {
      out.write(content);
    } catch (IOException e) {
      out.abort();
      throw e;
    }
    out.close();
  }

  /**
   * Fails unless this store and its settings tell the second of two writers of one key.
   *
   * @param path a key that nobody else uses; it is gone afterwards
   */
  static void probe(FileSystem storage, Path path) throws IOException {
    refuseUnsafe(storage.getConf());
    create(storage, path, new byte[0]);
    try {
      create(storage, path, new byte[0]);
    } catch (FileAlreadyExistsException e) {
      return;
    } finally {
      storage.delete(path, false);
    }
    throw FlywheelException.usage(
        "The store below %s lets two writers write the same key and tells neither (it ignores"
            + " If-None-Match), so two runs at the same time could lose each other's commits. Put"
            + " the lake on a store that knows conditional writes.",
        path.getParent());
  }

  private static void refuseUnsafe(Configuration hadoop) {
    boolean overwrites =
        hadoop.getBoolean("fs.s3a.create.performance", false)
            || Arrays.stream(hadoop.getTrimmedStrings("fs.s3a.performance.flags"))
                .anyMatch(flag -> flag.equals("create") || flag.equals("*"));
    if (overwrites || !hadoop.getBoolean("fs.s3a.create.conditional.enabled", true)) {
      throw FlywheelException.usage(
          "%s lets a file be overwritten that was to be created, so two runs at the same time could"
              + " lose each other's commits. Take it out of the Hadoop settings.",
          overwrites
              ? "fs.s3a.performance.flags=create (or fs.s3a.create.performance)"
              : "fs.s3a.create.conditional.enabled=false");
    }
  }

  /** As its parent's, without asking whether the folder is there: the listing says so. */
  @Override
  public Iterator<FileStatus> listFrom(Path path, Configuration hadoop) throws IOException {
    String first = path.getName();
    return Arrays.stream(path.getFileSystem(hadoop).listStatus(path.getParent()))
        .filter(file -> file.getPath().getName().compareTo(first) >= 0)
        .sorted(Comparator.comparing(file -> file.getPath().getName()))
        .iterator();
  }

  @Override
  public Boolean isPartialWriteVisible(Path path, Configuration hadoop) {
    return false;
  }
}
