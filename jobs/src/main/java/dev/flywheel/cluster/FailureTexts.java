package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.Embeddings;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.text.Redaction;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Failures with the text that stands for them. */
final class FailureTexts {
  static final String BAD = "bad";

  /** What is embedded: how the request and the response begin. Never leaves the lake. */
  static final String TEXT = "text";

  /** What issues are named after: the redacted request, or response where none was logged. */
  static final String NAMING_TEXT = "naming_text";

  /** Segments of a response that trends are broken down by. */
  static final List<String> DIMENSIONS =
      List.of(
          Interactions.USER_TYPE,
          Interactions.QUERY_CATEGORY,
          Interactions.SURFACE,
          Interactions.LANGUAGE,
          Interactions.MODEL,
          Interactions.RELEASE);

  /** What tells one failure from another. */
  static final List<String> KEY =
      List.of(
          TableSpec.EVENT_DATE,
          Interactions.TENANT_ID,
          Interactions.INTERACTION_ID,
          Interactions.SHOWN_AT);

  private static final String[] CONTENTS =
      Stream.concat(DIMENSIONS.stream(), Stream.of(Interactions.PROMPT, Interactions.RESPONSE))
          .toArray(String[]::new);

  /** Characters of the request that are embedded, some 40 tokens. */
  private static final int PROMPT_CHARS = 160;

  /** Characters of the response that are embedded: how it begins tells much at little cost. */
  private static final int RESPONSE_CHARS = 120;

  /** Characters that are redacted for naming; half an address at their end stays unrecognised. */
  private static final int NAMING_CHARS = 400;

  private FailureTexts() {}

  /**
   * One row per failing response that has text: its key, user, {@code p_good}, dimensions, {@link
   * #TEXT} with its hash, and {@link #NAMING_TEXT}. A response without content has no row.
   */
  static Dataset<Row> of(Dataset<Row> labels, Dataset<Row> interactions) {
    Dataset<Row> failures =
        labels
            .where(col(QualityLabels.LABEL).equalTo(BAD))
            .select(keyAnd(QualityLabels.USER_ID, QualityLabels.P_GOOD));
    Column prompt = start(Interactions.PROMPT, PROMPT_CHARS);
    Column response = start(Interactions.RESPONSE, RESPONSE_CHARS);
    Column request =
        coalesce(
            start(Interactions.PROMPT, NAMING_CHARS), start(Interactions.RESPONSE, NAMING_CHARS));
    // Texts are cut before they meet the exchange.
    Dataset<Row> contents =
        interactions
            .select(keyAnd(CONTENTS))
            .withColumn(TEXT, concat_ws("\n", prompt, response))
            .withColumn(NAMING_TEXT, request)
            .drop(Interactions.PROMPT, Interactions.RESPONSE)
            .where(col(NAMING_TEXT).isNotNull());
    return failures
        .join(contents, KEY.toArray(String[]::new))
        .withColumn(NAMING_TEXT, Redaction.redact(col(NAMING_TEXT)))
        .withColumn(Embeddings.TEXT_HASH, sha2(col(TEXT), 256));
  }

  /** The start of a text; null where there is nothing to read. */
  private static Column start(String text, int chars) {
    Column start = trim(substring(col(text), 1, chars));
    return when(start.notEqual(lit("")), start);
  }

  /** The columns of the key, followed by {@code others}. */
  static Column[] keyAnd(String... others) {
    return Stream.concat(KEY.stream(), Stream.of(others))
        .map(name -> col(name))
        .toArray(Column[]::new);
  }
}
