package dev.flywheel.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The effective configuration of a run. Every default and its meaning stands in {@code
 * flywheel.yaml}, the only place that has them.
 */
public record Settings(
    String lake,
    long seed,
    Input input,
    Ingest ingest,
    Label label,
    Sample sample,
    Cluster cluster,
    Report report,
    Maintain maintain,
    Map<String, String> spark) {

  /** Patterns are kept for each day, and there are as many as sources combine. */
  private static final int MOST_SOURCES = 20;

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** Every day of a year, and both its ends, where weeks belong to another. */
  private static final DateRange DAYS_AROUND_A_YEAR =
      new DateRange(LocalDate.of(2024, 12, 20), LocalDate.of(2026, 1, 11));

  /** Sources may be switched off, and conditions left out. */
  private static final String SOURCES = "label.sources.";

  public Settings {
    spark.forEach(
        (key, value) -> {
          if (value == null) {
            throw empty("spark." + key, "a value");
          }
          if (Credentials.areHeldBy(key, value)) {
            throw FlywheelException.usage(
                "The configuration holds %s: credentials do not belong there. Give them in a site"
                    + " file or the credential store of Hadoop, or to spark-submit in a"
                    + " --properties-file; those of S3 also in the environment (AWS_ACCESS_KEY_ID"
                    + " and AWS_SECRET_ACCESS_KEY) or in a file (AWS_SHARED_CREDENTIALS_FILE).",
                "spark." + key);
          }
        });
  }

  /** Where raw logs lie and how they are written. */
  public record Input(
      String path,
      String dayPattern,
      String format,
      String tenant,
      List<String> userFeedbackScores) {
    /** Formats of raw logs that can be read. */
    public static final List<String> FORMATS = List.of("native", "otlp_json", "langfuse");

    public Input {
      if (!FORMATS.contains(format)) {
        throw FlywheelException.usage(
            "The input format '%s' is not known. Known: %s. Set --format or input.format.",
            format, String.join(", ", FORMATS));
      }
      refuseUnlessEachDayIsNamed(dayPattern);
    }

    /** Where the logs of a landing day lie, below {@link #path}. */
    public String prefix(LocalDate day) {
      return DateTimeFormatter.ofPattern(dayPattern).format(day);
    }

    /** A day that can be read from its prefix shares it with no other. */
    private static void refuseUnlessEachDayIsNamed(String pattern) {
      for (LocalDate day : DAYS_AROUND_A_YEAR.toList()) {
        boolean named;
        String prefix;
        try {
          var days = DateTimeFormatter.ofPattern(pattern);
          prefix = days.format(day);
          named = readFrom(prefix, days).equals(Optional.of(day));
        } catch (IllegalArgumentException | DateTimeException e) {
          throw FlywheelException.usage(
              e,
              "input.day_pattern (%s) is no java.time pattern of a day: %s. One is, with all of"
                  + " its quotes in YAML, \"'dt='yyyy-MM-dd\".",
              pattern,
              e.getMessage());
        }
        if (!named) {
          throw FlywheelException.usage(
              "input.day_pattern (%s) gives %s for %s, which does not say that day: it must have"
                  + " year, month and day, such as 'dt='yyyy-MM-dd (YYYY is the year of a week).",
              pattern, prefix, day);
        }
        if (prefix.contains(":")
            || prefix.startsWith("/")
            || List.of(prefix.split("/")).contains("..")) {
          throw FlywheelException.usage(
              "input.day_pattern (%s) gives %s: it must name a folder below the input.",
              pattern, prefix);
        }
      }
    }

    private static Optional<LocalDate> readFrom(String prefix, DateTimeFormatter days) {
      try {
        return Optional.of(days.parse(prefix, LocalDate::from));
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }
  }

  /** What makes a line an event. */
  public record Ingest(
      int lookbackDays,
      int futureDays,
      int maxLineBytes,
      int maxBatchBytes,
      int maxFieldChars,
      double maxBadShare,
      int quarantineChars) {
    private static final int LONGEST_LINE = 1 << 30;

    public Ingest {
      atLeast("ingest.lookback_days", lookbackDays, 0);
      atLeast("ingest.future_days", futureDays, 0);
      line("ingest.max_line_bytes", maxLineBytes);
      line("ingest.max_batch_bytes", maxBatchBytes);
      atLeast("ingest.max_field_chars", maxFieldChars, 1);
      share("ingest.max_bad_share", maxBadShare);
      atLeast("ingest.quarantine_chars", quarantineChars, 0);
    }

    /** A line is held in memory, and its text beside it. */
    private static void line(String key, int bytes) {
      if (bytes < 1 || bytes > LONGEST_LINE) {
        throw FlywheelException.usage("%s is %d: it must be 1 to %d.", key, bytes, LONGEST_LINE);
      }
    }
  }

  /**
   * One labelling source: SQL conditions over the columns of {@code behavior_signals}.
   *
   * @param applies where it can vote at all; everywhere if left out
   * @param good where it votes good
   * @param bad where it votes bad, unless it votes good; nowhere if left out
   */
  public record VoteSource(String applies, String good, String bad) {
    public VoteSource {
      applies = applies == null ? "true" : applies;
      good = good == null ? "false" : good;
      bad = bad == null ? "false" : bad;
    }
  }

  /**
   * How votes become labels.
   *
   * @param humanScores worst and best score of people's assessments
   * @param exactEditCells product of two lengths up to which the edit distance is exact
   * @param sources by name, in the order of the vote patterns; those that are switched off are left
   *     out
   */
  public record Label(
      double goodAt,
      double badAt,
      List<String> defaultCapabilities,
      List<Double> humanScores,
      long exactEditCells,
      Map<String, VoteSource> sources) {
    /** What a surface can let the user do with a response. */
    private static final List<String> CAPABILITIES =
        List.of("accept", "copy", "edit", "run", "task", "rate");

    public Label {
      for (String capability : defaultCapabilities) {
        if (!CAPABILITIES.contains(capability)) {
          throw FlywheelException.usage(
              "label.default_capabilities names '%s', which no surface offers. What they can"
                  + " offer: %s.",
              capability, String.join(", ", CAPABILITIES));
        }
      }
      if (humanScores.size() != 2 || humanScores.get(0) >= humanScores.get(1)) {
        throw FlywheelException.usage(
            "label.human_scores is %s: it must be the worst and the best score, as in [1, 5].",
            humanScores);
      }
      if (exactEditCells < 0) {
        throw FlywheelException.usage(
            "label.exact_edit_cells is %d: it must be 0 or more.", exactEditCells);
      }
      sources = switchedOn(sources);
      share("label.good_at", goodAt);
      share("label.bad_at", badAt);
      if (badAt >= goodAt) {
        throw FlywheelException.usage(
            "label.bad_at (%s) must be below label.good_at (%s).", badAt, goodAt);
      }
    }
  }

  private static Map<String, VoteSource> switchedOn(Map<String, VoteSource> sources) {
    var on = new LinkedHashMap<String, VoteSource>();
    Map<String, VoteSource> named = sources == null ? Map.of() : sources;
    named.forEach(
        (name, source) -> {
          // It is a key of the votes, beside that of people.
          if (!name.matches("[a-z][a-z0-9_]{0,39}") || name.equals("human")) {
            throw FlywheelException.usage(
                "label.sources.%s: a source has a name of small letters, digits and '_' that begins"
                    + " with a letter and is not 'human'.",
                name);
          }
          if (source != null) {
            on.put(name, source);
          }
        });
    if (on.isEmpty() || on.size() > MOST_SOURCES) {
      throw FlywheelException.usage(
          "label.sources has %d sources: it must have 1 to %d.", on.size(), MOST_SOURCES);
    }
    return Collections.unmodifiableMap(on);
  }

  /** How the eval set is drawn. */
  public record Sample(
      String dataset,
      List<String> strata,
      int bandHours,
      int perDay,
      double allocationPower,
      int floor,
      double holdoutShare) {
    public Sample {
      // It names a folder of exports.
      if (dataset == null || !dataset.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
        throw FlywheelException.usage(
            "sample.dataset must be letters, digits, '.', '_' or '-', and begin with a letter or"
                + " digit.");
      }
      if (bandHours < 1 || 24 % bandHours != 0) {
        throw FlywheelException.usage(
            "sample.band_hours is %s: it must divide the 24 hours of a day.", bandHours);
      }
      atLeast("sample.per_day", perDay, 1);
      share("sample.allocation_power", allocationPower);
      atLeast("sample.floor", floor, 0);
      share("sample.holdout_share", holdoutShare);
    }
  }

  /** How failures become clusters, and clusters issues. */
  public record Cluster(int maxItems, int minK, int maxK, double minOverlap, double minCosine) {
    public Cluster {
      atLeast("cluster.max_items", maxItems, 2);
      atLeast("cluster.min_k", minK, 2);
      atLeast("cluster.max_k", maxK, minK);
      share("cluster.min_overlap", minOverlap);
      share("cluster.min_cosine", minCosine);
    }
  }

  /** What the failure report shows. */
  public record Report(int minDistinctUsers, int maxIssues) {
    public Report {
      atLeast("report.min_distinct_users", minDistinctUsers, 1);
      atLeast("report.max_issues", maxIssues, 1);
    }
  }

  /** How long files stay that no table uses any more. */
  public record Maintain(int retentionDays) {
    public Maintain {
      // Tables are made with a retention of seven days; Delta refuses a shorter one. Their logs
      // keep 30, so that no version is older.
      if (retentionDays < 7 || retentionDays > 30) {
        throw FlywheelException.usage(
            "maintain.retention_days is %d: it must be 7 to 30.", retentionDays);
      }
    }
  }

  private static void atLeast(String key, int value, int least) {
    if (value < least) {
      throw FlywheelException.usage("%s is %d: it must be %d or more.", key, value, least);
    }
  }

  private static void share(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw FlywheelException.usage("%s is %s: it must lie between 0 and 1.", key, value);
    }
  }

  /** The commented file with every default. */
  public static String referenceYaml() {
    try (InputStream in = Settings.class.getResourceAsStream("/flywheel.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The defaults, overlaid by {@code file} and then by {@code overrides}.
   *
   * @param overrides dotted keys, such as {@code ingest.lookback_days}, from the command line
   * @throws FlywheelException (usage) when the file cannot be read, holds an unknown key, a value
   *     of a wrong type or one out of its range
   */
  public static Settings load(Optional<Path> file, Map<String, Object> overrides) {
    String where = file.map(Path::toString).orElse("the command line");
    try {
      var tree = (ObjectNode) YAML.readTree(referenceYaml());
      if (file.isPresent()) {
        JsonNode own = YAML.readTree(Files.readString(file.get()));
        if (own.isObject()) {
          overlay(tree, (ObjectNode) own, "");
        } else if (!own.isMissingNode() && !own.isNull()) {
          throw FlywheelException.usage("%s: the configuration must be a mapping of keys.", where);
        }
      }
      overrides.forEach((key, value) -> set(tree, key, value));
      return YAML.treeToValue(tree, Settings.class);
    } catch (UnrecognizedPropertyException e) {
      throw FlywheelException.usage(
          "%s: unknown setting '%s'. Known here: %s. 'flywheel init' writes a file with all of"
              + " them.",
          where, path(e), e.getKnownPropertyIds().stream().map(Object::toString).sorted().toList());
    } catch (JsonMappingException e) {
      if (e.getCause() instanceof FlywheelException refused) {
        throw refused;
      }
      throw FlywheelException.usage(
          "%s: '%s' has a value of the wrong type: %s", where, path(e), e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw FlywheelException.usage(
          "%s is not valid YAML: %s (line %d).",
          where, e.getOriginalMessage(), e.getLocation() == null ? 0 : e.getLocation().getLineNr());
    } catch (IOException e) {
      throw FlywheelException.usage(
          "Cannot read the configuration %s: %s. Check the path given with --config.",
          where, e.getClass().getSimpleName());
    }
  }

  /** The effective configuration as YAML, for printing and hashing. */
  public String toYaml() {
    try {
      return YAML.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Settings are plain records", e);
    }
  }

  /** SHA-256 of the effective configuration, hexadecimal. */
  public String hash() {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(toYaml().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** The lake, or a usage error that says how to name it. */
  public String requiredLake() {
    String given = required(lake, "lake", "--lake");
    // Delta chooses by the scheme what keeps commits apart, and ours is for s3a.
    if (given.matches("(?i)s3n?:.*")) {
      throw FlywheelException.usage(
          "The lake %s must be named %s: under another scheme, runs at the same time could lose"
              + " each other's commits.",
          given, "s3a" + given.substring(given.indexOf(':')));
    }
    return given;
  }

  /** The root of the raw logs, or a usage error that says how to name it. */
  public String requiredInput() {
    return required(input.path(), "input.path", "--input");
  }

  private static String required(String value, String key, String option) {
    if (value == null || value.isBlank()) {
      throw FlywheelException.usage(
          "No %s is given: pass %s, or set %s in the configuration.", key, option, key);
    }
    return value;
  }

  private static void overlay(ObjectNode base, ObjectNode own, String section) {
    own.properties()
        .forEach(
            field -> {
              String key = section + field.getKey();
              JsonNode below = base.get(field.getKey());
              JsonNode value = field.getValue();
              if (!key.startsWith(SOURCES)) {
                refuseEmpty(key, below, value);
              }
              if (below instanceof ObjectNode defaults && value instanceof ObjectNode given) {
                overlay(defaults, given, key + ".");
              } else {
                base.set(field.getKey(), value);
              }
            });
  }

  /** What has a default cannot be nothing: a key that is left out keeps its default. */
  private static void refuseEmpty(String key, JsonNode below, JsonNode value) {
    if (below instanceof ObjectNode && !value.isObject()) {
      throw value.isNull()
          ? empty(key, "keys")
          : FlywheelException.usage("%s must be a mapping of keys.", key);
    }
    if (value.isNull() && below != null && !below.isNull()) {
      throw empty(key, "a value");
    }
    for (JsonNode item : value) {
      if (value.isArray() && item.isNull()) {
        throw FlywheelException.usage("%s has an empty item: remove it.", key);
      }
    }
  }

  private static FlywheelException empty(String key, String what) {
    return FlywheelException.usage("%s is empty: remove it or give it %s.", key, what);
  }

  private static void set(ObjectNode tree, String dottedKey, Object value) {
    int dot = dottedKey.indexOf('.');
    if (dot < 0) {
      tree.set(dottedKey, YAML.valueToTree(value));
    } else {
      set((ObjectNode) tree.get(dottedKey.substring(0, dot)), dottedKey.substring(dot + 1), value);
    }
  }

  private static String path(JsonMappingException e) {
    return String.join(
        ".", e.getPath().stream().map(r -> String.valueOf(r.getFieldName())).toList());
  }
}
