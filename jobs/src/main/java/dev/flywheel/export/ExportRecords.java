package dev.flywheel.export;

import static dev.flywheel.tables.TableSpec.EVENT_DATE;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.text.Redaction;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** Records of an eval set as they leave the lake: flat, and without what names a person. */
final class ExportRecords {
  static final String RECORD_ID = EvalDatasetRecords.DATASET_RECORD_ID;
  static final String DATASET = "dataset";
  static final String VERSION = "dataset_version";
  static final String PROMPT = "prompt";
  static final String MESSAGES = "messages";
  static final String ROLE = "role";
  static final String CONTENT = "content";
  static final String EXPECTED_RESPONSE = "expected_response";
  private static final String LABEL = "label";
  private static final String P_GOOD = "p_good";

  /** What every line says of its record; label and p_good are of the response as shown. */
  static final String[] METADATA = {
    RECORD_ID,
    DATASET,
    VERSION,
    EVENT_DATE,
    EvalDatasetRecords.SPLIT,
    EvalDatasetRecords.STRATUM,
    EvalDatasetRecords.INCLUSION_PROBABILITY,
    EvalDatasetRecords.SAMPLING_WEIGHT,
    EvalDatasetRecords.DEDUP_GROUP_ID,
    LABEL,
    P_GOOD
  };

  private ExportRecords() {}

  /**
   * One row per record: texts and {@link #METADATA}.
   *
   * @param records all rows of one version of one set
   * @param raw texts as logged, instead of redacted
   */
  static Dataset<Row> of(Dataset<Row> records, int version, boolean raw) {
    UnaryOperator<Column> clean = raw ? text -> text : Redaction::redact;
    Column prompt = col(EvalDatasetRecords.INPUTS).getField(PROMPT);
    Column messages = col(EvalDatasetRecords.INPUTS).getField(MESSAGES);
    Column expectations = col(EvalDatasetRecords.EXPECTATIONS);
    return records.select(
        col(RECORD_ID),
        col(EvalDatasetRecords.DATASET_NAME).as(DATASET),
        lit(version).as(VERSION),
        col(EVENT_DATE),
        col(EvalDatasetRecords.SPLIT),
        col(EvalDatasetRecords.STRATUM),
        col(EvalDatasetRecords.INCLUSION_PROBABILITY),
        col(EvalDatasetRecords.SAMPLING_WEIGHT),
        (raw ? col(EvalDatasetRecords.DEDUP_GROUP_ID) : firstOfGroup())
            .as(EvalDatasetRecords.DEDUP_GROUP_ID),
        expectations.getField(LABEL).as(LABEL),
        expectations.getField(P_GOOD).as(P_GOOD),
        clean.apply(prompt).as(PROMPT),
        // A conversation without a turn is none.
        when(
                size(messages).gt(0),
                transform(
                    messages,
                    turn ->
                        struct(
                            turn.getField(ROLE).as(ROLE),
                            clean.apply(turn.getField(CONTENT)).as(CONTENT))))
            .as(MESSAGES),
        clean.apply(expectations.getField(EXPECTED_RESPONSE)).as(EXPECTED_RESPONSE));
  }

  /**
   * Stands for a group where its id, a hash of the request, would let a reader try out what the
   * redaction took away: the smallest record id of the group, which is a hash of no text. It is the
   * same in all redacted files of a version, whichever side and target they are of.
   */
  private static Column firstOfGroup() {
    return min(RECORD_ID).over(Window.partitionBy(EvalDatasetRecords.DEDUP_GROUP_ID));
  }

  /** The request as one text: the prompt, else the last turn; null where neither was logged. */
  static Column request() {
    return coalesce(col(PROMPT), try_element_at(col(MESSAGES), lit(-1)).getField(CONTENT));
  }
}
