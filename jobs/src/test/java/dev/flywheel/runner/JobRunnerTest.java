package dev.flywheel.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.run.ExitCode;
import dev.flywheel.run.FlywheelException;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.EvalDraws;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.FailureIssues;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.tables.RunManifest;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.Rows;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Date;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves behind, whichever way it ends. */
class JobRunnerTest {
  private static final String USER_TEXT = "what a user wrote";
  private static final RunContext RUN = TestSpark.run(DateRange.of(LocalDate.of(2026, 1, 5)));

  @TempDir Path folder;

  /** A stage that does what it is told. */
  private record Told(String name, List<TableSpec> reads, List<TableSpec> writes, Work work)
      implements Stage {
    Told(String name, Work work) {
      this(name, List.of(), List.of(), work);
    }

    interface Work {
      String in(Lakehouse lake) throws Exception;
    }

    @Override
    public String run(Lakehouse lake, RunContext run, Settings settings) {
      try {
        return work.in(lake);
      } catch (Exception e) {
        throw Told.<RuntimeException>unchecked(e);
      }
    }

    /** As Scala does: a checked exception thrown where none is declared. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> E unchecked(Throwable e) throws E {
      throw (E) e;
    }
  }

  private void run(Stage... stages) {
    Lakehouse lake = TestLakes.open(folder);
    var out = new PrintWriter(new StringWriter());
    new JobRunner(lake, TestSpark.settings(Map.of()), out).run(RUN, List.of(stages));
  }

  private Row manifest() {
    List<Row> rows = TestLakes.open(folder).read(RunManifest.SPEC).collectAsList();
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  @Test
  void aRunThatEndsWellLeavesItsStagesInOrder() {
    run(
        new Told(
            "first",
            lake -> {
              lake.log().count("lines", 7);
              return "seven lines";
            }),
        new Told("second", lake -> "nothing"));
    Row row = manifest();
    assertThat(row.<String>getAs(RunManifest.STATUS)).isEqualTo("ok");
    List<Row> stages = row.getList(row.fieldIndex(RunManifest.STAGES));
    assertThat(stages)
        .extracting(stage -> stage.<String>getAs("stage"))
        .containsExactly("first", "second");
    assertThat(stages.get(0).<Object, Object>getJavaMap(stages.get(0).fieldIndex("counts")))
        .isEqualTo(Map.of("lines", 7L));
  }

  @Test
  void stagesThatReadNothingOfOneAnotherRunAtOnce() {
    var here = new CyclicBarrier(2);
    var ended = new ConcurrentLinkedQueue<String>();
    Told.Work meeting =
        lake -> {
          here.await(1, TimeUnit.MINUTES);
          ended.add("one of two");
          return "";
        };
    run(
        new Told("events", List.of(), List.of(Events.SPEC), lake -> "" + ended.add("first")),
        new Told("draws", List.of(Events.SPEC), List.of(EvalDraws.SPEC), meeting),
        new Told("issues", List.of(Events.SPEC), List.of(FailureIssues.SPEC), meeting),
        new Told(
            "report",
            List.of(EvalDraws.SPEC, FailureIssues.SPEC),
            List.of(),
            lake -> "" + ended.add("last")));
    assertThat(ended).containsExactly("first", "one of two", "one of two", "last");
    Row row = manifest();
    assertThat(row.<Row>getList(row.fieldIndex(RunManifest.STAGES)))
        .extracting(stage -> stage.<String>getAs("stage"))
        .containsExactly("events", "draws", "issues", "report");
  }

  @Test
  void aStageThatHadNothingToWriteLeavesItsTablesEmpty() {
    run(new Told("idle", List.of(), List.of(Events.SPEC, EvalDraws.SPEC), lake -> "nothing"));
    Lakehouse lake = TestLakes.open(folder);
    assertThat(lake.exists(Events.SPEC)).isTrue();
    assertThat(lake.exists(EvalDraws.SPEC)).isTrue();
    assertThat(lake.read(EvalDraws.SPEC).isEmpty()).isTrue();
  }

  /** Its tables are whole: what one stage cannot do takes nothing from the other. */
  @Test
  void aStageThatFailsLetsTheOneBesideItEnd() {
    var failed = new CountDownLatch(1);
    Stage failing =
        new Told(
            "failing",
            List.of(),
            List.of(Events.SPEC),
            lake -> {
              failed.countDown();
              throw FlywheelException.gate("no");
            });
    Stage beside =
        new Told(
            "beside",
            lake -> {
              failed.await();
              lake.log().count("lines", 7);
              return "";
            });
    Stage after =
        new Told("after", List.of(Events.SPEC), List.of(), lake -> fail("begun after a failure"));
    assertThatThrownBy(() -> run(failing, beside, after))
        .isInstanceOf(FlywheelException.class)
        .hasMessage("no");
    Row row = manifest();
    assertThat(row.<Integer>getAs(RunManifest.EXIT_CODE)).isEqualTo(ExitCode.GATE.code());
    List<Row> stages = row.getList(row.fieldIndex(RunManifest.STAGES));
    assertThat(stages)
        .extracting(stage -> stage.<String>getAs("stage"))
        .containsExactly("failing", "beside");
    assertThat(stages.get(1).<Object, Object>getJavaMap(stages.get(1).fieldIndex("counts")))
        .isEqualTo(Map.of("lines", 7L));
  }

  @Test
  void aCheckedExceptionOfSparkLeavesARowAndNoUserText() {
    Stage failing =
        new Told(
            "failing",
            lake -> {
              lake.replace(Quarantine.SPEC, RUN.landing(), oneBadLine());
              lake.log().count("lines", 7);
              throw new org.apache.spark.SparkException("cannot cast '" + USER_TEXT + "'");
            });
    assertThatThrownBy(() -> run(new Told("first", lake -> ""), failing))
        .isInstanceOf(org.apache.spark.SparkException.class);
    Row row = manifest();
    assertThat(row.<Integer>getAs(RunManifest.EXIT_CODE)).isEqualTo(ExitCode.UNEXPECTED.code());
    assertThat(row.<String>getAs(RunManifest.STATUS)).isEqualTo("failed");
    assertThat(row.<String>getAs(RunManifest.ERROR))
        .contains("SparkException")
        .doesNotContain(USER_TEXT);
    List<Row> stages = row.getList(row.fieldIndex(RunManifest.STAGES));
    assertThat(stages)
        .extracting(stage -> stage.<String>getAs("stage"))
        .containsExactly("first", "failing");
    assertThat(stages.get(1).<Object, Object>getJavaMap(stages.get(1).fieldIndex("counts")))
        .containsEntry("lines", 7L);
    assertThat(stages.get(1).getJavaMap(stages.get(1).fieldIndex("output_versions")))
        .containsOnlyKeys("quarantine");
  }

  private static Dataset<Row> oneBadLine() {
    return Rows.of(
        Quarantine.SPEC,
        Map.of(
            TableSpec.LANDING_DATE,
            RUN.landing().from(),
            Quarantine.SOURCE_FILE,
            "f.jsonl",
            Quarantine.SOURCE_LINE,
            1L,
            Quarantine.SOURCE_RECORD,
            1,
            Quarantine.REASON,
            "invalid_json",
            Quarantine.LINE_BYTES,
            1L,
            Quarantine.RUN_ID,
            "r"));
  }

  @Test
  void anErrorOfTheVirtualMachineLeavesARowToo() {
    Stage failing =
        new Told(
            "failing",
            lake -> {
              throw new OutOfMemoryError("made up");
            });
    assertThatThrownBy(() -> run(failing)).isInstanceOf(OutOfMemoryError.class);
    assertThat(manifest().<String>getAs(RunManifest.STATUS)).isEqualTo("failed");
  }

  @Test
  void nothingToDoIsNotAFailure() {
    Stage idle =
        new Told(
            "idle",
            lake -> {
              throw FlywheelException.nothingToDo("No logs for %s.", "the day");
            });
    assertThatThrownBy(() -> run(idle)).isInstanceOf(FlywheelException.class);
    assertThat(manifest().<String>getAs(RunManifest.STATUS)).isEqualTo("nothing_to_do");
    assertThat(manifest().<String>getAs(RunManifest.ERROR)).isEqualTo("No logs for the day.");
  }

  @Test
  void aConflictIsWorthARetry() {
    var conflict = new io.delta.exceptions.ConcurrentAppendException("partition of " + USER_TEXT);
    var wrapped = new IllegalStateException(USER_TEXT, conflict);
    assertThat(JobRunner.exitCode(wrapped)).isEqualTo(ExitCode.TRANSIENT);
    assertThat(JobRunner.describe(wrapped)).contains("again").doesNotContain(USER_TEXT);
  }

  /** Delta sees no conflict where one run has read what another then changes. */
  @Test
  void rowsThatChangeWhileAStageWorksWithThemAreAConflict() {
    LocalDate day = RUN.landing().from();
    Row row =
        RowFactory.create(Date.valueOf(day), "i", "all", "all", 1L, 2L, 1L, 0.5, 0.1, 0.9, null);
    Dataset<Row> rows =
        TestSpark.session().createDataFrame(List.of(row), IssueTrends.SPEC.schema());
    Lakehouse other = TestLakes.open(folder);
    other.append(IssueTrends.SPEC, rows);

    assertThatThrownBy(
            () ->
                run(
                    new Told(
                        "slow",
                        lake -> {
                          Dataset<Row> unused = lake.read(IssueTrends.SPEC, RUN.landing());
                          other.replace(IssueTrends.SPEC, RUN.landing(), rows);
                          return "";
                        })))
        .hasMessageContaining("Run the same command again");
    assertThat(manifest().<Integer>getAs(RunManifest.EXIT_CODE)).isEqualTo(75);
  }

  @Test
  void twoRunsThatMakeALakeAtOnceAreAConflictToo() {
    for (Exception conflict :
        List.of(
            new io.delta.exceptions.ProtocolChangedException(USER_TEXT),
            new io.delta.exceptions.MetadataChangedException(USER_TEXT),
            new io.delta.exceptions.ConcurrentWriteException(USER_TEXT))) {
      assertThat(JobRunner.exitCode(conflict)).isEqualTo(ExitCode.TRANSIENT);
    }
  }

  @Test
  @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void causesThatFormARingAreEachLookedAtOnce() {
    var outer = new IllegalStateException(USER_TEXT);
    var inner = new IllegalArgumentException(USER_TEXT, outer);
    outer.initCause(inner);
    assertThat(JobRunner.exitCode(outer)).isEqualTo(ExitCode.UNEXPECTED);
    assertThat(JobRunner.describe(outer))
        .isEqualTo("Unexpected failure: IllegalStateException < IllegalArgumentException");
  }
}
