package dev.flywheel.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What was built, from the resource that the build writes. */
final class Version implements IVersionProvider {
  private static final String RESOURCE = "/flywheel-build.properties";

  /**
   * The commit the program was built from, with {@code -dirty} behind it when files had changed;
   * {@code unknown} where there was no repository.
   */
  static String commit() {
    return build().getProperty("commit", "unknown");
  }

  private static Properties build() {
    var build = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        build.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "flywheel " + build().getProperty("version", "unknown"),
      "commit " + commit(),
      "Java " + Runtime.version()
    };
  }
}
