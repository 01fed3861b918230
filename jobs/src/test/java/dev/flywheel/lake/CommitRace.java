package dev.flywheel.lake;

import dev.flywheel.testing.S3Server;
import io.delta.storage.LogStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A driver that does nothing but commit, in a JVM of its own: says that it is ready, waits for a
 * line, then takes the next free version again and again, and prints each that it was given.
 */
public final class CommitRace {
  private CommitRace() {}

  /**
   * Takes {@code commits} versions of the log.
   *
   * @param args class of the log store, folder of the log, bucket, endpoint, name of this writer,
   *     number of commits
   */
  public static void main(String[] args) throws Exception {
    var hadoop = new Configuration();
    S3Server.configure(hadoop, args[2], args[3]);
    LogStore store =
        Class.forName(args[0])
            .asSubclass(LogStore.class)
            .getConstructor(Configuration.class)
            .newInstance(hadoop);
    String writer = args[4];
    int commits = Integer.parseInt(args[5]);
    var warm = new Path(args[1] + "/warm-" + writer);
    store.write(warm, List.of(writer).iterator(), true, hadoop);
    System.out.println("ready");
    if (System.in.read() < 0) {
      throw new IOException("nobody gave the start");
    }
    for (int version = 0, given = 0; given < commits; version++) {
      try {
        store.write(commit(args[1], version), List.of(writer).iterator(), false, hadoop);
        given++;
        System.out.println(version);
      } catch (FileAlreadyExistsException e) {
        // Another's: the next one, as Delta does.
      }
    }
  }

  static Path commit(String log, int version) {
    return new Path("%s/%020d.json".formatted(log, version));
  }
}
