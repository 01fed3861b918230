package dev.flywheel.ingest;

import static dev.flywheel.ingest.OtlpRows.OURS;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import dev.flywheel.tables.RawEvents.Field;
import java.util.Map;

/**
 * What records of OpenTelemetry mean to us, by the semantic conventions for generative AI: calls of
 * a model, as span and as event, are responses; {@code gen_ai.evaluation.result} is an assessment;
 * events named {@code flywheel.*} are those of our contract; flags say to which arms of experiments
 * responses belong. Deprecated names are read, too.
 */
final class OtlpEvents {
  private static final String DETAILS = "gen_ai.client.inference.operation.details";
  private static final String EVALUATION = "gen_ai.evaluation.result";

  private static final EventType SHOWN = RawEvents.type("response_shown").orElseThrow();
  private static final EventType ASSESSED = RawEvents.type("assessment_recorded").orElseThrow();

  private final OtlpRows rows;
  private final OtlpCalls calls;

  OtlpEvents(StrictJson json, String defaultTenant, int maxFieldChars) {
    this.rows = new OtlpRows(json, defaultTenant, maxFieldChars);
    this.calls = new OtlpCalls(json, rows);
  }

  /** Whether an event within a span is a record of its own, rather than a detail of the span. */
  static boolean means(OtlpRecord inner) {
    return inner.name != null
        && (inner.name.startsWith(OURS)
            || inner.name.equals(DETAILS)
            || inner.name.equals(EVALUATION)
            || OtlpFlags.isFlag(inner.name));
  }

  /**
   * The record as a row of {@link ParsedLines}; null when it is none of ours.
   *
   * @throws RefusedLine when it is ours, and no event
   */
  Object[] row(OtlpRecord record) throws RefusedLine {
    if (record.span) {
      return OtlpCalls.isCall(record) ? calls.response(record) : null;
    }
    String name =
        record.name != null && !record.name.isEmpty()
            ? record.name
            : record.attributes.get("event.name") instanceof String older ? older : "";
    if (name.startsWith(OURS)) {
      return ours(
          record,
          RawEvents.type(name.substring(OURS.length()))
              .orElseThrow(() -> new RefusedLine(QuarantineReason.UNKNOWN_EVENT_TYPE)));
    }
    if (OtlpFlags.isFlag(name)) {
      return OtlpFlags.row(record, rows);
    }
    return switch (name) {
      case DETAILS -> calls.response(record);
      case EVALUATION -> assessment(record);
      default -> null;
    };
  }

  private Object[] assessment(OtlpRecord record) throws RefusedLine {
    String eventId = OtlpRows.eventId(record);
    ContractRow row = rows.begin(record, ASSESSED);
    row.set(Events.EVENT_ID, eventId);
    row.happened(OtlpRows.micros(record));
    String id = OtlpRows.correlated(record, row);
    row.put(
        Events.ASSESSMENT_NAME, "gen_ai.evaluation.name", record.take("gen_ai.evaluation.name"));
    row.put(
        Events.ASSESSMENT_SCORE,
        "gen_ai.evaluation.score.value",
        record.take("gen_ai.evaluation.score.value"));
    row.put(
        Events.ASSESSMENT_LABEL,
        "gen_ai.evaluation.score.label",
        record.take("gen_ai.evaluation.score.label"));
    row.put(
        Events.ASSESSMENT_EXPLANATION,
        "gen_ai.evaluation.explanation",
        record.take("gen_ai.evaluation.explanation"));
    row.put(Events.ASSESSMENT_SOURCE_TYPE, OURS + "source_type", record.take(OURS + "source_type"));
    row.put(Events.ASSESSMENT_SOURCE_ID, OURS + "source_id", record.take(OURS + "source_id"));
    OtlpRows.putPeople(record, row);
    OtlpRows.orNobody(row, id);
    return OtlpRows.finished(record, row);
  }

  /** An event of our contract, whose fields are attributes of their own names or ours. */
  private Object[] ours(OtlpRecord record, EventType type) throws RefusedLine {
    String eventId = OtlpRows.eventId(record);
    ContractRow row = rows.begin(record, type);
    row.happened(OtlpRows.micros(record));
    Map<?, ?> body = record.body instanceof Map<?, ?> map ? map : Map.of();
    for (Field field : type.payload()) {
      String name = field.name();
      row.put(field.column(), name, record.takeFirst(OURS + name, name));
      row.put(field.column(), name, body.get(name));
    }
    if (type.equals(SHOWN)) {
      OtlpRows.shown(record, row);
      row.set(ParsedLines.PART, ParsedLines.part(ParsedLines.OF_APP, row.has(Events.RESPONSE)));
      row.put(
          Events.CONVERSATION_ID, "gen_ai.conversation.id", record.take("gen_ai.conversation.id"));
      OtlpRows.putPeopleAndRelease(record, row);
    } else {
      row.set(Events.EVENT_ID, eventId);
      String id = OtlpRows.correlated(record, row);
      OtlpRows.putPeople(record, row);
      if (type.equals(ASSESSED)) {
        OtlpRows.orNobody(row, id);
      } else {
        OtlpRows.orConversation(record, row);
      }
    }
    return OtlpRows.finished(record, row);
  }
}
