package dev.flywheel.testing;

import dev.flywheel.Flywheel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real command line, in this JVM or in one of its own. */
public final class Program {
  private Program() {}

  /** What a command ended with and printed. */
  public record Ended(int exitCode, String out, String err) {}

  /** Runs a command in this JVM, on the shared session. */
  public static Ended run(String... args) {
    TestSpark.session();
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode = Flywheel.run(args, new PrintWriter(out), new PrintWriter(err));
    return new Ended(exitCode, out.toString(), err.toString());
  }

  /** Starts a command in a JVM of its own, with this JVM's class path and opened packages. */
  public static Process start(Path log, String... args) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.matches("(--add-opens|-Djdk|-Dspark|-XX).*"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx1g",
            "-Duser.timezone=UTC",
            "-cp",
            System.getProperty("java.class.path"),
            Flywheel.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
