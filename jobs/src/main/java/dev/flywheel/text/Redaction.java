package dev.flywheel.text;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;

/**
 * Text in which e-mail addresses, phone numbers, network addresses, long numbers (cards, accounts,
 * social security) and what looks like a secret are replaced by {@code [email]}, {@code [phone]},
 * {@code [address]}, {@code [number]} and {@code [secret]}.
 *
 * <p>Made of regular expressions, so it finds what has a form of its own; names, streets and
 * whatever is only sensitive by its meaning stay. When in doubt it replaces: hashes of 32 and more
 * hexadecimal digits and columns of numbers may go too; dates, times and decimal fractions stay.
 * Every repetition is bounded or cannot back-track, so the time is linear in the text. Redact
 * before cutting a text: half an address is not recognised. Redacting twice equals redacting once.
 *
 * <p>Controls and format characters (zero-width spaces and joiners, soft hyphens, bidi marks)
 * beside a Latin letter, a digit, a blank or ASCII punctuation are taken out first and stay out:
 * with one inside, an address looks the same and is not recognised. In other scripts, where joiners
 * are spelling, and in emoji they stay. Tabs and ends of lines stay.
 */
public final class Redaction {

  /** Blanks and hyphens between groups of digits, also those that do not break; last in a class. */
  private static final String GAP = "\\u00A0\\u2007\\u2009\\u2011\\u202F -";

  /**
   * Ends of an ASCII word: where no blanks are written, letters of the language stand beside it.
   */
  private static final String START = "(?<![A-Za-z0-9_])";

  private static final String END = "(?![A-Za-z0-9_])";

  private record Rule(Pattern pattern, String replacement) {
    static Rule of(String regex, String replacement) {
      String whole = regex.replace("<gap>", GAP).replace("<start>", START).replace("<end>", END);
      return new Rule(Pattern.compile(whole), replacement);
    }
  }

  private static final String INVISIBLE = "[\\p{Cc}\\p{Cf}&&[^\\t\\n\\x0B\\f\\r\\x85]]";

  /** What addresses and secrets are written in. */
  private static final String PLAIN = "[!-~\\u00C0-\\u024F<gap>]";

  /** A run of invisible characters beside a plain one; looks back so as to read a run once. */
  private static final String HIDING =
      "(?=%1$s)(?:(?<=%2$s)%1$s++|(?<!%1$s)%1$s++(?=%2$s))".formatted(INVISIBLE, PLAIN);

  /** In this order: a rule sees what those before it left. */
  private static final List<Rule> RULES =
      List.of(
          Rule.of(HIDING, ""),
          Rule.of(
              "-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\\s\\S]*?"
                  + "(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\\z)",
              "[secret]"),
          // The user part of a URL: scheme://user:password@host.
          Rule.of("(?<=://)[^\\s/@:]{1,128}+:[^\\s/@]{1,256}+@", "[secret]@"),
          // password = …, "api_key": "…", AWS_SECRET_ACCESS_KEY=…; the name stays.
          Rule.of(
              "(?i)((?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key)"
                  + "[\"']?\\s{0,8}[:=]\\s{0,8}[\"']?)(?!\\[secret\\])[^\\s\"',;]{4,}+",
              "$1[secret]"),
          Rule.of("(?i)<start>(bearer|basic)\\s{1,8}[A-Za-z0-9._~+/=-]{16,}+", "$1 [secret]"),
          // Keys that carry the name of their issuer, and JSON Web Tokens. The first part of those
          // has an end: where no point follows, every start would look through all the rest.
          Rule.of(
              "<start>(?:[spr]k[-_][A-Za-z0-9_-]{16,}+|gh[pousr]_[A-Za-z0-9]{20,}+"
                  + "|github_pat_[A-Za-z0-9_]{20,}+|glpat-[A-Za-z0-9_-]{16,}+"
                  + "|xox[a-z]-[A-Za-z0-9-]{10,}+|A[KS]IA[A-Z0-9]{16}+|AIza[A-Za-z0-9_-]{30,64}+"
                  + "|hf_[A-Za-z0-9]{20,}+|npm_[A-Za-z0-9]{20,}+"
                  + "|eyJ[A-Za-z0-9_-]{8,4096}+\\.[A-Za-z0-9_-]{8,}+(?:\\.[A-Za-z0-9_-]{4,}+)?)",
              "[secret]"),
          Rule.of("(?<![A-Za-z0-9])[0-9A-Fa-f]{32,}+(?![A-Za-z0-9])", "[secret]"),
          // Long words that mix digits, capitals and small letters as keys do and names do not.
          Rule.of(
              "(?<![A-Za-z0-9])(?=[A-Za-z]*+[0-9])(?=[a-z0-9]*+[A-Z])(?=[A-Z0-9]*+[a-z])"
                  + "[A-Za-z0-9]{24,}+",
              "[secret]"),
          // What stands first in a class is looked up first, and signs are found fastest.
          Rule.of(
              "[[._%+-]\\p{L}\\p{N}\\u200C-\\u200D]{1,64}+@[\\p{L}\\p{N}\\u200C-\\u200D-]{1,63}+"
                  + "(?:\\.[\\p{L}\\p{N}\\u200C-\\u200D-]{1,63}+){1,8}+",
              "[email]"),
          Rule.of(
              "(?<![\\d.])\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}(?![\\d.]*\\d)"
                  + "|(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{1,4}:){4,7}+[0-9A-Fa-f]{1,4}",
              "[address]"),
          // Bank accounts in their international form.
          Rule.of(
              "<start>[A-Za-z]{2}\\d{2}[A-Za-z0-9]{11,30}+<end>"
                  + "|<start>[A-Z]{2}\\d{2}(?:[<gap>][A-Z0-9]{4}){3,7}+(?:[<gap>][A-Z0-9]{1,3})?+<end>",
              "[number]"),
          Rule.of("\\+\\d[\\d().<gap>]{5,18}\\d", "[phone]"),
          Rule.of("\\(\\d{1,5}\\)[<gap>]?\\d{2,5}(?:[.<gap>]?\\d{2,5}){1,3}+", "[phone]"),
          // Groups of digits, eight digits or more in all, that are no date.
          Rule.of(
              "(?<![\\d.])(?!\\d{4}[.<gap>]\\d{1,2}[.<gap>]\\d{1,2}(?!\\d))"
                  + "(?!\\d{1,2}[.<gap>]\\d{1,2}[.<gap>]\\d{4}(?!\\d))"
                  + "(?=\\d(?:[.<gap>]?\\d){7})\\d{2,4}(?:[.<gap>]\\d{2,4}){2,4}+(?![\\d])",
              "[phone]"),
          Rule.of(
              "(?<!\\d)(?<!\\d[.,])(?!\\d{4}[-\\u2011]\\d{2}[-\\u2011]\\d{2}(?!\\d))"
                  + "\\d(?:[<gap>]?\\d){8,63}+",
              "[number]"));

  private Redaction() {}

  /** {@code text} without what is recognised as personal or secret; null stays null. */
  public static String redact(String text) {
    if (text == null) {
      return null;
    }
    String clean = text;
    for (Rule rule : RULES) {
      clean = rule.pattern().matcher(clean).replaceAll(rule.replacement());
    }
    return clean;
  }

  /** The same as {@link #redact(String)} as built-in functions of Spark; null stays null. */
  public static Column redact(Column text) {
    Column clean = text;
    for (Rule rule : RULES) {
      clean = regexp_replace(clean, lit(rule.pattern().pattern()), lit(rule.replacement()));
    }
    return clean;
  }
}
