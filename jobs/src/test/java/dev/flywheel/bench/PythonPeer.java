package dev.flywheel.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Python program that does pieces of work when told to: a line in, a line out. It is the program
 * named by the environment variable {@value #PYTHON}, on a script of {@code bench/}.
 */
public final class PythonPeer implements AutoCloseable {
  private static final String PYTHON = "FLYWHEEL_BENCH_PYTHON";

  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;

  public PythonPeer(String script, Path... arguments) throws IOException {
    String python = System.getenv(PYTHON);
    if (python == null) {
      throw new IllegalStateException(PYTHON + " names no Python: run it with make bench");
    }
    List<String> command =
        Stream.concat(
                Stream.of(python, "../bench/" + script), Stream.of(arguments).map(Path::toString))
            .toList();
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    in = process.outputWriter(StandardCharsets.UTF_8);
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** What the program answers. */
  public String ask(String line) throws IOException {
    in.write(line);
    in.newLine();
    in.flush();
    String answer = out.readLine();
    if (answer == null) {
      throw new IOException("The Python program ended while it was asked: " + line);
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    in.close();
    process.destroy();
  }
}
