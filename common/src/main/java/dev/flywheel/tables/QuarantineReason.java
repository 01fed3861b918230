package dev.flywheel.tables;

import java.util.Locale;

/**
 * Why a line, or a record of it, could not become an event; its code stands in {@code
 * quarantine.reason}.
 */
public enum QuarantineReason {
  LINE_TOO_LONG("The line is longer than ingest.max_line_bytes."),
  INVALID_UTF8("The line is not UTF-8: a broken, overlong or surrogate sequence."),
  INVALID_JSON("The line is no JSON; detail says at which character reading stopped."),
  TRAILING_CONTENT("Something follows the JSON object, such as a second one."),
  NOT_AN_OBJECT("The line is JSON, but no object."),
  DUPLICATE_FIELD("An object names a field twice."),
  JSON_LIMIT("The JSON is nested too deeply, or a number or a field name is too long."),
  MISSING_FIELD("A field of the envelope is missing, null or blank; detail names it."),
  UNKNOWN_EVENT_TYPE("event_type is none of the contract's."),
  WRONG_TYPE("A field has a value of another type; detail names it."),
  INVALID_VALUE("A field has a value outside what is allowed; detail names it."),
  INVALID_TEXT("A text holds half of a surrogate pair, so it is no Unicode; detail names it."),
  FIELD_TOO_LONG("A text is longer than ingest.max_field_chars; detail names the field."),
  INVALID_TIME("event_time is no RFC 3339 time with offset, or not of the years 2000 to 2099."),
  TOO_LATE("The line landed more than ingest.lookback_days after its event date."),
  TOO_EARLY("The line landed more than ingest.future_days before its event date."),
  CORRUPT_FILE(
      "The rest of a compressed file cannot be read: it is truncated or damaged. The lines before"
          + " are kept; the rest is one line here, and all of the file counts as bad where"
          + " ingest.max_bad_share is asked.");

  private final String meaning;

  QuarantineReason(String meaning) {
    this.meaning = meaning;
  }

  /** Value of {@code quarantine.reason}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String meaning() {
    return meaning;
  }

  /**
   * Whether such a line speaks against its sender. A line that lands at a wrong time does not: that
   * is kept, counted, and no share of bad lines.
   */
  public boolean bad() {
    return this != TOO_LATE && this != TOO_EARLY;
  }
}
