package dev.flywheel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.flywheel.cli.CommandLines;
import java.io.PrintWriter;
import java.util.Locale;

/** The program: one subcommand per stage of the loop. */
public final class Flywheel {
  private Flywheel() {}

  /** Ends the process with the exit code of the command; nothing else in the program exits. */
  public static void main(String[] args) {
    // What is written is read by programs: the digits of another script would name other files.
    Locale.setDefault(Locale.ROOT);
    int exitCode =
        run(
            args,
            new PrintWriter(System.out, true, UTF_8),
            new PrintWriter(System.err, true, UTF_8));
    if (!endsByReturning(
        exitCode,
        System.getProperty("spark.master"),
        System.getProperty("spark.submit.deployMode"))) {
      System.exit(exitCode);
    }
  }

  /** A driver that YARN runs itself counts every exit of its own for a failure, even with 0. */
  static boolean endsByReturning(int exitCode, String master, String deployMode) {
    return exitCode == 0 && "yarn".equals(master) && "cluster".equals(deployMode);
  }

  /**
   * Runs one command line.
   *
   * @param out results and the closing summary
   * @param err effective configuration, progress and errors
   * @return exit code, as in {@link dev.flywheel.run.ExitCode}
   */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    return CommandLines.run(args, out, err);
  }
}
