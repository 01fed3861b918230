package dev.flywheel.ingest;

import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import java.io.Serializable;

/** A format of raw logs: what one line of it means. */
interface LineFormat extends Serializable {

  /** The format that the settings name. */
  static LineFormat of(Settings settings) {
    String tenant = settings.input().tenant();
    Settings.Ingest limits = settings.ingest();
    return switch (settings.input().format()) {
      case NativeFormat.NAME ->
          new NativeFormat(tenant, limits.maxFieldChars(), limits.maxLineBytes());
      default ->
          throw FlywheelException.usage(
              "The input format '%s' is not known. Known: %s. Set --format or input.format.",
              settings.input().format(), NativeFormat.NAME);
    };
  }

  /** A parser for one task; parsers keep buffers and are not shared. */
  Parser parser();

  /** Longest line that is read, in bytes. */
  int maxLineBytes();

  /** Turns lines into events. */
  interface Parser {
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
