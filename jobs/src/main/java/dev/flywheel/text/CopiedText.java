package dev.flywheel.text;

import java.util.Arrays;

/**
 * Where a copied text lies in the response it was copied from: as it is, or with other white space
 * than there, as editors leave it that trim, indent or wrap what is put into them.
 */
final class CopiedText {
  private CopiedText() {}

  /**
   * The first place of {@code copied} in {@code response}.
   *
   * @return start and end in code points, {@code start << 32 | end}; -1 where it is not there
   */
  static long find(String response, String copied) {
    int asIs = response.indexOf(copied);
    if (asIs >= 0) {
      int start = response.codePointCount(0, asIs);
      return span(start, start + copied.codePointCount(0, copied.length()));
    }
    Collapsed wanted = Collapsed.of(copied);
    if (wanted.text.isEmpty()) {
      return -1;
    }
    Collapsed in = Collapsed.of(response);
    int found = in.text.indexOf(wanted.text);
    return found < 0
        ? -1
        : span(in.positions[found], in.positions[found + wanted.text.length() - 1] + 1);
  }

  private static long span(int start, int end) {
    return (long) start << Integer.SIZE | end;
  }

  /** A text in which each run of white space is one blank, and none at the ends. */
  private static final class Collapsed {
    private final String text;

    /** For each char of the text, the code point of the original it belongs to. */
    private final int[] positions;

    private Collapsed(String text, int[] positions) {
      this.text = text;
      this.positions = positions;
    }

    static Collapsed of(String original) {
      var text = new StringBuilder(original.length());
      var positions = new int[original.length()];
      boolean space = false;
      int position = 0;
      for (int i = 0; i < original.length(); position++) {
        int codePoint = original.codePointAt(i);
        i += Character.charCount(codePoint);
        if (Words.isSpace(codePoint)) {
          space = true;
          continue;
        }
        if (space && !text.isEmpty()) {
          positions[text.length()] = position - 1;
          text.append(' ');
        }
        space = false;
        int from = text.length();
        text.appendCodePoint(codePoint);
        Arrays.fill(positions, from, text.length(), position);
      }
      return new Collapsed(text.toString(), positions);
    }
  }
}
