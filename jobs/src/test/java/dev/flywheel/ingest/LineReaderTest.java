package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineReaderTest {

  @Test
  void cutsAtLineFeedsAndDropsOneCarriageReturn() throws IOException {
    assertThat(lines("a\nb\r\nc\r\r\n\n\r\nd\re\nlast", 100))
        .containsExactly("a", "b", "c\r", "", "", "d\re", "last");
    assertThat(lines("a\n", 100)).containsExactly("a");
    assertThat(lines("\n", 100)).containsExactly("");
    assertThat(lines("", 100)).isEmpty();
  }

  @Test
  void dropsAByteOrderMarkAtTheBeginningOnly() throws IOException {
    assertThat(lines("\ufeff{}\n\ufeff{}\n", 100)).containsExactly("{}", "\ufeff{}");
    assertThat(lines("\ufeff\na", 100)).containsExactly("", "a");
    assertThat(lines("\ufeff", 100)).isEmpty();
    assertThat(lines("ab", 100)).containsExactly("ab");
    var reader = reader("\ufeff12345\n", 5);
    assertThat(reader.next()).isTrue();
    assertThat(reader.tooLong()).isFalse();
  }

  @Test
  void aLineAtTheLimitIsWholeAndOneByteMoreIsTooLong() throws IOException {
    var reader = reader("12345\r\n123456\r\n12345\n123456", 5);
    assertThat(reader.next()).isTrue();
    assertThat(reader.tooLong()).isFalse();
    assertThat(reader.length()).isEqualTo(5);
    assertThat(reader.next()).isTrue();
    assertThat(reader.tooLong()).isTrue();
    assertThat(reader.length()).isEqualTo(5);
    assertThat(reader.size()).isEqualTo(6);
    assertThat(reader.next()).isTrue();
    assertThat(reader.tooLong()).isFalse();
    assertThat(reader.next()).isTrue();
    assertThat(reader.tooLong()).isTrue();
    assertThat(reader.next()).isFalse();
  }

  @Test
  void aHugeLineTakesNoMoreMemoryThanTheLimit() throws IOException {
    var huge = new LineReader(new Repeated('x', 3_000_000_000L), 1 << 16);
    assertThat(huge.next()).isTrue();
    assertThat(huge.size()).isEqualTo(3_000_000_000L);
    assertThat(huge.tooLong()).isTrue();
    assertThat(huge.bytes()).hasSizeLessThanOrEqualTo((1 << 16) + 1);
    assertThat(huge.next()).isFalse();
  }

  @Test
  void agreesWithSplittingTheWholeTextHoweverTheStreamIsCut() throws IOException {
    var random = new Random(3);
    for (int round = 0; round < 300; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(400); i > 0; i--) {
        text.append("ab\r\n".charAt(random.nextInt(4)));
      }
      List<String> expected = new ArrayList<>();
      String rest = text.toString();
      for (int end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        String line = rest.substring(0, end);
        expected.add(line.endsWith("\r") ? line.substring(0, end - 1) : line);
        rest = rest.substring(end + 1);
      }
      if (!rest.isEmpty()) {
        expected.add(rest);
      }
      var reader = new LineReader(new Trickle(text.toString(), random), 1_000);
      assertThat(lines(reader)).isEqualTo(expected);
    }
  }

  private static List<String> lines(String text, int limit) throws IOException {
    return lines(reader(text, limit));
  }

  private static List<String> lines(LineReader reader) throws IOException {
    var lines = new ArrayList<String>();
    while (reader.next()) {
      lines.add(new String(reader.bytes(), 0, reader.length(), StandardCharsets.UTF_8));
    }
    return lines;
  }

  private static LineReader reader(String text, int limit) {
    return new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), limit);
  }

  /** One byte over and over. */
  private static final class Repeated extends InputStream {
    private final char value;
    private long left;

    Repeated(char value, long count) {
      this.value = value;
      this.left = count;
    }

    @Override
    public int read() {
      return left-- > 0 ? value : -1;
    }

    @Override
    public int read(byte[] buffer, int from, int length) {
      if (left == 0) {
        return -1;
      }
      int count = (int) Math.min(left, length);
      java.util.Arrays.fill(buffer, from, from + count, (byte) value);
      left -= count;
      return count;
    }
  }

  /** Gives a few bytes at a time, sometimes none. */
  private static final class Trickle extends ByteArrayInputStream {
    private final Random random;

    Trickle(String text, Random random) {
      super(text.getBytes(StandardCharsets.UTF_8));
      this.random = random;
    }

    @Override
    public synchronized int read(byte[] buffer, int from, int length) {
      return super.read(buffer, from, random.nextInt(Math.min(length, 7)));
    }
  }
}
