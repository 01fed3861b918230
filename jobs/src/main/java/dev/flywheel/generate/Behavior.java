package dev.flywheel.generate;

import java.util.List;

/**
 * What a user does with a response: edits, copies, accepts, runs, finishes, rates. Pleased and
 * displeased users do all of it, but not equally often.
 */
final class Behavior {
  private static final double HOURS = 3_600;

  private final Shown shown;
  private final Dice dice;
  private double last;

  private Behavior(Shown shown) {
    this.shown = shown;
    this.dice = Dice.of(shown.key(), 2);
  }

  /**
   * Sends everything the user does with the response itself.
   *
   * @return seconds until the user's last action on it; 0 without any
   */
  static double of(Shown shown) {
    var behavior = new Behavior(shown);
    behavior.act();
    return behavior.last;
  }

  private void send(EventLine line, double at) {
    shown.send(line, at);
    last = Math.max(last, at);
  }

  private void act() {
    double read = dice.uniform(4, 40);
    if (shown.can("accept")) {
      accept(read);
    }
    if (shown.can("copy")) {
      copy(read + dice.uniform(1, 8));
    }
    if (shown.can("edit")) {
      edit(read + dice.uniform(2, 12));
    }
    if (shown.can("run") && shown.answer().code().isPresent()) {
      run(read + dice.uniform(5, 25));
    }
    if (shown.can("task")) {
      task(read + dice.uniform(30, 400));
    }
    if (shown.can("rate")) {
      rate(read + dice.uniform(1, 20));
    }
    if (likes(0.08, 0.02)) {
      send(shown.event("suggestion_clicked", read + 3), read + 3);
    }
    if (dice.chance(0.011)) {
      assess();
    }
  }

  private boolean likes(double ifPleased, double ifNot) {
    return dice.chance(shown.pleased() ? ifPleased : ifNot);
  }

  private void accept(double at) {
    if (likes(0.74, 0.20)) {
      send(shown.event("suggestion_accepted", at).text("accepted_text", shown.answer().text()), at);
    } else if (likes(0.35, 0.65)) {
      send(shown.event("suggestion_dismissed", at), at);
    }
  }

  private void copy(double at) {
    if (!likes(shown.user().copies(), 0.09)) {
      return;
    }
    String text = shown.answer().text();
    String code = shown.answer().code().map(block -> shown.answer().program()).orElse("");
    String copied = text;
    if (!code.isEmpty() && dice.chance(0.6)) {
      copied = code;
    } else if (likes(0.2, 0.8)) {
      copied = dice.pick(shown.answer().sentences());
    }
    int start = text.indexOf(copied);
    EventLine line = shown.event("text_copied", at);
    send(
        dice.chance(0.5)
            ? line.text("copied_text", copied)
            : line.number("start", start).number("end", start + copied.length()),
        at);
  }

  /** A few saved states, the last of which is the user's text. */
  private void edit(double at) {
    double habit = shown.user().edits();
    if (!likes(habit, 0.35 + 0.55 * habit)) {
      return;
    }
    boolean heavy = !shown.pleased() || dice.chance(habit > 0.6 ? 0.25 : 0.06);
    int saves = heavy ? dice.between(1, 4) : 1;
    double time = at;
    for (int n = 0; n < saves; n++) {
      // The same dice for every save: each goes on where the one before stopped.
      Dice hand = Dice.of(shown.key(), 3);
      double done = (n + 1.0) / saves;
      double keep = 1 - done * hand.uniform(0.55, 1);
      Answer saved =
          heavy
              ? shown.answer().rewritten(shown.topic(), keep, shown.key(), hand)
              : shown.answer().polished(shown.topic(), hand);
      send(shown.event("response_edited", time, n).text("final_text", saved.text()), time);
      time += dice.uniform(20, 200);
    }
  }

  private void run(double at) {
    String program = shown.answer().program();
    String edited = Answer.changeLine(shown.answer().code().orElseThrow(), dice);
    edited = edited.substring(edited.indexOf('\n') + 1, edited.lastIndexOf('\n'));
    int course =
        shown.pleased() ? dice.weighted(70, 10, 6, 2, 12) : dice.weighted(8, 8, 22, 32, 30);
    switch (course) {
      case 0 -> ran(at, 0, program, true);
      case 1 -> ran(at, 0, edited, true);
      case 2 -> {
        ran(at, 0, program, false);
        ran(at + dice.uniform(40, 300), 1, edited, true);
      }
      case 3 -> ran(at, 0, program, false);
      default -> {
        // Not run at all.
      }
    }
  }

  private void ran(double at, int n, String program, boolean succeeded) {
    EventLine line =
        shown
            .event("code_executed", at, n)
            .flag("succeeded", succeeded)
            .text("executed_text", program);
    if (!succeeded) {
      line.text("error_type", dice.pick(List.of("TypeError", "ImportError", "SyntaxError")));
    }
    send(line, at);
  }

  private void task(double at) {
    String taskId = "t-" + Long.toHexString(Dice.mix(shown.key(), 4) >>> 32);
    if (likes(0.70, 0.18)) {
      send(shown.event("task_completed", at).text("task_id", taskId), at);
    } else if (likes(0.20, 0.55)) {
      send(shown.event("task_abandoned", at).text("task_id", taskId), at);
    }
  }

  /** Few rate, and they do when they feel strongly. */
  private void rate(double at) {
    boolean asked = dice.chance(0.12);
    if (asked) {
      send(shown.event("rating_prompt_shown", at - 0.5), at - 0.5);
    }
    double rates = shown.user().rates() * (asked ? 1.5 : 1) * (shown.pleased() ? 0.7 : 1.5);
    if (!dice.chance(rates)) {
      return;
    }
    EventLine line = shown.event("feedback_submitted", at);
    boolean like = shown.pleased();
    switch (dice.weighted(60, 25, 15)) {
      case 0 -> line.text("thumbs", like ? "up" : "down");
      case 1 ->
          line.number(
              "stars", like ? 5 - dice.weighted(70, 20, 10) : 1 + dice.weighted(65, 20, 15));
      default -> line.flag("helpful", like);
    }
    if (!like && dice.chance(0.1)) {
      line.text(
          "report_reason", dice.pick(List.of("incorrect", "wrong_language", "outdated", "unsafe")));
    }
    if (dice.chance(0.25)) {
      var tongue = shown.topic().tongue();
      line.text("comment", dice.pick(like ? tongue.goodComments() : tongue.badComments()));
    }
    send(line, at);
  }

  /** The verdict of a reviewer, who is right 24 times out of 25. */
  private void assess() {
    boolean verdict = shown.good() == dice.chance(0.96);
    double at = dice.uniform(HOURS, 18 * HOURS);
    shown.send(
        shown
            .event("assessment_recorded", at)
            .text("name", "quality")
            .number("score", verdict ? 1.0 : 0.0)
            .text("label", verdict ? "good" : "bad")
            .text("explanation", verdict ? "Answers the request." : "Does not do what was asked.")
            .text("source_type", "HUMAN")
            .text("source_id", "reviewer-" + dice.between(1, 5)),
        at);
  }
}
