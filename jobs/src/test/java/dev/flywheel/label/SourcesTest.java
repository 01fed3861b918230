package dev.flywheel.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sources as people write them in the configuration. */
class SourcesTest {
  private static Settings with(String good) {
    return TestSpark.settings(Map.of("label.sources.mine", Map.of("good", good)));
  }

  @Test
  void theDefaultsAndAConditionOfOnesOwnAreFine() {
    Sources sources =
        Sources.of(with("edit_retained > 0.9 AND NOT coalesce(reported, false)").label());
    sources.check(TestSpark.session());
    assertThat(sources.names())
        .containsExactly("edit", "uptake", "code", "task", "session", "rating", "mine");
  }

  @Test
  void otherConditionsAreOtherSources() {
    String one = Sources.of(with("stars > 3").label()).definition();
    assertThat(one)
        .startsWith("edit,uptake,code,task,session,rating,mine#")
        .isNotEqualTo(Sources.of(with("stars > 4").label()).definition())
        .isEqualTo(Sources.of(with("stars > 3").label()).definition());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          edit_retained >>>           | is no SQL condition over behavior_signals: [PARSE_SYNTAX_ERROR]
          edit_kept > 0.5             | is no SQL condition over behavior_signals: [UNRESOLVED_COLUMN
          thumbs                      | is of type string and not a condition
          count(*) > 1                | looks at more than one response
          rank() OVER (ORDER BY stars) = 1 | looks at more than one response
          EXISTS (SELECT 1)           | looks at more than one response
          rand() < 0.5                | depends on chance or on the time of the run
          shown_at > now()            | depends on chance or on the time of the run
          human_verdict = 'good'      | reads human_verdict
          code_steps[1] = 'ran'       | fails on some responses, which would end every night: [INVALID_ARRAY_INDEX]
          1 / rephrase_similarity > 1 | fails on some responses, which would end every night: [DIVIDE_BY_ZERO]
          CAST(user_type AS INT) > 3  | fails on some responses, which would end every night: [CAST_INVALID_INPUT]
          """)
  void whatIsNoConditionOnTheSignalsIsRefused(String condition, String why) {
    assertThatThrownBy(() -> Sources.of(with(condition).label()).check(TestSpark.session()))
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageStartingWith("label.sources.mine.good ")
        .hasMessageContaining(why);
  }

  @Test
  void aConditionThatDoesNotParseEndsTheRunBeforeAnythingIsWritten(@TempDir Path folder)
      throws IOException {
    Path config = folder.resolve("flywheel.yaml");
    Files.writeString(config, "label: {sources: {mine: {bad: 'edit_retained <'}}}");
    Path raw = Files.createDirectories(folder.resolve("raw/dt=2026-01-05"));
    Files.writeString(raw.resolve("a.jsonl"), "{}\n");
    Program.Ended ended =
        Program.run(
            "nightly",
            "--config",
            config.toString(),
            "--input",
            folder.resolve("raw").toString(),
            "--lake",
            folder.resolve("lake").toString(),
            "--from",
            "2026-01-05",
            "--to",
            "2026-01-06");
    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.err())
        .contains("label.sources.mine.bad is no SQL condition over behavior_signals");
    assertThat(folder.resolve("lake/tables")).doesNotExist();
  }

  @Test
  void namesAreChecked() {
    assertThatThrownBy(
            () ->
                Settings.load(
                    Optional.empty(), Map.of("label.sources.human", Map.of("good", "true"))))
        .hasMessageContaining("label.sources.human");
  }
}
