package dev.flywheel.realdata;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The check that the adapters' lines must pass refuses bad lines. */
class RawContractTest {
  private static final String ENVELOPE =
      "{\"event_id\":\"e\",\"event_type\":\"%s\",\"event_time\":\"2026-01-05T10:00:00Z\","
          + "\"user_id\":\"u\",\"session_id\":\"s\",\"interaction_id\":\"i\"%s}";

  @ParameterizedTest
  @ValueSource(strings = {"session_ended|", "response_edited|,\"final_text\":\"\""})
  void acceptsAGoodLine(String typeAndPayload) {
    assertThat(RawContract.problems(line(typeAndPayload))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "session_over|",
        "session_ended|,\"final_text\":\"x\"",
        "response_edited|,\"final_text\":1",
        "response_shown|,\"capabilities\":[\"fly\"]",
        "response_shown|,\"messages\":[\"hello\"]",
        "session_ended|,\"event_id\":\"again\""
      })
  void refusesABadLine(String typeAndPayload) {
    assertThat(RawContract.problems(line(typeAndPayload))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"session_id\":\"s\",", "Z", "}"})
  void refusesALineWithoutOneOfItsParts(String part) {
    String line = line("session_ended|");
    assertThat(RawContract.problems(line.replace(part, ""))).isNotEmpty();
  }

  private static String line(String typeAndPayload) {
    String[] parts = typeAndPayload.split("\\|", -1);
    return ENVELOPE.formatted(parts[0], parts[1]);
  }
}
