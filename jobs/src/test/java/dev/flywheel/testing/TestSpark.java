package dev.flywheel.testing;

import dev.flywheel.run.DateRange;
import dev.flywheel.run.RunContext;
import dev.flywheel.runner.Sessions;
import dev.flywheel.settings.Settings;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** One Spark session per test JVM, and the small things every stage test needs. */
public final class TestSpark {
  private static SparkSession session;

  private TestSpark() {}

  /** The shared session: two cores, few shuffle partitions. */
  public static synchronized SparkSession session() {
    if (session == null) {
      session =
          Sessions.open(
              settings(
                  Map.of(
                      "spark",
                      Map.of(
                          "spark.master", "local[2]",
                          "spark.sql.shuffle.partitions", "2",
                          "spark.sql.warehouse.dir", "target/spark-warehouse"))));
    }
    return session;
  }

  /** Default settings with some overridden, by dotted key. */
  public static Settings settings(Map<String, Object> overrides) {
    return Settings.load(Optional.empty(), new HashMap<>(overrides));
  }

  /** A run over {@code landing} with the default lookback and a clock that stands still. */
  public static RunContext run(DateRange landing) {
    Settings defaults = settings(Map.of());
    return new RunContext(
        "test",
        landing,
        "run-" + landing.from(),
        defaults.seed(),
        defaults.ingest().lookbackDays(),
        defaults.ingest().futureDays(),
        0,
        "test",
        Clock.fixed(Instant.parse("2026-03-01T02:00:00Z"), ZoneOffset.UTC));
  }
}
