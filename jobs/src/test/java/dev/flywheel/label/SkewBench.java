package dev.flywheel.label;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.DateRange;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.Events;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.testing.TestLakes;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The {@code label} stage over a day on which one user has a million events and others as many
 * together: how long the longest task of each step takes, of the median of that step.
 *
 * <p>Arguments: events of the user (default 1,000,000) and partitions (default 32).
 */
public final class SkewBench {
  private static final LocalDate DAY = LocalDate.of(2026, 1, 5);

  /** Steps of fewer tasks have no median worth the name. */
  private static final int FEWEST_TASKS = 4;

  private SkewBench() {}

  public static void main(String[] arguments) throws Exception {
    long busy = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
    String partitions = arguments.length > 1 ? arguments[1] : "32";
    Path folder = Files.createTempDirectory("flywheel-bench");
    SparkSession spark = TestSpark.session();
    spark.conf().set("spark.sql.shuffle.partitions", partitions);
    // As many tasks as on a cluster of so many cores: on two, they would be merged to a few.
    spark.conf().set("spark.sql.adaptive.coalescePartitions.enabled", "false");
    Lakehouse lake = TestLakes.open(folder);
    Settings settings = TestSpark.settings(Map.of());
    try {
      // What is compiled once is no skew.
      lake.replace(Events.SPEC, DateRange.of(DAY), events(spark, 10_000));
      new LabelStage().run(lake, TestSpark.run(DateRange.of(DAY)), settings);
      lake.replace(Events.SPEC, DateRange.of(DAY), events(spark, busy));
      var tasks = new Tasks();
      spark.sparkContext().addSparkListener(tasks);
      long start = System.nanoTime();
      new LabelStage().run(lake, TestSpark.run(DateRange.of(DAY)), settings);
      System.out.printf(Locale.ROOT, "label: %.1f s%n", (System.nanoTime() - start) / 1e9);
      spark.stop();
      tasks.print();
    } finally {
      TestLakes.delete(folder);
    }
  }

  /** Events of user {@code agent}, all day long, and as many of 10,000 others; few are edits. */
  private static Dataset<Row> events(SparkSession spark, long number) {
    Column ofAgent = expr("id div 2 % 2 = 0");
    Column response = expr("id div 2");
    Column shown = expr("id % 2 = 0");
    Column edited = expr("id % 20 in (1, 3)");
    return spark
        .range(0, 2 * number, 1, 8)
        .select(
            lit(DAY).as(TableSpec.LANDING_DATE),
            lit(DAY).as(Events.EVENT_DATE),
            expr("timestamp_micros(unix_micros(timestamp'%sT00:00:00Z') + id * %d)"
                    .formatted(DAY, 43_000_000_000L / number))
                .as(Events.EVENT_TIME),
            concat(lit("e"), col("id")).as(Events.EVENT_ID),
            when(shown, "response_shown")
                .when(edited, "response_edited")
                .otherwise("text_copied")
                .as(Events.EVENT_TYPE),
            when(edited, concat(lit("Run git revert "), response)).as(Events.FINAL_TEXT),
            lit("default").as(Events.TENANT_ID),
            when(ofAgent, "agent")
                .otherwise(concat(lit("u"), expr("id div 4 % 10000")))
                .as(Events.USER_ID),
            lit("s").as(Events.SESSION_ID),
            concat(lit("i"), response).as(Events.INTERACTION_ID),
            concat(lit("How do I undo commit "), response, lit(" of the day?")).as(Events.PROMPT),
            concat(lit("Run git revert "), response, lit(" and push it.")).as(Events.RESPONSE),
            lit(0).as(Events.UNKNOWN_FIELDS),
            lit("f").as(Events.SOURCE_FILE),
            col("id").as(Events.SOURCE_LINE),
            lit(1).as(Events.SOURCE_RECORD));
  }

  /**
   * Milliseconds of each task by stage of Spark. In one stage, tasks that read files may stand
   * beside those that read what was exchanged: they are left out.
   */
  private static final class Tasks extends SparkListener {
    private final Map<Integer, List<Long>> exchanged = new TreeMap<>();
    private final Map<Integer, String> operators = new TreeMap<>();

    @Override
    public synchronized void onStageCompleted(SparkListenerStageCompleted stage) {
      operators.put(
          stage.stageInfo().stageId(),
          CollectionConverters.asJava(stage.stageInfo().rddInfos()).stream()
              .filter(rdd -> rdd.scope().isDefined())
              .map(rdd -> rdd.scope().get().name())
              .filter(name -> !name.startsWith("WholeStageCodegen"))
              .distinct()
              .collect(Collectors.joining(", ")));
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
      if (task.taskMetrics().inputMetrics().bytesRead() > 0) {
        return;
      }
      exchanged
          .computeIfAbsent(task.stageId(), stage -> new ArrayList<>())
          .add(task.taskMetrics().executorRunTime());
    }

    synchronized void print() {
      exchanged.forEach(
          (stage, all) -> {
            List<Long> sorted = all.stream().sorted().collect(Collectors.toList());
            long longest = sorted.get(sorted.size() - 1);
            long median = sorted.get((sorted.size() - 1) / 2);
            if (sorted.size() >= FEWEST_TASKS && longest >= 500) {
              System.out.printf(
                  Locale.ROOT,
                  "stage %4d: %3d tasks, median %6d ms, longest %6d ms, %.1f x  %s%n",
                  stage,
                  sorted.size(),
                  median,
                  longest,
                  (double) longest / Math.max(1, median),
                  operators.get(stage));
            }
          });
    }
  }
}
