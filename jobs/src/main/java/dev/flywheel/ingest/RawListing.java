package dev.flywheel.ingest;

import dev.flywheel.settings.Settings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.LocalDate;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * What the storage lists under one prefix of raw logs, without opening a file.
 *
 * @param path the prefix
 * @param exists whether the storage knows the prefix
 * @param files number of files below it
 * @param bytes their size as stored
 */
public record RawListing(String path, boolean exists, long files, long bytes) {

  /**
   * What lies under the prefix of one landing day.
   *
   * @throws IOException when the storage does not answer
   */
  public static RawListing ofDay(SparkSession spark, Settings.Input input, LocalDate day)
      throws IOException {
    String prefix = input.prefix(day);
    if (input.format().equals(LangfuseFormat.NAME)) {
      var root = new Path(input.path());
      var files =
          new RawFiles(LangfuseExport.ofDay(storage(spark, input.path()), root, prefix, day));
      return new RawListing(
          "%s/{%s,%s}/%s*"
              .formatted(root, LangfuseExport.OBSERVATIONS, LangfuseExport.SCORES, prefix),
          !files.files().isEmpty(),
          files.files().size(),
          files.bytes());
    }
    return of(spark, input.path() + "/" + prefix);
  }

  /** Whether the storage answers for {@code path} and holds something there. */
  public static boolean reachable(SparkSession spark, String path) throws IOException {
    return storage(spark, path).exists(new Path(path));
  }

  private static RawListing of(SparkSession spark, String path) throws IOException {
    try {
      var content = storage(spark, path).getContentSummary(new Path(path));
      return new RawListing(path, true, content.getFileCount(), content.getLength());
    } catch (FileNotFoundException e) {
      return new RawListing(path, false, 0, 0);
    }
  }

  private static FileSystem storage(SparkSession spark, String path) throws IOException {
    return new Path(path).getFileSystem(spark.sessionState().newHadoopConf());
  }
}
