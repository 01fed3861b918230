package dev.flywheel.sample;

import static dev.flywheel.tables.TableSpec.EVENT_DATE;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.lake.Cached;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.tables.EvalDatasetRecords;
import dev.flywheel.tables.EvalDatasetVersions;
import dev.flywheel.tables.Interactions;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * One eval set of a lake, and how its next version comes about.
 *
 * <p>A version is published in two commits: its rows in {@code eval_dataset_records}, then its line
 * in {@code eval_dataset_versions}, from which readers learn that it is there. The first commit
 * decides: it happens only if no other run published in between, and the line follows from the rows
 * alone. So a run killed between the two leaves a version that the next run, whichever it is,
 * completes with the line the killed run would have written. A version, once published, never
 * changes: later ones only add rows, and write the number of the version that retired it into a row
 * that stood.
 */
public final class EvalSet {
  private static final String SEQUENCE = "flywheel-eval-set/";
  private static final String CHANGE = "change";
  private static final String WANTED = "wanted";

  private final Lakehouse lake;
  private final String name;

  public EvalSet(Lakehouse lake, String name) {
    this.lake = lake;
    this.name = name;
  }

  /**
   * What is on record of a version.
   *
   * @param number 0 for the set before its first version
   * @param contentHash exclusive or of the rows' hashes, so that a version's follows from the one
   *     before and the rows that changed
   */
  public record Version(int number, long records, long added, long retired, long contentHash) {
    static final Version NONE = new Version(0, 0, 0, 0, 0);
  }

  /** The newest published version; empty before the first. */
  public Optional<Version> newest() {
    int number = newestNumber();
    if (number == 0) {
      return Optional.empty();
    }
    Row row =
        lake.read(EvalDatasetVersions.SPEC)
            .where(ours().and(col(EvalDatasetVersions.VERSION).equalTo(number)))
            .head();
    return Optional.of(
        new Version(
            number,
            row.<Long>getAs(EvalDatasetVersions.N_RECORDS),
            row.<Long>getAs(EvalDatasetVersions.N_ADDED),
            row.<Long>getAs(EvalDatasetVersions.N_RETIRED),
            row.<Long>getAs(EvalDatasetVersions.CONTENT_HASH)));
  }

  /** Kept by Delta with the commits, so that no file of the registry has to be read for it. */
  private int newestNumber() {
    return (int)
        lake.lastNumber(EvalDatasetVersions.SPEC, SEQUENCE + name)
            // A lake that was copied row by row has no such mark: the rows have the last word.
            .orElseGet(
                () ->
                    lake
                        .read(EvalDatasetVersions.SPEC)
                        .where(ours())
                        .select(col(EvalDatasetVersions.VERSION))
                        .collectAsList()
                        .stream()
                        .mapToLong(row -> row.<Integer>getAs(EvalDatasetVersions.VERSION))
                        .max()
                        .orElse(0));
  }

  /** Rows of the set's version {@code number}: one per record. */
  public Dataset<Row> records(int number) {
    return lake.read(EvalDatasetRecords.SPEC).where(ours().and(holds(number)));
  }

  /** A row of {@code eval_dataset_records} belongs to version {@code number} of its set. */
  static Column holds(int number) {
    return col(EvalDatasetRecords.ADDED_IN_VERSION)
        .leq(number)
        .and(
            col(EvalDatasetRecords.RETIRED_IN_VERSION)
                .isNull()
                .or(col(EvalDatasetRecords.RETIRED_IN_VERSION).gt(number)));
  }

  /**
   * Compares the set with what it shall hold on {@code dates}; the other dates stay as they are.
   * First completes a version that a killed run left without its line.
   *
   * @param target what the set shall hold: rows of {@link EvalRecords}
   */
  Edition compare(DateRange dates, Dataset<Row> target, RunContext run) {
    long seen = lake.guard(EvalDatasetRecords.SPEC);
    Version newest = complete(run);
    Dataset<Row> present = lake.read(EvalDatasetRecords.SPEC, dates);
    return new Edition(
        newest, seen, dates, Cached.of(merge(present, target, name, newest.number() + 1)));
  }

  /**
   * Refuses a share of the holdout by which records that stand on other dates than {@code dates}
   * would lie on the other side: a version that mixes both would hold one request on both.
   *
   * @throws FlywheelException (usage) that says which dates these are
   */
  void requireSides(DateRange dates, double holdoutShare) {
    Column inputs = col(EvalDatasetRecords.INPUTS);
    Column side =
        DedupGroups.split(
            col(EvalDatasetRecords.DEDUP_GROUP_ID),
            inputs.getField(Interactions.PROMPT),
            inputs.getField(Interactions.MESSAGES),
            holdoutShare);
    Row moved =
        lake.read(EvalDatasetRecords.SPEC)
            .where(ours().and(col(EvalDatasetRecords.RETIRED_IN_VERSION).isNull()))
            .where(not(Lakehouse.within(EVENT_DATE, dates)))
            .where(col(EvalDatasetRecords.SPLIT).notEqual(side))
            .agg(count(lit(1)), min(EVENT_DATE), max(EVENT_DATE))
            .head();
    if (moved.getLong(0) > 0) {
      LocalDate first = moved.getDate(1).toLocalDate();
      LocalDate last = moved.getDate(2).toLocalDate();
      throw FlywheelException.usage(
          "%,d records of eval set '%s' lie on the other side of eval and holdout than"
              + " sample.holdout_share = %s puts them, the first of %s and the last of %s; with"
              + " this share one version would hold the same request on both sides. Nothing was"
              + " written. Put the share back, or name a new set in sample.dataset, or draw these"
              + " dates anew, as far as their interactions are still there: flywheel sample --from"
              + " %s --to %s.",
          moved.getLong(0), name, holdoutShare, first, last, first, last.plusDays(1));
    }
  }

  /** What the set shall hold next; nothing is written before {@link #publish}. */
  final class Edition implements AutoCloseable {
    private final Version before;
    private final long seen;
    private final DateRange dates;
    // Read by the count of what changes and again by the write.
    private final Cached rows;

    private Edition(Version before, long seen, DateRange dates, Cached rows) {
      this.before = before;
      this.seen = seen;
      this.dates = dates;
      this.rows = rows;
    }

    /**
     * Publishes the next version, if it would differ from the newest.
     *
     * @return the newest version, whether it was there before or not
     * @throws FlywheelException (transient) when another run published since the comparison
     */
    Version publish(RunContext run) {
      List<Version> next = versions(before, changes(rows.rows(), name, before.number()));
      if (next.isEmpty()) {
        return before;
      }
      if (!lake.replaceIfUnchanged(EvalDatasetRecords.SPEC, dates, rows.rows(), seen)) {
        throw published(name);
      }
      register(next.get(0), run);
      return next.get(0);
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  /** Writes the lines of versions whose rows are there, and returns the newest version. */
  private Version complete(RunContext run) {
    Version newest = newest().orElse(Version.NONE);
    // The files of published versions are left out by their statistics.
    Dataset<Row> changes = changes(lake.read(EvalDatasetRecords.SPEC), name, newest.number());
    for (Version next : versions(newest, changes)) {
      register(next, run);
      newest = next;
    }
    return newest;
  }

  private void register(Version version, RunContext run) {
    Row row =
        RowFactory.create(
            name,
            version.number(),
            version.records(),
            version.added(),
            version.retired(),
            version.contentHash(),
            Timestamp.from(run.clock().instant()),
            run.runId());
    lake.appendOnce(
        EvalDatasetVersions.SPEC,
        lake.spark().createDataFrame(List.of(row), EvalDatasetVersions.SPEC.schema()).coalesce(1),
        SEQUENCE + name,
        version.number());
  }

  /** Another run was faster, so that what this one compared with is out of date. */
  static FlywheelException published(String name) {
    return FlywheelException.transientFailure(
        "Another run wrote eval sets while this one drew '%s'; no version is half-written. Run the"
            + " same command again.",
        name);
  }

  private Column ours() {
    return ours(name);
  }

  private static Column ours(String name) {
    return col(EvalDatasetRecords.DATASET_NAME).equalTo(name);
  }

  /**
   * The rows of {@code present} and {@code target} as version {@code number} leaves them: what
   * stands and is not wanted any more is retired, what is wanted and does not stand is added, all
   * else is as it was, other sets and older versions included.
   *
   * @param present rows of {@code eval_dataset_records}
   * @param target what set {@code name} shall hold
   */
  static Dataset<Row> merge(Dataset<Row> present, Dataset<Row> target, String name, int number) {
    Column stands = ours(name).and(col(EvalDatasetRecords.RETIRED_IN_VERSION).isNull());
    String[] content = {EvalDatasetRecords.DATASET_RECORD_ID, EvalDatasetRecords.CONTENT_HASH};
    Dataset<Row> wanted = select(target, content).withColumn(WANTED, lit(true));
    Dataset<Row> kept =
        present
            .join(wanted, content, "left")
            .withColumn(
                EvalDatasetRecords.RETIRED_IN_VERSION,
                when(stands.and(col(WANTED).isNull()), number)
                    .otherwise(col(EvalDatasetRecords.RETIRED_IN_VERSION)));
    Dataset<Row> added =
        target
            .join(select(present.where(stands), content), content, "left_anti")
            .withColumn(EvalDatasetRecords.ADDED_IN_VERSION, lit(number))
            .withColumn(EvalDatasetRecords.RETIRED_IN_VERSION, lit(null).cast("int"));
    String[] columns = EvalDatasetRecords.SPEC.schema().fieldNames();
    return select(kept, columns).unionByName(select(added, columns));
  }

  /** What versions after {@code number} changed in set {@code name}: one row per version. */
  private static Dataset<Row> changes(Dataset<Row> records, String name, int number) {
    Column added = change(EvalDatasetRecords.ADDED_IN_VERSION, 1, 0);
    Column retired = change(EvalDatasetRecords.RETIRED_IN_VERSION, 0, 1);
    return records
        // For the statistics of the files, which know nothing of what is exploded below.
        .where(
            ours(name)
                .and(
                    col(EvalDatasetRecords.ADDED_IN_VERSION)
                        .gt(number)
                        .or(col(EvalDatasetRecords.RETIRED_IN_VERSION).gt(number))))
        .select(explode(array(added, retired)).as(CHANGE), col(EvalDatasetRecords.CONTENT_HASH))
        .select(CHANGE + ".*", EvalDatasetRecords.CONTENT_HASH)
        .where(col(EvalDatasetVersions.VERSION).gt(number))
        .groupBy(EvalDatasetVersions.VERSION)
        .agg(
            sum(EvalDatasetVersions.N_ADDED).as(EvalDatasetVersions.N_ADDED),
            sum(EvalDatasetVersions.N_RETIRED).as(EvalDatasetVersions.N_RETIRED),
            bit_xor(col(EvalDatasetRecords.CONTENT_HASH)).as(EvalDatasetVersions.CONTENT_HASH));
  }

  private static Column change(String version, long added, long retired) {
    return struct(
        col(version).as(EvalDatasetVersions.VERSION),
        lit(added).as(EvalDatasetVersions.N_ADDED),
        lit(retired).as(EvalDatasetVersions.N_RETIRED));
  }

  /** The versions that follow {@code before} by {@code changes}, in order; none is the rule. */
  private static List<Version> versions(Version before, Dataset<Row> changes) {
    var versions = new ArrayList<Version>();
    Version newest = before;
    List<Row> rows = new ArrayList<>(changes.collectAsList());
    rows.sort(Comparator.comparingInt(row -> row.getAs(EvalDatasetVersions.VERSION)));
    for (Row change : rows) {
      long added = change.<Long>getAs(EvalDatasetVersions.N_ADDED);
      long retired = change.<Long>getAs(EvalDatasetVersions.N_RETIRED);
      newest =
          new Version(
              change.<Integer>getAs(EvalDatasetVersions.VERSION),
              newest.records() + added - retired,
              added,
              retired,
              newest.contentHash() ^ change.<Long>getAs(EvalDatasetVersions.CONTENT_HASH));
      versions.add(newest);
    }
    return versions;
  }

  static Dataset<Row> select(Dataset<Row> rows, String... columns) {
    return rows.select(Arrays.stream(columns).map(column -> col(column)).toArray(Column[]::new));
  }
}
