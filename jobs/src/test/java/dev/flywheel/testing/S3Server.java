package dev.flywheel.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * S3Proxy in a process of its own, over a folder: a bucket is a folder in it. Its class path comes
 * from the module {@code s3-server}, since its libraries are not ours.
 */
public final class S3Server implements AutoCloseable {
  public static final String ACCESS_KEY = "test-access-key";
  public static final String SECRET_KEY = "test-secret-key";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String LOGGING =
      """
      <configuration>
        <appender name="stdout" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d %p %c %m%n</pattern></encoder>
        </appender>
        <root level="WARN"><appender-ref ref="stdout"/></root>
      </configuration>
      """;

  private final Process process;
  private final Path buckets;
  private final int port;

  private S3Server(Process process, Path buckets, int port) {
    this.process = process;
    this.buckets = buckets;
    this.port = port;
  }

  /** Starts the server with its files below {@code folder}, and waits until it listens. */
  public static S3Server start(Path folder) throws IOException, InterruptedException {
    int port = freePort();
    Path buckets = Files.createDirectories(folder.resolve("buckets"));
    Path logging = Files.writeString(folder.resolve("logback.xml"), LOGGING);
    Path properties =
        Files.write(
            folder.resolve("s3proxy.properties"),
            List.of(
                "s3proxy.endpoint=http://127.0.0.1:" + port,
                "s3proxy.authorization=aws-v2-or-v4",
                "s3proxy.identity=" + ACCESS_KEY,
                "s3proxy.credential=" + SECRET_KEY,
                "jclouds.provider=filesystem-nio2",
                "jclouds.filesystem.basedir=" + buckets));
    Path log = folder.resolve("s3proxy.log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dlogback.configurationFile=" + logging,
                "-cp",
                Files.readString(Path.of("../s3-server/target/classpath.txt")).strip(),
                "org.gaul.s3proxy.Main",
                "--properties",
                properties.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    var server = new S3Server(process, buckets, port);
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!listens(port)) {
      if (!process.isAlive() || Instant.now().isAfter(deadline)) {
        server.close();
        throw new IOException("The S3 server did not start: " + Files.readString(log));
      }
      Thread.sleep(50);
    }
    return server;
  }

  /** A port of this machine that nobody uses at the moment. */
  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Whether somebody listens on a port of this machine. */
  public static boolean listens(int port) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes a bucket; its folder, in which a file is an object. */
  public Path bucket(String name) throws IOException {
    return Files.createDirectories(buckets.resolve(name));
  }

  public int port() {
    return port;
  }

  public String endpoint() {
    return endpoint(port);
  }

  /** A server of S3 on this machine. */
  public static String endpoint(int port) {
    return "http://127.0.0.1:" + port;
  }

  /** Says in {@code hadoop} where one bucket is and who asks, as a site file would. */
  public static void configure(Configuration hadoop, String bucket, String endpoint) {
    String prefix = "fs.s3a.bucket." + bucket + ".";
    hadoop.set(prefix + "endpoint", endpoint);
    hadoop.set(prefix + "endpoint.region", "us-east-1");
    hadoop.set(prefix + "path.style.access", "true");
    hadoop.set(prefix + "access.key", ACCESS_KEY);
    hadoop.set(prefix + "secret.key", SECRET_KEY);
    // So that a test of failures does not wait.
    hadoop.set(prefix + "attempts.maximum", "1");
    hadoop.set(prefix + "retry.limit", "1");
    hadoop.set(prefix + "retry.interval", "10ms");
  }

  /** Puts a folder into a bucket, as a collector would: a file laid into its folder has no ETag. */
  public static void upload(Configuration hadoop, Path from, String to) throws IOException {
    var target = new org.apache.hadoop.fs.Path(to);
    target
        .getFileSystem(hadoop)
        .copyFromLocalFile(new org.apache.hadoop.fs.Path(from.toUri()), target);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
