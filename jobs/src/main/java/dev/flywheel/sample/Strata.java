package dev.flywheel.sample;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.hour;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.trim;

import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Interactions;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;

/** What makes two responses alike for the draw. */
final class Strata {
  /** Stands for a value that is not logged. */
  static final String NONE = "(none)";

  /** Stands for the one stratum where nothing stratifies. */
  static final String ALL = "all";

  private static final String SEPARATOR = " / ";
  private static final int HOURS_OF_DAY = 24;

  /** What may stratify: segments, never text or a person, since strata are shown and exported. */
  private static final List<String> COLUMNS =
      List.of(
          Interactions.TENANT_ID,
          Interactions.MODEL,
          Interactions.PROMPT_NAME,
          Interactions.PROMPT_VERSION,
          Interactions.RELEASE,
          Interactions.USER_TYPE,
          Interactions.QUERY_CATEGORY,
          Interactions.SURFACE,
          Interactions.LANGUAGE,
          Interactions.EXPERIMENT_VARIANT);

  private Strata() {}

  /**
   * Stratum of a row of {@code interactions}, for people to read: {@code free / coding / 08-16
   * UTC}. Never null. Values that hold the separator may merge two strata, which costs precision
   * but leaves every probability right.
   *
   * @throws FlywheelException (usage) when a configured column cannot stratify
   */
  static Column of(Settings.Sample policy) {
    var parts = new ArrayList<Column>();
    for (String column : policy.strata()) {
      if (!COLUMNS.contains(column)) {
        throw FlywheelException.usage(
            "sample.strata names '%s', which cannot stratify. Columns that can: %s.",
            column, String.join(", ", COLUMNS));
      }
      parts.add(coalesce(nullif(trim(col(column)), lit("")), lit(NONE)));
    }
    if (policy.bandHours() < HOURS_OF_DAY) {
      parts.add(band(col(Interactions.SHOWN_AT), policy.bandHours()));
    }
    return parts.isEmpty() ? lit(ALL) : concat_ws(SEPARATOR, parts.toArray(Column[]::new));
  }

  /** Time of day in UTC, which is the session's time zone, as {@code 08-16 UTC}. */
  private static Column band(Column shownAt, int hours) {
    Column start = hour(shownAt).minus(hour(shownAt).mod(hours));
    return format_string("%02d-%02d UTC", start, start.plus(hours));
  }
}
