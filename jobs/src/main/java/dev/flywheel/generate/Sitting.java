package dev.flywheel.generate;

import dev.flywheel.generate.Shown.Event;
import dev.flywheel.generate.Story.Mode;
import dev.flywheel.generate.Story.Topic;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A number of requests one user makes in one go, unless a bad answer makes them leave early. */
final class Sitting {
  private static final Map<String, List<String>> CAPABILITIES =
      Map.of(
          "chat", List.of("copy", "rate"),
          "editor", List.of("accept", "copy", "edit"),
          "ide", List.of("accept", "copy", "edit", "run"),
          "agent", List.of("task", "rate"));

  /** Share of answers that are bad without a failure mode. */
  private static final double DIFFUSE = 0.08;

  /** How the next request came about. */
  private enum Next {
    NEW_TOPIC,
    FOLLOW_UP,
    REPHRASE,
    REGENERATE
  }

  private final Story story;
  private final Releases releases;
  private final User user;
  private final long key;
  private final Consumer<Event> sink;

  private long now;
  private int breaks;
  private Topic topic;
  private String surface;
  private long conversation;
  private int turn;
  private final List<String> spoken = new ArrayList<>();

  Sitting(Story story, Releases releases, User user, long key, long start, Consumer<Event> sink) {
    this.story = story;
    this.releases = releases;
    this.user = user;
    this.key = key;
    this.now = start;
    this.sink = sink;
  }

  /**
   * Plays the sitting and sends its events.
   *
   * @return when the user was last seen, milliseconds of the epoch
   */
  long play(int requests) {
    Next next = Next.NEW_TOPIC;
    for (int i = 0; i < requests; i++) {
      Dice dice = Dice.of(key, i);
      if (next == Next.NEW_TOPIC) {
        startConversation(dice, i);
      }
      Shown shown = show(next, dice, Dice.mix(key, i, 5));
      next = react(shown, i == requests - 1, dice);
    }
    return now;
  }

  private void startConversation(Dice dice, int request) {
    boolean english = user.language().equals("en") || dice.chance(0.3);
    topic = story.topic(english ? "en" : user.language(), dice);
    List<String> surfaces = topic.surfaces().keySet().stream().sorted().toList();
    surface =
        surfaces.get(
            dice.weighted(
                surfaces.stream().mapToDouble(name -> topic.surfaces().get(name)).toArray()));
    conversation = Dice.mix(key, request, 6);
    turn = 0;
    spoken.clear();
  }

  private Shown show(Next next, Dice dice, long shownKey) {
    LocalDate day = Instant.ofEpochMilli(now).atOffset(ZoneOffset.UTC).toLocalDate();
    int release = releases.index(day, user.key());
    String model = model(dice);
    Mode mode =
        topic.mode().filter(m -> m.activeIn(release) && dice.chance(m.share())).orElse(null);
    boolean small = model.endsWith("small");
    boolean good = mode == null && !dice.chance(small ? DIFFUSE * 1.25 : DIFFUSE * 0.8);
    Answer.Kind kind =
        mode != null ? Answer.Kind.MODE : good ? Answer.Kind.GOOD : Answer.Kind.VAGUE;
    Answer answer = Answer.compose(topic, kind, conversation, shownKey);
    String prompt = prompt(next, dice, shownKey);
    String id = "i-" + Long.toHexString(shownKey);
    boolean pleased = good == dice.chance(good ? 0.95 : 0.93);
    List<String> capabilities = CAPABILITIES.get(surface);
    Shown shown =
        new Shown(
            user, topic, answer, id, session(), shownKey, capabilities, good, pleased, now, sink);
    String text = answer.text();
    EventLine line = line(shown, prompt, text, model, release, dice);
    String truth =
        EventLine.truth(
            id,
            user,
            now,
            good,
            mode == null ? null : mode.id(),
            topic.category(),
            Releases.name(release));
    sink.accept(new Event(now, line.json(), truth, !good));
    spoken.add(prompt);
    spoken.add(text);
    turn++;
    return shown;
  }

  private EventLine line(
      Shown shown, String prompt, String text, String model, int release, Dice dice) {
    EventLine line = shown.event("response_shown", 0);
    int before = spoken.size();
    if (surface.equals("chat") && before >= 2 && dice.chance(0.7)) {
      // The exchange before, as a sender with a short memory logs it.
      line.messages(List.of(spoken.get(before - 2), spoken.get(before - 1), prompt));
    } else {
      line.text("prompt", prompt);
    }
    line.text("response", text)
        .text("conversation_id", "c-" + Long.toHexString(conversation))
        .number("turn_index", turn)
        .text("model", model)
        .text("prompt_name", topic.category())
        .text("prompt_version", "v" + (release + 4))
        .text("release", Releases.name(release))
        .text("user_type", user.type())
        .text("query_category", topic.category())
        .text("surface", surface)
        .text("language", topic.language());
    if ((user.key() & 1) == 0) {
      line.text("experiment_variant", (user.key() & 2) == 0 ? "control" : "treatment");
    }
    long output = text.length() / 4;
    long input = 60L + prompt.length() / 4;
    line.number("input_tokens", input)
        .number("output_tokens", output)
        .number("latency_ms", Math.round(300 + output * dice.uniform(6, 18)))
        .number("cost_usd", Math.round((input * 0.4 + output * 1.6) * 10) / 1e7);
    if (topic.category().equals("research") || topic.category().equals("support")) {
      line.retrieval(dice.between(1, 4), dice);
    }
    return line.texts("capabilities", shown.capabilities());
  }

  private String model(Dice dice) {
    double large = user.type().equals("free") ? 0.2 : 0.7;
    return dice.chance(0.12) ? "birch-2" : dice.chance(large) ? "atlas-large" : "atlas-small";
  }

  private String prompt(Next next, Dice dice, long shownKey) {
    var tongue = topic.tongue();
    String last = spoken.size() >= 2 ? spoken.get(spoken.size() - 2) : "";
    return switch (next) {
      case REGENERATE -> last;
      case REPHRASE -> last + dice.pick(tongue.rephrase());
      case FOLLOW_UP -> dice.pick(topic.followups()).text(conversation, shownKey);
      case NEW_TOPIC ->
          dice.pick(tongue.prefixes())
              + dice.pick(topic.prompts()).text(conversation, shownKey)
              + dice.pick(tongue.tails());
    };
  }

  /** Acts on a response, lets time pass until the next request and says what that is. */
  private Next react(Shown shown, boolean last, Dice dice) {
    boolean pleased = shown.pleased();
    boolean leaves = last || dice.chance(pleased ? 0.03 : 0.15);
    boolean bounces = leaves && dice.chance(pleased ? 0.05 : 0.5);
    double acted = bounces ? 0 : Behavior.of(shown);
    if (leaves) {
      double at = bounces ? dice.uniform(5, 40) : acted + dice.uniform(10, 240);
      if (dice.chance(bounces ? 0.9 : 0.5)) {
        shown.send(shown.event("session_ended", at), at);
      }
      breaks++;
      pass(at + (last ? 0 : dice.uniform(35 * 60, 150 * 60)));
      return Next.NEW_TOPIC;
    }
    if (dice.chance(pleased ? 0.015 : 0.13)) {
      double at = dice.uniform(3, 15);
      shown.send(shown.event("response_regenerated", at), at);
      pass(at + dice.uniform(2, 6));
      return Next.REGENERATE;
    }
    if (dice.chance(pleased ? 0.02 : 0.34)) {
      pass(dice.uniform(12, 55));
      return Next.REPHRASE;
    }
    pass(dice.uniform(45, 420));
    return dice.chance(pleased ? 0.6 : 0.4) ? Next.FOLLOW_UP : Next.NEW_TOPIC;
  }

  private void pass(double seconds) {
    now += Math.round(seconds * 1000);
  }

  private String session() {
    return "s-" + Long.toHexString(Dice.mix(key, breaks, 7));
  }
}
