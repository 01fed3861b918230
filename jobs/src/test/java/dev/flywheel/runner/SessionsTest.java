package dev.flywheel.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.TestSpark;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** Who has the say about the session. */
class SessionsTest {
  private static final String OURS = "spark.flywheel.test.ours";
  private static final String THEIRS = "spark.flywheel.test.theirs";
  private static final String ZONE = "spark.sql.session.timeZone";

  @Test
  void sparkHidesWhatWeHide() {
    var session = TestSpark.session();
    session.conf().set("spark.test.apiKey", "canary-1");
    try {
      assertThat(session.sql("SET spark.test.apiKey").collectAsList().toString())
          .contains("spark.test.apiKey")
          .doesNotContain("canary-1");
    } finally {
      session.conf().unset("spark.test.apiKey");
    }
  }

  @Test
  void sparkSubmitWinsOverTheConfigurationAndNeitherOverWhatIsNeeded() {
    SparkSession shared = TestSpark.session();
    // As spark-submit hands its settings to the driver.
    System.setProperty(THEIRS, "submitted");
    System.setProperty(ZONE, "Asia/Tokyo");
    try {
      SparkSession session =
          Sessions.open(
              TestSpark.settings(
                  Map.of(
                      "spark",
                      Map.of(OURS, "configured", THEIRS, "configured", ZONE, "Asia/Tokyo"))));
      assertThat(session.conf().get(OURS)).isEqualTo("configured");
      assertThat(session.conf().get(THEIRS)).isEqualTo("submitted");
      assertThat(session.conf().get(ZONE)).isEqualTo("UTC");
    } finally {
      System.clearProperty(THEIRS);
      System.clearProperty(ZONE);
      shared.conf().unset(OURS);
      shared.conf().unset(THEIRS);
    }
  }
}
