package dev.flywheel.lake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.testing.S3Relay;
import dev.flywheel.testing.S3Relay.Request;
import dev.flywheel.testing.S3Relay.Spoil;
import dev.flywheel.testing.S3Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits against a real S3 server, which a relay makes as unreliable as networks are. */
class S3LogStoreTest {
  private static final String LOG = "s3a://commits/table/_delta_log";
  private static final int WRITERS = 4;
  private static final int COMMITS_EACH = 6;

  @TempDir static java.nio.file.Path folder;
  private static S3Server server;
  private static S3Relay relay;
  private static java.nio.file.Path objects;
  private static Configuration hadoop;
  private static S3LogStore store;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.start(folder);
    relay = S3Relay.to(server);
    objects = server.bucket("commits").resolve("table/_delta_log");
    hadoop = new Configuration();
    S3Server.configure(hadoop, "commits", relay.endpoint());
    store = new S3LogStore(hadoop);
  }

  @AfterAll
  static void stop() {
    relay.close();
    server.close();
  }

  @AfterEach
  void calm() {
    relay.clear();
  }

  private static Path commit(int version) {
    return CommitRace.commit(LOG, version);
  }

  private static void write(int version, String action) throws IOException {
    store.write(commit(version), List.of(action).iterator(), false, hadoop);
  }

  private static List<String> stored(int version) throws IOException {
    return Files.readAllLines(objects.resolve(commit(version).getName()));
  }

  private static Predicate<Request> puts(int version) {
    return request ->
        request.method().equals("PUT") && request.path().endsWith(commit(version).getName());
  }

  @Test
  void ofManyDriversAtOnceEachCommitIsGivenToOne() throws Exception {
    String log = "s3a://commits/race/_delta_log";
    List<List<Integer>> given = race(S3LogStore.class, log);

    assertThat(given.stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, WRITERS * COMMITS_EACH).boxed().toList());
    for (int writer = 0; writer < WRITERS; writer++) {
      for (int version : given.get(writer)) {
        assertThat(
                server
                    .bucket("commits")
                    .resolve("race/_delta_log")
                    .resolve(commit(version).getName()))
            .hasContent("writer-" + writer + "\n");
      }
    }
  }

  /** Versions that each writer was given, all released at the same moment. */
  private static List<List<Integer>> race(Class<?> logStore, String log) throws Exception {
    var writers = new ArrayList<Process>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(
          new ProcessBuilder(
                  java.nio.file.Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  CommitRace.class.getName(),
                  logStore.getName(),
                  log,
                  "commits",
                  server.endpoint(),
                  "writer-" + i,
                  String.valueOf(COMMITS_EACH))
              .redirectError(folder.resolve("writer-" + i + ".log").toFile())
              .start());
    }
    var printed = new ArrayList<BufferedReader>();
    for (Process writer : writers) {
      var out = new BufferedReader(new InputStreamReader(writer.getInputStream(), UTF_8));
      printed.add(out);
      assertThat(out.readLine()).isEqualTo("ready");
    }
    for (Process writer : writers) {
      writer.getOutputStream().write('\n');
      writer.getOutputStream().flush();
    }
    var given = new ArrayList<List<Integer>>();
    for (int i = 0; i < WRITERS; i++) {
      given.add(printed.get(i).lines().map(Integer::valueOf).toList());
      assertThat(writers.get(i).waitFor()).isZero();
    }
    return given;
  }

  @Test
  void aCommitThatIsThereIsNotOverwritten() throws Exception {
    write(10, "first");
    assertThatThrownBy(() -> write(10, "second")).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(stored(10)).containsExactly("first");
  }

  @Test
  void aCommitWhoseAnswersAllGetLostIsStillOurs() throws Exception {
    relay.spoil(puts(11), Spoil.LOSE_ANSWER, 100);
    write(11, "landed");
    assertThat(stored(11)).containsExactly("landed");
  }

  @Test
  void aCommitWhoseFirstAnswerGetsLostIsNotTakenForAnothers() throws Exception {
    relay.spoil(puts(12), Spoil.LOSE_ANSWER, 1);
    write(12, "landed");
    assertThat(stored(12)).containsExactly("landed");
  }

  @Test
  void aServerThatAsksToTryAgainIsAskedAgain() throws Exception {
    relay.spoil(puts(13), Spoil.CONFLICT, 3);
    write(13, "landed");
    assertThat(stored(13)).containsExactly("landed");
  }

  @Test
  void nobodyGuessesWhatBecameOfACommitThatCannotBeLookedAt() {
    relay.spoil(request -> request.path().endsWith(commit(14).getName()), Spoil.FAIL, 100);
    assertThatThrownBy(() -> write(14, "lost"))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(FileAlreadyExistsException.class)
        .satisfies(e -> assertThat(StorageFailure.of(e)).contains(StorageFailure.NO_ANSWER));
  }

  @Test
  void actionsThatBreakHalfWayPublishNothing() {
    Iterator<String> breaking =
        Stream.of("one", "two")
            .map(
                action -> {
                  if (action.equals("two")) {
                    throw new IllegalStateException("made up");
                  }
                  return action;
                })
            .iterator();
    assertThatThrownBy(() -> store.write(commit(15), breaking, false, hadoop))
        .isInstanceOf(IllegalStateException.class);
    assertThat(objects.resolve(commit(15).getName())).doesNotExist();
  }

  @Test
  void theLogIsListedFromAVersionOnInOneRequest() throws Exception {
    for (int version = 20; version < 23; version++) {
      write(version, "x");
    }
    relay.clear();
    List<String> names = new ArrayList<>();
    store
        .listFrom(commit(21), hadoop)
        .forEachRemaining(file -> names.add(file.getPath().getName()));
    assertThat(names).startsWith(commit(21).getName(), commit(22).getName());
    assertThat(relay.requests()).extracting(Request::kind).containsExactly("LIST");
  }

  @Test
  void aStoreThatTellsTheSecondWriterPassesTheProbeAndKeepsNothingOfIt() throws Exception {
    var probe = new Path("s3a://commits/probed/probe");
    S3LogStore.probe(probe.getFileSystem(hadoop), probe);
    assertThat(server.bucket("commits").resolve("probed/probe")).doesNotExist();
  }

  @Test
  void aStoreThatIgnoresTheConditionIsRefused() throws Exception {
    var probe = new Path("s3a://commits/ignored/probe");
    relay.spoil(request -> request.method().equals("PUT"), Spoil.SWALLOW, 100);
    assertRefused(probe, hadoop, "If-None-Match");
  }

  @Test
  void settingsThatMakeACreateOverwriteAreRefused() throws Exception {
    var unsafe = new Configuration(hadoop);
    S3Server.configure(unsafe, "unsafe", relay.endpoint());
    unsafe.set("fs.s3a.bucket.unsafe.performance.flags", "create, mkdir");
    assertRefused(new Path("s3a://unsafe/probe"), unsafe, "fs.s3a.performance.flags");
  }

  private static void assertRefused(Path probe, Configuration settings, String because)
      throws IOException {
    var storage = probe.getFileSystem(settings);
    assertThatThrownBy(() -> S3LogStore.probe(storage, probe))
        .isInstanceOfSatisfying(
            FlywheelException.class,
            refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining(because);
  }
}
