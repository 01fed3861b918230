package dev.flywheel.ingest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.flywheel.tables.QuarantineReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one JSON text after the other, strict where a lenient reader loses something: valid UTF-8,
 * no field twice, no other spelling of JSON. Keeps its buffers, so it belongs to one thread, and
 * reads one text at a time.
 */
final class StrictJson {
  /** Deeper than any event; a line nested more deeply is an attack or a mistake. */
  static final int MAX_DEPTH = 200;

  private static final char REPLACEMENT = '\uFFFD';
  private static final String ESCAPE = "\\u";

  private final JsonFactory json =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  // Lines and texts have limits of their own.
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private char[] chars = new char[1 << 12];
  private boolean surrogatesEscaped;

  /**
   * A parser over the first {@code length} bytes.
   *
   * @throws RefusedLine (invalid_utf8) when they are not UTF-8
   */
  JsonParser open(byte[] text, int length) throws RefusedLine, IOException {
    // Decoded first: Jackson reads overlong and surrogate sequences, and guesses UTF-16.
    String decoded = decoded(text, length);
    surrogatesEscaped = escapesSurrogates(decoded);
    if (chars.length < decoded.length()) {
      chars = new char[Math.max(decoded.length(), 2 * chars.length)];
    }
    decoded.getChars(0, decoded.length(), chars, 0);
    return json.createParser(chars, 0, decoded.length());
  }

  /** A parser over a text that was part of another. */
  JsonParser open(String text) throws IOException {
    return json.createParser(text);
  }

  /**
   * The text, of well-formed UTF-8 only. Decoded as a string first: where most is ASCII, that is
   * several times as fast as a decoder that reports what it cannot decode.
   */
  private static String decoded(byte[] text, int length) throws RefusedLine {
    var decoded = new String(text, 0, length, StandardCharsets.UTF_8);
    // Stands for what is not UTF-8, or for itself.
    if (decoded.indexOf(REPLACEMENT) >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text, 0, length));
      } catch (CharacterCodingException e) {
        throw new RefusedLine(QuarantineReason.INVALID_UTF8);
      }
    }
    return decoded;
  }

  /**
   * Whether there may be half a surrogate pair: only an escape can bring one into text that was
   * UTF-8.
   */
  private static boolean escapesSurrogates(String text) {
    for (int at = text.indexOf(ESCAPE); at >= 0; at = text.indexOf(ESCAPE, at + ESCAPE.length())) {
      int digit = at + ESCAPE.length();
      if (digit < text.length() && (text.charAt(digit) | 0x20) == 'd') {
        return true;
      }
    }
    return false;
  }

  /**
   * The text, if it may become a column's value.
   *
   * @param field name of its field, for the refusal
   * @param most longest text, in code points
   * @throws RefusedLine when it is too long, or holds half a surrogate pair
   */
  String checked(String text, String field, int most) throws RefusedLine {
    if (text.length() > most && text.codePointCount(0, text.length()) > most) {
      throw new RefusedLine(QuarantineReason.FIELD_TOO_LONG, field);
    }
    if (surrogatesEscaped && !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new RefusedLine(QuarantineReason.INVALID_TEXT, field);
    }
    return text;
  }

  /** What the text that was opened last holds between two positions, at most {@code most} chars. */
  String between(long from, long to, int most) {
    return new String(chars, (int) from, (int) Math.min(to - from, most));
  }

  /** Makes sure that nothing follows. */
  static void nothingMore(JsonParser parser) throws IOException, RefusedLine {
    boolean more;
    try {
      more = parser.nextToken() != null;
    } catch (JsonParseException e) {
      more = true;
    }
    if (more) {
      throw new RefusedLine(QuarantineReason.TRAILING_CONTENT);
    }
  }

  /** Why a text is refused that Jackson does not read; the position, never the text. */
  static RefusedLine refusal(JsonProcessingException e) {
    if (e instanceof StreamConstraintsException) {
      return new RefusedLine(QuarantineReason.JSON_LIMIT, position(e));
    }
    if (e instanceof JsonEOFException) {
      return new RefusedLine(QuarantineReason.INVALID_JSON, "ends early at " + position(e));
    }
    return new RefusedLine(
        e.getOriginalMessage().startsWith("Duplicate field")
            ? QuarantineReason.DUPLICATE_FIELD
            : QuarantineReason.INVALID_JSON,
        position(e));
  }

  private static String position(JacksonException e) {
    return e.getLocation() == null ? null : "character " + e.getLocation().getColumnNr();
  }

  /**
   * The value that begins with the parser's present token: a {@link String}, {@link Long}, {@link
   * Double}, {@link Boolean}, {@link List}, {@link Map}, or null.
   */
  static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        var fields = new LinkedHashMap<String, Object>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
          parser.nextToken();
          fields.put(name, value(parser));
        }
        yield fields;
      }
      case START_ARRAY -> {
        var items = new ArrayList<Object>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield items;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? (Object) parser.getDoubleValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /** The value of a text that is JSON as a whole; null where it is not. */
  Object valueOf(String text) {
    try (JsonParser parser = open(text)) {
      if (parser.nextToken() == null) {
        return null;
      }
      Object value = value(parser);
      return parser.nextToken() == null ? value : null;
    } catch (IOException e) {
      return null;
    }
  }
}
