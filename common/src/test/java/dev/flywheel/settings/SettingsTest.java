package dev.flywheel.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration may leave out, and what it is told when it says nothing. */
class SettingsTest {
  @TempDir Path folder;

  private Settings load(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("own.yaml"), yaml);
    // As of a command line, which sets keys below sections of the file.
    return Settings.load(Optional.of(file), Map.of("input.path", "raw", "ingest.lookback_days", 1));
  }

  private void assertRefused(String yaml, String... because) {
    assertThatThrownBy(() -> load(yaml))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContainingAll(because);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"input", "ingest", "label", "sample", "cluster", "report", "maintain", "spark"})
  void aSectionWhoseKeysAreAllCommentedOutIsNamed(String section) {
    assertRefused(section + ":\n  # all of it\n", section + " is empty: remove it or give it keys");
    assertRefused(section + ": 3\n", section + " must be a mapping of keys");
  }

  @ParameterizedTest
  @CsvSource({
    "seed:, seed",
    "'input: {format: }', input.format",
    "'input: {tenant: ~}', input.tenant",
    "'input: {day_pattern: null}', input.day_pattern",
    "'input: {user_feedback_scores: }', input.user_feedback_scores",
    "'ingest: {max_bad_share: }', ingest.max_bad_share",
    "'label: {sources: }', label.sources",
    "'sample: {strata: }', sample.strata",
    "'sample: {strata: [surface, ~]}', sample.strata",
    "'spark: {spark.executor.memory: }', spark.executor.memory"
  })
  void aKeyThatHasADefaultCannotBeEmpty(String yaml, String key) {
    assertRefused(yaml, key, "empty", "remove it");
  }

  @Test
  void whatHasNoDefaultMayStayEmptyAndASourceIsSwitchedOffByNull() throws IOException {
    Settings settings =
        load("lake: null\nlabel:\n  sources:\n    session: null\n    task: {bad: null}\n");
    assertThat(settings.lake()).isNull();
    assertThat(settings.label().sources())
        .containsKeys("task", "rating")
        .doesNotContainKey("session");
    assertThat(settings.label().sources().get("task").bad()).isEqualTo("false");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'dt='yyyy-MM-dd",
        "yyyy-MM-dd",
        "yyyy/M/d",
        "uuuuMMdd",
        "'year='yyyy'/month='MM'/day='dd",
        "yyyy/DDD",
        "YYYY'/week='ww'/day='e"
      })
  void aPatternThatNamesEveryDayIsTaken(String pattern) throws IOException {
    Settings settings = load("input: {day_pattern: \"" + pattern + "\"}\n");
    assertThat(settings.input().prefix(LocalDate.of(2026, 1, 5)))
        .isNotEqualTo(settings.input().prefix(LocalDate.of(2026, 1, 6)));
  }

  @ParameterizedTest
  @CsvSource({
    // Every day of a month would have the same files.
    "'''dt=''yyyy-MM', does not say that day",
    "'''dt=''MM-dd', does not say that day",
    "'''logs''', does not say that day",
    "'''''', does not say that day",
    // 2025-12-29 lies in the first week of 2026.
    "'''dt=''YYYY-MM-dd', does not say that day",
    "'dt=yyyy-MM-dd', no java.time pattern",
    "'yyyy-MM-dd''T''HH', no java.time pattern",
    "'yyyy-MM-dd''', no java.time pattern",
    "'''../dt=''yyyy-MM-dd', a folder below the input",
    "/yyyy/MM/dd, a folder below the input",
    "yyyy:MM:dd, a folder below the input"
  })
  void anyOtherPatternIsRefusedBeforeAnythingIsRead(String pattern, String because) {
    assertRefused("input: {day_pattern: \"" + pattern + "\"}\n", "input.day_pattern", because);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://bucket/lake", "s3n://bucket/lake", "S3://bucket/lake"})
  void aLakeOnS3HasTheSchemeThatKeepsCommitsApart(String lake) throws IOException {
    Settings settings = load("lake: " + lake + "\n");
    assertThatThrownBy(settings::requiredLake)
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("s3a://bucket/lake");
    assertThat(load("lake: s3a://bucket/lake\n").requiredLake()).isEqualTo("s3a://bucket/lake");
  }

  @Test
  void filesStayNoLongerThanTheLogThatNamesThem() throws IOException {
    assertThat(load("maintain: {retention_days: 30}\n").maintain().retentionDays()).isEqualTo(30);
    assertRefused("maintain: {retention_days: 31}\n", "maintain.retention_days is 31", "7 to 30");
    assertRefused("maintain: {retention_days: 6}\n", "maintain.retention_days is 6");
  }

  @Test
  void scoresOfPeopleHaveAWorstAndABest() throws IOException {
    assertThat(load("label: {human_scores: [1, 5]}\n").label().humanScores())
        .containsExactly(1.0, 5.0);
    for (String range : new String[] {"[1]", "[5, 1]", "[1, 3, 5]"}) {
      assertRefused("label: {human_scores: %s}\n".formatted(range), "label.human_scores is [");
    }
  }

  @Test
  void whatASurfaceCanOfferIsOneOfSix() throws IOException {
    assertThat(
            load("label: {default_capabilities: [accept, copy, edit, run, task, rate]}\n")
                .label()
                .defaultCapabilities())
        .hasSize(6);
    assertRefused(
        "label: {default_capabilities: [edit, coppy]}\n",
        "label.default_capabilities names 'coppy'",
        "accept, copy, edit, run, task, rate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.authenticate.secret",
        "spark.ssl.keyStorePassword",
        "spark.kubernetes.authenticate.submission.oauthToken",
        "spark.executorEnv.AWS_ACCESS_KEY_ID",
        "spark.executorEnv.AWS_SECRET_ACCESS_KEY",
        "spark.kubernetes.driverEnv.OPENAI_API_KEY",
        "spark.sql.catalog.unity.token",
        "spark.sql.catalog.rest.credential",
        "spark.hadoop.fs.s3a.access.key",
        "spark.hadoop.fs.s3a.bucket.b.secret.key",
        "spark.hadoop.fs.s3a.session.token",
        "spark.hadoop.fs.s3a.proxy.password",
        "spark.hadoop.fs.s3a.encryption.key",
        "spark.hadoop.fs.s3a.server-side-encryption.key",
        "spark.hadoop.fs.s3n.awsSecretAccessKey",
        "spark.hadoop.fs.oss.accessKeySecret",
        "spark.hadoop.fs.cosn.userinfo.secretId",
        "spark.hadoop.fs.azure.account.key",
        "spark.hadoop.fs.azure.account.key.acct",
        "spark.hadoop.fs.azure.account.key.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.account.oauth2.client.secret",
        "spark.hadoop.fs.azure.account.oauth2.client.secret.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.account.oauth2.refresh.token.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.account.oauth2.user.password.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.sas.fixed.token.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.sas.logs.acct.blob.core.windows.net",
        "spark.hadoop.fs.azure.encryption.encoded.client-provided-key.acct.dfs.core.windows.net",
        "spark.hadoop.fs.gs.auth.service.account.private.key",
        "spark.hadoop.fs.gs.auth.client.secret",
        "spark.hadoop.fs.gs.auth.refresh.token",
        "spark.hadoop.fs.gs.encryption.key"
      })
  void aSecretIsRefusedAndNotRepeated(String key) {
    assertThatThrownBy(() -> load("spark: {" + key + ": canary}\n"))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContainingAll(key, "site file", "AWS_SECRET_ACCESS_KEY")
        .hasMessageNotContaining("canary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.authenticate",
        "spark.authenticate.secret.file",
        "spark.redaction.regex",
        "spark.io.encryption.keySizeBits",
        "spark.security.credentials.hadoopfs.enabled",
        "spark.ssl.keyStore",
        "spark.kubernetes.driver.secrets.a-secret",
        "spark.kubernetes.executor.secretKeyRef.AWS_SECRET_ACCESS_KEY",
        "spark.kubernetes.authenticate.submission.oauthTokenFile",
        "spark.hadoop.hadoop.security.credential.provider.path",
        "spark.hadoop.fs.s3a.aws.credentials.provider",
        "spark.hadoop.fs.s3a.delegation.token.binding",
        "spark.hadoop.fs.s3a.encryption.algorithm",
        "spark.hadoop.fs.s3a.bucket.secret-token.endpoint",
        "spark.hadoop.fs.azure.account.auth.type.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.account.keyprovider.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.account.oauth2.client.id.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.account.oauth2.refresh.token.endpoint.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.account.oauth2.token.file",
        "spark.hadoop.fs.azure.sas.token.provider.type.acct.dfs.core.windows.net",
        "spark.hadoop.fs.azure.sas.token.renew.period.for.streams",
        "spark.hadoop.fs.gs.auth.service.account.json.keyfile",
        "spark.hadoop.fs.gs.encryption.key.hash",
        "spark.hadoop.dfs.encryption.key.provider.uri"
      })
  void whereASecretLiesIsNoSecret(String key) throws IOException {
    assertThat(load("spark: {" + key + ": x}\n").spark()).containsEntry(key, "x");
  }

  @Test
  void theNameOfAKeyOfKmsIsNoSecret() throws IOException {
    String key = "spark.hadoop.fs.s3a.encryption.key";
    assertThat(load("spark: {" + key + ": 'arn:aws:kms:eu-central-1:1:key/k'}\n").spark())
        .containsKey(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"max_line_bytes", "max_batch_bytes"})
  void aLineFitsIntoMemory(String key) throws IOException {
    load("ingest: {%s: 1073741824}\n".formatted(key));
    for (int no : new int[] {0, 1_073_741_825, Integer.MAX_VALUE}) {
      assertRefused(
          "ingest: {%s: %d}\n".formatted(key, no),
          "ingest.%s is %d".formatted(key, no),
          "1 to 1073741824");
    }
  }
}
