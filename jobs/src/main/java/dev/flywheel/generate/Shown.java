package dev.flywheel.generate;

import dev.flywheel.generate.Story.Topic;
import java.util.List;
import java.util.function.Consumer;

/**
 * One response shown to one user, and where its events go.
 *
 * @param key key of every random choice about it
 * @param capabilities what the surface lets the user do
 * @param pleased whether the user finds it good, which is its quality but for a few misjudgements
 * @param at when it was shown, milliseconds of the epoch
 */
record Shown(
    User user,
    Topic topic,
    Answer answer,
    String id,
    String session,
    long key,
    List<String> capabilities,
    boolean good,
    boolean pleased,
    long at,
    Consumer<Event> sink) {

  /**
   * A line with what the landing needs to know about it.
   *
   * @param millis event time, milliseconds of the epoch
   * @param truth the interaction's line of the truth; null unless this is its response_shown
   */
  record Event(long millis, String line, String truth, boolean bad) {}

  boolean can(String capability) {
    return capabilities.contains(capability);
  }

  /** Starts an event {@code seconds} after the response was shown. */
  EventLine event(String type, double seconds) {
    return event(type, seconds, 0);
  }

  /** The same for the {@code n}-th event of that type. */
  EventLine event(String type, double seconds, int n) {
    String eventId = "e-" + Long.toHexString(Dice.mix(key, Dice.hash(type), n));
    return EventLine.event(user, eventId, type, millis(seconds), session, id);
  }

  /** Sends a finished event. */
  void send(EventLine line, double seconds) {
    sink.accept(new Event(millis(seconds), line.json(), null, false));
  }

  private long millis(double seconds) {
    return at + Math.round(seconds * 1000);
  }
}
