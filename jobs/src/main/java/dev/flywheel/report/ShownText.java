package dev.flywheel.report;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.substring;

import dev.flywheel.text.Redaction;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;

/**
 * What of a user's text may stand on the page: without characters that steer the display, redacted,
 * then cut. In this order, since an address with such a character inside is one as soon as it is
 * gone. Escaping is the template's part.
 */
final class ShownText {
  /** Characters of a prompt or response. */
  static final int MAX_CHARS = 300;

  /** Characters of a title, segment or name. */
  static final int MAX_NAME_CHARS = 80;

  /** Controls but tab and line feed, format characters such as bidi overrides, lone surrogates. */
  private static final Pattern STEERING = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}&&[^\\t\\n]]");

  private static final Pattern LINE_BREAKS =
      Pattern.compile("\\r\\n?|[\\x0B\\f\\u2028\\u2029\\u0085]");
  private static final Pattern SPACES = Pattern.compile("\\s+");

  /** Stands for a text of which nothing can be seen. */
  private static final String BLANK = "(blank)";

  private ShownText() {}

  /** {@code text} redacted, and cut one character after the last that is shown. */
  static Column excerpt(Column text) {
    Column lines = regexp_replace(text, lit(LINE_BREAKS.pattern()), lit("\n"));
    Column plain = regexp_replace(lines, lit(STEERING.pattern()), lit(""));
    return substring(Redaction.redact(plain), 1, MAX_CHARS + 1);
  }

  /** An excerpt as it is shown, with an ellipsis where it was cut; null stays null. */
  static String shown(String excerpt) {
    if (excerpt == null) {
      return null;
    }
    String lines = LINE_BREAKS.matcher(excerpt).replaceAll("\n");
    return cut(visible(lines), MAX_CHARS);
  }

  /** A title of words that users wrote: redacted, on one line. */
  static String title(String title) {
    String line = LINE_BREAKS.matcher(title).replaceAll(" ");
    return name(Redaction.redact(STEERING.matcher(line).replaceAll("")));
  }

  /** A name that the sender gave, such as a model or a segment: cut, on one line. */
  static String name(String name) {
    String line = SPACES.matcher(LINE_BREAKS.matcher(name).replaceAll(" ")).replaceAll(" ");
    return cut(visible(line).strip(), MAX_NAME_CHARS);
  }

  /** The name of a column of segments, as people read it. */
  static String dimension(String column) {
    String words = column.replace('_', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static String visible(String text) {
    String clean = STEERING.matcher(text).replaceAll("");
    return clean.isBlank() ? BLANK : clean;
  }

  private static String cut(String text, int chars) {
    return text.codePointCount(0, text.length()) <= chars
        ? text
        : text.substring(0, text.offsetByCodePoints(0, chars)).stripTrailing() + "…";
  }
}
