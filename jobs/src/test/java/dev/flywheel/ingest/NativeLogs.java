package dev.flywheel.ingest;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.lake.StageLog;
import dev.flywheel.run.DateRange;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import scala.jdk.javaapi.CollectionConverters;

/** A folder of native logs, the lake that they are taken into, and what it then holds. */
final class NativeLogs {
  final Path raw;
  final Lakehouse lake;
  final Map<String, Object> overrides = new HashMap<>();

  NativeLogs(Path root) {
    raw = root.resolve("raw");
    lake = TestLakes.open(root.resolve("lake"));
    overrides.put("input.path", raw.toString());
    overrides.put("ingest.max_bad_share", 1.0);
  }

  /** Writes parts, one after the other, compressed as the name says. */
  void land(LocalDate day, String name, Object... parts) {
    String text = Arrays.stream(parts).map(Object::toString).collect(Collectors.joining());
    write(day, name, text.isEmpty() ? new byte[0] : compressed(name, utf8(text)));
  }

  void write(LocalDate day, String name, byte[] content) {
    try {
      Path file = raw.resolve("dt=" + day).resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  StageLog ingest(LocalDate day) {
    return ingest(DateRange.of(day));
  }

  /** Every line must be accounted for. */
  StageLog ingest(DateRange landing) {
    var log = new StageLog();
    new IngestStage().run(lake.noting(log), TestSpark.run(landing), TestSpark.settings(overrides));
    assertThat(log.counts().get("lines"))
        .isEqualTo(
            log.counts().get("good") + log.counts().get("quarantined") + log.counts().get("blank"));
    // Delta keeps its own; a checkpoint of ours must be gone.
    assertThat(
            CollectionConverters.asJava(lake.spark().sparkContext().getPersistentRDDs()).values())
        .noneMatch(rdd -> rdd.isCheckpointed());
    return log;
  }

  List<Row> rows(TableSpec table, String condition) {
    return lake.read(table).where(condition).collectAsList();
  }

  Map<String, Long> reasons() {
    return countBy(Quarantine.SPEC, "true", Quarantine.REASON);
  }

  Map<String, Long> countBy(TableSpec table, String condition, String column) {
    return lake.read(table).where(condition).groupBy(col(column)).count().collectAsList().stream()
        .collect(
            Collectors.toMap(
                row -> row.getString(0), row -> row.getLong(1), Long::sum, TreeMap::new));
  }

  static byte[] compressed(String name, byte[] content) {
    return name.endsWith(".gz") ? gzip(content) : name.endsWith(".zst") ? zstd(content) : content;
  }

  private interface Wrapper {
    OutputStream wrap(OutputStream out) throws IOException;
  }

  static byte[] gzip(byte[] content) {
    return wrapped(content, GZIPOutputStream::new);
  }

  static byte[] zstd(byte[] content) {
    return wrapped(content, ZstdOutputStream::new);
  }

  private static byte[] wrapped(byte[] content, Wrapper wrapper) {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = wrapper.wrap(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
