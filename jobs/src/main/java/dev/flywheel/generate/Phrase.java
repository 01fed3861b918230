package dev.flywheel.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A compiled template of {@code story.yaml}: fixed text and slots. */
final class Phrase {
  private static final Pattern SLOT = Pattern.compile("\\{([a-z_]+|\\d+-\\d+)(#\\d)?(!)?}");

  /** Text before a slot, and the slot; the last part has no slot. */
  private record Part(String text, List<String> values, int low, int high, long key, boolean turn) {
    boolean hasSlot() {
      return key != 0;
    }
  }

  private final List<Part> parts;

  private Phrase(List<Part> parts) {
    this.parts = parts;
  }

  /** Compiles a template; fails on a slot without vocabulary. */
  static Phrase of(String template, Map<String, List<String>> vocabulary) {
    var parts = new ArrayList<Part>();
    Matcher slot = SLOT.matcher(template);
    int from = 0;
    while (slot.find()) {
      String text = template.substring(from, slot.start());
      String name = slot.group(1);
      boolean turn = slot.group(3) != null;
      String draw = slot.group(2) == null ? "" : slot.group(2);
      long key = Dice.hash(name + draw);
      if (Character.isDigit(name.charAt(0))) {
        int dash = name.indexOf('-');
        int low = Integer.parseInt(name.substring(0, dash));
        int high = Integer.parseInt(name.substring(dash + 1));
        parts.add(new Part(text, List.of(), low, high, key, turn));
      } else {
        List<String> values = vocabulary.get(name);
        if (values == null) {
          throw new IllegalArgumentException("No vocabulary for the slot " + name + ".");
        }
        parts.add(new Part(text, values, 0, values.size() - 1, key, turn));
      }
      from = slot.end();
    }
    parts.add(new Part(template.substring(from), List.of(), 0, 0, 0, false));
    return new Phrase(List.copyOf(parts));
  }

  /** The text for one conversation and turn, capitalised. */
  String text(long conversation, long turn) {
    var out = new StringBuilder(96);
    for (Part part : parts) {
      out.append(part.text());
      if (part.hasSlot()) {
        int span = part.high() - part.low() + 1;
        int value =
            part.low() + Dice.index(Dice.mix(part.turn() ? turn : conversation, part.key()), span);
        if (part.values().isEmpty()) {
          out.append(value);
        } else {
          out.append(part.values().get(value));
        }
      }
    }
    if (out.length() > 0) {
      out.setCharAt(0, Character.toUpperCase(out.charAt(0)));
    }
    return out.toString();
  }
}
