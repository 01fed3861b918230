package dev.flywheel.realdata;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An accepted suggestion is followed through later edits. */
class WritingSessionTest {
  private final WritingSession session = new WritingSession();
  private int clock;

  @BeforeEach
  void acceptTwoWords() throws Exception {
    event("\"eventName\":\"system-initialize\",\"currentDoc\":\"Once. End\"");
    event("\"eventName\":\"suggestion-open\",\"currentCursor\":5");
    event("\"eventName\":\"suggestion-select\"");
    delta("text-insert", "api", "{\"retain\":5},{\"insert\":\" Red fox.\"}");
  }

  private void event(String fields) throws Exception {
    session.add(new ObjectMapper().readTree("{\"eventTimestamp\":" + clock++ + "," + fields + "}"));
  }

  private void delta(String name, String source, String ops) throws Exception {
    event(
        "\"eventName\":\"%s\",\"eventSource\":\"%s\",\"textDelta\":{\"ops\":[%s]}"
            .formatted(name, source, ops));
  }

  private void typed(int at, String text) throws Exception {
    delta("text-insert", "user", "{\"retain\":%d},{\"insert\":\"%s\"}".formatted(at, text));
  }

  private void deleted(int at, int length) throws Exception {
    delta("text-delete", "user", "{\"retain\":%d},{\"delete\":%d}".formatted(at, length));
  }

  private String now() {
    var changes = session.regions().get(0).changes();
    return changes.isEmpty() ? "unchanged" : changes.get(changes.size() - 1).text();
  }

  @Test
  void theRequestKnowsTheTextBeforeItsCursor() {
    assertThat(session.textBeforeCursor(0)).isEqualTo("Once.");
  }

  @Test
  void textTypedAroundItChangesNothing() throws Exception {
    typed(0, "A. ");
    typed(9, "B");
    typed(18, "C");
    assertThat(now()).isEqualTo("unchanged");
    deleted(18, 1);
    deleted(9, 1);
    assertThat(now()).isEqualTo("unchanged");
  }

  @Test
  void textTypedOrDeletedInsideItChangesIt() throws Exception {
    typed(0, "A. ");
    typed(12, "dish");
    assertThat(now()).isEqualTo("Reddish fox.");
    deleted(9, 8);
    assertThat(now()).isEqualTo("fox.");
  }

  @Test
  void aDeletionAcrossItsEndsCutsItThere() throws Exception {
    deleted(3, 7);
    assertThat(now()).isEqualTo("fox.");
    deleted(5, 4);
    assertThat(now()).isEqualTo("fo");
  }

  @Test
  void onceClearedItStaysClear() throws Exception {
    deleted(5, 9);
    typed(5, " New text.");
    assertThat(now()).isEmpty();
  }

  @Test
  void aChangeHasTheTimeOfItsEvent() throws Exception {
    typed(9, "x");
    assertThat(session.regions().get(0).changes())
        .containsExactly(new WritingSession.Change(Instant.ofEpochMilli(4), "Redx fox."));
  }

  @Test
  void countsWhoWroteHowMuch() throws Exception {
    typed(0, "x");
    assertThat(session.writtenByHuman()).isEqualTo(10.0);
  }
}
