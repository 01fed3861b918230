package dev.flywheel;

import dev.flywheel.cli.CommandLines;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The program: one subcommand per stage of the loop. */
public final class Flywheel {
  private Flywheel() {}

  /** Ends the process with the exit code of the command; nothing else in the program may. */
  public static void main(String[] args) {
    int exitCode = run(args, writer(FileDescriptor.out), writer(FileDescriptor.err));
    System.exit(exitCode);
  }

  /**
   * Runs one command line.
   *
   * @param out results and the closing summary
   * @param err effective configuration, progress and errors
   * @return exit code, as in {@link dev.flywheel.run.ExitCode}
   */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    int exitCode = CommandLines.create(out, err).execute(args);
    out.flush();
    err.flush();
    return exitCode;
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
  }
}
