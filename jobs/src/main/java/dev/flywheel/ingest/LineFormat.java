package dev.flywheel.ingest;

import dev.flywheel.settings.Settings;
import java.io.IOException;
import java.io.Serializable;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/** A format of raw logs: what one line of it means. */
interface LineFormat extends Serializable {

  /** The format that the settings name. */
  static LineFormat of(Settings settings) {
    String tenant = settings.input().tenant();
    Settings.Ingest limits = settings.ingest();
    return switch (settings.input().format()) {
      case OtlpFormat.NAME ->
          new OtlpFormat(tenant, limits.maxFieldChars(), limits.maxBatchBytes());
      case LangfuseFormat.NAME ->
          new LangfuseFormat(
              tenant,
              Set.copyOf(settings.input().userFeedbackScores()),
              limits.maxFieldChars(),
              limits.maxLineBytes());
      case NativeFormat.NAME ->
          new NativeFormat(tenant, limits.maxFieldChars(), limits.maxLineBytes());
      default -> throw new IllegalStateException("Settings let no other format pass");
    };
  }

  /** A parser for one task; parsers keep buffers and are not shared. */
  Parser parser();

  /** Longest line that is read, in bytes. */
  int maxLineBytes();

  /**
   * The lines of a file.
   *
   * @throws IOException when the storage does not open it
   */
  default Lines open(RawFile file, Configuration hadoop) throws IOException {
    return new LineReader(StoredLog.open(file, hadoop), maxLineBytes());
  }

  /** Turns lines into events. */
  interface Parser {
    /**
     * The lines of a file follow.
     *
     * @param file its name, below the input root
     */
    default void begins(String file) {}

    /** Whether a file that begins with this line is no file of lines, but one single record. */
    default boolean goesOn(byte[] firstLine, int length) {
      return false;
    }

    /**
     * Hands on every record of one line, in order.
     *
     * @param line holds the line in its first {@code length} bytes; reused for the next line
     * @throws RefusedLine when the line as a whole is refused; then nothing of it was handed on
     */
    void parse(byte[] line, int length, Records records) throws RefusedLine;

    /**
     * The text of the record that is being handed on, cut; null where that is the line.
     *
     * @param most characters at the most
     */
    default String recordText(int most) {
      return null;
    }
  }

  /** Takes the records of a line. */
  interface Records {
    /**
     * A record that is an event.
     *
     * @param row of {@link ParsedLines}; the columns that say where the record lies are still null
     */
    void event(Object[] row);

    /** A record that claims to be an event, and is none. */
    void refused(RefusedLine why);

    /** A record that has nothing to do with us. */
    void ignored();
  }
}
