package dev.flywheel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.run.DateRange;
import dev.flywheel.testing.TestSpark;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a run tells about its configuration. */
class EffectiveConfigTest {

  /** None of them is a secret, but where one lies is nobody's business either. */
  @Test
  void whatSpeaksOfSecretsIsHiddenAndTheRestIsShown() {
    Map<String, String> hidden =
        Map.of(
            "spark.hadoop.fs.s3a.encryption.key", "arn:aws:kms:eu-central-1:1:key/hidden",
            "spark.hadoop.fs.azure.account.keyprovider.a.dfs.core.windows.net", "hidden.Provider",
            "spark.authenticate.secret.file", "/etc/hidden",
            "spark.kubernetes.driver.secretKeyRef.AWS_SECRET_ACCESS_KEY", "hidden:key");
    var spark = new java.util.HashMap<>(hidden);
    spark.put("spark.executor.memory", "2g");
    var err = new StringWriter();
    EffectiveConfig.print(
        TestSpark.run(DateRange.of(LocalDate.of(2026, 1, 5))),
        TestSpark.settings(Map.of("spark", spark)),
        new PrintWriter(err));
    assertThat(err.toString())
        .contains(hidden.keySet())
        .contains("spark.executor.memory=2g")
        .doesNotContain("arn:", "hidden.Provider", "/etc/", "hidden:key");
  }
}
