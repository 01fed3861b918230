package dev.flywheel.lake;

import java.util.ArrayDeque;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.jdk.javaapi.CollectionConverters;

/** A cache with a scope: close it and the blocks are gone. */
public record Cached(Dataset<Row> rows) implements AutoCloseable {

  /** Keeps {@code rows} when first computed, spilling to disk. */
  public static Cached of(Dataset<Row> rows) {
    return new Cached(rows.persist(StorageLevel.MEMORY_AND_DISK()));
  }

  /**
   * Computes {@code rows} now, in one action, and keeps them as rows, spilling to disk: for wide
   * rows of text that are read whole, where columns and their compression cost more than they save.
   */
  public static Cached computed(Dataset<Row> rows) {
    return new Cached(rows.localCheckpoint(true, StorageLevel.MEMORY_AND_DISK()));
  }

  @Override
  public void close() {
    rows.unpersist();
    // A checkpoint is no entry of the cache manager: its blocks belong to an RDD below the plan.
    var open = new ArrayDeque<RDD<?>>();
    open.add(rows.queryExecution().toRdd());
    while (!open.isEmpty()) {
      RDD<?> rdd = open.remove();
      if (!rdd.getStorageLevel().equals(StorageLevel.NONE())) {
        rdd.unpersist(false);
      }
      CollectionConverters.asJava(rdd.dependencies()).forEach(parent -> open.add(parent.rdd()));
    }
  }
}
