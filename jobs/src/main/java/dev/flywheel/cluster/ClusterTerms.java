package dev.flywheel.cluster;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.transform;

import dev.flywheel.cluster.FailureCluster.Place;
import dev.flywheel.tables.FailureAssignments;
import dev.flywheel.tables.FailureClusters;
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
 * 2022): {@code tf(word, cluster) · ln(1 + A / tf(word))}, A the words per cluster.
 *
 * <p>A word counts in a cluster once so many different users wrote it there that it is nobody's
 * own. Numbers and what was redacted are no words.
 */
final class ClusterTerms {
  private static final int TERMS = 10;
  private static final int SHORTEST = 3;
  private static final String WORD = "word";
  private static final String USES = "uses";
  private static final String USERS = "users";
  private static final String WEIGHT = "weight";
  private static final String PLACE = "place";

  private ClusterTerms() {}

  /**
   * One row per cluster that has any terms, strongest first.
   *
   * @param members as {@link Memberships#members} makes them
   * @param minUsers different users of a cluster from which a word of theirs may be shown
   */
  static Dataset<Row> of(Dataset<Row> members, int minUsers) {
    WindowSpec clustering = Window.partitionBy(Memberships.CLUSTERING);
    WindowSpec word = Window.partitionBy(Memberships.CLUSTERING, WORD);
    Column wordsPerCluster =
        sum(USES)
            .over(clustering)
            .divide(size(collect_set(col(Memberships.CLUSTER)).over(clustering)));
    Column weight =
        col(USES).multiply(log(lit(1.0).plus(wordsPerCluster.divide(sum(USES).over(word)))));
    Column strongest =
        row_number()
            .over(
                Window.partitionBy(Memberships.CLUSTERING, Memberships.CLUSTER)
                    .orderBy(col(WEIGHT).desc(), col(WORD)));
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
        .withColumn(WEIGHT, weight)
        .withColumn(PLACE, strongest)
        .where(col(PLACE).leq(TERMS))
        .groupBy(Memberships.CLUSTERING, Memberships.CLUSTER)
        .agg(
            transform(
                    sort_array(collect_list(struct(col(PLACE), col(WORD))), true),
                    ranked -> ranked.getField(WORD))
                .as(FailureClusters.TERMS));
  }

  /** Terms by cluster, from the rows of {@link #of}. */
  static Map<Place, List<String>> byCluster(List<Row> rows) {
    return rows.stream()
        .collect(
            Collectors.toMap(
                row ->
                    new Place(
                        row.<Integer>getAs(Memberships.CLUSTERING),
                        row.<Integer>getAs(Memberships.CLUSTER)),
                row -> row.getList(row.fieldIndex(FailureClusters.TERMS))));
  }

  private static Dataset<Row> words(Dataset<Row> members) {
    Column plain = regexp_replace(lower(col(FailureTexts.NAMING_TEXT)), "\\[[a-z]+\\]", " ");
    return members
        .select(
            col(Memberships.CLUSTERING),
            col(Memberships.CLUSTER),
            col(FailureAssignments.TENANT_ID),
            col(FailureAssignments.USER_ID),
            explode(split(plain, "[^\\p{L}]+")).as(WORD))
        .where(length(col(WORD)).geq(SHORTEST).and(not(col(WORD).isin(stopWords()))));
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
