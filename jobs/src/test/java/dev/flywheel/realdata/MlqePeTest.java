package dev.flywheel.realdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * MLQE-PE (Fomicheva et al. 2022): translations of a machine, each with what a translator made of
 * it and the official edit rate. Distances are those that Spark calls.
 */
class MlqePeTest {
  private static List<Row> pairs(String languages) {
    Path file = RealData.folder("mlqe-pe").resolve(languages + "-dev.jsonl");
    return TestSpark.session()
        .read()
        .schema("mt STRING, pe STRING, hter DOUBLE")
        .json(file.toString())
        .selectExpr(
            "mt",
            "pe",
            "hter",
            "flywheel.edit_distance(mt, pe) d",
            "flywheel.word_distance(mt, pe) / size(split(pe, ' ')) word_rate")
        .collectAsList();
  }

  /** TER, the official rate, also moves phrases, so that it is not the same. */
  @ParameterizedTest
  @CsvSource({"ro-en, .99", "et-en, .965", "en-de, .985"})
  void distancesAgreeWithCommonsTextAndWithTheOfficialEditRate(String languages, double least) {
    List<Row> pairs = pairs(languages);
    assertThat(pairs).hasSize(1_000);
    LevenshteinDistance peer = LevenshteinDistance.getDefaultInstance();
    assertThat(pairs)
        .as("code points beyond the first plane, where commons-text counts chars")
        .noneMatch(
            row ->
                (row.<String>getAs("mt") + row.getAs("pe")).codePoints().anyMatch(c -> c > 0xFFFF));
    assertThat(pairs)
        .allMatch(
            row ->
                row.<Integer>getAs("d")
                    .equals(peer.apply(row.getAs("mt"), row.<String>getAs("pe"))));
    double spearman =
        new SpearmansCorrelation()
            .correlation(
                pairs.stream().mapToDouble(row -> row.getAs("word_rate")).toArray(),
                pairs.stream().mapToDouble(row -> row.getAs("hter")).toArray());
    assertThat(spearman).isGreaterThanOrEqualTo(least);
  }
}
