package dev.flywheel.realdata;

import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/** Where real logs lie beside the project, and how they are read. */
final class RealData {
  private static final Path ROOT = Path.of("../../shared/data");
  private static final ObjectMapper JSON = new ObjectMapper();

  private RealData() {}

  /** The folder of one data set; skips the test, saying so, where there is none. */
  static Path folder(String name) {
    Path folder = ROOT.resolve(name);
    assumeThat(Files.isDirectory(folder))
        .as("skipped: it needs the real logs in ../shared/data/%s, which a clone has not", name)
        .isTrue();
    return folder;
  }

  /** Hands over every object of a JSON Lines file, in order. */
  static void eachLine(Path file, Consumer<JsonNode> taker) {
    try (var lines =
        new BufferedReader(new InputStreamReader(open(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        taker.accept(JSON.readTree(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The texts of a JSON array. */
  static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::textValue).toList();
  }

  private static InputStream open(Path file) throws IOException {
    InputStream stored = Files.newInputStream(file);
    return file.toString().endsWith(".gz") ? new GZIPInputStream(stored) : stored;
  }
}
