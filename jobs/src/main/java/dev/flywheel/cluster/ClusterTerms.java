package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.zip_with;

import dev.flywheel.cluster.FailureCluster.Place;
import dev.flywheel.tables.FailureAssignments;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.feature.StopWordsRemover;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * Words that set a cluster apart from the others of its date, by class-based TF-IDF (Grootendorst
 * 2022): {@code tf(word, cluster) · ln(1 + A / tf(word))}, A the words per cluster. Two of them
 * that stand together more often than apart are one term.
 *
 * <p>A word or pair counts in a cluster once so many different users wrote it there that it is
 * nobody's own. Numbers and what was redacted are no words.
 */
final class ClusterTerms {
  private static final int TERMS = 10;

  /** Words and pairs of a cluster among which its terms are found. */
  private static final int CANDIDATES = 50;

  private static final int SHORTEST = 3;
  private static final String WORD = "word";
  private static final String IS_PAIR = "is_pair";
  private static final String USES = "uses";
  private static final String USERS = "users";
  private static final String WEIGHT = "weight";
  private static final String PLACE = "place";

  /** In place of what is no letter and no blank: what stands on its two sides is no pair. */
  private static final String BREAK = ".";

  private static final Object[] STOP_WORDS = stopWords();

  private ClusterTerms() {}

  /** A word, or two with a blank between, and how often a cluster has it. */
  private record Term(String word, long uses) {}

  /**
   * The strongest words of each cluster and its most frequent pairs: one row each.
   *
   * @param members as {@link Memberships#members} makes them
   * @param minUsers different users of a cluster from which a word of theirs may be shown
   */
  static Dataset<Row> of(Dataset<Row> members, int minUsers) {
    WindowSpec clustering = Window.partitionBy(Memberships.CLUSTERING);
    WindowSpec word = Window.partitionBy(Memberships.CLUSTERING, WORD);
    Column usesOfWords = when(not(col(IS_PAIR)), col(USES));
    Column wordsPerCluster =
        sum(usesOfWords)
            .over(clustering)
            .divide(size(collect_set(col(Memberships.CLUSTER)).over(clustering)));
    Column weight =
        col(USES).multiply(log(lit(1.0).plus(wordsPerCluster.divide(sum(USES).over(word)))));
    Column strongest =
        row_number()
            .over(
                Window.partitionBy(Memberships.CLUSTERING, Memberships.CLUSTER, IS_PAIR)
                    .orderBy(
                        when(col(IS_PAIR), col(USES)).otherwise(col(WEIGHT)).desc(), col(WORD)));
    return words(members)
        .groupBy(
            Memberships.CLUSTERING,
            Memberships.CLUSTER,
            WORD,
            FailureAssignments.TENANT_ID,
            FailureAssignments.USER_ID)
        .agg(count(lit(1)).as(USES))
        .groupBy(Memberships.CLUSTERING, Memberships.CLUSTER, WORD)
        .agg(sum(USES).as(USES), count(lit(1)).as(USERS))
        .where(col(USERS).geq(minUsers))
        .withColumn(IS_PAIR, col(WORD).contains(" "))
        .withColumn(WEIGHT, weight)
        .withColumn(PLACE, strongest)
        .where(col(PLACE).leq(CANDIDATES))
        .select(Memberships.CLUSTERING, Memberships.CLUSTER, IS_PAIR, PLACE, WORD, USES);
  }

  /** Terms by cluster, strongest first, from the rows of {@link #of}. */
  static Map<Place, List<String>> byCluster(List<Row> rows) {
    Map<Place, List<Row>> byPlace =
        rows.stream()
            .sorted(Comparator.comparingInt(row -> row.<Integer>getAs(PLACE)))
            .collect(
                Collectors.groupingBy(
                    row ->
                        new Place(
                            row.<Integer>getAs(Memberships.CLUSTERING),
                            row.<Integer>getAs(Memberships.CLUSTER))));
    return byPlace.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                place -> joined(terms(place.getValue(), false), terms(place.getValue(), true))));
  }

  private static List<Term> terms(List<Row> rows, boolean pairs) {
    return rows.stream()
        .filter(row -> row.<Boolean>getAs(IS_PAIR) == pairs)
        .map(row -> new Term(row.getAs(WORD), row.<Long>getAs(USES)))
        .toList();
  }

  /**
   * The words in their order; of two that mostly stand together, the pair in place of the first.
   */
  private static List<String> joined(List<Term> words, List<Term> pairs) {
    Map<String, Long> uses = words.stream().collect(Collectors.toMap(Term::word, Term::uses));
    var pairOf = new HashMap<String, String>();
    for (Term pair : pairs) {
      List<String> both = List.of(pair.word().split(" ", -1));
      if (both.stream()
          .allMatch(
              word ->
                  uses.containsKey(word)
                      && 2 * pair.uses() > uses.get(word)
                      && !pairOf.containsKey(word))) {
        both.forEach(word -> pairOf.put(word, pair.word()));
      }
    }
    return words.stream()
        .map(term -> pairOf.getOrDefault(term.word(), term.word()))
        .distinct()
        .limit(TERMS)
        .toList();
  }

  /** Words, and pairs of words side by side. */
  private static Dataset<Row> words(Dataset<Row> members) {
    Column plain =
        regexp_replace(
            regexp_replace(lower(col(FailureTexts.NAMING_TEXT)), "\\[[a-z]+\\]", BREAK),
            "[^\\p{L}\\s]+",
            " " + BREAK + " ");
    Column tokens = split(trim(plain), "\\s+");
    Column others = greatest(size(tokens).minus(1), lit(0));
    Column pairs =
        zip_with(
            slice(tokens, lit(1), others),
            slice(tokens, lit(2), others),
            (first, second) ->
                when(
                    names(first).and(names(second)).and(first.notEqual(second)),
                    concat(first, lit(" "), second)));
    return members.select(
        col(Memberships.CLUSTERING),
        col(Memberships.CLUSTER),
        col(FailureAssignments.TENANT_ID),
        col(FailureAssignments.USER_ID),
        explode(
                concat(
                    filter(tokens, token -> names(token)), filter(pairs, pair -> pair.isNotNull())))
            .as(WORD));
  }

  private static Column names(Column word) {
    return length(word).geq(SHORTEST).and(not(word.isin(STOP_WORDS)));
  }

  /** Words that name nothing, of the languages whose lists Spark has and our users write. */
  private static Object[] stopWords() {
    return Stream.of("english", "german", "french", "spanish")
        .flatMap(language -> Stream.of(StopWordsRemover.loadDefaultStopWords(language)))
        // Contractions are split at the apostrophe.
        .flatMap(words -> Stream.of(words.split("[^\\p{L}]+")))
        .distinct()
        .toArray();
  }
}
