package dev.flywheel.label;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.VotePatterns;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The labelling sources: each reads some signals and votes.
 *
 * <p>Signals that speak of the same thing are one source, since they would otherwise count twice:
 * edit distance and survival are {@code edit}, accepting and copying are {@code uptake}. A surface
 * that does not offer what a source watches is {@link #NOT_APPLICABLE}, which says nothing; a
 * source that could have voted and did not {@link #ABSTAIN}s, which may.
 */
final class Sources {
  static final char GOOD = 'g';
  static final char BAD = 'b';
  static final char ABSTAIN = '-';
  static final char NOT_APPLICABLE = '.';

  /** Mostly unchanged: at most a third was edited (Ziegler et al. 2022). */
  private static final double MOSTLY_KEPT = 0.67;

  /** Still present: at most half was edited, as Copilot itself counts. */
  private static final double STILL_PRESENT = 0.5;

  private record Source(String name, Column applicable, Column good, Column bad) {
    Column symbol() {
      return when(applicable.unary_$bang(), lit(String.valueOf(NOT_APPLICABLE)))
          .when(coalesce(good, lit(false)), lit(String.valueOf(GOOD)))
          .when(coalesce(bad, lit(false)), lit(String.valueOf(BAD)))
          .otherwise(lit(String.valueOf(ABSTAIN)));
    }
  }

  private static final List<Source> ALL =
      List.of(edit(), uptake(), code(), task(), session(), rating());

  /** Names in the order of the symbols of a pattern. */
  static final List<String> NAMES = ALL.stream().map(Source::name).toList();

  static final String JOINED_NAMES = String.join(",", NAMES);

  private Sources() {}

  /** The votes of a row of {@code behavior_signals}, one symbol a source. */
  static Column pattern() {
    return concat(ALL.stream().map(Source::symbol).toArray(Column[]::new));
  }

  /** A pattern by name of the source; the human verdict, where there is one, as {@code human}. */
  static Column votes(Column pattern, Column humanVerdict) {
    Column[] entries =
        IntStream.range(0, NAMES.size())
            .boxed()
            .flatMap(i -> Stream.of(lit(NAMES.get(i)), word(pattern.substr(i + 1, 1))))
            .toArray(Column[]::new);
    Column[] withHuman =
        Stream.concat(Stream.of(entries), Stream.of(lit("human"), humanVerdict))
            .toArray(Column[]::new);
    return when(humanVerdict.isNull(), map(entries)).otherwise(map(withHuman));
  }

  private static Column word(Column symbol) {
    return when(symbol.equalTo(String.valueOf(GOOD)), "good")
        .when(symbol.equalTo(String.valueOf(BAD)), "bad")
        .when(symbol.equalTo(String.valueOf(ABSTAIN)), "abstain")
        .otherwise("not_applicable");
  }

  /** The rows of {@code vote_patterns}. */
  static Dataset<Row> patternCounts(Dataset<Row> signals) {
    return signals
        .groupBy(
            col(TableSpec.EVENT_DATE),
            pattern().as(VotePatterns.VOTE_PATTERN),
            col(BehaviorSignals.HUMAN_VERDICT).as(VotePatterns.HUMAN_VERDICT))
        .agg(count(lit(1)).as(VotePatterns.N))
        .withColumn(VotePatterns.SOURCES, lit(JOINED_NAMES));
  }

  /** What was kept of the response. Text that only grew around it counts as kept. */
  private static Source edit() {
    Column kept = col(BehaviorSignals.EDIT_RETAINED);
    Column contained = coalesce(col(BehaviorSignals.SURVIVAL_CONTAINMENT), lit(0.0));
    return new Source(
        "edit",
        applicable(BehaviorSignals.EDIT_OUTCOME),
        kept.geq(MOSTLY_KEPT).or(contained.geq(MOSTLY_KEPT)),
        kept.lt(STILL_PRESENT).and(contained.lt(STILL_PRESENT)));
  }

  /** Taking the response over, by accepting or by copying any of it, or dismissing it. */
  private static Source uptake() {
    Column accepted = col(BehaviorSignals.ACCEPTED);
    Column copied = coalesce(col(BehaviorSignals.COPY_SHARE).gt(0), lit(false));
    return new Source(
        "uptake",
        applicable(BehaviorSignals.ACCEPT_OUTCOME).or(applicable(BehaviorSignals.COPY_OUTCOME)),
        coalesce(accepted, lit(false)).or(copied),
        accepted.equalTo(false));
  }

  /** Code that ran, as it was or edited; code that failed first is bad, mended or not. */
  private static Source code() {
    Column result = col(BehaviorSignals.CODE_RESULT);
    return new Source(
        "code",
        applicable(BehaviorSignals.CODE_OUTCOME),
        result.isin(Signals.RAN_AS_IS, Signals.RAN_AFTER_EDIT),
        result.isin(Signals.FIXED_AFTER_ERROR, Signals.ERROR));
  }

  private static Source task() {
    Column completed = col(BehaviorSignals.TASK_COMPLETED);
    return new Source(
        "task", applicable(BehaviorSignals.TASK_OUTCOME), completed, completed.equalTo(false));
  }

  private static Source session() {
    Column result = col(BehaviorSignals.SESSION_RESULT);
    return new Source(
        "session",
        applicable(BehaviorSignals.SESSION_OUTCOME),
        result.equalTo(Signals.ENGAGED),
        result.isin(Signals.REGENERATED, Signals.REPHRASED, Signals.BOUNCED));
  }

  /** What users say. A report outweighs the rest, and three stars say nothing. */
  private static Source rating() {
    Column reported = coalesce(col(BehaviorSignals.REPORTED), lit(false));
    Column said =
        coalesce(
            col(BehaviorSignals.THUMBS).equalTo("up"),
            col(BehaviorSignals.HELPFUL),
            when(col(BehaviorSignals.STARS).geq(4), true)
                .when(col(BehaviorSignals.STARS).leq(2), false));
    return new Source(
        "rating",
        applicable(BehaviorSignals.RATING_OUTCOME),
        said.and(reported.unary_$bang()),
        reported.or(said.unary_$bang()));
  }

  private static Column applicable(String outcome) {
    return col(outcome).notEqual(Signals.NOT_APPLICABLE);
  }
}
