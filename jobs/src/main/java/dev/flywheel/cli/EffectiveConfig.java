package dev.flywheel.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Credentials;
import dev.flywheel.settings.Settings;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration a run really uses, one line a section. */
final class EffectiveConfig {
  private EffectiveConfig() {}

  static void print(RunContext run, Settings settings, PrintWriter err) {
    err.printf("flywheel %s, run %s, build %s%n", run.title(), run.runId(), run.buildCommit());
    tree(settings)
        .properties()
        .forEach(field -> err.printf("  %-8s %s%n", field.getKey(), line(field.getValue())));
    err.flush();
  }

  private static JsonNode tree(Settings settings) {
    try {
      return new YAMLMapper().readTree(settings.toYaml());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Settings write valid YAML", e);
    }
  }

  private static String line(JsonNode value) {
    if (!value.isObject()) {
      return value.asText();
    }
    return value.isEmpty()
        ? "-"
        : value.properties().stream()
            .map(EffectiveConfig::setting)
            .collect(Collectors.joining(" "));
  }

  private static String setting(Map.Entry<String, JsonNode> setting) {
    boolean hidden = Credentials.concern(setting.getKey());
    JsonNode value = setting.getValue();
    return setting.getKey()
        + "="
        + (hidden ? "(hidden)" : value.isValueNode() ? value.asText() : value.toString());
  }
}
