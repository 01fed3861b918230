package dev.flywheel.sample;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.left;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.flywheel.tables.Interactions;
import org.apache.spark.sql.Column;

/** Responses to equal requests belong together: they are never parted over eval and holdout. */
final class DedupGroups {
  static final String EVAL = "eval";
  static final String HOLDOUT = "holdout";

  private static final int ID_DIGITS = 32;

  private DedupGroups() {}

  /**
   * Group of a row of {@code interactions}: a hash of its prompt in small letters, with runs of
   * white space made one blank; without a prompt, or with a blank one, of its messages. A row that
   * has neither is a group of its own. Spark has no built-in Unicode normalisation, so two
   * encodings of one accented letter differ.
   */
  static Column id() {
    Column turns = array_join(col(Interactions.MESSAGES).getField("content"), " ");
    Column prompt = concat(lit("prompt "), words(col(Interactions.PROMPT)));
    Column messages = concat(lit("messages "), words(turns));
    Column alone =
        concat(
            lit("response "),
            digest(
                col(Interactions.TENANT_ID),
                col(Interactions.INTERACTION_ID),
                unix_micros(col(Interactions.SHOWN_AT)).cast("string")));
    return left(sha2(coalesce(prompt, messages, alone), 256), lit(ID_DIGITS));
  }

  /** Null where there are none. */
  private static Column words(Column text) {
    return nullif(trim(regexp_replace(lower(text), "[\\s\\p{Z}\\p{Cc}]+", " ")), lit(""));
  }

  /**
   * Side of a group. It depends on nothing but the group and the share, so that a text keeps its
   * side over nights, seeds and sets, and a larger share only moves groups from eval to holdout.
   */
  static Column split(Column group, double holdoutShare) {
    return holdoutShare == 0
        ? lit(EVAL)
        : when(xxhash64(lit("split"), group).leq(HashShare.last(holdoutShare)), HOLDOUT)
            .otherwise(EVAL);
  }

  /** 128 bits of the SHA-256 of these strings, in hexadecimal; no two lists are confused. */
  static Column digest(Column... parts) {
    return left(sha2(to_json(array(parts)), 256), lit(ID_DIGITS));
  }
}
