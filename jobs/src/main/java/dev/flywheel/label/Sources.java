package dev.flywheel.label;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.run.FlywheelException;
import dev.flywheel.settings.Settings;
import dev.flywheel.settings.Settings.VoteSource;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.VotePatterns;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The labelling sources: each reads some signals and votes, as the configuration says.
 *
 * <p>A surface that does not offer what a source watches is {@link #NOT_APPLICABLE}, which says
 * nothing; a source that could have voted and did not {@link #ABSTAIN}s, which may. Conditions are
 * SQL over the columns of {@code behavior_signals}; one that is null does not hold.
 */
final class Sources {
  static final char GOOD = 'g';
  static final char BAD = 'b';
  static final char ABSTAIN = '-';
  static final char NOT_APPLICABLE = '.';

  /** Votes as words, in the order of the symbols of {@link VoteTable}. */
  static final List<String> WORDS = List.of("good", "bad", "abstain");

  private static final String HUMAN = "human";

  /** The source that asks who rates. */
  private static final String RATING = "rating";

  private final Map<String, VoteSource> sources;

  private Sources(Map<String, VoteSource> sources) {
    this.sources = sources;
  }

  static boolean isVote(char symbol) {
    return symbol == GOOD || symbol == BAD;
  }

  static Sources of(Settings.Label settings) {
    return new Sources(settings.sources());
  }

  /**
   * Fails where a condition is not one, or cannot be evaluated on signals as they may come: before
   * anything is written.
   *
   * @throws FlywheelException (usage) that names the setting
   */
  void check(SparkSession spark) {
    Dataset<Row> some = someSignals(spark);
    var conditions = new LinkedHashMap<String, String>();
    sources.forEach(
        (name, source) -> {
          String key = "label.sources." + name;
          conditions.put(key + ".applies", source.applies());
          conditions.put(key + ".good", source.good());
          conditions.put(key + ".bad", source.bad());
        });
    conditions.forEach((key, condition) -> check(some, key, condition));
  }

  /** Responses on whose signals conditions stumble if they do: nothing, zero, and a bit of each. */
  private static Dataset<Row> someSignals(SparkSession spark) {
    var schema = new StructType();
    for (StructField column : BehaviorSignals.SPEC.schema().fields()) {
      schema = schema.add(column.name(), column.dataType());
    }
    List<Row> rows =
        IntStream.rangeClosed(-1, 1)
            .mapToObj(
                n ->
                    RowFactory.create(
                        Stream.of(BehaviorSignals.SPEC.schema().fields())
                            .map(column -> n < 0 ? null : value(column.dataType(), n))
                            .toArray()))
            .toList();
    return spark.createDataFrame(rows, schema);
  }

  /** A value of a signal: {@code n} where it is a number, so much text or so many else. */
  private static Object value(DataType type, int n) {
    return switch (type.typeName()) {
      case "double" -> (double) n;
      case "integer" -> n;
      case "boolean" -> n > 0;
      case "string" -> "x".repeat(n);
      case "date" -> Date.valueOf(LocalDate.EPOCH);
      case "timestamp" -> Timestamp.from(Instant.EPOCH);
      case "array" -> Collections.nCopies(n, "x");
      default -> throw new IllegalStateException("No signal was of type " + type);
    };
  }

  private static void check(Dataset<Row> some, String key, String condition) {
    Dataset<Row> evaluated;
    LogicalPlan plan;
    try {
      evaluated = some.select(expr(condition).as("holds"));
      plan = evaluated.queryExecution().analyzed();
    } catch (Exception e) {
      // Spark declares neither of its two exceptions for expressions that it cannot read.
      throw FlywheelException.usage(
          "%s is no SQL condition over behavior_signals: %s Its columns are listed in"
              + " docs/tables.md.",
          key, firstLine(e));
    }
    String problem = problem(plan);
    if (problem != null) {
      throw FlywheelException.usage(
          "%s %s: a source votes by a condition on the signals of one response.", key, problem);
    }
    try {
      List<Row> unused = evaluated.collectAsList();
    } catch (RuntimeException e) {
      throw FlywheelException.usage(
          "%s fails on some responses, which would end every night: %s Guard it with try_divide,"
              + " try_element_at or try_cast; what is null does not hold.",
          key, firstLine(e));
    }
  }

  private static String problem(LogicalPlan plan) {
    // Whatever looks at other rows puts a node of its own between the projection and the table.
    if (!(plan instanceof Project project)
        || !project.child().children().isEmpty()
        || plan.containsPattern(TreePattern.PLAN_EXPRESSION())) {
      return "looks at more than one response";
    }
    if (!plan.schema().apply(0).dataType().equals(DataTypes.BooleanType)) {
      return "is of type %s and not a condition"
          .formatted(plan.schema().apply(0).dataType().simpleString());
    }
    if (!project.deterministic() || plan.containsPattern(TreePattern.CURRENT_LIKE())) {
      return "depends on chance or on the time of the run, so that a repeated run would differ";
    }
    if (project.references().toSeq().exists(a -> a.name().equals(BehaviorSignals.HUMAN_VERDICT))) {
      return "reads human_verdict, which is what sources are measured by";
    }
    return null;
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage())
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse("")
        .strip();
  }

  /** Names in the order of the symbols of a pattern. */
  List<String> names() {
    return List.copyOf(sources.keySet());
  }

  /** Names in order and a hash of the conditions: what makes two patterns comparable. */
  String definition() {
    var parts = new ArrayList<String>();
    sources.forEach(
        (name, source) ->
            parts.add(String.join("\n", name, source.applies(), source.good(), source.bad())));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
      return String.join(",", names()) + "#" + HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** The votes of a row of {@code behavior_signals}, one symbol a source. */
  Column pattern() {
    return concat(sources.values().stream().map(Sources::symbol).toArray(Column[]::new));
  }

  private static Column symbol(VoteSource source) {
    return when(holds(source.applies()).unary_$bang(), lit(String.valueOf(NOT_APPLICABLE)))
        .when(holds(source.good()), lit(String.valueOf(GOOD)))
        .when(holds(source.bad()), lit(String.valueOf(BAD)))
        .otherwise(lit(String.valueOf(ABSTAIN)));
  }

  private static Column holds(String condition) {
    return coalesce(expr(condition), lit(false));
  }

  /** A pattern by name of the source; the human verdict, where there is one, as {@code human}. */
  Column votes(Column pattern, Column humanVerdict) {
    List<String> names = names();
    Column[] entries =
        IntStream.range(0, names.size())
            .boxed()
            .flatMap(i -> Stream.of(lit(names.get(i)), word(pattern.substr(i + 1, 1))))
            .toArray(Column[]::new);
    Column[] withHuman =
        Stream.concat(Stream.of(entries), Stream.of(lit(HUMAN), humanVerdict))
            .toArray(Column[]::new);
    return when(humanVerdict.isNull(), map(entries)).otherwise(map(withHuman));
  }

  private static Column word(Column symbol) {
    return when(symbol.equalTo(String.valueOf(GOOD)), "good")
        .when(symbol.equalTo(String.valueOf(BAD)), "bad")
        .when(symbol.equalTo(String.valueOf(ABSTAIN)), "abstain")
        .otherwise("not_applicable");
  }

  /** Position of the source of ratings; -1 where it is switched off. */
  int rating() {
    return names().indexOf(RATING);
  }

  /** The rows of {@code vote_patterns}. */
  Dataset<Row> patternCounts(Dataset<Row> signals) {
    return signals
        .groupBy(
            col(TableSpec.EVENT_DATE),
            pattern().as(VotePatterns.VOTE_PATTERN),
            col(BehaviorSignals.HUMAN_VERDICT).as(VotePatterns.HUMAN_VERDICT),
            col(BehaviorSignals.USER_TYPE).as(VotePatterns.USER_TYPE),
            col(BehaviorSignals.QUERY_CATEGORY).as(VotePatterns.QUERY_CATEGORY))
        .agg(count(lit(1)).as(VotePatterns.N))
        .withColumn(VotePatterns.SOURCES, lit(definition()));
  }
}
