package dev.flywheel.ingest;

import dev.flywheel.tables.Events;
import dev.flywheel.tables.RawEvents;
import dev.flywheel.tables.RawEvents.EventType;
import java.util.Set;
import java.util.TreeSet;

/** Arms of experiments, as feature flags say them. */
final class OtlpFlags {
  private static final Set<String> NAMES = Set.of("feature_flag.evaluation", "feature_flag");
  private static final EventType SHOWN = RawEvents.type("response_shown").orElseThrow();

  private OtlpFlags() {}

  /** Whether events of this name say an arm. */
  static boolean isFlag(String name) {
    return name != null && NAMES.contains(name);
  }

  /**
   * The arms that a call says itself or in events within it, as {@code flag=variant}, in order;
   * null without any. The events are taken.
   */
  static String takeArms(OtlpRecord call) {
    var arms = new TreeSet<String>();
    addArm(arms, call);
    call.events.stream().filter(inner -> isFlag(inner.name)).forEach(inner -> addArm(arms, inner));
    call.events.removeIf(inner -> isFlag(inner.name));
    return arms.isEmpty() ? null : String.join(",", arms);
  }

  private static void addArm(Set<String> arms, OtlpRecord record) {
    String arm = takeArm(record);
    if (arm != null) {
      arms.add(arm);
    }
  }

  private static String takeArm(OtlpRecord record) {
    Object key = record.attributes.remove("feature_flag.key");
    Object variant = record.attributes.remove("feature_flag.result.variant");
    Object older = record.attributes.remove("feature_flag.variant");
    variant = variant == null ? older : variant;
    return key instanceof String flag && variant instanceof String arm ? flag + "=" + arm : null;
  }

  /**
   * A flag that was looked up outside of a call, for {@link ExperimentArms}; null where useless.
   */
  static Object[] row(OtlpRecord flag, OtlpRows rows) throws RefusedLine {
    if (flag.repeatsAnAttribute || flag.span() == null) {
      return null;
    }
    String arm = takeArm(flag);
    if (arm == null) {
      return null;
    }
    ContractRow row = rows.begin(flag, SHOWN);
    row.putText(Events.EXPERIMENT_VARIANT, "feature_flag.result.variant", arm);
    row.set(ParsedLines.SPAN, flag.span());
    row.set(ParsedLines.PART, ParsedLines.part(ParsedLines.OF_FLAG, false));
    return row.values();
  }
}
