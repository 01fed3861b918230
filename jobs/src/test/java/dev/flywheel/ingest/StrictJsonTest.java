package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StrictJsonTest {
  private static final String[] PARTS = {
    "word ", "é", "\u4e2d", "\ud83d\ude00", "\ufffd", "\\n", "\\\\ud8", "\\u00e9"
  };

  private final StrictJson json = new StrictJson();

  /** By the decoder of the JDK that reports; some of the texts hold U+FFFD themselves. */
  @Test
  void readsWhatIsUtf8AndNothingElse() throws IOException {
    var random = new SplittableRandom(1);
    int refused = 0;
    for (int n = 0; n < 20_000; n++) {
      var text = new StringBuilder("\"");
      for (int parts = random.nextInt(6); parts >= 0; parts--) {
        text.append(PARTS[random.nextInt(PARTS.length)]);
      }
      byte[] line = text.append('"').toString().getBytes(StandardCharsets.UTF_8);
      if (n % 2 == 0) {
        line[1 + random.nextInt(line.length - 2)] = (byte) random.nextInt(0x80, 0x100);
      }
      String expected = decoded(line);
      String read = read(line, expected == null ? 0 : expected.length());
      refused += read == null ? 1 : 0;
      assertThat(read).as(Arrays.toString(line)).isEqualTo(expected);
    }
    assertThat(refused).isBetween(5_000, 10_000);
  }

  /** Null where they are not UTF-8. */
  private static String decoded(byte[] line) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The beginning of the text that the parser was opened on; null where it was refused. */
  private String read(byte[] line, int length) throws IOException {
    try {
      json.open(line, line.length).close();
      return json.between(0, length, length);
    } catch (RefusedLine e) {
      return null;
    }
  }
}
