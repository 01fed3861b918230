package dev.flywheel.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.execution.SparkPlanInfo;
import org.apache.spark.sql.execution.ui.SparkListenerDriverAccumUpdates;
import org.apache.spark.sql.execution.ui.SparkListenerSQLAdaptiveExecutionUpdate;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart;
import scala.jdk.javaapi.CollectionConverters;

/** Files of each table of a lake that scans open, as Spark counts them: twice for two scans. */
final class FilesRead extends SparkListener {
  private static final Pattern TABLE = Pattern.compile("/tables/(\\w+)\\]");

  private final Map<Long, String> tables = new HashMap<>();
  private final Map<Long, Long> files = new HashMap<>();

  @Override
  public synchronized void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof SparkListenerSQLExecutionStart start) {
      find(start.sparkPlanInfo());
    } else if (event instanceof SparkListenerSQLAdaptiveExecutionUpdate update) {
      find(update.sparkPlanInfo());
    } else if (event instanceof SparkListenerDriverAccumUpdates updates) {
      CollectionConverters.asJava(updates.accumUpdates())
          .forEach(update -> files.merge((Long) update._1(), (Long) update._2(), Math::max));
    }
  }

  /** Remembers which counter is which table's. */
  private void find(SparkPlanInfo plan) {
    Matcher table = TABLE.matcher(String.valueOf(plan.metadata().getOrElse("Location", () -> "")));
    if (table.find()) {
      CollectionConverters.asJava(plan.metrics()).stream()
          .filter(metric -> metric.name().equals("number of files read"))
          .forEach(metric -> tables.put(metric.accumulatorId(), table.group(1)));
    }
    CollectionConverters.asJava(plan.children()).forEach(this::find);
  }

  /** By name of the table. */
  synchronized Map<String, Long> byTable() {
    var sums = new TreeMap<String, Long>();
    tables.forEach((id, table) -> sums.merge(table, files.getOrDefault(id, 0L), Long::sum));
    return sums;
  }
}
