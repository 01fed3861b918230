package dev.flywheel.sample;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.left;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.flywheel.tables.Interactions;
import org.apache.spark.sql.Column;

/**
 * Which side of an eval set a response lies on: eval or holdout. Responses to the same requests are
 * a group, which is never parted, and no response of eval quotes a request of the holdout.
 */
final class DedupGroups {
  static final String EVAL = "eval";
  static final String HOLDOUT = "holdout";

  private static final int ID_DIGITS = 32;

  /** Parts the requests of a conversation; {@link #words} leaves no such character in any. */
  private static final String NEXT_REQUEST = "\n";

  private DedupGroups() {}

  /**
   * Group of a row of {@code interactions}: a hash of what was asked, which is the prompt and, in a
   * conversation, the user's earlier turns; in small letters, with runs of white space made one
   * blank. Where no request is logged, or a blank one, a hash of all messages. A row that has
   * neither is a group of its own. Spark has no built-in Unicode normalisation, so two encodings of
   * one accented letter differ.
   */
  static Column id() {
    Column requests = requests(col(Interactions.PROMPT), col(Interactions.MESSAGES));
    Column asked = when(size(requests).gt(0), request(array_join(requests, NEXT_REQUEST)));
    Column turns = array_join(col(Interactions.MESSAGES).getField("content"), " ");
    Column messages = concat(lit("messages "), words(turns));
    Column alone =
        concat(
            lit("response "),
            digest(
                col(Interactions.TENANT_ID),
                col(Interactions.INTERACTION_ID),
                unix_micros(col(Interactions.SHOWN_AT)).cast("string")));
    return hash(coalesce(asked, messages, alone));
  }

  /**
   * What the user asked in a conversation, oldest first, each as {@link #words}: the turns of role
   * user, and the prompt where it is not the last of them. Empty where nothing was asked.
   */
  private static Column requests(Column prompt, Column messages) {
    Column fromUser = filter(messages, turn -> turn.getField("role").equalTo("user"));
    Column logged = array_compact(transform(fromUser, turn -> words(turn.getField("content"))));
    Column turns = coalesce(logged, array().cast("array<string>"));
    Column last = try_element_at(turns, lit(-1));
    return when(last.equalTo(words(prompt)), turns)
        .otherwise(concat(turns, array_compact(array(words(prompt)))));
  }

  private static Column request(Column words) {
    return concat(lit("prompt "), words);
  }

  /** Null where there are none. */
  private static Column words(Column text) {
    return nullif(trim(regexp_replace(lower(text), "[\\s\\p{Z}\\p{Cc}]+", " ")), lit(""));
  }

  private static Column hash(Column text) {
    return left(sha2(text, 256), lit(ID_DIGITS));
  }

  /**
   * Side of a response: holdout if any request of its conversation is one of the holdout, which is
   * decided for each text by its hash; so a record of eval shows no request of the holdout, nor the
   * answer to one. It depends on nothing but the texts and the share, so that it stays over nights,
   * seeds and sets, and a larger share only moves responses from eval to holdout. Of responses with
   * k different requests the share 1 - (1 - h)^k is holdout.
   *
   * @param group {@link #id}, which decides where nothing was asked
   */
  static Column split(Column group, Column prompt, Column messages, double holdoutShare) {
    if (holdoutShare == 0) {
      return lit(EVAL);
    }
    Column requests = requests(prompt, messages);
    Column texts =
        when(size(requests).gt(0), transform(requests, words -> hash(request(words))))
            .otherwise(array(group));
    long last = HashShare.last(holdoutShare);
    return when(exists(texts, text -> xxhash64(lit("split"), text).leq(last)), HOLDOUT)
        .otherwise(EVAL);
  }

  /** 128 bits of the SHA-256 of these strings, in hexadecimal; no two lists are confused. */
  static Column digest(Column... parts) {
    return hash(to_json(array(parts)));
  }
}
