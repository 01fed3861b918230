package dev.flywheel.lake;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.Tables;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.sources.DeltaDataSource;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The tables of one lake; {@link TableContract} has how they are made, {@link LakeFiles} what lies
 * beside them, {@link Upkeep} what becomes of their old files. Nothing else touches its storage.
 *
 * <p>Tables are made from their contract, read by interval and replaced by interval: a replace is
 * one Delta commit, so readers see all of it or nothing. Every read and write is noted in the
 * {@link StageLog} for the manifest.
 */
public final class Lakehouse {
  /** Sequence of the writes that happen only if the table is unchanged. */
  private static final String GUARD = "flywheel-guard";

  private static final String REPLACE_WHERE = "replaceWhere";

  /** Dates that Spark can name, around all others. */
  private static final LocalDate FIRST_DAY = LocalDate.of(1, 1, 1);

  private static final LocalDate LAST_DAY = LocalDate.of(9999, 12, 31);

  private final SparkSession spark;
  private final String root;
  private final StageLog log;
  private final LakeFiles files;

  /** Tables whose contract this program was seen to know. */
  private final Set<String> understood;

  public Lakehouse(SparkSession spark, String root) {
    this(spark, absolute(spark, root), new StageLog(), ConcurrentHashMap.newKeySet());
  }

  /** Delta takes a relative path for the name of a table. */
  private static String absolute(SparkSession spark, String root) {
    var path = new Path(root);
    if (path.isAbsolute()) {
      return root.replaceAll("/+$", "");
    }
    try {
      return path.getFileSystem(spark.sessionState().newHadoopConf())
          .makeQualified(path)
          .toString();
    } catch (IOException e) {
      throw StorageFailure.explain(e, "find the lake " + root);
    }
  }

  private Lakehouse(SparkSession spark, String root, StageLog log, Set<String> understood) {
    this.spark = spark;
    this.root = root;
    this.log = log;
    this.files = new LakeFiles(spark, root);
    this.understood = understood;
  }

  /** The same lake, noting what it reads and writes in {@code stageLog}. */
  public Lakehouse noting(StageLog stageLog) {
    return new Lakehouse(spark, root, stageLog, understood);
  }

  public SparkSession spark() {
    return spark;
  }

  /** Notes of the present stage. */
  public StageLog log() {
    return log;
  }

  /** What the lake has beside tables. */
  public LakeFiles files() {
    return files;
  }

  /** Where a table lies. */
  public String path(TableSpec table) {
    return root + "/tables/" + table.name();
  }

  public boolean exists(TableSpec table) {
    return DeltaTable.isDeltaTable(spark, path(table));
  }

  /** All rows of a table; none when the lake does not have the table yet. */
  public Dataset<Row> read(TableSpec table) {
    if (!exists(table)) {
      return spark.createDataFrame(List.of(), table.schema());
    }
    log.read(table.name(), version(table));
    return spark.read().format("delta").load(path(table));
  }

  /**
   * Rows of a table whose partition date lies in {@code dates}, as of now: what is written later is
   * not among them, however late they are used.
   */
  public Dataset<Row> read(TableSpec table, DateRange dates) {
    String date = table.partitionColumn().orElseThrow();
    if (!exists(table)) {
      log.reliesOn(table, dates, -1);
    } else {
      Snapshot snapshot = snapshot(table);
      log.reliesOn(table, dates, snapshot.version());
      if (snapshot.protocol().minReaderVersion() == 1) {
        log.read(table.name(), snapshot.version());
        return FixedFiles.read(spark, snapshot, date, dates);
      }
    }
    return read(table).where(within(date, dates));
  }

  /**
   * Notes that what the stage is about to do holds for as long as nobody else writes {@code dates};
   * reading them says so, too.
   */
  public void relyOn(TableSpec table, DateRange dates) {
    log.reliesOn(table, dates, version(table));
  }

  /**
   * Makes sure that no other run has changed rows on which the present stage relies. Delta would
   * not say so: a stage reads long before it writes, and a write knows only of what it replaces.
   * Asked at the end of a stage, and before it publishes what stays.
   *
   * @throws FlywheelException transient, where what the stage wrote is of rows that are no more
   */
  public void requireUnchanged() {
    var newest = new HashMap<TableSpec, Long>();
    for (StageLog.Days read : log.days()) {
      TableSpec table = read.table();
      long last = newest.computeIfAbsent(table, this::version);
      for (long v = last; v > read.version(); v--) {
        if (!log.made(table.name(), v)
            && commit(table, v).changes(table.partitionColumn().orElseThrow(), read.dates())) {
          throw FlywheelException.transientFailure(
              "Another run changed %s of %s while this one worked with them; what this one wrote is"
                  + " of the rows before. Run the same command again.",
              table.name(), read.dates());
        }
      }
    }
  }

  /** The partition dates in {@code dates} that hold rows, in order. */
  public List<LocalDate> dates(TableSpec table, DateRange dates) {
    return noted(table)
        .map(now -> FixedFiles.dates(now, table.partitionColumn().orElseThrow(), dates))
        .orElse(List.of());
  }

  /** The newest partition date that holds rows; empty when none does. */
  public Optional<LocalDate> lastDate(TableSpec table) {
    return lastDateBefore(table, LAST_DAY);
  }

  /** The newest partition date before {@code day} that holds rows; empty when none does. */
  public Optional<LocalDate> lastDateBefore(TableSpec table, LocalDate day) {
    var before = new DateRange(FIRST_DAY, day);
    return noted(table)
        .flatMap(now -> FixedFiles.lastDate(now, table.partitionColumn().orElseThrow(), before));
  }

  /** The newest version of a table, as one that is read; empty where the lake does not have it. */
  private Optional<Snapshot> noted(TableSpec table) {
    if (!exists(table)) {
      return Optional.empty();
    }
    Snapshot snapshot = snapshot(table);
    log.read(table.name(), snapshot.version());
    return Optional.of(snapshot);
  }

  /**
   * Makes {@code rows} the whole content of the table in {@code dates}, in one commit; the rest of
   * the table stays as it is.
   *
   * @param rows rows whose partition date lies in {@code dates}; columns by name, missing optional
   *     columns become null
   * @return number of rows written
   */
  public long replace(TableSpec table, DateRange dates, Dataset<Row> rows) {
    createIfMissing(table);
    return write(table, rows, replacing(table, dates));
  }

  /**
   * As {@link #replace(TableSpec, DateRange, Dataset)}, of single dates: those between them stay as
   * they are.
   */
  public long replace(TableSpec table, Collection<LocalDate> dates, Dataset<Row> rows) {
    createIfMissing(table);
    String listed = dates.stream().map("'%s'"::formatted).collect(Collectors.joining(", "));
    String date = table.partitionColumn().orElseThrow();
    return write(table, rows, Map.of(REPLACE_WHERE, "%s IN (%s)".formatted(date, listed)));
  }

  /** Options of a write of Delta; without {@code replaceWhere} the rows are added. */
  private static Map<String, String> replacing(TableSpec table, DateRange dates) {
    return Map.of(REPLACE_WHERE, condition(table.partitionColumn().orElseThrow(), dates));
  }

  /** The dates as SQL, for replaceWhere: BETWEEN is refused there by Delta 4.4. */
  static String condition(String date, DateRange dates) {
    return "%s >= '%s' AND %s < '%s'".formatted(date, dates.from(), date, dates.to());
  }

  /**
   * Adds rows to a registry in one commit.
   *
   * @return number of rows written
   */
  public long append(TableSpec table, Dataset<Row> rows) {
    createIfMissing(table);
    return write(table, rows, Map.of());
  }

  /**
   * As {@link #replace}, but only if no other call of this method wrote the table since {@code
   * seen}, on whichever dates: for tables of which one part must agree with another.
   *
   * @param seen {@link #guard} of the table, taken before what {@code rows} depend on was read
   * @return false when another write came first, and nothing was written
   */
  public boolean replaceIfUnchanged(
      TableSpec table, DateRange dates, Dataset<Row> rows, long seen) {
    createIfMissing(table);
    // A write that came first has taken this number, which no other commit can.
    return writeOnce(table, rows, replacing(table, dates), GUARD, seen + 1);
  }

  /**
   * Number of the last {@link #replaceIfUnchanged} of a table; 0 before the first. Other commits,
   * such as those that merge files, leave it as it is.
   */
  public long guard(TableSpec table) {
    return lastNumber(table, GUARD).orElse(0);
  }

  /**
   * As {@link #append}, but once for each number of a sequence: a repeat writes nothing.
   *
   * @param sequence name of the sequence within the table
   * @param number larger than any before it
   * @return false when this number or a larger one was written before
   */
  public boolean appendOnce(TableSpec table, Dataset<Row> rows, String sequence, long number) {
    createIfMissing(table);
    return writeOnce(table, rows, Map.of(), sequence, number);
  }

  /** The last number that was written in a sequence; empty when there is none. */
  public OptionalLong lastNumber(TableSpec table, String sequence) {
    if (!exists(table)) {
      return OptionalLong.empty();
    }
    Option<Object> number = snapshot(table).transactions().get(sequence);
    return number.isDefined() ? OptionalLong.of((Long) number.get()) : OptionalLong.empty();
  }

  /**
   * Delta keeps the last number of each sequence with its commits. It lets one of two writers at
   * the same time win and fails the other; a number that is taken it passes over without a word.
   */
  private boolean writeOnce(
      TableSpec table, Dataset<Row> rows, Map<String, String> how, String sequence, long number) {
    String mark = UUID.randomUUID().toString();
    long before = version(table);
    var options = new HashMap<>(how);
    options.put("txnAppId", sequence);
    options.put("txnVersion", String.valueOf(number));
    save(table, rows, options, mark);
    for (long version = version(table); version > before; version--) {
      JsonNode commit = commit(table, version).info();
      if (commit.path("userMetadata").asText().equals(mark)) {
        log.wrote(table.name(), version, rowsWritten(commit));
        return true;
      }
    }
    return false;
  }

  private long write(TableSpec table, Dataset<Row> rows, Map<String, String> how) {
    String mark = UUID.randomUUID().toString();
    // As last seen, which asks the storage nothing; older is no worse.
    long before = DeltaLog.forTable(spark, path(table)).unsafeVolatileSnapshot().version();
    save(table, rows, how, mark);
    // Another run may have made the newest version; Delta makes none where a replace changes
    // nothing.
    for (long version = version(table); version > before; version--) {
      JsonNode commit = commit(table, version).info();
      if (commit.path("userMetadata").asText().equals(mark)) {
        long written = rowsWritten(commit);
        log.wrote(table.name(), version, written);
        return written;
      }
    }
    log.count(table.name() + "_rows", 0);
    return 0;
  }

  /**
   * As Spark's writer does, but for its last step: to plan anew, and compute anew where it is used
   * again, whatever is cached and was read from this table.
   *
   * @param mark by which the commit is known afterwards
   */
  private void save(TableSpec table, Dataset<Row> rows, Map<String, String> how, String mark) {
    var options = new HashMap<>(how);
    options.put("userMetadata", mark);
    // A lake made before a column was added to the contract gets it.
    options.put("mergeSchema", "true");
    options.put("path", path(table));
    new DeltaDataSource()
        .createRelation(
            spark.sqlContext(),
            how.containsKey(REPLACE_WHERE) ? SaveMode.Overwrite : SaveMode.Append,
            scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(options)),
            rows.to(TableContract.schemaOfWrites(table)));
  }

  /** Delta version of a table; -1 when the lake does not have it. */
  public long version(TableSpec table) {
    return exists(table) ? snapshot(table).version() : -1;
  }

  /**
   * Makes sure, before any table is written, that no newer program has shaped one of them.
   *
   * @throws FlywheelException (usage) when one has
   */
  public void requireKnown() {
    for (TableSpec table : Tables.ALL) {
      long unused = version(table);
    }
  }

  Snapshot snapshot(TableSpec table) {
    Snapshot snapshot =
        DeltaLog.forTable(spark, path(table)).update(false, Option.empty(), Option.empty());
    if (!understood.contains(table.name())) {
      TableContract.refuseNewer(table, snapshot, root);
      understood.add(table.name());
    }
    return snapshot;
  }

  /** Makes the table from its contract, so that the first write cannot shape it. */
  public void createIfMissing(TableSpec table) {
    if (exists(table)) {
      if (!understood.contains(table.name())) {
        Snapshot unused = snapshot(table);
      }
      return;
    }
    TableContract.create(spark, table, path(table));
  }

  /** A version of a table, as its log has it. */
  CommitFile commit(TableSpec table, long version) {
    return new CommitFile(files, path(table), version);
  }

  private static long rowsWritten(JsonNode commit) {
    return commit.path("operationMetrics").path("numOutputRows").asLong();
  }

  /** {@code column} lies in {@code dates}. */
  public static Column within(String column, DateRange dates) {
    return within(col(column), dates);
  }

  static Column within(Column date, DateRange dates) {
    return date.geq(lit(java.sql.Date.valueOf(dates.from())))
        .and(date.lt(lit(java.sql.Date.valueOf(dates.to()))));
  }
}
