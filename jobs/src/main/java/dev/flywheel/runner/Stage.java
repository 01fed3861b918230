package dev.flywheel.runner;

import dev.flywheel.lake.Lakehouse;
import dev.flywheel.run.RunContext;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.TableSpec;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** One stage of the loop: reads tables, writes tables, and is safe to repeat. */
public interface Stage {

  /** Name of the subcommand that runs it alone. */
  String name();

  /** Tables it writes, in order; all of them are there when it has ended. */
  List<TableSpec> writes();

  /** Tables it reads, for {@code --dry-run}. */
  List<TableSpec> reads();

  /**
   * Fails where settings of the stage cannot be used, before any stage of the run has begun.
   *
   * @throws dev.flywheel.run.FlywheelException (usage) that says which setting and why
   */
  default void check(SparkSession spark, Settings settings) {}

  /**
   * What it would do, a line each, for {@code --dry-run}; empty where the tables it reads and
   * replaces say it all.
   */
  default List<String> plan(Lakehouse lake, RunContext run, Settings settings) {
    return List.of();
  }

  /**
   * Does the work for the run's interval.
   *
   * @return one line for the closing summary, without user text
   */
  String run(Lakehouse lake, RunContext run, Settings settings);
}
