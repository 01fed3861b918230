package dev.flywheel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.tables.Events;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.S3Relay;
import dev.flywheel.testing.S3Relay.Request;
import dev.flywheel.testing.S3Relay.Spoil;
import dev.flywheel.testing.S3Server;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Input and lake on a real S3 server, and what a run says when something is wrong with it. That a
 * night there ends in the same rows as in a folder stands in {@link SparkSubmitIT}.
 */
class ObjectStorageTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);
  private static final String LINE =
      """
      {"event_id": "1", "event_type": "response_shown", "event_time": "%sT09:30:00Z", "user_id": "u", "session_id": "s", "interaction_id": "i", "prompt": "p", "response": "r"}
      """;

  @TempDir static Path folder;
  private static S3Server server;
  private static S3Relay relay;
  private static S3Relay tiring;
  private static ServerSocket silent;

  /** Runs against servers that do not answer: from the first request on, and half-way. */
  private static CompletableFuture<Program.Ended> waiting;

  private static CompletableFuture<Program.Ended> waitingHalfWay;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.start(folder);
    relay = S3Relay.to(server);
    for (int day = 0; day < 30; day++) {
      LocalDate landed = DAY.minusDays(day);
      Path prefix = Files.createDirectories(folder.resolve("raw/dt=" + landed));
      Files.writeString(prefix.resolve("part-0.jsonl"), LINE.formatted(landed));
    }
    Configuration hadoop = hadoop();
    server.bucket("logs");
    S3Server.configure(hadoop, "logs", relay.endpoint());
    S3Server.upload(hadoop, folder.resolve("raw"), "s3a://logs/raw");
    relay.clear();
    S3Server.configure(hadoop, "nowhere", server.endpoint());
    S3Server.configure(hadoop, "wrong-key", server.endpoint());
    server.bucket("wrong-key");
    hadoop.set("fs.s3a.bucket.wrong-key.secret.key", "wrong");
    S3Server.configure(hadoop, "no-key", server.endpoint());
    hadoop.set(
        "fs.s3a.bucket.no-key.aws.credentials.provider",
        "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider");

    silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    S3Server.configure(hadoop, "silent", S3Server.endpoint(silent.getLocalPort()));
    impatient("silent");
    waiting = CompletableFuture.supplyAsync(() -> ingest("s3a://silent/lake"));

    tiring = S3Relay.to(server);
    tiring.spoil(
        method("PUT").and(request -> request.path().endsWith(".parquet")),
        Spoil.STAY_SILENT,
        Integer.MAX_VALUE);
    server.bucket("tiring");
    S3Server.configure(hadoop, "tiring", tiring.endpoint());
    impatient("tiring");
    waitingHalfWay = CompletableFuture.supplyAsync(() -> ingest("s3a://tiring/lake"));
  }

  private static void impatient(String bucket) {
    // The least that Hadoop takes.
    hadoop().set("fs.s3a.bucket." + bucket + ".connection.timeout", "15s");
    hadoop().set("fs.s3a.bucket." + bucket + ".retry.limit", "0");
    hadoop().set("fs.s3a.bucket." + bucket + ".attempts.maximum", "0");
  }

  private static Configuration hadoop() {
    return TestSpark.session().sparkContext().hadoopConfiguration();
  }

  @AfterAll
  static void stop() throws IOException {
    silent.close();
    tiring.close();
    relay.close();
    server.close();
  }

  @AfterEach
  void calm() {
    relay.clear();
  }

  private static Program.Ended ingest(String lake) {
    return ingest("s3a://logs/raw", lake);
  }

  private static Program.Ended ingest(String input, String lake) {
    return Program.run(
        "ingest",
        "--input",
        input,
        "--lake",
        lake,
        "--from",
        DAY.toString(),
        "--to",
        DAY.plusDays(1).toString());
  }

  private static Program.Ended doctor(String bucket) {
    return Program.run(
        "doctor", "--input", "s3a://logs/raw", "--lake", "s3a://" + bucket + "/lake");
  }

  private static void assertEnds(Program.Ended ended, int exitCode, String... because) {
    assertThat(ended.exitCode()).as(ended.out() + ended.err()).isEqualTo(exitCode);
    for (String part : because) {
      assertThat(ended.out() + ended.err()).contains(part);
    }
  }

  @Test
  void doctorTriesReachWritingAndTheConditionThatKeepsCommitsApart() throws Exception {
    assertEnds(doctor("logs"), 0, "refuses the second", "s3a://logs/raw is reachable");
    assertThat(server.bucket("logs").resolve("lake")).isEmptyDirectory();
  }

  @Test
  void aBucketThatIsNotThereIsAUsageError() {
    assertEnds(doctor("nowhere"), 2, "no such bucket");
    assertEnds(ingest("s3a://nowhere/lake"), 2, "no such bucket");
    assertEnds(ingest("s3a://nowhere/raw", "s3a://logs/no-input"), 2, "no such bucket", "nowhere");
  }

  @Test
  void aWrongKeyIsAUsageErrorThatNamesTheVariables() {
    assertEnds(doctor("wrong-key"), 2, "credentials", "AWS_SECRET_ACCESS_KEY");
    assertEnds(ingest("s3a://wrong-key/lake"), 2, "credentials");
    assertEnds(ingest("s3a://wrong-key/raw", "s3a://logs/no-input"), 2, "credentials");
  }

  @Test
  void noCredentialsAreAUsageErrorThatNamesTheVariables() {
    assertEnds(ingest("s3a://no-key/lake"), 2, "no credentials", "AWS_ACCESS_KEY_ID");
  }

  @Test
  void aUserWhoMayNotWriteLearnsIt() {
    relay.spoil(method("PUT"), Spoil.FORBID, Integer.MAX_VALUE);
    assertEnds(doctor("logs"), 2, "do not allow it");
    assertEnds(ingest("s3a://logs/forbidden"), 2, "do not allow it");
  }

  @Test
  void aUserWhoMayNotReadTheLogsLearnsItFromTheTaskThatRead() {
    relay.spoil(
        method("GET").and(request -> request.path().endsWith(".jsonl")),
        Spoil.FORBID,
        Integer.MAX_VALUE);
    assertEnds(ingest("s3a://logs/unread"), 2, "part-0.jsonl", "do not allow it");
  }

  @Test
  void aUserWhoMayNotWriteTablesLearnsItFromTheTaskThatWrote() {
    relay.spoil(
        method("PUT").and(request -> request.path().endsWith(".parquet")),
        Spoil.FORBID,
        Integer.MAX_VALUE);
    assertEnds(ingest("s3a://logs/half-way"), 2, "do not allow it");
  }

  @Test
  void anOutageHalfWayIsWorthARetryAndTheRetryWorks() throws Exception {
    relay.spoil(
        method("PUT").and(request -> request.path().endsWith(".parquet")),
        Spoil.FAIL,
        Integer.MAX_VALUE);
    assertEnds(ingest("s3a://logs/outage"), 75, "does not answer", "run again");
    relay.clear();
    assertEnds(ingest("s3a://logs/outage"), 0);
    var lake = new Lakehouse(TestSpark.session(), "s3a://logs/outage");
    assertThat(lake.read(Events.SPEC).count()).isEqualTo(1);
  }

  @Test
  void commitsWhoseAnswersGetLostAreMadeOnce() {
    assertEnds(ingest("s3a://logs/answers"), 0);
    var lake = new Lakehouse(TestSpark.session(), "s3a://logs/answers");
    long before = lake.version(Events.SPEC);
    relay.spoil(
        method("PUT").and(request -> request.path().matches(".*/_delta_log/[0-9]{20}\\.json")),
        Spoil.LOSE_ANSWER,
        Integer.MAX_VALUE);
    assertEnds(ingest("s3a://logs/answers"), 0);
    relay.clear();
    assertThat(lake.read(Events.SPEC).count()).isEqualTo(1);
    assertThat(lake.version(Events.SPEC)).isEqualTo(before + 1);
  }

  @Test
  void aServerThatStopsAnsweringIsWorthARetry() {
    assertEnds(waiting.join(), 75, "does not answer");
    assertEnds(waitingHalfWay.join(), 75, "does not answer");
    assertThat(tiring.requests()).extracting(Request::method).contains("GET", "PUT");
  }

  @Test
  void aDayIsFoundWithoutListingTheDaysBeforeIt() {
    assertEnds(ingest("s3a://logs/day"), 0);
    assertThat(relay.requests())
        .filteredOn(request -> request.kind().equals("LIST"))
        .filteredOn(request -> request.query().contains("prefix=raw"))
        .isNotEmpty()
        .allMatch(
            request ->
                request.query().contains("prefix=raw%2Fdt%3D" + DAY)
                    || request.query().contains("max-keys=2"));
  }

  @Test
  void aFileOfLinesIsReplacedWholeOrNotAtAll() throws Exception {
    SparkSession spark = TestSpark.session();
    var lake = new Lakehouse(spark, "s3a://logs/exported");
    Path file = server.bucket("logs").resolve("exported/exports/lines.txt");
    lake.files()
        .writeLines(
            "exports/lines.txt", spark.range(100).selectExpr("'a' || id").as(Encoders.STRING()));
    assertThat(Files.readAllLines(file)).hasSize(100);

    Dataset<String> breaking =
        spark
            .range(0, 100, 1, 5)
            .selectExpr("if(id = 70, raise_error('made up'), 'x' || id)")
            .as(Encoders.STRING());
    assertThatThrownBy(() -> lake.files().writeLines("exports/lines.txt", breaking));
    assertThat(Files.readAllLines(file)).hasSize(100).startsWith("a0");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  private static Predicate<Request> method(String name) {
    return request -> request.method().equals(name);
  }
}
