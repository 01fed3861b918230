package dev.flywheel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** How command lines end that no command foresaw. */
class CommandLinesTest {
  @CommandLine.Command
  private static final class Exhausted implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new OutOfMemoryError("while reading: canary");
    }
  }

  @CommandLine.Command
  private static final class Misfit implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new NoSuchMethodError("canary");
    }
  }

  @Test
  void aLibraryThatDoesNotFitIsNotBlamedOnTheRightSpark() {
    var err = new StringWriter();
    var line = new CommandLine(new Misfit()).setErr(new PrintWriter(err));
    assertThat(CommandLines.execute(line)).isEqualTo(1);
    assertThat(err.toString()).startsWith("flywheel: Unexpected failure: NoSuchMethodError");
  }

  @Test
  void anErrorOfTheJvmIsSaidInOurWordsAndUnexpected() {
    var err = new StringWriter();
    var line = new CommandLine(new Exhausted()).setErr(new PrintWriter(err));
    assertThat(CommandLines.execute(line)).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("flywheel: Unexpected failure: OutOfMemoryError")
        .doesNotContain("canary");
  }
}
