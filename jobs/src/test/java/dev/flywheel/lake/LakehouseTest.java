package dev.flywheel.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flywheel.run.DateRange;
import dev.flywheel.tables.IssueTrends;
import dev.flywheel.tables.TableSpec;
import dev.flywheel.tables.Tables;
import dev.flywheel.testing.TestSpark;
import java.nio.file.Path;
import java.sql.Date;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
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
  void replaceNotesVersionAndRows() {
    var log = new StageLog();
    var lake = new Lakehouse(spark, root.toString()).noting(log);

    assertThat(lake.replace(IssueTrends.SPEC, DateRange.of(DAY), trends(DAY))).isEqualTo(1);
    assertThat(log.outputVersions()).containsEntry("issue_trends", 1L);
    assertThat(log.counts()).containsEntry("issue_trends_rows", 1L);
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
    }
  }

  @Test
  void aTableThatIsNotThereReadsAsEmpty() {
    var lake = new Lakehouse(spark, root.toString());

    assertThat(lake.read(IssueTrends.SPEC).collectAsList()).isEmpty();
    assertThat(lake.version(IssueTrends.SPEC)).isEqualTo(-1);
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
