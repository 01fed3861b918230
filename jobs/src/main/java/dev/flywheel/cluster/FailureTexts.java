package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
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

  /** What is embedded: the request and how the response begins, redacted. */
  static final String TEXT = "text";

  /** What an issue is named after: the request, or the response where none was logged. */
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

  /** Characters that are redacted; more than are kept, since redaction may shorten. */
  private static final int READ_CHARS = 1_000;

  /** Characters of the request, and of the response, that count: some 60 tokens each. */
  private static final int KEPT_CHARS = 240;

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
    Dataset<Row> contents =
        interactions
            .select(keyAnd(CONTENTS))
            // Long responses are cut before they meet the exchange.
            .withColumn(Interactions.PROMPT, start(Interactions.PROMPT, READ_CHARS))
            .withColumn(Interactions.RESPONSE, start(Interactions.RESPONSE, READ_CHARS));
    return failures
        .join(contents, KEY.toArray(String[]::new))
        .withColumn(Interactions.PROMPT, clean(Interactions.PROMPT))
        .withColumn(Interactions.RESPONSE, clean(Interactions.RESPONSE))
        .withColumn(NAMING_TEXT, coalesce(col(Interactions.PROMPT), col(Interactions.RESPONSE)))
        .where(col(NAMING_TEXT).isNotNull())
        .withColumn(TEXT, concat_ws("\n", col(Interactions.PROMPT), col(Interactions.RESPONSE)))
        .withColumn(Embeddings.TEXT_HASH, sha2(col(TEXT), 256))
        .drop(Interactions.PROMPT, Interactions.RESPONSE);
  }

  private static Column start(String text, int chars) {
    return substring(col(text), 1, chars);
  }

  /** The redacted start of a text with single spaces; null where there is nothing to read. */
  private static Column clean(String text) {
    Column redacted = regexp_replace(Redaction.redact(col(text)), "\\s+", " ");
    Column kept = trim(substring(trim(redacted), 1, KEPT_CHARS));
    return when(kept.equalTo(lit("")), lit(null)).otherwise(kept);
  }

  /** The columns of the key, followed by {@code others}. */
  static Column[] keyAnd(String... others) {
    return Stream.concat(KEY.stream(), Stream.of(others))
        .map(name -> col(name))
        .toArray(Column[]::new);
  }
}
