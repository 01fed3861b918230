package dev.flywheel.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Spark as users have it, in the Python environment {@code spark}: its {@code spark-submit}, and
 * a standalone cluster of it on this machine. Every process of it believes to be far from UTC.
 *
 * @param home what SPARK_HOME names
 * @param work folder in which programs run, and which keeps their logs
 */
public record SparkInstallation(Path home, Path work) {
  private static final Duration PATIENCE = Duration.ofMinutes(8);

  /** What a program ended with, and printed on both streams. */
  public record Ended(int exitCode, String printed) {}

  /** Makes the Python environment where it is missing. */
  public static SparkInstallation find(Path work) throws IOException, InterruptedException {
    Path log = work.resolve("environment.log");
    String python = output(log, "../tests-python/env", "../tests-python/spark");
    String home =
        output(log, python, "-c", "import os, pyspark; print(os.path.dirname(pyspark.__file__))");
    return new SparkInstallation(Path.of(home), work);
  }

  private static String output(Path log, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed: " + Files.readString(log));
    }
    return printed.strip();
  }

  /** Runs {@code spark-submit} to its end. */
  public Ended submit(Map<String, String> environment, List<String> args)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(home.resolve("bin/spark-submit").toString());
    command.addAll(args);
    return run(environment, command);
  }

  /** Runs a program to its end, with SPARK_HOME set. */
  public Ended run(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile(work, "program-", ".log");
    Process process = start(environment, command, log.toFile());
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new IOException(command + " did not end: " + Files.readString(log));
    }
    return new Ended(process.exitValue(), Files.readString(log));
  }

  private Process start(Map<String, String> environment, List<String> command, File log)
      throws IOException {
    var builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log);
    Map<String, String> all = builder.environment();
    all.put("SPARK_HOME", home.toString());
    all.put("JAVA_HOME", System.getProperty("java.home"));
    all.put("SPARK_LOCAL_IP", "127.0.0.1");
    all.put("SPARK_DAEMON_MEMORY", "256m");
    all.put("TZ", "America/St_Johns");
    // Executors are started by daemons that are started here. None runs long enough for C2 to pay.
    all.put(
        "JDK_JAVA_OPTIONS",
        "@" + Path.of("../bin/short-runs.options").toAbsolutePath() + " -XX:TieredStopAtLevel=1");
    all.putAll(environment);
    return builder.start();
  }

  /** A master and two workers, each with two cores and 2 GiB, on this machine. */
  public Cluster cluster() throws IOException, InterruptedException {
    int port = S3Server.freePort();
    var started = new ArrayList<Process>();
    var cluster = new Cluster("spark://127.0.0.1:" + port, started);
    Path log = work.resolve("master.log");
    started.add(
        daemon(
            log,
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            String.valueOf(port),
            "--webui-port",
            "0"));
    for (int worker = 0; worker < 2; worker++) {
      started.add(
          daemon(
              work.resolve("worker-" + worker + ".log"),
              "org.apache.spark.deploy.worker.Worker",
              "--host",
              "127.0.0.1",
              "--cores",
              "2",
              "--memory",
              "2g",
              "--webui-port",
              "0",
              "--work-dir",
              work.resolve("worker-" + worker).toString(),
              cluster.master()));
    }
    Instant deadline = Instant.now().plus(PATIENCE);
    while (Files.readString(log).split("Registering worker", -1).length < 3) {
      if (Instant.now().isAfter(deadline)
          || !started.stream().allMatch(process -> process.isAlive())) {
        cluster.close();
        throw new IOException("The cluster did not start: " + Files.readString(log));
      }
      Thread.sleep(100);
    }
    return cluster;
  }

  private Process daemon(Path log, String... args) throws IOException {
    var command = new ArrayList<String>();
    command.add(home.resolve("bin/spark-class").toString());
    command.addAll(List.of(args));
    return start(Map.of(), command, log.toFile());
  }

  /**
   * A running cluster.
   *
   * @param master its address
   */
  public record Cluster(String master, List<Process> processes) implements AutoCloseable {
    @Override
    public void close() {
      for (Process process : processes) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }
}
