package dev.flywheel.cluster;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/**
 * Sentence embeddings by all-MiniLM-L6-v2 (Reimers and Gurevych 2019) with weights of 8 bits, in
 * this process and on the calling thread.
 *
 * <p>One per JVM, safe for any number of threads. Each text runs alone and at its exact length:
 * padding would cost time, and a batch would make a vector depend on its neighbours, since
 * activations are quantised by their range. So a vector depends on the text alone, for one kind of
 * processor: others round differently in the last digits.
 */
final class SentenceEncoder {
  /** What the vectors are made by, and how much of a text they see. */
  static final String MODEL = "all-MiniLM-L6-v2-int8-64";

  static final int DIMENSIONS = 384;

  /** Tokens of a text that count, with the two that mark its ends; the cost grows with them. */
  private static final int MAX_TOKENS = 64;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final HuggingFaceTokenizer tokenizer;

  private SentenceEncoder(OrtEnvironment environment, OrtSession session, HuggingFaceTokenizer t) {
    this.environment = environment;
    this.session = session;
    this.tokenizer = t;
  }

  /** Opened when first needed, and kept as long as the JVM. */
  private static final class Holder {
    static final SentenceEncoder SHARED = open();
  }

  /** The encoder of this JVM. */
  static SentenceEncoder shared() {
    return Holder.SHARED;
  }

  private static SentenceEncoder open() {
    try (InputStream model = resource("all-minilm-l6-v2-q.onnx");
        InputStream vocabulary = resource("all-minilm-l6-v2-q-tokenizer.json");
        var options = new OrtSession.SessionOptions()) {
      // Spark's task threads are the parallelism.
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      var environment = OrtEnvironment.getEnvironment();
      return new SentenceEncoder(
          environment,
          environment.createSession(model.readAllBytes(), options),
          HuggingFaceTokenizer.newInstance(
              vocabulary,
              Map.of(
                  "padding", "false",
                  "truncation", "true",
                  "maxLength", String.valueOf(MAX_TOKENS))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (OrtException e) {
      throw new IllegalStateException("The embedding model cannot be opened.", e);
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream stream = SentenceEncoder.class.getResourceAsStream("/" + name);
    if (stream == null) {
      throw new IOException(name + " is not on the class path");
    }
    return stream;
  }

  /** The unit vector of a text: the mean over its tokens. */
  float[] embed(String text) {
    Encoding tokens = tokenizer.encode(text);
    long[] shape = {1, tokens.getIds().length};
    try (OnnxTensor ids = tensor(tokens.getIds(), shape);
        OnnxTensor mask = tensor(tokens.getAttentionMask(), shape);
        OnnxTensor types = tensor(tokens.getTypeIds(), shape);
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
      return unitMean(((OnnxTensor) result.get(0)).getFloatBuffer());
    } catch (OrtException e) {
      // Its message may hold the input.
      throw new IllegalStateException("The embedding model failed: " + e.getCode());
    }
  }

  private OnnxTensor tensor(long[] values, long[] shape) throws OrtException {
    return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
  }

  /** Without padding every token counts, so the mask has nothing to weigh. */
  private static float[] unitMean(FloatBuffer tokens) {
    var sum = new double[DIMENSIONS];
    for (int i = 0; tokens.hasRemaining(); i = (i + 1) % DIMENSIONS) {
      sum[i] += tokens.get();
    }
    double square = 0;
    for (double value : sum) {
      square += value * value;
    }
    double length = Math.sqrt(square);
    var unit = new float[DIMENSIONS];
    for (int i = 0; i < DIMENSIONS; i++) {
      unit[i] = (float) (sum[i] / length);
    }
    return unit;
  }
}
