package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.tables.QuarantineReason;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DayTalliesTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  /** What a task says that read records of one kind. */
  private static DayTallies task(LocalDate day, int source) {
    var tally = new Tally();
    tally.addGood(0);
    tally.addPart(ParsedLines.part(source, true));
    tally.addRefused(QuarantineReason.MISSING_FIELD);
    var task = new DayTallies();
    task.add(Map.of(Math.toIntExact(day.toEpochDay()), tally));
    return task;
  }

  @Test
  void tasksOfOneDayTellTwiceTogetherAndThoseOfTwoDaysDoNot() {
    var tallies = new DayTallies();
    tallies.merge(task(DAY, ParsedLines.OF_SPAN));
    tallies.merge(task(DAY.plusDays(1), ParsedLines.OF_EVENT));
    assertThat(tallies.where(Tally::tellsTwice)).isEmpty();

    tallies.merge(task(DAY.plusDays(1), ParsedLines.OF_SPAN));

    assertThat(tallies.where(Tally::tellsTwice)).containsExactly(DAY.plusDays(1));
    assertThat(tallies.total().good()).isEqualTo(3);
    assertThat(tallies.total().reasons()).isEqualTo("missing_field 3");
  }

  @Test
  void aCopyIsLeftAloneByWhatIsAddedLater() {
    DayTallies tallies = task(DAY, ParsedLines.OF_SPAN);
    DayTallies copy = tallies.copy();
    tallies.merge(task(DAY, ParsedLines.OF_SPAN));

    assertThat(copy.total().good()).isEqualTo(1);
    assertThat(copy.copyAndReset().isZero()).isTrue();
  }
}
