package dev.flywheel.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CopiedTextTest {
  private static final String RESPONSE = "Try:\n```\nif x:\n    y = '😀'\n    z = 1\n```\nDone.";

  /** The span as text, or null. */
  private static String found(String copied) {
    long span = CopiedText.find(RESPONSE, copied);
    if (span < 0) {
      return null;
    }
    int[] codePoints = RESPONSE.codePoints().toArray();
    int start = (int) (span >>> 32);
    return new String(codePoints, start, (int) span - start);
  }

  @Test
  void aTextIsFoundAsItIs() {
    assertThat(found(" z = 1\n")).isEqualTo(" z = 1\n");
    assertThat(found("= '😀'")).isEqualTo("= '😀'");
  }

  @Test
  void aTextThatWasTrimmedOrIndentedIsFoundInItsOwnSpace() {
    assertThat(found("  y = '😀'\n  z = 1  ")).isEqualTo("y = '😀'\n    z = 1");
    assertThat(found("\tif x:\r\n\t\ty = '😀'\r\n")).isEqualTo("if x:\n    y = '😀'");
  }

  @Test
  void aTextThatIsNotThereIsNotFound() {
    assertThat(found("y = 2")).isNull();
    assertThat(found("ifx:")).isNull();
    assertThat(found("\u2003")).isNull();
  }
}
