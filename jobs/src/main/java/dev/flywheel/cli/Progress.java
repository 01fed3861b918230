package dev.flywheel.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Says that a long stage is alive: a bar that redraws itself on a terminal, otherwise one line
 * every 30 seconds. Knows tasks only, never data.
 */
final class Progress extends SparkListener implements AutoCloseable {
  private static final Duration REDRAW = Duration.ofMillis(500);
  private static final Duration REPEAT = Duration.ofSeconds(30);
  private static final int BAR_WIDTH = 24;
  private static final String ERASE_LINE = "\r\033[K";

  private final SparkContext context;
  private final PrintWriter err;
  private final boolean terminal;
  private final long startedNanos = System.nanoTime();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            var thread = new Thread(task, "flywheel-progress");
            thread.setDaemon(true);
            return thread;
          });

  private String stage = "starting";
  private int jobs;
  private int tasks;
  private int done;
  private boolean drawn;

  private Progress(SparkContext context, PrintWriter err, boolean terminal) {
    this.context = context;
    this.err = err;
    this.terminal = terminal;
  }

  /** Listens to {@code context} until closed. The launcher says whether this is a terminal. */
  static Progress start(SparkContext context, PrintWriter err) {
    var progress = new Progress(context, err, "1".equals(System.getenv("FLYWHEEL_TERMINAL")));
    context.addSparkListener(progress);
    long period = (progress.terminal ? REDRAW : REPEAT).toMillis();
    var unused =
        progress.clock.scheduleAtFixedRate(progress::show, period, period, TimeUnit.MILLISECONDS);
    return progress;
  }

  /** {@code out}, with the bar taken away before anything is written. */
  PrintWriter around(PrintWriter out) {
    if (!terminal) {
      return out;
    }
    return new PrintWriter(
        new FilterWriter(out) {
          @Override
          public void write(String text, int offset, int length) throws IOException {
            erase();
            super.write(text, offset, length);
          }

          @Override
          public void write(char[] text, int offset, int length) throws IOException {
            erase();
            super.write(text, offset, length);
          }
        },
        true);
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart job) {
    Properties properties = job.properties();
    String description =
        properties == null ? null : properties.getProperty("spark.job.description");
    String named = description == null ? stage : description.replaceFirst("^flywheel ", "");
    if (!named.equals(stage)) {
      stage = named;
      jobs = 0;
    }
    jobs++;
    done = 0;
    tasks = 0;
    job.stageInfos().foreach(info -> tasks += info.numTasks());
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    done++;
  }

  private synchronized void show() {
    long seconds = (System.nanoTime() - startedNanos) / 1_000_000_000L;
    int shown = Math.min(done, tasks);
    if (terminal) {
      int filled = tasks == 0 ? 0 : BAR_WIDTH * shown / tasks;
      err.printf(
          Locale.ROOT,
          "%s  %s [%s%s] job %d, %d of %d tasks, %d s",
          ERASE_LINE,
          stage,
          "#".repeat(filled),
          ".".repeat(BAR_WIDTH - filled),
          jobs,
          shown,
          tasks,
          seconds);
      drawn = true;
    } else {
      err.printf(
          Locale.ROOT,
          "  %s: job %d, %d of %d tasks done, %d s since the start%n",
          stage,
          jobs,
          shown,
          tasks,
          seconds);
    }
    err.flush();
  }

  private synchronized void erase() {
    if (drawn) {
      err.print(ERASE_LINE);
      err.flush();
      drawn = false;
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
    context.removeSparkListener(this);
    erase();
  }
}
