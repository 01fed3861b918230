package dev.flywheel.text;

import java.lang.Character.UnicodeScript;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Texts as words: runs without white space; a character of a script that puts no space between
 * words is a word of its own.
 */
final class Words {
  /** Scripts that put no space between words. */
  static final Set<UnicodeScript> WITHOUT_SPACES =
      EnumSet.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.BOPOMOFO,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR,
          UnicodeScript.TIBETAN);

  private static final int FIRST_WITHOUT_SPACES = 0x0E00;

  private final Map<String, Integer> numbers = new HashMap<>();

  private Words() {}

  /** The fewest words to insert, delete or replace that turn one text into the other. */
  static int distance(String a, String b) {
    var words = new Words();
    return EditDistance.of(words.numbered(a), words.numbered(b));
  }

  /**
   * {@code 1 - d / max(|a|, |b|)} in words; 1 for two texts without a word.
   *
   * @return -1 where that would take more than {@code mostCells} cells
   */
  static double retained(String a, String b, long mostCells) {
    var words = new Words();
    int[] left = words.numbered(a);
    int[] right = words.numbered(b);
    int longer = Math.max(left.length, right.length);
    if (longer == 0) {
      return 1;
    }
    int distance = EditDistance.within(left, right, mostCells);
    return distance == EditDistance.TOO_LONG ? -1 : 1 - (double) distance / longer;
  }

  /** A number for each word, the same for the same word. */
  private int[] numbered(String text) {
    var found = new int[16];
    int size = 0;
    int start = -1;
    for (int i = 0; i <= text.length(); ) {
      int codePoint = i < text.length() ? text.codePointAt(i) : ' ';
      boolean space = isSpace(codePoint);
      boolean alone = !space && standsAlone(codePoint);
      if (start >= 0 && (space || alone)) {
        found = withRoom(found, size);
        found[size++] = number(text.substring(start, i));
        start = -1;
      }
      int next = i + Character.charCount(codePoint);
      if (alone) {
        found = withRoom(found, size);
        found[size++] = number(text.substring(i, next));
      } else if (!space && start < 0) {
        start = i;
      }
      i = next;
    }
    return Arrays.copyOf(found, size);
  }

  private int number(String word) {
    Integer known = numbers.putIfAbsent(word, numbers.size());
    return known == null ? numbers.size() - 1 : known;
  }

  private static int[] withRoom(int[] array, int size) {
    return size < array.length ? array : Arrays.copyOf(array, 2 * size);
  }

  static boolean isSpace(int codePoint) {
    return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
  }

  static boolean standsAlone(int codePoint) {
    return codePoint >= FIRST_WITHOUT_SPACES
        && WITHOUT_SPACES.contains(UnicodeScript.of(codePoint));
  }
}
