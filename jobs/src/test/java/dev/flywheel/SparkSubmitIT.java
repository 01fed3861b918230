package dev.flywheel;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.generate.Generator;
import dev.flywheel.generate.GeneratorOptions;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.RunManifest;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.S3Relay;
import dev.flywheel.testing.S3Server;
import dev.flywheel.testing.SparkInstallation;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar as users run it: through the spark-submit of another installation, from a folder that is
 * not the build's, with executors in their own JVMs, on folders and on S3. The same nights end in
 * the same rows as in one JVM.
 */
class SparkSubmitIT {
  private static final LocalDate FIRST = LocalDate.of(2026, 1, 5);
  private static final int INTERACTIONS_PER_DAY = 60;
  private static final long MOST_MIB = 120;
  private static final Pattern COMMAND = Pattern.compile("(?ms)^```sh\nspark-submit (.*?)^```$");
  private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|\\S+");
  private static final Path BIN = Path.of("../bin").toAbsolutePath().normalize();
  private static final String MASTER = "spark://master:7077";
  private static final String JARS = "delta/*.jar,s3a/*.jar";
  private static final String DELTA = "io.delta:delta-spark_4.1_2.13:4.4.0";

  /** The oldest that a platform may bring. */
  private static final String OLDER_DELTA = "io.delta:delta-spark_4.1_2.13:4.2.0";

  @TempDir static Path work;
  private static SparkInstallation spark;
  private static Path jar;
  private static Path logs;

  /** Rows by table after one night, and after the next. */
  private static Map<String, List<String>> afterOne;

  private static Map<String, List<String>> afterTwo;

  @BeforeAll
  static void oneJvmSaysWhatToExpect() throws Exception {
    spark = SparkInstallation.find(work);
    jar = Files.copy(Path.of("target/flywheel.jar"), work.resolve("flywheel.jar"));
    logs = work.resolve("raw");
    Generator.run(
        GeneratorOptions.of(
            logs,
            work.resolve("truth"),
            new DateRange(FIRST, FIRST.plusDays(2)),
            INTERACTIONS_PER_DAY,
            42));
    Path reference = work.resolve("reference");
    afterOne = rowsAfterNight(0, reference);
    afterTwo = rowsAfterNight(1, reference);
    assertThat(afterOne)
        .allSatisfy((table, rows) -> assertThat(rows).as("rows of %s", table).isNotEmpty());
  }

  private static Map<String, List<String>> rowsAfterNight(int day, Path lake) {
    Program.Ended ended =
        Program.run(
            "nightly",
            "--input",
            logs.toString(),
            "--lake",
            lake.toString(),
            "--from",
            FIRST.plusDays(day).toString(),
            "--to",
            FIRST.plusDays(day + 1).toString());
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    return TestLakes.allRows(TestLakes.open(lake));
  }

  /**
   * Arguments of a command of docs/operations.md.
   *
   * @param marker an option that only this command has
   * @param more options of Spark beside those of the page
   * @param instead words of the page, and what this machine has in their place; empty for nothing
   */
  private static List<String> documented(
      String marker, List<String> more, Map<String, String> instead) throws IOException {
    List<String> commands =
        COMMAND
            .matcher(Files.readString(Path.of("../docs/operations.md")))
            .results()
            .map(block -> block.group(1).replace("\\\n", " ").strip())
            .filter(command -> List.of(command.split("\\s+", -1)).contains(marker))
            .toList();
    assertThat(commands).as("commands of docs/operations.md with " + marker).isNotEmpty();
    var arguments = new ArrayList<>(more);
    WORD.matcher(commands.get(0))
        .results()
        .map(word -> word.group().replace("\"", ""))
        .map(word -> instead.getOrDefault(word, ofThisMachine(word)))
        .filter(word -> !word.isEmpty())
        .forEach(arguments::add);
    return arguments;
  }

  private static String ofThisMachine(String word) {
    return word.equals("flywheel.jar")
        ? jar.toString()
        : word.replace("bin/", BIN + "/").replaceFirst("(partitions)=.*", "$1=2");
  }

  /** The command with a package, without the package. */
  private static List<String> withoutDelta() throws IOException {
    return documented(
        "--packages",
        List.of(),
        Map.of(
            MASTER,
            "local[1]",
            "--packages",
            "",
            DELTA,
            "",
            "flywheel.yaml",
            config("none", work.resolve("none"))));
  }

  /** A configuration of a lake in a folder. */
  private static String config(String name, Path lake) throws IOException {
    return Files.writeString(
            work.resolve(name + ".yaml"), "lake: %s\ninput: {path: %s}\n".formatted(lake, logs))
        .toString();
  }

  private static void assertSameRows(Lakehouse lake, Map<String, List<String>> expected) {
    Map<String, List<String>> found = TestLakes.allRows(lake);
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (table, rows) -> assertThat(found.get(table)).as("rows of %s", table).isEqualTo(rows));
  }

  @Test
  void executorsInTheirOwnJvmsWithTheOldestDeltaFromAPackageEndInTheSameRows() throws Exception {
    Path lake = work.resolve("local-cluster");
    List<String> options =
        List.of(
            "--driver-memory",
            "1g",
            "--conf",
            "spark.jars.ivy=" + work.resolve("ivy"),
            "--conf",
            "spark.jars.ivySettings=" + ivySettings());
    SparkInstallation.Ended ended =
        spark.submit(
            Map.of(),
            documented(
                "--packages",
                options,
                Map.of(
                    MASTER,
                    "local-cluster[2,1,1024]",
                    DELTA,
                    OLDER_DELTA,
                    "flywheel.yaml",
                    config("local-cluster", lake))));
    assertThat(ended.exitCode()).as(ended.printed()).isZero();
    assertSameRows(TestLakes.open(lake), afterOne);
  }

  @Test
  void aStandaloneClusterOverS3EndsInTheSameRowsInClientAndInClusterMode() throws Exception {
    try (S3Server server = S3Server.start(Files.createDirectories(work.resolve("s3")));
        S3Relay relay = S3Relay.to(server);
        SparkInstallation.Cluster cluster = spark.cluster()) {
      server.bucket("bucket");
      Configuration hadoop = TestSpark.session().sparkContext().hadoopConfiguration();
      S3Server.configure(hadoop, "bucket", server.endpoint());
      S3Server.upload(hadoop, logs, "s3a://bucket/raw");
      Path config =
          Files.writeString(
              work.resolve("s3.yaml"),
              """
              lake: s3a://bucket/lake
              input:
                path: s3a://bucket/raw
              spark:
                spark.hadoop.fs.s3a.endpoint: %s
                spark.hadoop.fs.s3a.endpoint.region: us-east-1
                spark.hadoop.fs.s3a.path.style.access: "true"
                # Runs of few rows; the other test has Spark's defaults.
                spark.sql.codegen.factoryMode: NO_CODEGEN
                spark.sql.adaptive.enabled: "false"
              """
                  .formatted(relay.endpoint()));
      var environment =
          Map.of(
              "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY,
              "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY);
      var here = Map.of(MASTER, cluster.master(), JARS, jars(), "flywheel.yaml", config.toString());
      SparkInstallation.Ended client =
          spark.submit(environment, documented("--jars", List.of(), here));
      assertThat(client.exitCode()).as(client.printed()).isZero();

      relay.clear();
      SparkInstallation.Ended night = spark.submit(environment, clusterMode(here, 1));
      Map<String, Map<String, Integer>> requests = counted(relay.requests());
      Path broken = Files.writeString(work.resolve("broken.jsonl"), "no JSON\n");
      S3Server.upload(hadoop, broken, "s3a://bucket/raw/dt=%s/".formatted(FIRST.plusDays(5)));
      SparkInstallation.Ended failed = spark.submit(environment, clusterMode(here, 5));
      // A day of which nothing landed.
      SparkInstallation.Ended empty =
          spark.submit(environment, documented("--jars", List.of(), ofDay(here, 6)));

      var lake = new Lakehouse(TestSpark.session(), "s3a://bucket/lake");
      assertThat(ending(lake, "night-1")).as(night.printed()).isEqualTo("ok 0");
      assertThat(ending(lake, "night-5")).as(failed.printed()).startsWith("failed 3 ");
      assertThat(empty.exitCode()).as(empty.printed()).isEqualTo(4);
      assertThat(List.of(client, night, failed, empty))
          .noneMatch(ended -> ended.printed().contains(S3Server.SECRET_KEY));
      assertSameRows(lake, afterTwo);
      assertThat(requests.keySet()).noneMatch(place -> place.matches("raw/.*2026-01-05.*"));
    }
  }

  /**
   * Maven Central alone: Spark's default looks into Maven's local folder first, and gives up where
   * that has a description without its jar. A machine's own mirror is not the repository's
   * business.
   */
  private static String ivySettings() throws IOException {
    String machine = System.getenv("FLYWHEEL_IVY_SETTINGS");
    if (machine != null) {
      return machine;
    }
    return Files.writeString(
            work.resolve("ivysettings.xml"),
            """
            <ivysettings>
              <settings defaultResolver="central"/>
              <resolvers>
                <ibiblio name="central" m2compatible="true" root="https://repo1.maven.org/maven2/"/>
              </resolvers>
            </ivysettings>
            """)
        .toString();
  }

  private static List<String> clusterMode(Map<String, String> here, int day) throws IOException {
    return documented("--deploy-mode", List.of(), ofDay(here, day));
  }

  private static Map<String, String> ofDay(Map<String, String> here, int day) {
    var words = new HashMap<>(here);
    words.put("2026-01-05", FIRST.plusDays(day).toString());
    words.put("2026-01-06", FIRST.plusDays(day + 1).toString());
    words.put("night-2026-01-05", "night-" + day);
    return words;
  }

  private static String jars() throws IOException {
    try (Stream<Path> delta = Files.list(Path.of("target/delta"));
        Stream<Path> s3a = Files.list(Path.of("target/s3a"))) {
      return Stream.concat(delta, s3a)
          .map(file -> file.toAbsolutePath().normalize().toString())
          .collect(Collectors.joining(","));
    }
  }

  /** How a run ended, as the lake has it. */
  private static String ending(Lakehouse lake, String runId) {
    return lake
        .read(RunManifest.SPEC)
        .where(col(RunManifest.RUN_ID).equalTo(runId))
        .select(
            concat_ws(
                " ", col(RunManifest.STATUS), col(RunManifest.EXIT_CODE), col(RunManifest.ERROR)))
        .as(Encoders.STRING())
        .collectAsList()
        .stream()
        .collect(Collectors.joining());
  }

  /**
   * Requests by place (a table's log or data, or the first two folders) and kind. They are also
   * written where docs/operations.md has its figures from.
   */
  private static Map<String, Map<String, Integer>> counted(List<S3Relay.Request> requests)
      throws IOException {
    var counts = new TreeMap<String, Map<String, Integer>>();
    for (S3Relay.Request request : requests) {
      counts
          .computeIfAbsent(place(request), unused -> new TreeMap<>())
          .merge(request.kind(), 1, Integer::sum);
    }
    Files.write(
        Path.of("target/s3-requests.txt"),
        Stream.concat(
                Stream.of(requests.size() + " requests"),
                counts.entrySet().stream().map(Object::toString))
            .toList());
    return counts;
  }

  private static String place(S3Relay.Request request) {
    String key =
        request.kind().equals("LIST")
            ? request.query().replaceAll(".*prefix=([^&]*).*", "$1").replace("%2F", "/")
            : request.path().replaceFirst("^/bucket/?", "");
    String[] parts = key.split("/", -1);
    if (parts.length > 2 && parts[1].equals("tables")) {
      return parts[2] + (key.contains("_delta_log") ? " log" : " data");
    }
    return parts.length > 1 ? parts[0] + "/" + parts[1] : key;
  }

  @Test
  void theLauncherPassesWhatSparkLacksAndCredentialsMayLieInAFile() throws Exception {
    try (S3Server server = S3Server.start(Files.createDirectories(work.resolve("s3-file")))) {
      server.bucket("keys");
      Configuration hadoop = TestSpark.session().sparkContext().hadoopConfiguration();
      S3Server.configure(hadoop, "keys", server.endpoint());
      S3Server.upload(hadoop, logs, "s3a://keys/raw");
      Path credentials =
          Files.writeString(
              work.resolve("credentials"),
              "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                  .formatted(S3Server.ACCESS_KEY, S3Server.SECRET_KEY));
      Path config =
          Files.writeString(
              work.resolve("file.yaml"),
              """
              spark:
                spark.hadoop.fs.s3a.endpoint: %s
                spark.hadoop.fs.s3a.endpoint.region: us-east-1
                spark.hadoop.fs.s3a.path.style.access: "true"
              """
                  .formatted(server.endpoint()));
      SparkInstallation.Ended doctor = launched(credentials, config, "doctor");
      assertThat(doctor.exitCode()).as(doctor.printed()).isZero();
      assertThat(doctor.printed()).contains("refuses the second", spark.home().toString());
      SparkInstallation.Ended ingest =
          launched(credentials, config, "ingest", "--from", "2026-01-05", "--to", "2026-01-06");
      assertThat(ingest.exitCode()).as(ingest.printed()).isZero();
      assertThat(ingest.printed()).doesNotContain(S3Server.SECRET_KEY);
    }
  }

  private static SparkInstallation.Ended launched(Path credentials, Path config, String... words)
      throws Exception {
    var command = new ArrayList<>(List.of(BIN.resolve("flywheel").toString()));
    command.addAll(List.of(words));
    command.addAll(
        List.of(
            "--config",
            config.toString(),
            "--lake",
            "s3a://keys/lake",
            "--input",
            "s3a://keys/raw"));
    return spark.run(Map.of("AWS_SHARED_CREDENTIALS_FILE", credentials.toString()), command);
  }

  @Test
  void aJarWithoutDeltaSaysWhatToPass() throws Exception {
    SparkInstallation.Ended ended = spark.submit(Map.of(), withoutDelta());
    assertThat(ended.exitCode()).as(ended.printed()).isEqualTo(2);
    assertThat(ended.printed()).contains("Delta Lake is not there", "--packages " + DELTA);
  }

  @Test
  void aSparkOfAnotherLineSaysWhichIsNeeded() throws Exception {
    // The configuration's folder comes first on the class path, and Spark reads its version there.
    Path conf = Files.createDirectories(work.resolve("other-spark"));
    Files.writeString(conf.resolve("spark-version-info.properties"), "version=4.0.1\n");
    SparkInstallation.Ended ended =
        spark.submit(Map.of("SPARK_CONF_DIR", conf.toString()), withoutDelta());
    assertThat(ended.exitCode()).as(ended.printed()).isEqualTo(2);
    assertThat(ended.printed()).contains("Spark 4.0.1", "Spark 4.1.x");
  }

  @Test
  void theJarIsSmallEnoughAndHoldsNoClassThatSparkDeltaOrTheS3ClientHold() throws Exception {
    assertThat(Files.size(jar) >> 20).isLessThan(MOST_MIB);
    Set<String> ours = classes(jar);
    assertThat(ours).contains("dev/flywheel/Flywheel.class");
    for (Path folder :
        List.of(spark.home().resolve("jars"), Path.of("target/delta"), Path.of("target/s3a"))) {
      try (Stream<Path> jars = Files.list(folder)) {
        for (Path theirs : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
          assertThat(classes(theirs)).as(theirs.toString()).doesNotContainAnyElementsOf(ours);
        }
      }
    }
  }

  private static Set<String> classes(Path jar) {
    try (var zip = new ZipFile(jar.toFile())) {
      var names = new HashSet<String>();
      for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
        String name = e.nextElement().getName();
        if (name.endsWith(".class") && !name.endsWith("module-info.class")) {
          names.add(name);
        }
      }
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
