package dev.flywheel.generate;

import dev.flywheel.generate.Story.Tongue;
import dev.flywheel.generate.Story.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A made-up response, kept in pieces so that a made-up user can edit it.
 *
 * @param code fenced block; empty where the answer has none
 */
record Answer(String opening, List<String> sentences, Optional<String> code, String closing) {

  /** Where the quality of an answer shows. */
  enum Kind {
    GOOD,
    /** Bad without a pattern: evasive, little substance. */
    VAGUE,
    /** Bad in the way of the topic's failure mode. */
    MODE
  }

  static Answer compose(Topic topic, Kind kind, long conversation, long turn) {
    Dice dice = Dice.of(turn, 1);
    Tongue tongue = topic.tongue();
    var sentences = new ArrayList<String>();
    int length = dice.between(3, topic.good().size());
    if (kind == Kind.GOOD) {
      say(sentences, topic.good(), length, dice, conversation, turn);
    } else if (kind == Kind.MODE) {
      say(sentences, topic.good(), length / 3, dice, conversation, turn);
      say(sentences, topic.bad(), dice.between(2, topic.bad().size()), dice, conversation, turn);
    } else {
      say(sentences, topic.good(), length / 3, dice, conversation, turn);
      for (int i = dice.between(2, 3); i > 0; i--) {
        sentences.add(dice.pick(tongue.vague()));
      }
    }
    List<Phrase> code =
        kind == Kind.GOOD || topic.badCode().isEmpty() ? topic.code() : topic.badCode();
    return new Answer(
        dice.pick(tongue.openings()),
        sentences,
        code.isEmpty() ? Optional.empty() : Optional.of(dice.pick(code).text(conversation, turn)),
        dice.pick(tongue.closings()));
  }

  private static void say(
      List<String> sentences,
      List<Phrase> phrases,
      int count,
      Dice dice,
      long conversation,
      long turn) {
    int start = dice.below(phrases.size());
    for (int i = 0; i < Math.min(count, phrases.size()); i++) {
      sentences.add(phrases.get((start + i) % phrases.size()).text(conversation, turn));
    }
  }

  /** The answer as shown. */
  String text() {
    var out = new StringBuilder(600);
    if (!opening.isEmpty()) {
      out.append(opening).append("\n\n");
    }
    for (int i = 0; i < sentences.size(); i++) {
      if (i > 0) {
        out.append(i % 3 == 0 ? "\n\n" : " ");
      }
      out.append(sentences.get(i));
    }
    code.ifPresent(block -> out.append("\n\n").append(block));
    if (!closing.isEmpty()) {
      out.append("\n\n").append(closing);
    }
    return out.toString();
  }

  /** The code between the fences. */
  String program() {
    String block = code.orElseThrow();
    return block.substring(block.indexOf('\n') + 1, block.lastIndexOf('\n'));
  }

  /** The text after a few words have changed: what one does to an answer one likes. */
  Answer polished(Topic topic, Dice dice) {
    var edited = new ArrayList<>(sentences);
    for (int i = dice.between(1, 3); i > 0; i--) {
      int at = dice.below(edited.size());
      edited.set(at, changeWord(edited.get(at), dice.pick(topic.tongue().fillers()), dice));
    }
    boolean bare = dice.chance(0.3);
    return new Answer(bare ? "" : opening, edited, code, closing);
  }

  private static String changeWord(String sentence, String filler, Dice dice) {
    int space = sentence.indexOf(' ', dice.below(sentence.length()));
    if (space < 0) {
      return sentence;
    }
    int end = sentence.indexOf(' ', space + 1);
    return dice.chance(0.5) || end < 0
        ? sentence.substring(0, space) + " " + filler + sentence.substring(space)
        : sentence.substring(0, space) + sentence.substring(end);
  }

  /** The text after each sentence was kept with this probability and otherwise written anew. */
  Answer rewritten(Topic topic, double keep, long turn, Dice dice) {
    var edited = new ArrayList<String>();
    for (String sentence : sentences) {
      if (dice.chance(keep)) {
        edited.add(sentence);
      } else if (dice.chance(0.8)) {
        edited.add(
            dice.chance(0.5)
                ? dice.pick(topic.tongue().ownWords())
                : dice.pick(topic.good()).text(dice.next(), turn));
      }
    }
    if (edited.isEmpty()) {
      edited.add(dice.pick(topic.tongue().ownWords()));
    }
    return new Answer("", edited, code.map(block -> changeLine(block, dice)), "");
  }

  /** A fenced block with one line replaced and one added. */
  static String changeLine(String block, Dice dice) {
    List<String> lines = new ArrayList<>(block.lines().toList());
    int at = dice.between(1, Math.max(1, lines.size() - 2));
    lines.set(at, lines.get(at).replace("(", "(checked, ") + "  # limit " + dice.between(2, 99));
    lines.add(at, "# fixed by hand, step " + dice.between(1, 9));
    return String.join("\n", lines);
  }
}
