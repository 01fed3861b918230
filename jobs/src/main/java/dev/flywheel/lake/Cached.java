package dev.flywheel.lake;

import java.util.ArrayDeque;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A cache with a scope: close it and the blocks are gone.
 *
 * @param rows what is kept
 * @param release frees the blocks
 */
public record Cached(Dataset<Row> rows, Runnable release) implements AutoCloseable {

  /** Keeps {@code rows} when first computed, spilling to disk. */
  public static Cached of(Dataset<Row> rows) {
    Dataset<Row> kept = rows.persist(StorageLevel.MEMORY_AND_DISK());
    return new Cached(kept, kept::unpersist);
  }

  /**
   * Computes {@code rows} now, in one action, and keeps them as rows, spilling to disk. For wide
   * rows of text that are then read whole: to make columns of them and compress those costs more
   * than it saves.
   */
  public static Cached computed(Dataset<Row> rows) {
    Dataset<Row> kept = rows.localCheckpoint(true, StorageLevel.MEMORY_AND_DISK());
    return new Cached(kept, () -> unpersist(kept));
  }

  /** A checkpoint has no handle: its blocks belong to an RDD that its plan begins with. */
  private static void unpersist(Dataset<Row> checkpoint) {
    var found = new ArrayDeque<RDD<?>>();
    found.add(checkpoint.queryExecution().toRdd());
    while (!found.isEmpty()) {
      RDD<?> rdd = found.remove();
      if (rdd.getStorageLevel().equals(StorageLevel.NONE())) {
        CollectionConverters.asJava(rdd.dependencies()).forEach(parent -> found.add(parent.rdd()));
      } else {
        rdd.unpersist(false);
      }
    }
  }

  @Override
  public void close() {
    release.run();
  }
}
