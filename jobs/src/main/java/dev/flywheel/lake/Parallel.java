package dev.flywheel.lake;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Small Spark jobs at the same time: one alone leaves most processors idle. Its threads are made
 * within the stage, so they inherit its job group; closing waits for all of them.
 */
public final class Parallel implements AutoCloseable {
  private static final int THREADS = 4;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  /**
   * Starts a task.
   *
   * @return waits for the result; throws what the task threw
   */
  public <T> Supplier<T> start(Callable<T> task) {
    Future<T> future = threads.submit(task);
    return () -> {
      try {
        return future.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while jobs were running.", e);
      } catch (ExecutionException e) {
        throw Parallel.<RuntimeException>rethrown(e.getCause());
      }
    };
  }

  /** The same failure: Spark throws checked exceptions that Java code cannot declare. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException rethrown(Throwable failure) throws E {
    throw (E) failure;
  }

  /** Runs all tasks and waits for them; throws the first one's failure. */
  public void run(Runnable... tasks) {
    List<Supplier<Object>> started =
        Stream.of(tasks).map(task -> start(Executors.callable(task))).toList();
    for (Supplier<Object> ended : started) {
      Object unused = ended.get();
    }
  }

  @Override
  public void close() {
    threads.shutdown();
    try {
      threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
