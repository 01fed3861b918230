package dev.flywheel.bench;

import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.run.DateRange;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.S3Relay;
import dev.flywheel.testing.S3Server;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;

/**
 * Requests to an S3 server, night after night on one lake: they must not grow with the history.
 *
 * <p>Arguments: nights (default 24, so that every table's log has had two checkpoints) and
 * interactions a day (default 20).
 */
public final class RequestsBench {
  private static final LocalDate FIRST = LocalDate.of(2026, 1, 5);

  private RequestsBench() {}

  public static void main(String[] arguments) throws Exception {
    int nights = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 24;
    int interactions = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
    Path folder = Files.createTempDirectory("flywheel-bench");
    try (S3Server server = S3Server.start(folder);
        S3Relay relay = S3Relay.to(server)) {
      server.bucket("bucket");
      Configuration hadoop = TestSpark.session().sparkContext().hadoopConfiguration();
      S3Server.configure(hadoop, "bucket", relay.endpoint());
      Path logs = folder.resolve("raw");
      Generator.run(
          GeneratorOptions.of(
              logs,
              folder.resolve("truth"),
              new DateRange(FIRST, FIRST.plusDays(nights)),
              interactions,
              42));
      S3Server.upload(hadoop, logs, "s3a://bucket/raw");
      for (int night = 0; night < nights; night++) {
        relay.clear();
        LocalDate day = FIRST.plusDays(night);
        Program.Ended ended =
            Program.run(
                "nightly",
                "--input",
                "s3a://bucket/raw",
                "--lake",
                "s3a://bucket/lake",
                "--from",
                day.toString(),
                "--to",
                day.plusDays(1).toString());
        System.out.printf(
            "night %2d: exit code %d, %,d requests %s%n",
            night + 1,
            ended.exitCode(),
            relay.requests().size(),
            relay.requests().stream()
                .collect(
                    Collectors.groupingBy(
                        S3Relay.Request::kind, TreeMap::new, Collectors.counting())));
      }
    } finally {
      TestLakes.delete(folder);
    }
  }
}
