package dev.flywheel;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.beStatic;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.apache.spark.sql.SparkSession;

/** Who may do what: the rules of the house, over the main code of both modules. */
@AnalyzeClasses(packages = "dev.flywheel", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /** Tables, raw logs, and the truth of made-up logs. */
  @ArchTest
  static final ArchRule onlyTheLakehouseAndTheReadersTouchStorage =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.flywheel.lake..", "dev.flywheel.ingest..")
          .and()
          .doNotHaveFullyQualifiedName("dev.flywheel.generate.PlantedTruth")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "org.apache.hadoop.fs..", "io.delta..", "org.apache.spark.sql.delta..")
                  .or(assignableTo(org.apache.spark.sql.DataFrameReader.class))
                  .or(assignableTo(org.apache.spark.sql.DataFrameWriter.class))
                  .or(assignableTo(org.apache.spark.sql.DataFrameWriterV2.class)))
          .because("what is read and written must be noted, replaced by interval and repeatable");

  /** Local files: settings, the file that init writes, made-up logs. */
  @ArchTest
  static final ArchRule onlyAFewTouchLocalFiles =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.flywheel.lake..",
              "dev.flywheel.ingest..",
              "dev.flywheel.generate..",
              "dev.flywheel.cli..",
              "dev.flywheel.settings..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.nio.file.Files")
          .orShould()
          .dependOnClassesThat(
              assignableTo(java.io.FileInputStream.class)
                  .or(assignableTo(java.io.FileOutputStream.class))
                  .or(assignableTo(java.io.FileWriter.class))
                  .or(assignableTo(java.io.RandomAccessFile.class)))
          .because("a lake may lie on object storage");

  @ArchTest
  static final ArchRule noSessionIsKeptInAStaticField =
      noFields()
          .that()
          .haveRawType(assignableTo(SparkSession.class))
          .should(beStatic())
          .because("the session is handed in");

  @ArchTest
  static final ArchRule onlyTheProgramEndsTheProcess =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.flywheel.Flywheel")
          .should()
          .callMethodWhere(
              describe(
                  "it ends the process",
                  (JavaCall<?> call) ->
                      (call.getTargetOwner().isEquivalentTo(System.class)
                              && call.getName().equals("exit"))
                          || (call.getTargetOwner().isEquivalentTo(Runtime.class)
                              && (call.getName().equals("exit") || call.getName().equals("halt")))))
          .because("a failure is an exception until main turns it into an exit code");

  @ArchTest
  static final ArchRule contractsDependOnNoStage =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.flywheel.run..", "dev.flywheel.settings..", "dev.flywheel.tables..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("dev.flywheel..")
                  .and(
                      com.tngtech.archunit.base.DescribedPredicate.not(
                          resideInAnyPackage(
                              "dev.flywheel.run..",
                              "dev.flywheel.settings..",
                              "dev.flywheel.tables.."))))
          .because("dependencies go one way, from jobs to common");

  @ArchTest
  static final ArchRule stagesFormNoCycle =
      slices().matching("dev.flywheel.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.flywheel.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..")
          .because("stages run without a command line, too");

  @ArchTest
  static final ArchRule statesAreFinal =
      fields()
          .that()
          .areStatic()
          .should()
          .beFinal()
          .because("a mutable static read inside a task is another one on every executor");
}
