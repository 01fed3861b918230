package dev.flywheel.lake;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.Tables;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Date;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakehouseTest {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  private final SparkSession spark = TestSpark.session();
  @TempDir Path root;

  @Test
  void replaceChangesOnlyTheDatesItNames() {
    var lake = new Lakehouse(spark, root.toString());
    lake.replace(
        IssueTrends.SPEC, new DateRange(DAY, DAY.plusDays(2)), trends(DAY, DAY.plusDays(1)));
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY.plusDays(1)), trends());
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY.plusDays(2)), trends(DAY.plusDays(2)));

    assertThat(lake.dates(IssueTrends.SPEC, new DateRange(DAY, DAY.plusDays(9))))
        .containsExactly(DAY, DAY.plusDays(2));
  }

  @Test
  void theLastDateIsThatOfRowsAndNotOfWhatWasReplaced() {
    var lake = new Lakehouse(spark, root.toString());
    assertThat(lake.lastDate(IssueTrends.SPEC)).isEmpty();
    assertThat(lake.lastDateBefore(IssueTrends.SPEC, DAY)).isEmpty();

    lake.append(IssueTrends.SPEC, trends(DAY, DAY.plusDays(1), DAY.plusDays(40)));
    assertThat(lake.lastDate(IssueTrends.SPEC)).contains(DAY.plusDays(40));
    assertThat(lake.lastDateBefore(IssueTrends.SPEC, DAY.plusDays(40))).contains(DAY.plusDays(1));
    assertThat(lake.lastDateBefore(IssueTrends.SPEC, DAY)).isEmpty();

    lake.replace(IssueTrends.SPEC, DateRange.of(DAY.plusDays(40)), trends());
    assertThat(lake.lastDate(IssueTrends.SPEC)).contains(DAY.plusDays(1));
  }

  @Test
  void replaceNotesVersionAndRows() {
    var log = new StageLog();
    var lake = new Lakehouse(spark, root.toString()).noting(log);

    assertThat(lake.replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY))).isEqualTo(1);
    assertThat(log.outputVersions()).containsEntry("issue_trends", 1L);
    assertThat(log.counts()).containsEntry("issue_trends_rows", 1L);
  }

  @Test
  void aReplaceThatChangesNothingNotesNoVersion() {
    new Lakehouse(spark, root.toString()).replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY));
    var log = new StageLog();
    var lake = new Lakehouse(spark, root.toString()).noting(log);
    long version = lake.version(IssueTrends.SPEC);

    assertThat(lake.replace(IssueTrends.SPEC, DateRange.of(DAY.plusDays(1)), trends())).isZero();
    assertThat(lake.version(IssueTrends.SPEC)).isEqualTo(version);
    assertThat(log.outputVersions()).isEmpty();
    assertThat(log.counts()).containsEntry("issue_trends_rows", 0L);
  }

  @Test
  void aWriteLeavesWhatIsCachedAsItIs() {
    var lake = new Lakehouse(spark, root.toString());
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY));
    try (var before = Cached.of(lake.read(IssueTrends.SPEC))) {
      assertThat(before.rows().count()).isEqualTo(1);
      lake.append(IssueTrends.SPEC, trends(DAY.plusDays(1)));
      assertThat(before.rows().count()).isEqualTo(1);
    }
    assertThat(lake.read(IssueTrends.SPEC).count()).isEqualTo(2);
  }

  @Test
  void rowsOfDatesAreThoseOfTheVersionThatWasNoted() {
    var log = new StageLog();
    var lake = new Lakehouse(spark, root.toString()).noting(log);
    lake.replace(
        IssueTrends.SPEC,
        new DateRange(DAY, DAY.plusDays(9)),
        trends(DAY, DAY.plusDays(1), DAY.plusDays(4)));
    Dataset<Row> early = lake.read(IssueTrends.SPEC, new DateRange(DAY, DAY.plusDays(3)));
    assertThat(early.where(col(TableSpec.EVENT_DATE).gt(lit(Date.valueOf(DAY)))).count())
        .isEqualTo(1);

    lake.replace(IssueTrends.SPEC, new DateRange(DAY, DAY.plusDays(2)), trends(DAY));
    assertThat(log.inputVersions()).containsEntry("issue_trends", 1L);
    assertThat(early.count()).isEqualTo(2);
    assertThat(lake.read(IssueTrends.SPEC, new DateRange(DAY, DAY.plusDays(3))).count())
        .isEqualTo(1);
  }

  @Test
  void rowsThatAreMarkedAsDeletedInAFileAreNotRead() {
    var lake = new Lakehouse(spark, root.toString());
    Dataset<Row> other = trends(DAY).withColumn(IssueTrends.ISSUE_ID, lit("j"));
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY).union(other).coalesce(1));
    String table = "delta.`" + lake.path(IssueTrends.SPEC) + "`";
    spark.sql(
        "ALTER TABLE %s SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"
            .formatted(table));
    spark.sql("DELETE FROM %s WHERE issue_id = 'i'".formatted(table));

    assertThat(lake.read(IssueTrends.SPEC, DateRange.of(DAY)).count()).isEqualTo(1);
  }

  @Test
  void filesOfDatesAreSoughtOnceForAllUses() throws Exception {
    var lake = new Lakehouse(spark, root.toString());
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY));
    Dataset<Row> day = lake.read(IssueTrends.SPEC, DateRange.of(DAY));

    int jobs =
        jobsOf(
            "uses",
            () ->
                assertThat(day.where(col(IssueTrends.FAILURES).gt(0)).collectAsList()).hasSize(1));
    assertThat(jobs).isEqualTo(1);
  }

  @Test
  void theFilesOfASmallTableAreKnownWithoutAJobAndOthersAreSought() throws Exception {
    var lake = new Lakehouse(spark, root.toString());
    lake.append(IssueTrends.SPEC, trends(DAY, DAY.plusDays(1), DAY.plusDays(5)));
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY.plusDays(1)), trends());

    int listed = jobsOf("listed", () -> assertDatesOf(lake));
    // As where a program wrote last that keeps no list beside its commits.
    forgetLists();
    int sought = jobsOf("sought", () -> assertDatesOf(lake));

    assertThat(listed).isZero();
    assertThat(sought).isGreaterThanOrEqualTo(3);
    assertThat(lake.read(IssueTrends.SPEC, DateRange.of(DAY.plusDays(5))).count()).isEqualTo(1);
  }

  private void assertDatesOf(Lakehouse lake) {
    assertThat(lake.dates(IssueTrends.SPEC, new DateRange(DAY, DAY.plusDays(5))))
        .containsExactly(DAY);
    assertThat(lake.lastDate(IssueTrends.SPEC)).contains(DAY.plusDays(5));
    assertThat(lake.lastDateBefore(IssueTrends.SPEC, DAY)).isEmpty();
    assertThat(lake.read(IssueTrends.SPEC, new DateRange(DAY, DAY.plusDays(6))).inputFiles())
        .hasSize(2);
  }

  private void forgetLists() throws IOException {
    try (var files = Files.list(root.resolve("tables/issue_trends/_delta_log"))) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().matches("[0-9]{20}\\.crc")) {
          Files.delete(file);
        }
      }
    }
    DeltaLog.clearCache();
  }

  private int jobsOf(String name, Runnable work) throws Exception {
    spark.sparkContext().setJobGroup(name, name, false);
    work.run();
    spark.sparkContext().clearJobGroup();
    spark.sparkContext().listenerBus().waitUntilEmpty();
    return spark.sparkContext().statusTracker().getJobIdsForGroup(name).length;
  }

  @Test
  void aReaderOfASmallFileHasTheOldOneWholeOrTheNewOne() throws Exception {
    var lake = new Lakehouse(spark, root.toString());
    lake.files().write("reports/latest.html", "the old page");
    try (var reader = Files.newInputStream(root.resolve("reports/latest.html"))) {
      lake.files().write("reports/latest.html", "new");
      assertThat(reader.readAllBytes()).asString().isEqualTo("the old page");
    }
    assertThat(root.resolve("reports/latest.html")).hasContent("new");
    try (var files = Files.list(root.resolve("reports"))) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.contains(".tmp"));
    }
  }

  @Test
  void aNumberOfASequenceIsWrittenOnce() {
    var lake = new Lakehouse(spark, root.toString());
    Dataset<Row> rows = trends(DAY);

    assertThat(lake.lastNumber(IssueTrends.SPEC, "s")).isEmpty();
    assertThat(lake.appendOnce(IssueTrends.SPEC, rows, "s", 3)).isTrue();
    assertThat(lake.appendOnce(IssueTrends.SPEC, rows, "s", 3)).isFalse();
    assertThat(lake.appendOnce(IssueTrends.SPEC, rows, "s", 2)).isFalse();
    assertThat(lake.appendOnce(IssueTrends.SPEC, rows, "other", 2)).isTrue();
    assertThat(lake.lastNumber(IssueTrends.SPEC, "s")).hasValue(3);
    assertThat(lake.read(IssueTrends.SPEC).count()).isEqualTo(2);
  }

  @Test
  void aGuardedReplaceYieldsToOneThatCameFirstAndToNothingElse() {
    var lake = new Lakehouse(spark, root.toString());
    DateRange day = DateRange.of(DAY);
    DateRange next = DateRange.of(DAY.plusDays(1));
    long seen = lake.guard(IssueTrends.SPEC);
    assertThat(lake.replaceIfUnchanged(IssueTrends.SPEC, day, trends(DAY), seen)).isTrue();
    assertThat(lake.replaceIfUnchanged(IssueTrends.SPEC, next, trends(DAY.plusDays(1)), seen))
        .isFalse();
    assertThat(lake.dates(IssueTrends.SPEC, new DateRange(DAY, DAY.plusDays(2))))
        .containsExactly(DAY);

    long seenAgain = lake.guard(IssueTrends.SPEC);
    lake.append(IssueTrends.SPEC, trends(DAY.plusDays(5)));
    assertThat(lake.replaceIfUnchanged(IssueTrends.SPEC, next, trends(DAY.plusDays(1)), seenAgain))
        .isTrue();
  }

  @Test
  void whatAStageReadMustStillBeTrueWhenItEnds() {
    DateRange day = DateRange.of(DAY);
    var other = new Lakehouse(spark, root.toString());
    other.append(IssueTrends.SPEC, trends(DAY));
    other.append(IssueTrends.SPEC, trends(DAY, DAY.plusDays(5)));
    Lakehouse stage = other.noting(new StageLog());
    Dataset<Row> unused = stage.read(IssueTrends.SPEC, day);

    // Other dates, other files of the same rows, and what the stage itself wrote.
    other.replace(IssueTrends.SPEC, DateRange.of(DAY.plusDays(5)), trends(DAY.plusDays(5)));
    assertThat(new Upkeep(other).mergeFiles(IssueTrends.SPEC, day)).isPositive();
    stage.replace(IssueTrends.SPEC, day, trends(DAY));
    stage.requireUnchanged();

    other.replace(IssueTrends.SPEC, day, trends());
    assertThatThrownBy(stage::requireUnchanged)
        .isInstanceOfSatisfying(
            FlywheelException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.TRANSIENT))
        .hasMessageContaining("issue_trends of [2026-01-05, 2026-01-06)");
  }

  @Test
  void aTableThatWasNotThereYetIsReliedOnToo() {
    DateRange day = DateRange.of(DAY);
    var other = new Lakehouse(spark, root.toString());
    Lakehouse stage = other.noting(new StageLog());
    assertThat(stage.read(IssueTrends.SPEC, day).count()).isZero();
    Lakehouse unread = other.noting(new StageLog());
    unread.relyOn(IssueTrends.SPEC, day);
    stage.requireUnchanged();
    other.createIfMissing(IssueTrends.SPEC);
    stage.requireUnchanged();
    unread.requireUnchanged();

    other.replace(IssueTrends.SPEC, day, trends(DAY));
    for (Lakehouse each : List.of(stage, unread)) {
      assertThatThrownBy(each::requireUnchanged).hasMessageContaining("Run the same command again");
    }
  }

  @Test
  void aCommitBetweenTwoReadersHidesNeitherFromTheOther() {
    var lake = new Lakehouse(spark, root.toString());
    DateRange day = DateRange.of(DAY);
    DateRange next = DateRange.of(DAY.plusDays(1));
    long one = lake.guard(IssueTrends.SPEC);
    lake.append(IssueTrends.SPEC, trends(DAY.plusDays(5)));
    long two = lake.guard(IssueTrends.SPEC);

    assertThat(lake.replaceIfUnchanged(IssueTrends.SPEC, day, trends(DAY), one)).isTrue();
    assertThat(lake.replaceIfUnchanged(IssueTrends.SPEC, next, trends(DAY.plusDays(1)), two))
        .isFalse();
  }

  @Test
  void aGuardGoesOnFromWhateverNumberItHas() {
    var lake = new Lakehouse(spark, root.toString());
    // As lakes have it whose numbers once were versions of the table.
    lake.appendOnce(IssueTrends.SPEC, trends(DAY), "flywheel-guard", 40);
    DateRange next = DateRange.of(DAY.plusDays(1));
    long seen = lake.guard(IssueTrends.SPEC);

    assertThat(lake.replaceIfUnchanged(IssueTrends.SPEC, next, trends(DAY.plusDays(1)), seen))
        .isTrue();
    assertThat(lake.replaceIfUnchanged(IssueTrends.SPEC, next, trends(DAY.plusDays(1)), seen))
        .isFalse();
    assertThat(lake.guard(IssueTrends.SPEC)).isEqualTo(41);
  }

  @Test
  void aFileOfLinesIsReplacedWholeOrNotAtAll() throws Exception {
    var lake = new Lakehouse(spark, root.toString());
    Path file = root.resolve("exports/a/lines.txt");
    Dataset<String> lines = spark.range(0, 100, 1, 5).selectExpr("'é' || id").as(Encoders.STRING());
    assertThat(lake.files().writeLines("exports/a/lines.txt", lines)).isEqualTo(100);
    assertThat(Files.readAllLines(file)).hasSize(100).startsWith("é0", "é1").endsWith("é99");

    Dataset<String> breaking =
        spark
            .range(0, 100, 1, 5)
            .selectExpr("if(id = 70, raise_error('made up'), 'x' || id)")
            .as(Encoders.STRING());
    assertThatThrownBy(() -> lake.files().writeLines("exports/a/lines.txt", breaking));
    assertThat(Files.readAllLines(file)).hasSize(100).startsWith("é0");
    try (var files = Files.list(file.getParent())) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.contains(".tmp"));
    }
  }

  @Test
  void everyTableOpensForReadersOtherThanSpark() {
    var lake = new Lakehouse(spark, root.toString());
    for (TableSpec table : Tables.ALL) {
      lake.createIfMissing(table);
      Row detail = spark.sql("DESCRIBE DETAIL delta.`%s`".formatted(lake.path(table))).head();
      assertThat(detail.<Integer>getAs("minReaderVersion")).as(table.name()).isEqualTo(1);
      assertThat(detail.<Integer>getAs("minWriterVersion"))
          .as(table.name())
          .isEqualTo(table.checks().isEmpty() ? 2 : 3);
      // In one commit, checks included: whoever is killed after it leaves a table that is whole.
      assertThat(lake.version(table)).as(table.name()).isZero();
      table
          .checks()
          .forEach(
              (name, check) ->
                  assertThat(detail.<String, String>getJavaMap(detail.fieldIndex("properties")))
                      .as(table.name())
                      .containsEntry("delta.constraints." + name, check));
    }
  }

  @Test
  void aTableThatIsNotThereReadsAsEmpty() {
    var lake = new Lakehouse(spark, root.toString());

    assertThat(lake.read(IssueTrends.SPEC).collectAsList()).isEmpty();
    assertThat(lake.version(IssueTrends.SPEC)).isEqualTo(-1);
  }

  @Test
  void aRelativePathIsALakeToo() {
    Path relative = Path.of("").toAbsolutePath().relativize(root.toAbsolutePath());
    assertThat(relative).isRelative();
    var lake = new Lakehouse(spark, relative.toString());
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY));
    assertThat(new Lakehouse(spark, root.toString()).read(IssueTrends.SPEC).count()).isEqualTo(1);
  }

  @Test
  void aTableMadeBeforeAColumnWasAddedGetsIt() {
    var lake = new Lakehouse(spark, root.toString());
    trends(DAY)
        .drop(IssueTrends.LIFT)
        .write()
        .format("delta")
        .partitionBy("event_date")
        .save(lake.path(IssueTrends.SPEC));
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY.plusDays(1)), trends(DAY.plusDays(1)));

    Dataset<Row> rows = lake.read(IssueTrends.SPEC);
    assertThat(rows.count()).isEqualTo(2);
    assertThat(rows.columns()).contains(IssueTrends.LIFT);
  }

  @Test
  void aLakeOfANewerContractIsLeftAlone() {
    var lake = new Lakehouse(spark, root.toString());
    lake.replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY));
    spark.sql(
        "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('flywheel.schema.version' = '%d')"
            .formatted(lake.path(IssueTrends.SPEC), TableSpec.SCHEMA_VERSION + 1));

    var later = new Lakehouse(spark, root.toString());
    long version =
        spark.sql("DESCRIBE HISTORY delta.`" + lake.path(IssueTrends.SPEC) + "`").count();
    for (ThrowingCallable use :
        List.<ThrowingCallable>of(
            () -> later.read(IssueTrends.SPEC),
            () -> later.replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY)),
            () -> later.append(IssueTrends.SPEC, trends(DAY)))) {
      assertThatThrownBy(use)
          .isInstanceOfSatisfying(
              FlywheelException.class,
              refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE))
          .hasMessageContaining("a newer Flywheel");
    }
    assertThat(spark.sql("DESCRIBE HISTORY delta.`" + lake.path(IssueTrends.SPEC) + "`").count())
        .isEqualTo(version);
  }

  private Dataset<Row> trends(LocalDate... days) {
    List<Row> rows =
        java.util.Arrays.stream(days)
            .map(
                day ->
                    RowFactory.create(
                        Date.valueOf(day), "i", "all", "all", 1L, 2L, 1L, 0.5, 0.1, 0.9, null))
            .toList();
    return spark.createDataFrame(rows, IssueTrends.SPEC.schema());
  }
}
