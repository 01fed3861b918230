package dev.flywheel.ingest;

import static java.util.stream.Collectors.groupingBy;

import dev.flywheel.run.DateRange;
import dev.flywheel.settings.Settings;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * What an ingest would read of one landing day, without opening a file.
 *
 * @param day the landing day
 * @param path where its files lie
 * @param files number of them
 * @param bytes their size as stored
 */
public record RawListing(LocalDate day, String path, long files, long bytes) {

  /**
   * What lies under the prefixes of {@code landing}, day by day.
   *
   * @throws dev.flywheel.run.FlywheelException as the ingest would throw it, where there is nothing
   *     to read or it cannot be listed
   */
  public static List<RawListing> of(SparkSession spark, Settings settings, DateRange landing) {
    RawFiles all = RawFiles.list(spark.sessionState().newHadoopConf(), settings, landing);
    Map<Integer, List<RawFile>> byDay =
        all.files().stream().collect(groupingBy(RawFile::landingDay));
    return landing.toList().stream()
        .map(
            day -> {
              var files =
                  new RawFiles(byDay.getOrDefault(Math.toIntExact(day.toEpochDay()), List.of()));
              return new RawListing(
                  day, path(settings.input(), day), files.files().size(), files.bytes());
            })
        .toList();
  }

  private static String path(Settings.Input input, LocalDate day) {
    var root = new Path(input.path());
    String prefix = input.prefix(day);
    return input.format().equals(LangfuseFormat.NAME)
        ? "%s/{%s,%s}/%s*"
            .formatted(root, LangfuseExport.OBSERVATIONS, LangfuseExport.SCORES, prefix)
        : new Path(root, prefix).toString();
  }

  /** Whether the storage answers for {@code path} and holds something there. */
  public static boolean reachable(SparkSession spark, String path) throws IOException {
    var target = new Path(path);
    return target.getFileSystem(spark.sessionState().newHadoopConf()).exists(target);
  }
}
