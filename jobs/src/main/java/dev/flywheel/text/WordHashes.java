package dev.flywheel.text;

import java.util.Arrays;
import java.util.Locale;

/**
 * The distinct words of a text as 64-bit hashes, to tell how alike two texts are by the words that
 * both have: case, order and repetition aside.
 *
 * <p>A word is a run of letters, marks and digits; a character of a script that puts no spaces
 * between words is one by itself.
 */
final class WordHashes {
  private static final int OF_WORDS =
      1 << Character.UPPERCASE_LETTER
          | 1 << Character.LOWERCASE_LETTER
          | 1 << Character.TITLECASE_LETTER
          | 1 << Character.MODIFIER_LETTER
          | 1 << Character.OTHER_LETTER
          | 1 << Character.NON_SPACING_MARK
          | 1 << Character.ENCLOSING_MARK
          | 1 << Character.COMBINING_SPACING_MARK
          | 1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.LETTER_NUMBER
          | 1 << Character.OTHER_NUMBER;

  private long[] hashes = new long[32];
  private int size;

  private WordHashes() {}

  /** In ascending order; of more than {@code most}, the smallest. */
  static long[] of(String text, int most) {
    var words = new WordHashes();
    words.add(text.toLowerCase(Locale.ROOT));
    return words.distinct(most);
  }

  private void add(String text) {
    long hash = 0;
    boolean within = false;
    int next;
    for (int i = 0; i < text.length(); i = next) {
      int codePoint = text.codePointAt(i);
      next = i + Character.charCount(codePoint);
      boolean ofWord = (OF_WORDS >> Character.getType(codePoint) & 1) == 1;
      boolean alone = ofWord && Words.standsAlone(codePoint);
      if (within && (alone || !ofWord)) {
        add(hash);
      }
      if (alone) {
        add(FourGrams.mix(codePoint + 1));
      }
      within = ofWord && !alone;
      hash = within ? FourGrams.mix(hash + codePoint + 1) : 0;
    }
    if (within) {
      add(hash);
    }
  }

  private void add(long hash) {
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * size);
    }
    hashes[size++] = hash;
  }

  private long[] distinct(int most) {
    Arrays.sort(hashes, 0, size);
    int kept = 0;
    for (int i = 0; i < size && kept < most; i++) {
      if (kept == 0 || hashes[kept - 1] != hashes[i]) {
        hashes[kept++] = hashes[i];
      }
    }
    return Arrays.copyOf(hashes, kept);
  }
}
