package dev.flywheel.realdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flywheel.realdata.RealHumanEval.Answer;
import dev.flywheel.run.DateRange;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** RealHumanEval as native events holds what its authors logged. */
class RealHumanEvalTest {

  @Test
  void everyAnswerIsOneInteractionAndEveryCopyAnEvent() {
    List<ObjectNode> events = RealHumanEval.read().log().events();
    assertThat(of(events, "response_shown"))
        .hasSize(750)
        .extracting(event -> event.get("interaction_id").textValue())
        .doesNotHaveDuplicates();
    assertThat(of(events, "text_copied")).hasSize(349);
  }

  @Test
  void everyLineKeepsTheContract() {
    List<ObjectNode> events = RealHumanEval.read().log().events();
    assertThat(events.stream().flatMap(event -> RawContract.problems(event.toString()).stream()))
        .isEmpty();
    assertThat(events.stream().map(event -> event.get("event_id").textValue()).distinct())
        .hasSize(events.size());
  }

  @Test
  void everythingCopiedOccursInItsAnswer() {
    for (Answer answer : RealHumanEval.read().answers()) {
      assertThat(answer.copies().stream().allMatch(answer.response()::contains))
          .as(answer.interactionId())
          .isTrue();
    }
  }

  @Test
  void aConversationHoldsItsEarlierTurns() {
    List<Answer> answers = RealHumanEval.read().answers();
    assertThat(answers.stream().map(Answer::programmer).distinct()).hasSize(72);
    for (int i = 1; i < answers.size(); i++) {
      Answer answer = answers.get(i);
      Answer before = answers.get(i - 1);
      if (answer.turn() > 0) {
        assertThat(answer.conversation()).isEqualTo(before.conversation());
        assertThat(answer.turn()).isEqualTo(before.turn() + 1);
        assertThat(answer.at()).isAfter(before.at());
        assertThat(answer.request().size()).isGreaterThan(before.request().size());
      }
    }
    assertThat(answers.stream().filter(answer -> answer.turn() == 0)).hasSize(276);
  }

  @Test
  void theInventedCalendarHasTwelveProgrammersADay() {
    RealHumanEval data = RealHumanEval.read();
    assertThat(data.log().landingDays())
        .isEqualTo(new DateRange(LocalDate.of(2024, 1, 8), LocalDate.of(2024, 1, 14)));
  }

  /** Computed beforehand by marking the copied positions one by one, in another language. */
  @Test
  void copiedSharesAreThoseOfACountByPosition() {
    Map<String, Double> shares = RealHumanEval.read().copiedShares();
    assertThat(shares).hasSize(257);
    assertThat(shares.values()).allMatch(share -> share > 0 && share < 0.9);
    assertThat(shares.values().stream().mapToDouble(share -> share).sum())
        .isCloseTo(65.68974600211236, within(1e-9));
  }

  @Test
  void copiedShareIsTheUnionOfTheSpansInCodePoints() {
    assertThat(RealHumanEval.copiedShare("abcdefghij", List.of("abcd", "cdef"))).isEqualTo(0.6);
    assertThat(RealHumanEval.copiedShare("abab", List.of("ab", "ab"))).isEqualTo(0.5);
    assertThat(RealHumanEval.copiedShare("😀😀xx", List.of("x"))).isEqualTo(0.25);
    assertThat(RealHumanEval.copiedShare("ab", List.of("abc"))).isZero();
  }

  private static List<ObjectNode> of(List<ObjectNode> events, String type) {
    return events.stream()
        .filter(event -> event.get("event_type").textValue().equals(type))
        .toList();
  }
}
