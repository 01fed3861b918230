package dev.flywheel.export;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.sql.Column;

/**
 * An eval harness and the JSON it reads, one record a line. A field that is not known is left out.
 * Every line carries the record's id, stratum, inclusion probability and sampling weight. The
 * latter two are those of the draw, before it was split: over eval and holdout together the weights
 * add up to traffic; over one side they do not, but serve for means, which in eval lean to short
 * conversations.
 */
public enum Target {
  /** What {@code EvaluationDataset.merge_records} of MLflow takes. Tags are strings there. */
  MLFLOW {
    @Override
    Column record() {
      return struct(
          struct(col(ExportRecords.PROMPT), col(ExportRecords.MESSAGES)).as("inputs"),
          struct(col(ExportRecords.EXPECTED_RESPONSE)).as("expectations"),
          struct(
                  lit("TRACE").as("source_type"),
                  struct(col(ExportRecords.DATASET), col(ExportRecords.VERSION)).as("source_data"))
              .as("source"),
          struct(
                  Arrays.stream(ExportRecords.METADATA)
                      .map(name -> col(name).cast("string").as(name))
                      .toArray(Column[]::new))
              .as("tags"),
          col(ExportRecords.RECORD_ID));
    }
  },

  /**
   * Tests of promptfoo. It renders texts as templates and opens variables that begin with {@code
   * file://}, so both are defused by a blank; it would make a test of every element of an array, so
   * the conversation is a JSON string.
   */
  PROMPTFOO {
    @Override
    Column record() {
      return struct(
          struct(
                  inert(ExportRecords.request()).as(ExportRecords.PROMPT),
                  inert(to_json(col(ExportRecords.MESSAGES))).as(ExportRecords.MESSAGES),
                  inert(col(ExportRecords.EXPECTED_RESPONSE)).as(ExportRecords.EXPECTED_RESPONSE))
              .as("vars"),
          when(
                  col(ExportRecords.EXPECTED_RESPONSE).isNotNull(),
                  array(struct(lit("llm-rubric").as("type"), lit(RUBRIC).as("value"))))
              .as("assert"),
          concat(lit("record "), col(ExportRecords.RECORD_ID)).as("description"),
          metadata().as("metadata"));
    }
  },

  /** Samples of openai/evals. They need an ideal answer, so records without one are left out. */
  OPENAI_EVALS {
    @Override
    Column record() {
      Column history = col(ExportRecords.MESSAGES);
      Column asked =
          array(
              struct(
                  lit("user").as(ExportRecords.ROLE),
                  col(ExportRecords.PROMPT).as(ExportRecords.CONTENT)));
      // Where what came before is logged apart from what was asked, it does not end in it.
      Column fromUser = filter(history, turn -> turn.getField(ExportRecords.ROLE).equalTo("user"));
      Column last = try_element_at(fromUser, lit(-1)).getField(ExportRecords.CONTENT);
      return struct(
          when(history.isNull(), asked)
              .when(
                  col(ExportRecords.PROMPT).isNull().or(last.equalTo(col(ExportRecords.PROMPT))),
                  history)
              .otherwise(concat(history, asked))
              .as("input"),
          col(ExportRecords.EXPECTED_RESPONSE).as("ideal"),
          metadata().as("metadata"));
    }

    @Override
    Column takes() {
      return super.takes().and(col(ExportRecords.EXPECTED_RESPONSE).isNotNull());
    }
  },

  /** Goldens of DeepEval; the candidate fills in {@code actualOutput}. */
  DEEPEVAL {
    @Override
    Column record() {
      return struct(
          ExportRecords.request().as("input"),
          col(ExportRecords.EXPECTED_RESPONSE).as("expectedOutput"),
          struct(metadata().as("record"), col(ExportRecords.MESSAGES)).as("additionalMetadata"));
    }
  };

  private static final String RUBRIC =
      "Answers the request at least as well as this reference, which real use confirmed:"
          + " {{expected_response}}";

  /** The record as a struct of the harness's fields. */
  abstract Column record();

  /** Whether the harness can use a record; what was asked must be known. */
  Column takes() {
    return ExportRecords.request().isNotNull();
  }

  /** One line of the file. */
  Column line() {
    return to_json(record());
  }

  private static Column metadata() {
    return struct(
        Arrays.stream(ExportRecords.METADATA).map(name -> col(name)).toArray(Column[]::new));
  }

  private static Column inert(Column text) {
    Column untemplated = regexp_replace(text, lit("\\{(?=[{%#])"), lit("{ "));
    return regexp_replace(untemplated, lit("^(?=file://|package:)"), lit(" "));
  }

  /** As on the command line and in file names. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
