package dev.flywheel.generate;

import java.nio.charset.StandardCharsets;

/** What goes wrong with lines on their way. */
final class Dirt {
  private Dirt() {}

  /** A copy of a good line that no reader may take for an event. */
  static byte[] broken(String line, Dice dice) {
    if (dice.chance(0.2)) {
      byte[] invalid = utf8(line);
      // 0xFF stands in no UTF-8 text.
      invalid[dice.below(invalid.length)] = (byte) 0xff;
      return invalid;
    }
    return utf8(
        switch (dice.below(4)) {
          case 0 -> line.substring(0, line.length() * dice.between(20, 90) / 100);
          case 1 -> line.replaceFirst("\"user_id\":\"[^\"]*\",", "");
          case 2 -> line.replaceFirst("\"session_id\":\"([^\"]*)\"", "\"session_id\":[\"$1\"]");
          default -> line.replaceFirst("(\"event_time\":\"\\d{4}-)[^\"]*", "$113-45T25:61:00Z");
        });
  }

  /** A copy with fields that the contract does not know. */
  static String withUnknownFields(String line, Dice dice) {
    return "%s,\"client_build\":\"%d\",\"flags\":{\"beta\":%s}}"
        .formatted(
            line.substring(0, line.length() - 1), dice.between(1000, 9999), dice.chance(0.5));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
