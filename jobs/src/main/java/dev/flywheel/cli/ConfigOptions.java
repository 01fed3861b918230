package dev.flywheel.cli;

import dev.flywheel.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say where things lie and how they are read; each wins over the configuration. */
final class ConfigOptions {
  @Option(
      names = "--lake",
      paramLabel = "PATH",
      description = "Folder or object-store prefix of the tables, reports and exports.")
  private String lake;

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description = "Folder or prefix of the raw logs, above the landing days.")
  private String input;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "How the raw logs are written: native, otlp_json or langfuse.")
  private String format;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "tenant_id of log lines that name none.")
  private String tenant;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration; 'flywheel init' writes one with every default.")
  private Path config;

  @Option(
      names = "--lookback-days",
      paramLabel = "DAYS",
      description = "Days after its event date within which an event may land.")
  private Integer lookbackDays;

  @Option(names = "--seed", paramLabel = "NUMBER", description = "Seed of every random choice.")
  private Long seed;

  @Option(
      names = "--stacktrace",
      description = "On failure show where, without messages, since those may quote your data.")
  @SuppressWarnings("UnusedVariable") // Asked for by name where failures are explained.
  private boolean stacktrace;

  /** The file's settings with these options on top. */
  Settings settings() {
    return settings(Map.of());
  }

  /**
   * The file's settings with these options on top.
   *
   * @param fallbacks dotted keys to set where no option does
   */
  Settings settings(Map<String, Object> fallbacks) {
    var overrides = new HashMap<>(fallbacks);
    put(overrides, "lake", lake);
    put(overrides, "input.path", input);
    put(overrides, "input.format", format);
    put(overrides, "input.tenant", tenant);
    put(overrides, "ingest.lookback_days", lookbackDays);
    put(overrides, "seed", seed);
    return Settings.load(Optional.ofNullable(config), overrides);
  }

  private static void put(Map<String, Object> overrides, String key, Object value) {
    if (value != null) {
      overrides.put(key, value);
    }
  }
}
