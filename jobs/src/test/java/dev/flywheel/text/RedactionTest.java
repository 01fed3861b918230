package dev.flywheel.text;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.TestSpark;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          write to Jane.Doe+x@mail.example.com now | write to [email] now
          call +49 (0)30 1234-5678 today           | call [phone] today
          call (030) 123 45 67                     | call [phone]
          call 905-674-3793 or 60-56-85-91         | call [phone] or [phone]
          card 4111 1111 1111 1111, thanks         | card [phone], thanks
          card 4111111111111111                    | card [number]
          my ssn is 853-37-1694                    | my ssn is [phone]
          pay GB29 NWBK 6016 1331 9268 19 please   | pay [number] please
          pay gb42nawi04454264788619               | pay [number]
          from 41.173.96.26:8080                   | from [address]:8080
          key sk-abcdefghijklmnop1234567890 used   | key [secret] used
          AWS_SECRET_ACCESS_KEY=abc/def+ghi123     | AWS_SECRET_ACCESS_KEY=[secret]
          {"api_key": "hunter22"}                  | {"api_key": "[secret]"}
          postgres://bob:hunter2@db/x              | postgres://[secret]@db/x
          ghp_abcdefghijklmnopqrstuvwxyz0123456789 | [secret]
          \u5BC6\u94A5sk-abcdefghijklmnop1234567890   | \u5BC6\u94A5[secret]
          \u8D26\u53F7GB29NWBK60161331926819\u3002   | \u8D26\u53F7[number]\u3002
          \u0E23\u0E2B\u0E31\u0E2A\u200Bghp_abcdefghijklmnopqrstuvwxyz0123456789 | \u0E23\u0E2B\u0E31\u0E2A[secret]
          id 9f86d081884c7d659a2feaa0c55ad015 end  | id [secret] end
          """)
  void whatHasTheFormOfPersonalDataOrASecretIsReplaced(String text, String clean) {
    assertThat(Redaction.redact(text)).isEqualTo(clean);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          anna.becker@hal\u200Bden.example, see you    | [email], see you
          an\u00ADna@halden.example                    | [email]
          \u202Aanna@halden.example\u202C now          | [email] now
          +49\u00A030\u00A01234567                     | [phone]
          (030)\u202F123\u200945\u200967                | [phone]
          905\u2011674\u20113793                       | [phone]
          4111\u00A01111\u00A01111\u200B\u00A01111      | [phone]
          853\u201137\u20111694                        | [phone]
          12345\u200767890                             | [number]
          GB29\u202FNWBK\u202F6016\u202F1331\u202F9268\u202F19 | [number]
          sk-abcdefgh\uFEFFijklmnop1234567890          | [secret]
          """)
  void whatIsNotSeenAndWhatIsNoAsciiHidesNothing(String text, String clean) {
    assertThat(Redaction.redact(text)).isEqualTo(clean);
  }

  @Test
  void anAddressInAScriptOfJoinersIsReplacedWithThem() {
    assertThat(Redaction.redact("to \u0646\u200C\u0627@\u0645\u200C\u062B.example"))
        .isEqualTo("to [email]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "due 2026-01-05 12:30:45.123456 UTC",
        "on 05.01.2026, 3.14159265358979 of 1,234,567 rows",
        "release 2.14.3 failed with error 40412 in 250 ms",
        "please summarise the second chapter",
        "def parse(token): return [int(x) for x in token]",
        "Straße 12, 10115 Berlin",
        ""
      })
  void ordinaryTextStays(String text) {
    assertThat(Redaction.redact(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
        "👩\u200D👧 at home",
        "one\ttwo\r\nthree\u000Bfour\u0085",
        "due 2026\u201101\u201105, 5\u202F250 rows"
      })
  void charactersThatHideNothingStay(String text) {
    assertThat(Redaction.redact(text)).isEqualTo(text);
  }

  @Test
  void theColumnAgreesWithTheFunctionAndNullStaysNull() {
    List<String> texts =
        java.util.Arrays.asList(
            "mail a@b\u200B.example", null, "password: hunter22, +1\u00A0212 555 0100");
    var clean =
        TestSpark.session()
            .createDataset(texts, Encoders.STRING())
            .select(Redaction.redact(col("value")))
            .as(Encoders.STRING())
            .collectAsList();
    assertThat(clean)
        .isEqualTo(
            java.util.Arrays.asList(
                Redaction.redact(texts.get(0)), null, Redaction.redact(texts.get(2))));
    assertThat(clean.get(2)).isEqualTo("password: [secret], [phone]");
  }

  @Test
  void redactingTwiceEqualsOnce() {
    String once =
        Redaction.redact("token=abcdefgh bearer abcdefghijklmnopqrst a@b.example 4111111111111111");
    assertThat(Redaction.redact(once)).isEqualTo(once);
  }

  /** A token of a single sign-on has thousands of characters. */
  @Test
  void nothingIsLeftOfALongSecret() {
    String part = "aB3-_xyZ".repeat(300);
    String token = "eyJ" + part + "." + part.repeat(4) + "." + part;
    assertThat(Redaction.redact("access_token=" + token)).isEqualTo("access_token=[secret]");
    assertThat(Redaction.redact("Bearer " + token + token)).isEqualTo("Bearer [secret]");
    assertThat(Redaction.redact("see " + token)).isEqualTo("see [secret]");
    assertThat(Redaction.redact("sk-" + part)).isEqualTo("[secret]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "1",
        "1 ",
        "a@",
        "a.",
        "+1(",
        "aA1",
        "-",
        "1.",
        "=",
        "token=",
        "eyJaaaaaaaaa.",
        "eyJaaaaaaaaa-",
        "bearer ",
        "sk-aaaaaaaa-",
        "-----BEGIN PRIVATE KEY-----",
        "ab12 ",
        "a:",
        "://a:",
        "\u200B",
        "\u0645\u200B",
        "1\u00A0"
      })
  void hostileTextTakesLinearTime(String unit) {
    String text = unit.repeat(400_000 / unit.length());
    // Of the processor, so that busy neighbours do not count.
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    Redaction.redact(text);
    assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - start))
        .isLessThan(Duration.ofSeconds(5));
  }
}
