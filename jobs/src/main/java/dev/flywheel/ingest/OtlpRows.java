package dev.flywheel.ingest;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.QuarantineReason;
import dev.flywheel.tables.RawEvents.EventType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a row has from any record of OpenTelemetry: whose it is, which response it is about, when it
 * happened.
 *
 * <p>A response is identified by an id of ours, else by {@code gen_ai.response.id}, else by its
 * span. Of records that share one of these {@link ResponseNames} finds out that they are about the
 * same response, and {@link Correlation} makes one row of those that tell of it.
 */
final class OtlpRows {
  /** Begins the names of what is ours. */
  static final String OURS = "flywheel.";

  private final StrictJson json;
  private final String defaultTenant;
  private final int maxFieldChars;

  OtlpRows(StrictJson json, String defaultTenant, int maxFieldChars) {
    this.json = json;
    this.defaultTenant = defaultTenant;
    this.maxFieldChars = maxFieldChars;
  }

  ContractRow begin(OtlpRecord record, EventType type) throws RefusedLine {
    if (record.repeatsAnAttribute) {
      throw new RefusedLine(QuarantineReason.DUPLICATE_FIELD, "attributes");
    }
    var row = new ContractRow(json, maxFieldChars, true);
    row.set(Events.EVENT_TYPE, type.name());
    row.putText(Events.TENANT_ID, OURS + "tenant_id", record.take(OURS + "tenant_id"));
    if (!row.has(Events.TENANT_ID)) {
      row.set(Events.TENANT_ID, defaultTenant);
    }
    return row;
  }

  /** Which response a record showed, by each of its names. */
  static void shown(OtlpRecord record, ContractRow row) throws RefusedLine {
    String span = record.span();
    String id = interaction(record, row, span);
    row.set(Events.EVENT_ID, span != null ? span : id);
    row.set(ParsedLines.SPAN, span);
  }

  /** The response that a record is about; sets it, and returns it. */
  private static String interaction(OtlpRecord record, ContractRow row, String span)
      throws RefusedLine {
    String response = "gen_ai.response.id";
    row.putText(ParsedLines.RESPONSE_ID, response, record.take(response));
    row.putText(
        Events.INTERACTION_ID, OURS + "interaction_id", record.take(OURS + "interaction_id"));
    row.putText(Events.INTERACTION_ID, response, row.get(ParsedLines.RESPONSE_ID));
    row.putText(Events.INTERACTION_ID, "spanId", span);
    if (!row.has(Events.INTERACTION_ID)) {
      throw new RefusedLine(QuarantineReason.MISSING_FIELD, response);
    }
    return (String) row.get(Events.INTERACTION_ID);
  }

  /** As {@link #interaction}, noting only by which name the response is known here. */
  static String correlated(OtlpRecord record, ContractRow row) throws RefusedLine {
    String span = record.span();
    String id = interaction(record, row, span);
    if (id.equals(span)) {
      row.set(ParsedLines.SPAN, span);
    } else if (!id.equals(row.get(ParsedLines.RESPONSE_ID))) {
      row.set(ParsedLines.RESPONSE_ID, null);
    }
    return id;
  }

  /** Who a response was shown to, and by which release unless a record of it says it itself. */
  static void putPeopleAndRelease(OtlpRecord record, ContractRow row) throws RefusedLine {
    putPeople(record, row);
    row.putText(ParsedLines.SENDER_RELEASE, "service.version", record.take("service.version"));
  }

  static void putPeople(OtlpRecord record, ContractRow row) throws RefusedLine {
    row.putText(
        Events.USER_ID,
        "user.id",
        record.takeFirst("user.id", "enduser.pseudo.id", "enduser.id", "user.hash"));
    row.putText(Events.SESSION_ID, "session.id", record.take("session.id"));
    if (!row.has(Events.USER_ID)) {
      // Stands in quarantine, should nothing else say it.
      row.set(Quarantine.DETAIL, "user.id");
    }
  }

  /** What users do without a name counts as done by their conversation. */
  static void orConversation(OtlpRecord record, ContractRow row) throws RefusedLine {
    Object conversation = record.take("gen_ai.conversation.id");
    row.putText(Events.SESSION_ID, "gen_ai.conversation.id", conversation);
    row.putText(Events.USER_ID, "session.id", row.get(Events.SESSION_ID));
    if (!row.has(Events.USER_ID)) {
      throw new RefusedLine(QuarantineReason.MISSING_FIELD, "user.id");
    }
    if (!row.has(Events.SESSION_ID)) {
      row.set(Events.SESSION_ID, row.get(Events.USER_ID));
    }
  }

  /** An assessment is nobody's act: it stands apart from every user, with its interaction. */
  static void orNobody(ContractRow row, String interaction) {
    if (!row.has(Events.USER_ID)) {
      row.set(Events.USER_ID, interaction);
    }
    if (!row.has(Events.SESSION_ID)) {
      row.set(Events.SESSION_ID, interaction);
    }
  }

  /** A response was shown when its span ended; anything else happened when it was logged. */
  static long micros(OtlpRecord record) {
    long nanos =
        record.span
            ? (record.otherTime != 0 ? record.otherTime : record.time)
            : (record.time != 0 ? record.time : record.otherTime);
    return Math.floorDiv(nanos, 1_000L);
  }

  /** An event's own identity, else a hash of what it says: a record sent again has the same. */
  static String eventId(OtlpRecord record) {
    Object own = record.takeFirst(OURS + "event_id", "log.record.uid");
    if (own instanceof String text && !text.isBlank()) {
      return text;
    }
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      for (Object part :
          new Object[] {
            record.name, record.time, record.traceId, record.spanId, record.attributes, record.body
          }) {
        digest.update(String.valueOf(part).getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  static Object[] finished(OtlpRecord record, ContractRow row) {
    record.attributes.remove("event.name");
    row.set(Events.UNKNOWN_FIELDS, record.attributes.size());
    return row.values();
  }
}
