package dev.flywheel.lake;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** A cache with a scope: close it and the blocks are gone. */
public record Cached(Dataset<Row> rows) implements AutoCloseable {

  /** Keeps {@code rows} when first computed, spilling to disk. */
  public static Cached of(Dataset<Row> rows) {
    return new Cached(rows.persist(StorageLevel.MEMORY_AND_DISK()));
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
