package dev.flywheel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.flywheel.cli.CommandLines;
import dev.flywheel.lake.Lakehouse;
import dev.flywheel.realdata.RawContract;
import dev.flywheel.run.ExitCode;
import dev.flywheel.settings.Settings;
import dev.flywheel.tables.BehaviorSignals;
import dev.flywheel.tables.Quarantine;
import dev.flywheel.testing.Program;
import dev.flywheel.testing.TestLakes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README and the pages below docs/ tell people to type, open and expect is there. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern FENCED = Pattern.compile("(?ms)^```(\\w*)\n(.*?)^```$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#([^)\\s]+))?\\)");
  private static final Pattern SETTING = Pattern.compile("`([a-z]+(?:\\.[a-z_]+)+)`");

  @Test
  void everyCommandInABlockExistsWithItsOptions() throws IOException {
    List<String> commands = linesThatStartWith("bin/flywheel ");
    assertThat(commands).isNotEmpty();
    for (String command : commands) {
      List<String> words = words(command);
      var help = new StringWriter();
      int code = Flywheel.run(new String[] {words.get(1), "--help"}, writer(help), writer(help));
      assertThat(code).as(command).isZero();
      assertThat(words.stream().filter(word -> word.startsWith("--")))
          .as(command)
          .allMatch(option -> help.toString().contains(option));
    }
  }

  @Test
  void everyMakeTargetInABlockExists() throws IOException {
    String makefile = Files.readString(ROOT.resolve("Makefile"));
    List<String> commands = linesThatStartWith("make ");
    assertThat(commands).isNotEmpty();
    assertThat(commands).allMatch(command -> makefile.contains("\n" + words(command).get(1) + ":"));
  }

  @Test
  void theTableOfCommandsLeavesNoneOut() throws IOException {
    assertThat(firstColumn("## Commands"))
        .containsAll(CommandLines.names().stream().filter(name -> !name.equals("help")).toList());
  }

  @Test
  void theTableOfCommandsHasNoOther() throws IOException {
    assertThat(CommandLines.names()).containsAll(firstColumn("## Commands"));
  }

  @Test
  void theExampleLinesGoThroughTheNightlyRun(@TempDir Path folder) throws IOException {
    Path day = Files.createDirectories(folder.resolve("raw/dt=2026-01-05"));
    Files.write(
        day.resolve("part-0.jsonl"),
        blocks(ROOT.resolve("README.md"), "json").flatMap(String::lines).toList());
    Path lake = folder.resolve("lake");
    Program.Ended ended =
        Program.run(
            "nightly",
            "--input",
            folder.resolve("raw").toString(),
            "--lake",
            lake.toString(),
            "--from",
            "2026-01-05",
            "--to",
            "2026-01-06");
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    Lakehouse made = TestLakes.open(lake);
    assertThat(made.read(Quarantine.SPEC).count()).isZero();
    Row signals = made.read(BehaviorSignals.SPEC).collectAsList().get(0);
    assertThat(signals.<Double>getAs(BehaviorSignals.COPY_SHARE)).isEqualTo(1.0);
    assertThat(signals.<String>getAs(BehaviorSignals.THUMBS)).isEqualTo("up");
    assertThat(signals.<String>getAs(BehaviorSignals.EDIT_OUTCOME)).isEqualTo("not_applicable");
  }

  @Test
  void theTableOfExitCodesHasThemAll() throws IOException {
    Set<String> codes =
        Arrays.stream(ExitCode.values())
            .map(code -> String.valueOf(code.code()))
            .collect(Collectors.toSet());
    assertThat(Set.copyOf(codesIn("README.md"))).isEqualTo(codes);
    assertThat(Set.copyOf(codesIn("docs/operations.md"))).isEqualTo(codes);
  }

  @Test
  void theExampleLinesKeepTheContract() throws IOException {
    List<String> lines = blocks(ROOT.resolve("README.md"), "json").flatMap(String::lines).toList();
    assertThat(lines).hasSizeGreaterThanOrEqualTo(3);
    assertThat(lines).allSatisfy(line -> assertThat(RawContract.problems(line)).isEmpty());
  }

  @Test
  void everyConfigurationInABlockIsOne(@TempDir Path folder) throws IOException {
    var ours = new ArrayList<String>();
    for (Path page : pages()) {
      // Another program's begins with its exporters.
      blocks(page, "yaml").filter(block -> !block.startsWith("exporters:")).forEach(ours::add);
    }
    assertThat(ours).hasSizeGreaterThan(3);
    Path file = folder.resolve("flywheel.yaml");
    for (String block : ours) {
      Files.writeString(file, block);
      assertThatCode(() -> Settings.load(Optional.of(file), Map.of()))
          .as(block)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void everySettingThatIsNamedExists() throws IOException {
    String sections = "ingest|input|label|sample|cluster|report|maintain";
    var named = new TreeSet<String>();
    for (Path page : pages()) {
      SETTING
          .matcher(Files.readString(page))
          .results()
          .map(found -> found.group(1))
          .filter(name -> name.matches("(" + sections + ")\\..*"))
          .forEach(named::add);
    }
    Settings defaults = Settings.load(Optional.empty(), Map.of());
    assertThat(named).hasSizeGreaterThan(5).allMatch(name -> has(defaults.toYaml(), name));
  }

  @Test
  void everyRelativeLinkLeadsSomewhere() throws IOException {
    var broken = new TreeSet<String>();
    for (Path page : pages()) {
      for (MatchResult link : LINK.matcher(prose(page)).results().toList()) {
        if (!link.group(1).contains("://")) {
          Path target = page.resolveSibling(link.group(1)).normalize();
          if (!Files.exists(target)) {
            broken.add(ROOT.relativize(target).toString());
          } else if (link.group(2) != null) {
            assertThat(headings(target)).as("%s in %s", link.group(), page).contains(link.group(2));
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> below = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")),
              below.filter(page -> page.toString().endsWith(".md")))
          .sorted()
          .toList();
    }
  }

  /** A page without its blocks of code. */
  private static String prose(Path page) throws IOException {
    return FENCED.matcher(Files.readString(page)).replaceAll("");
  }

  private static List<String> headings(Path page) throws IOException {
    return prose(page)
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(java.util.Locale.ROOT))
        .map(line -> line.replaceAll("[^a-z0-9_ -]", "").replace(' ', '-'))
        .toList();
  }

  private static Stream<String> blocks(Path page, String language) throws IOException {
    return FENCED
        .matcher(Files.readString(page))
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2));
  }

  private static List<String> linesThatStartWith(String start) throws IOException {
    var lines = new java.util.ArrayList<String>();
    for (Path page : pages()) {
      // CONTRIBUTING.md has its commands in a block without a language.
      Stream.concat(blocks(page, "sh"), blocks(page, ""))
          .flatMap(String::lines)
          .filter(line -> line.startsWith(start))
          .forEach(lines::add);
    }
    return lines;
  }

  private static List<String> words(String command) {
    return List.of(command.replaceFirst("\\s#.*", "").strip().split("\\s+", -1));
  }

  /** First column of the table that follows a heading of the README, without code marks. */
  private static List<String> firstColumn(String heading) throws IOException {
    String text = Files.readString(ROOT.resolve("README.md"));
    assertThat(text).contains("\n" + heading + "\n");
    return text.substring(text.indexOf("\n" + heading + "\n"))
        .lines()
        .dropWhile(line -> !line.startsWith("| `"))
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> line.replaceFirst("^\\| `([^`]*)`.*", "$1"))
        .toList();
  }

  private static List<String> codesIn(String page) throws IOException {
    return Pattern.compile("(?m)^\\| (\\d+) \\|")
        .matcher(Files.readString(ROOT.resolve(page)))
        .results()
        .map(row -> row.group(1))
        .toList();
  }

  private static boolean has(String yaml, String dottedKey) {
    int dot = dottedKey.indexOf('.');
    return Pattern.compile(
            "(?m)^%s:\n(?:  .*\n)*?  %s:"
                .formatted(dottedKey.substring(0, dot), dottedKey.substring(dot + 1)))
        .matcher(yaml)
        .find();
  }

  private static PrintWriter writer(StringWriter text) {
    return new PrintWriter(text, true);
  }
}
