package dev.flywheel.report;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.stats.Wilson;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.FailureClusters;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.FailureReports;
import dev.flywheel.tables.Interactions;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.LabelModels;
import dev.flywheel.tables.LabelSources;
import dev.flywheel.tables.QualityLabels;
import dev.flywheel.tables.QualityTrends;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestLakes;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Two weeks of an assistant, as the stages before the report would have left them. */
final class SampleLake {
  static final LocalDate FIRST = LocalDate.of(2025, 12, 30);
  static final int DAYS = 14;
  static final LocalDate LAST = FIRST.plusDays(DAYS - 1);
  static final DateRange ALL = new DateRange(FIRST, LAST.plusDays(1));

  /** One failure mode; active on days {@code from} to {@code to}, in {@code share} of its topic. */
  record Mode(
      String id,
      String title,
      String category,
      String language,
      int from,
      int to,
      double share,
      int users,
      String prompt,
      String response) {}

  static final List<Mode> MODES =
      List.of(
          mode(
              "4f1c",
              "time zone · convert · local time",
              "scheduling",
              "en",
              0,
              13,
              0.42,
              400,
              "What time is 9 am in Berlin for someone in São Paulo, and can we put the design"
                  + " review there on Thursday?",
              "Berlin is 3 hours behind São Paulo, so 9 in Berlin is also 9 in São Paulo. I ignored"
                  + " daylight saving because both cities share the same offset all year. The"
                  + " design review is therefore at 8:30 in the night for Priya, which should be"
                  + " fine. To convert, add the offset twice and drop the date line."),
          mode(
              "b07e",
              "invoice · VAT · total",
              "finance",
              "en",
              6,
              13,
              0.62,
              400,
              "Make an invoice for Halden Logistics: 14 desk lamps at 85 euros each plus 19 percent"
                  + " VAT, and give the total.",
              "The total is 212 euros, which already includes the subtotal of 1190 euros. VAT was"
                  + " added to each line and once more to the total. Send questions to"
                  + " anna.becker@halden.example or +49 30 1234567."),
          mode(
              "93aa",
              "Brief · Frist · Anrede",
              "writing",
              "de",
              0,
              13,
              0.5,
              400,
              "Schreibe einen Brief an die Hausverwaltung über die verspätete Lieferung, der Ton"
                  + " soll höflich sein.",
              "I am writing to you regarding the matter mentioned above and hope this letter finds"
                  + " you well. Please let me know if you have any questions about the letter."),
          mode(
              "c2d9",
              "join · orders · sum per key",
              "data_analysis",
              "en",
              0,
              13,
              0.3,
              400,
              "Write a SQL join of orders and payments on customer id and sum the revenue per"
                  + " month.",
              "Join both tables directly on customer id; repeated rows are normal and the sum of"
                  + " revenue takes care of them.\n\n"
                  + "```sql\n"
                  + "SELECT a.k, SUM(a.amount) AS total\n"
                  + "FROM accounts a JOIN orders b ON b.k = a.k\n"
                  + "JOIN notes n ON n.k = b.k\n"
                  + "WHERE a.region_id = 12 GROUP BY a.k;\n"
                  + "```"),
          mode(
              "0e58",
              "citation · DOI · sources",
              "research",
              "en",
              0,
              13,
              0.34,
              400,
              "Give me 5 peer-reviewed references on soil carbon, with authors, year and DOI.",
              "See Hartmann, Okafor and Lindqvist (2016), Environmental Letters, doi:10.4312/8841."
                  + " All of these references are well known and need not be checked."),
          mode(
              "77b3",
              "export · timeout · retry",
              "support",
              "en",
              10,
              13,
              0.4,
              60,
              "My router keeps disconnecting after the last update, what now?",
              "Many people find this useful in a wide variety of situations."),
          mode(
              "1d40",
              "deprecated · import · version",
              "coding",
              "en",
              0,
              6,
              0.4,
              400,
              "How do I read a CSV in chunks with pandas 2.1? I get a deprecation warning.",
              "Call the classic helper; it has been in pandas since the first release."),
          mode(
              "e6f2",
              "salary · letter · Müller",
              "support",
              "de",
              9,
              13,
              0.5,
              3,
              "Bitte überarbeite meinen Brief.",
              "Das hängt von vielen Umständen ab."));

  private static Mode mode(
      String id,
      String title,
      String category,
      String language,
      int from,
      int to,
      double share,
      int users,
      String prompt,
      String response) {
    return new Mode(id, title, category, language, from, to, share, users, prompt, response);
  }

  private static final String[] CATEGORIES = {
    "writing", "coding", "support", "data_analysis", "scheduling", "research", "finance"
  };
  private static final String[] SURFACES = {"chat", "editor", "ide", "agent"};
  private static final String[] USER_TYPES = {"free", "pro", "enterprise"};

  private record Shown(
      LocalDate day,
      String id,
      Instant at,
      String user,
      Map<String, String> segments,
      Optional<Mode> mode) {}

  private final Lakehouse lake;
  private final int perDay;
  private final Random dice = new Random(7);
  private final List<Shown> failures = new ArrayList<>();
  private final Map<String, Long> exposure = new HashMap<>();

  private SampleLake(Lakehouse lake, int perDay) {
    this.lake = lake;
    this.perDay = perDay;
  }

  /** Writes every table that the report reads, with about {@code perDay} responses a day. */
  static Lakehouse write(Path root, int perDay) {
    var lake = TestLakes.open(root);
    new SampleLake(lake, perDay).write();
    return lake;
  }

  private void write() {
    var labels = new ArrayList<Map<String, Object>>();
    var interactions = new ArrayList<Map<String, Object>>();
    for (int d = 0; d < DAYS; d++) {
      LocalDate day = FIRST.plusDays(d);
      boolean weekend = day.getDayOfWeek().getValue() > 5;
      int responses = (int) (perDay * (weekend ? 0.6 : 1) * (0.95 + 0.1 * dice.nextDouble()));
      for (int i = 0; i < responses; i++) {
        shown(d, i, labels, interactions);
      }
    }
    replace(QualityLabels.SPEC, labels);
    replace(Interactions.SPEC, interactions);
    replace(FailureIssues.SPEC, issues());
    replace(FailureClusters.SPEC, clusters());
    replace(IssueTrends.SPEC, trends());
    replace(LabelSources.SPEC, sources());
    replace(LabelModels.SPEC, models());
    lake.append(EvalDatasetVersions.SPEC, Rows.of(EvalDatasetVersions.SPEC, versions()));
    replace(EvalDatasetRecords.SPEC, records());
    replace(Events.SPEC, events());
    replace(Quarantine.SPEC, quarantine());
  }

  private void replace(TableSpec table, List<Map<String, Object>> rows) {
    // One file a day is enough.
    lake.replace(table, ALL, Rows.of(table, rows).coalesce(1));
  }

  private void shown(
      int d, int i, List<Map<String, Object>> labels, List<Map<String, Object>> interactions) {
    LocalDate day = FIRST.plusDays(d);
    String category = CATEGORIES[Math.min(6, (int) (Math.pow(dice.nextDouble(), 1.3) * 7))];
    String language = dice.nextDouble() < 0.2 ? "de" : dice.nextDouble() < 0.1 ? "es" : "en";
    Map<String, String> segments = new LinkedHashMap<>();
    segments.put(
        Interactions.USER_TYPE,
        USER_TYPES[Math.min(2, (int) (-Math.log(dice.nextDouble()) * 1.2))]);
    segments.put(Interactions.QUERY_CATEGORY, category);
    segments.put(
        Interactions.SURFACE, SURFACES[Math.min(3, (int) (-Math.log(dice.nextDouble()) * 1.4))]);
    segments.put(Interactions.LANGUAGE, language);
    segments.put(Interactions.MODEL, dice.nextDouble() < 0.7 ? "atlas-2" : "atlas-2-mini");
    segments.put(
        Interactions.RELEASE,
        d < 6 ? "2025.12" : d < 9 && dice.nextDouble() < 0.3 ? "2025.12" : "2026.1");
    String user = "u" + (int) (Math.pow(dice.nextDouble(), 1.5) * 400);
    Optional<Mode> mode =
        MODES.stream()
            .filter(m -> m.category().equals(category) && m.language().equals(language))
            .filter(m -> d >= m.from() && d <= m.to() && dice.nextDouble() < m.share())
            .findFirst();
    boolean odd = mode.isEmpty() && dice.nextDouble() < 0.025;
    if (mode.isPresent() && mode.get().users() < 400) {
      user = "u" + dice.nextInt(mode.get().users());
    }
    boolean bad = mode.isPresent() || odd;
    boolean uncertain = !bad && dice.nextDouble() < 0.11;
    String id = "%s-%04d".formatted(day, i);
    Instant at = day.atTime(8, 0).toInstant(ZoneOffset.UTC).plusSeconds(20L * i);
    labels.add(
        Map.ofEntries(
            Map.entry(TableSpec.EVENT_DATE, day),
            Map.entry(QualityLabels.TENANT_ID, "default"),
            Map.entry(QualityLabels.INTERACTION_ID, id),
            Map.entry(QualityLabels.SHOWN_AT, at),
            Map.entry(QualityLabels.USER_ID, user),
            Map.entry(QualityLabels.P_GOOD, bad ? 0.08 : uncertain ? 0.55 : 0.94),
            Map.entry(QualityLabels.LABEL, bad ? "bad" : uncertain ? "uncertain" : "good"),
            Map.entry(QualityLabels.STATUS, d == DAYS - 1 ? "provisional" : "final"),
            Map.entry(
                QualityLabels.VOTES,
                bad
                    ? Map.of("session", "bad", "text", "bad", "code", "abstain")
                    : Map.of("session", "good", "text", "abstain")),
            Map.entry(QualityLabels.N_SOURCES, 2),
            Map.entry(QualityLabels.VOTE_PATTERN, bad ? "bb-" : "g--"),
            Map.entry(QualityLabels.LABEL_MODEL_VERSION, "m1")));
    Map<String, Object> interaction = new HashMap<>(segments);
    interaction.put(TableSpec.EVENT_DATE, day);
    interaction.put(Interactions.TENANT_ID, "default");
    interaction.put(Interactions.INTERACTION_ID, id);
    interaction.put(Interactions.USER_ID, user);
    interaction.put(Interactions.SESSION_ID, "s" + i);
    interaction.put(Interactions.SHOWN_AT, at);
    interaction.put(Interactions.N_EVENTS, 3L);
    interaction.put(Interactions.PROMPT, mode.map(Mode::prompt).orElse("Hello?"));
    interaction.put(Interactions.RESPONSE, mode.map(Mode::response).orElse("Hello."));
    interactions.add(interaction);
    segments.put(QualityTrends.ALL, QualityTrends.ALL);
    segments.forEach((k, v) -> exposure.merge(day + "|" + k + "|" + v, 1L, Long::sum));
    if (mode.isPresent()) {
      failures.add(new Shown(day, id, at, user, segments, mode));
    }
  }

  private List<Map<String, Object>> issues() {
    var rows = new ArrayList<Map<String, Object>>();
    for (int d = 0; d < DAYS; d++) {
      LocalDate day = FIRST.plusDays(d);
      for (Mode mode : MODES) {
        List<Shown> ever =
            failures.stream()
                .filter(f -> f.mode().get().equals(mode) && !f.day().isAfter(day))
                .toList();
        if (ever.isEmpty()) {
          continue;
        }
        List<Shown> window =
            ever.stream()
                .filter(f -> f.day().isAfter(day.minusDays(FailureReports.WINDOW_DAYS)))
                .toList();
        Set<String> users = new HashSet<>(window.stream().map(Shown::user).toList());
        LocalDate first = ever.get(0).day();
        var row = new HashMap<String, Object>();
        row.put(TableSpec.EVENT_DATE, day);
        row.put(FailureIssues.ISSUE_ID, mode.id());
        row.put(FailureIssues.CLUSTER_ID, window.isEmpty() ? -1 : MODES.indexOf(mode));
        row.put(FailureIssues.TITLE, mode.title());
        row.put(
            FailureIssues.STATUS,
            window.isEmpty()
                ? "resolved"
                : mode.id().equals("77b3")
                    ? "regressed"
                    : first.isAfter(day.minusDays(9)) && d > 6 ? "new" : "ongoing");
        row.put(FailureIssues.FIRST_SEEN, first);
        row.put(FailureIssues.LAST_SEEN, ever.get(ever.size() - 1).day());
        row.put(FailureIssues.FAILURES, (long) window.size());
        row.put(FailureIssues.DISTINCT_USERS, (long) users.size());
        List<Shown> examples = users.size() < 5 ? List.of() : window.stream().limit(3).toList();
        row.put(FailureIssues.EXEMPLARS, examples.stream().map(Shown::id).toList());
        row.put(
            FailureIssues.EXEMPLAR_KEYS,
            examples.stream()
                .map(shown -> RowFactory.create("default", shown.id(), Timestamp.from(shown.at())))
                .toList());
        rows.add(row);
      }
    }
    return rows;
  }

  private List<Map<String, Object>> clusters() {
    var rows = new ArrayList<Map<String, Object>>();
    for (LocalDate day : ALL.toList()) {
      for (Mode mode : MODES) {
        var groups = new TreeMap<String, List<Shown>>();
        List<Shown> window =
            failures.stream()
                .filter(f -> f.mode().get().equals(mode) && !f.day().isAfter(day))
                .filter(f -> f.day().isAfter(day.minusDays(FailureReports.WINDOW_DAYS)))
                .toList();
        for (Shown failure : window) {
          failure
              .segments()
              .forEach(
                  (dimension, segment) ->
                      groups
                          .computeIfAbsent(dimension + "|" + segment, key -> new ArrayList<>())
                          .add(failure));
        }
        if (!window.isEmpty()) {
          rows.add(
              Map.of(
                  TableSpec.EVENT_DATE, day,
                  FailureClusters.CLUSTER_ID, MODES.indexOf(mode),
                  FailureClusters.SIZE, (long) window.size(),
                  FailureClusters.DISTINCT_USERS, users(window),
                  FailureClusters.CENTROID, List.of(1.0),
                  FailureClusters.TERMS, List.of(),
                  FailureClusters.EXEMPLARS, List.of(),
                  FailureClusters.FINGERPRINT, day + mode.id(),
                  FailureClusters.SEGMENTS,
                      groups.entrySet().stream().map(SampleLake::segment).toList()));
        }
      }
    }
    return rows;
  }

  private static Row segment(Map.Entry<String, List<Shown>> group) {
    String[] name = group.getKey().split("\\|", -1);
    return RowFactory.create(
        name[0], name[1], (long) group.getValue().size(), users(group.getValue()));
  }

  private static long users(List<Shown> failures) {
    return failures.stream().map(Shown::user).distinct().count();
  }

  private List<Map<String, Object>> trends() {
    var groups = new TreeMap<String, List<Shown>>();
    for (Shown failure : failures) {
      failure
          .segments()
          .forEach(
              (dimension, segment) ->
                  groups
                      .computeIfAbsent(
                          String.join(
                              "|",
                              failure.day().toString(),
                              dimension,
                              segment,
                              failure.mode().get().id()),
                          key -> new ArrayList<>())
                      .add(failure));
    }
    var rows = new ArrayList<Map<String, Object>>();
    groups.forEach(
        (key, members) -> {
          String[] parts = key.split("\\|", -1);
          long responses = exposure.get(parts[0] + "|" + parts[1] + "|" + parts[2]);
          Wilson interval = Wilson.of(members.size(), responses);
          rows.add(
              Map.ofEntries(
                  Map.entry(TableSpec.EVENT_DATE, LocalDate.parse(parts[0])),
                  Map.entry(IssueTrends.ISSUE_ID, parts[3]),
                  Map.entry(IssueTrends.DIMENSION, parts[1]),
                  Map.entry(IssueTrends.SEGMENT, parts[2]),
                  Map.entry(IssueTrends.FAILURES, (long) members.size()),
                  Map.entry(IssueTrends.INTERACTIONS, responses),
                  Map.entry(IssueTrends.DISTINCT_USERS, users(members)),
                  Map.entry(IssueTrends.FAILURE_RATE, (double) members.size() / responses),
                  Map.entry(IssueTrends.CI_LOWER, interval.lower()),
                  Map.entry(IssueTrends.CI_UPPER, interval.upper())));
        });
    return rows;
  }

  private List<Map<String, Object>> sources() {
    var rows = new ArrayList<Map<String, Object>>();
    ALL.toList()
        .forEach(
            day -> {
              rows.add(source(day, "text", 0.61, 0.52, 0.06, 0.93));
              rows.add(source(day, "session", 0.72, 0.55, 0.08, 0.88));
              rows.add(source(day, "code", 0.12, 0.10, 0.01, 0.95));
              rows.add(source(day, "task", 0.18, 0.15, 0.03, 0.86));
              rows.add(source(day, "rating", 0.03, 0.03, 0.01, null));
            });
    return rows;
  }

  private static Map<String, Object> source(
      LocalDate day,
      String name,
      double coverage,
      double overlaps,
      double conflicts,
      Double learned) {
    var row = new HashMap<String, Object>();
    row.put(TableSpec.EVENT_DATE, day);
    row.put(LabelSources.SOURCE, name);
    row.put(LabelSources.N_INTERACTIONS, 1000L);
    row.put(LabelSources.COVERAGE, coverage);
    row.put(LabelSources.OVERLAPS, overlaps);
    row.put(LabelSources.CONFLICTS, conflicts);
    row.put(LabelSources.LEARNED_ACCURACY, learned);
    return row;
  }

  private static List<Map<String, Object>> models() {
    return ALL.toList().stream()
        .map(
            day ->
                Map.<String, Object>ofEntries(
                    Map.entry(TableSpec.EVENT_DATE, day),
                    Map.entry(LabelModels.LABEL_MODEL_VERSION, "m1"),
                    Map.entry(LabelModels.METHOD, "dawid_skene"),
                    Map.entry(
                        LabelModels.METHOD_REASON,
                        "Held-out likelihood is higher than the vote's."),
                    Map.entry(LabelModels.WINDOW_FROM, day.minusDays(6)),
                    Map.entry(LabelModels.N_INTERACTIONS, 9_812L),
                    Map.entry(LabelModels.N_PATTERNS, 61L),
                    Map.entry(LabelModels.PRIOR_GOOD, 0.8),
                    Map.entry(LabelModels.LOG_LIKELIHOOD, -1.2),
                    Map.entry(LabelModels.ITERATIONS, 30),
                    Map.entry(LabelModels.PARAMETERS, Map.of()),
                    Map.entry(LabelModels.N_RATED, 412L),
                    Map.entry(LabelModels.RATED_GOOD, 0.91),
                    Map.entry(LabelModels.RATED_GOOD_SNIPS, 0.79),
                    Map.entry(LabelModels.RATED_GOOD_ROBUST, 0.78),
                    Map.entry(LabelModels.RATED_GOOD_ROBUST_LOWER, 0.72),
                    Map.entry(LabelModels.RATED_GOOD_ROBUST_UPPER, 0.84),
                    Map.entry(LabelModels.EFFECTIVE_RATINGS, 205.0)))
        .toList();
  }

  private static List<Map<String, Object>> versions() {
    var rows = new ArrayList<Map<String, Object>>();
    for (int version = 1; version <= DAYS; version++) {
      rows.add(
          Map.of(
              EvalDatasetVersions.DATASET_NAME,
              "production",
              EvalDatasetVersions.VERSION,
              version,
              EvalDatasetVersions.N_RECORDS,
              60L * version,
              EvalDatasetVersions.N_ADDED,
              64L,
              EvalDatasetVersions.N_RETIRED,
              4L,
              EvalDatasetVersions.CONTENT_HASH,
              (long) version,
              EvalDatasetVersions.PUBLISHED_AT,
              FIRST.plusDays(version).atTime(2, 4).toInstant(ZoneOffset.UTC),
              EvalDatasetVersions.RUN_ID,
              "run"));
    }
    return rows;
  }

  private static List<Map<String, Object>> records() {
    var rows = new ArrayList<Map<String, Object>>();
    for (LocalDate day : ALL.toList()) {
      for (int i = 0; i < 60; i++) {
        var row = new HashMap<String, Object>();
        row.put(TableSpec.EVENT_DATE, day);
        row.put(EvalDatasetRecords.DATASET_NAME, "production");
        row.put(EvalDatasetRecords.DATASET_RECORD_ID, day + "-" + i);
        row.put(EvalDatasetRecords.ADDED_IN_VERSION, 1);
        row.put(EvalDatasetRecords.RETIRED_IN_VERSION, i == 59 ? 2 : null);
        row.put(EvalDatasetRecords.TENANT_ID, "default");
        row.put(EvalDatasetRecords.INTERACTION_ID, day + "-" + i);
        row.put(EvalDatasetRecords.INPUTS, RowFactory.create("Hello?", null));
        row.put(EvalDatasetRecords.EXPECTATIONS, RowFactory.create(null, null, null));
        row.put(EvalDatasetRecords.SOURCE, "traffic");
        row.put(EvalDatasetRecords.SPLIT, i % 5 == 0 ? "holdout" : "eval");
        row.put(EvalDatasetRecords.STRATUM, "free / coding");
        row.put(EvalDatasetRecords.INCLUSION_PROBABILITY, 0.1);
        row.put(EvalDatasetRecords.SAMPLING_WEIGHT, 10.0);
        row.put(EvalDatasetRecords.DEDUP_GROUP_ID, "g" + i);
        row.put(EvalDatasetRecords.CONTENT_HASH, (long) i);
        rows.add(row);
      }
    }
    return rows;
  }

  private static List<Map<String, Object>> events() {
    var rows = new ArrayList<Map<String, Object>>();
    for (LocalDate day : ALL.toList()) {
      for (int i = 0; i < 90; i++) {
        LocalDate eventDate = i % 30 == 0 ? day.minusDays(1) : day;
        rows.add(
            Map.ofEntries(
                Map.entry(TableSpec.LANDING_DATE, day),
                Map.entry(Events.EVENT_DATE, eventDate),
                Map.entry(Events.EVENT_TIME, eventDate.atTime(9, 0).toInstant(ZoneOffset.UTC)),
                Map.entry(Events.EVENT_ID, day + "-" + i),
                Map.entry(Events.EVENT_TYPE, "response_shown"),
                Map.entry(Events.TENANT_ID, "default"),
                Map.entry(Events.USER_ID, "u" + i),
                Map.entry(Events.SESSION_ID, "s" + i),
                Map.entry(Events.INTERACTION_ID, day + "-" + i),
                Map.entry(Events.SOURCE_FILE, "a.jsonl"),
                Map.entry(Events.SOURCE_LINE, (long) i),
                Map.entry(Events.SOURCE_RECORD, 1),
                Map.entry(Events.UNKNOWN_FIELDS, 0)));
      }
    }
    return rows;
  }

  private static List<Map<String, Object>> quarantine() {
    var rows = new ArrayList<Map<String, Object>>();
    for (LocalDate day : ALL.toList()) {
      for (int i = 0; i < 1 + day.getDayOfMonth() % 3; i++) {
        rows.add(
            Map.of(
                TableSpec.LANDING_DATE,
                day,
                Quarantine.SOURCE_FILE,
                "a.jsonl",
                Quarantine.SOURCE_LINE,
                100L + i,
                Quarantine.SOURCE_RECORD,
                0,
                Quarantine.REASON,
                i == 0 ? "invalid_json" : i == 1 ? "too_late" : "missing_field",
                Quarantine.LINE_BYTES,
                80L,
                Quarantine.RUN_ID,
                "run"));
      }
    }
    return rows;
  }
}
