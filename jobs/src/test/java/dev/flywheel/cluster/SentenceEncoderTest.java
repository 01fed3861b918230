package dev.flywheel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SentenceEncoderTest {
  private static final List<String> TEXTS =
      List.of(
          "How do I locate my card?",
          "Write a SQL join of orders and customers on customer id.",
          "Schreibe einen Brief an den Vermieter über die verspätete Lieferung.",
          "¿Qué hora es en Tokio? 東京 \uD83D\uDE00");

  private final SentenceEncoder encoder = SentenceEncoder.shared();

  @Test
  void vectorsAreThoseOfLangchain4jFromTheSameWeights() {
    var reference = new AllMiniLmL6V2QuantizedEmbeddingModel();
    for (String text : TEXTS) {
      UnitVector theirs = UnitVector.along(doubles(reference.embed(text).content().vector()));
      UnitVector ours = UnitVector.along(doubles(encoder.embed(text)));
      assertThat(ours.cosine(theirs)).as(text).isGreaterThan(0.999);
    }
  }

  @Test
  void vectorsHaveLengthOne() {
    for (String text : TEXTS) {
      double[] vector = doubles(encoder.embed(text));
      assertThat(vector).hasSize(SentenceEncoder.DIMENSIONS);
      assertThat(IntStream.range(0, vector.length).mapToDouble(i -> vector[i] * vector[i]).sum())
          .isBetween(0.99999, 1.00001);
    }
  }

  @Test
  void aVectorDoesNotDependOnWhatIsEmbeddedAtTheSameTime() {
    List<float[]> alone = TEXTS.stream().map(encoder::embed).toList();
    IntStream.range(0, 200)
        .parallel()
        .forEach(
            i ->
                assertThat(encoder.embed(TEXTS.get(i % TEXTS.size())))
                    .containsExactly(alone.get(i % TEXTS.size())));
  }

  @Test
  void wordsBeyondTheLimitDoNotCount() {
    String long1 = "invoice total ".repeat(100);
    assertThat(encoder.embed(long1 + "weather")).containsExactly(encoder.embed(long1 + "football"));
  }

  private static double[] doubles(float[] vector) {
    return IntStream.range(0, vector.length).mapToDouble(i -> vector[i]).toArray();
  }
}
