package dev.flywheel.lake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.flywheel.run.DateRange;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hadoop.fs.Path;

/** One version of a table as Delta's log has it: a file with an action a line. */
final class CommitFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LakeFiles lake;
  private final Path file;

  /**
   * @param table where the table lies
   */
  CommitFile(LakeFiles lake, String table, long version) {
    this.lake = lake;
    this.file = new Path(table + "/_delta_log/%020d.json".formatted(version));
  }

  /** What Delta keeps about the commit; missing where it keeps nothing. */
  JsonNode info() {
    return first(List.of("commitInfo"), any -> true);
  }

  /** Whether it changes rows of some dates; to merge their files does not. */
  boolean changes(String partitionColumn, DateRange dates) {
    return !first(
            List.of("add", "remove"),
            data -> {
              String date = data.path("partitionValues").path(partitionColumn).asText();
              return data.path("dataChange").asBoolean()
                  // A writer may leave out where a file lay that it removes.
                  && (date.isEmpty() || dates.contains(LocalDate.parse(date)));
            })
        .isMissingNode();
  }

  /** The first action of some kinds that is wanted; missing without one. */
  private JsonNode first(List<String> kinds, Predicate<JsonNode> wanted) {
    try (var in =
        new BufferedReader(
            new InputStreamReader(lake.storage().open(file), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        for (String kind : kinds) {
          if (line.startsWith("{\"" + kind + "\"")) {
            JsonNode action = JSON.readTree(line).path(kind);
            if (wanted.test(action)) {
              return action;
            }
          }
        }
      }
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
