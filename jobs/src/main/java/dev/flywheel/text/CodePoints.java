package dev.flywheel.text;

import java.util.Arrays;
import org.apache.spark.unsafe.types.UTF8String;

/** Code points of Spark's strings, read off their bytes. */
final class CodePoints {
  private CodePoints() {}

  /** As {@code text.toString().codePoints()}; bytes that are not UTF-8 are replaced as there. */
  static int[] of(UTF8String text) {
    byte[] bytes = text.getBytes();
    var codePoints = new int[bytes.length];
    int size = 0;
    for (int i = 0; i < bytes.length; ) {
      int first = bytes[i];
      if (first >= 0) {
        codePoints[size++] = first;
        i++;
        continue;
      }
      int length = (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;
      int codePoint = i + length <= bytes.length ? decode(bytes, i, length) : -1;
      if (codePoint < 0) {
        return text.toString().codePoints().toArray();
      }
      codePoints[size++] = codePoint;
      i += length;
    }
    return size == bytes.length ? codePoints : Arrays.copyOf(codePoints, size);
  }

  /** The code point of a sequence of 2 to 4 bytes; -1 where it is none. */
  private static int decode(byte[] bytes, int at, int length) {
    int codePoint = bytes[at] & (0x7F >> length);
    for (int i = 1; i < length; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) {
        return -1;
      }
      codePoint = codePoint << 6 | (bytes[at + i] & 0x3F);
    }
    boolean notFour = length == 4 && (bytes[at] & 0xF8) != 0xF0;
    int least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    boolean surrogate =
        codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    return notFour || surrogate || codePoint < least || !Character.isValidCodePoint(codePoint)
        ? -1
        : codePoint;
  }
}
