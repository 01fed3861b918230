package dev.flywheel.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.tables.QuarantineReason;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {

  /** The first three are the examples of RFC 3339, section 5.8. */
  @ParameterizedTest
  @CsvSource({
    "1985-04-12T23:20:50.52Z, out of range",
    "2026-12-19T16:39:57-08:00, 2026-12-20T00:39:57Z",
    "2037-01-01T12:00:27.87+00:20, 2037-01-01T11:40:27.870Z",
    "2026-01-05t08:00:00.123456z, 2026-01-05T08:00:00.123456Z",
    "2026-01-05 08:00:00-00:00, 2026-01-05T08:00:00Z",
    "2026-01-05T08:00:00.1234569Z, 2026-01-05T08:00:00.123456Z",
    "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
    "2000-01-01T00:00:00Z, 2000-01-01T00:00:00Z",
    "2099-12-31T23:59:59.999999Z, 2099-12-31T23:59:59.999999Z"
  })
  void readsWhatTheStandardAllows(String text, String instant) throws RefusedLine {
    if (instant.equals("out of range")) {
      assertRefused(text);
    } else {
      assertThat(moment(Rfc3339.micros(text))).isEqualTo(Instant.parse(instant));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-01-05",
        "2026-01-05T08:00:00",
        "2026-01-05T08:00Z",
        "2026-01-05T08:00:00.Z",
        "2026-01-05T08:00:00,5Z",
        "2026-01-05T08:00:00+0100",
        "2026-01-05T08:00:00+01",
        "2026-01-05T08:00:00+01:00 ",
        " 2026-01-05T08:00:00Z",
        "2026-01-05T08:00:00ZZ",
        "2026-01-05T08:00:00+24:00",
        "2026-01-05T08:00:00+01:60",
        "2026-13-45T25:61:00Z",
        "2026-02-29T00:00:00Z",
        "2026-01-05T24:00:00Z",
        "2026-01-05T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "٢٠٢٦-01-05T08:00:00Z",
        "+2026-1-05T08:00:00Z",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "2000-01-01T00:00:00+00:01",
        "0001-01-01T00:00:00Z",
        "1767600000"
      })
  void refusesWhatIsNoTimeOfThisCentury(String text) {
    assertRefused(text);
  }

  @Test
  void agreesWithTheJdkOnRandomTimes() throws RefusedLine {
    var random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      OffsetDateTime time =
          Instant.ofEpochSecond(
                  946_771_200L + random.nextLong(3_155_000_000L), random.nextInt(1_000_000_000))
              .atOffset(ZoneOffset.ofTotalSeconds(60 * (random.nextInt(36 * 60) - 18 * 60)));
      String text = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
      if (text.length() > 22) {
        assertThat(moment(Rfc3339.micros(text)))
            .isEqualTo(time.toInstant().truncatedTo(ChronoUnit.MICROS));
      }
    }
  }

  private static Instant moment(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static void assertRefused(String text) {
    assertThatThrownBy(() -> Rfc3339.micros(text))
        .isInstanceOfSatisfying(
            RefusedLine.class,
            refused -> assertThat(refused.reason()).isEqualTo(QuarantineReason.INVALID_TIME));
  }
}
