package dev.flywheel.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import dev.flywheel.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page of two made-up weeks in a real browser, opened from its file. */
class ReportPageTest {
  private static final Path SHOTS = Path.of("target", "report-page");

  @TempDir static Path root;
  private static Path latest;
  private static Playwright playwright;
  private static Browser browser;

  @BeforeAll
  static void reportAndOpenBrowser() {
    new ReportStage()
        .run(
            SampleLake.write(root, 250),
            TestSpark.run(SampleLake.ALL),
            TestSpark.settings(Map.of()));
    latest = root.resolve("reports/latest.html");
    playwright = Playwright.create();
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium())
                    // Chromium has no sandbox for root, as whom containers run.
                    .setArgs(List.of("--no-sandbox")));
  }

  @AfterAll
  static void close() {
    if (playwright != null) {
      playwright.close();
    }
  }

  private static Path chromium() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(name -> Stream.of(Path.of("/usr/bin", name), Path.of("/usr/local/bin", name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "The tests of the report page need Chromium: run .ci/chromium, or install it"
                        + " (Debian: apt-get install chromium)."));
  }

  @Test
  void saysWhatRatingsWouldBeIfEverybodyRated() throws IOException {
    assertThat(Files.readString(latest))
        .contains("Of 412 ratings in the same days 91.0% are good. If everybody rated it would be")
        .contains("78.0% (72.0% to 84.0%, doubly robust; 79.0% by weights alone, SNIPS;")
        .contains("the ratings are worth 205 equally weighted ones)");
  }

  /** A page that notes what it asks for and what goes wrong. */
  private record Watched(Page page, List<String> requests, List<String> faults) {
    static Watched open(BrowserContext context, String url) {
      var watched = new Watched(context.newPage(), new ArrayList<>(), new ArrayList<>());
      watched.page.onRequest(request -> watched.requests.add(request.url()));
      watched.page.onConsoleMessage(message -> watched.faults.add(message.text()));
      watched.page.onPageError(watched.faults::add);
      watched.page.onDialog(
          dialog -> {
            watched.faults.add("dialog");
            dialog.dismiss();
          });
      watched.page.addInitScript(
          "document.addEventListener('securitypolicyviolation',"
              + " e => console.error('policy: ' + e.violatedDirective))");
      watched.page.navigate(url);
      return watched;
    }
  }

  private static BrowserContext context(ColorScheme scheme, int width) {
    return browser.newContext(
        new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(width, 900));
  }

  @Test
  void asksForNothingAndBreaksNothing() {
    try (BrowserContext context = context(ColorScheme.LIGHT, 1280)) {
      Watched watched = Watched.open(context, latest.toUri().toString());

      assertThat(watched.requests()).containsExactly(latest.toUri().toString());
      assertThat(watched.faults()).isEmpty();
      assertThat(watched.page().locator("script").count()).isZero();
      // The one style sheet is the one that the policy names.
      assertThat(watched.page().evaluate("document.styleSheets[0].cssRules.length > 50"))
          .isEqualTo(true);
    }
  }

  @Test
  void hostileTextDoesNothing(@TempDir Path folder) throws IOException {
    try (BrowserContext context = context(ColorScheme.LIGHT, 1280)) {
      for (String text : HostileTextTest.hostile()) {
        Path file = Files.writeString(folder.resolve("page.html"), SampleEvidence.html(text));

        Watched watched = Watched.open(context, file.toUri().toString());

        assertThat(watched.requests()).containsExactly(file.toUri().toString());
        assertThat(watched.faults()).as(text).isEmpty();
        watched.page().close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void everyoneCanReadIt(ColorScheme scheme) {
    try (BrowserContext context = context(scheme, 1280)) {
      Page page = Watched.open(context, latest.toUri().toString()).page();
      page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)");

      List<Rule> violations = new AxeBuilder(page).analyze().getViolations();

      assertThat(violations)
          .filteredOn(rule -> List.of("serious", "critical").contains(rule.getImpact()))
          .extracting(rule -> rule.getId() + ": " + rule.getNodes().get(0).getHtml())
          .isEmpty();
    }
  }

  @Test
  void aLinkToAnIssueLeadsThere() {
    try (BrowserContext context = context(ColorScheme.LIGHT, 1280)) {
      Page page = Watched.open(context, latest.toUri() + "#issue-93aa").page();

      assertThat(page.locator("#issue-93aa").boundingBox().y).isBetween(-1.0, 60.0);
      assertThat(page.locator(":target h3").innerText()).isEqualTo("Brief · Frist · Anrede");
    }
  }

  @Test
  void theKeyboardReachesAnIssueFromTheList() {
    try (BrowserContext context = context(ColorScheme.LIGHT, 1280)) {
      Page page = Watched.open(context, latest.toUri().toString()).page();
      page.keyboard().press("Tab");
      assertThat(page.locator(":focus").innerText()).isEqualTo("Skip to the report");

      page.locator(".index a").first().focus();
      page.keyboard().press("Enter");

      assertThat(page.url()).contains("#issue-");
    }
  }

  @Test
  void nothingSticksOutOfAPhone() {
    try (BrowserContext context = context(ColorScheme.LIGHT, 390)) {
      Page page = Watched.open(context, latest.toUri().toString()).page();

      assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
    }
  }

  @Test
  void staysSmall() throws IOException {
    assertThat(Files.size(latest)).isLessThan(500_000);
  }

  /** For people to look at; each is as long as the page. */
  @Test
  void leavesPicturesBehind() throws IOException {
    Files.createDirectories(SHOTS);
    Files.copy(
        latest, SHOTS.resolve("latest.html"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    shoot("light", ColorScheme.LIGHT, 1280, false);
    shoot("dark", ColorScheme.DARK, 1280, false);
    shoot("phone", ColorScheme.LIGHT, 390, false);
    shoot("print", ColorScheme.LIGHT, 794, true);

    assertThat(SHOTS.resolve("phone.png")).isNotEmptyFile();
  }

  private static void shoot(String name, ColorScheme scheme, int width, boolean printed) {
    try (BrowserContext context = context(scheme, width)) {
      Page page = Watched.open(context, latest.toUri().toString()).page();
      page.emulateMedia(
          new Page.EmulateMediaOptions().setMedia(printed ? Media.PRINT : Media.SCREEN));
      page.screenshot(
          new Page.ScreenshotOptions().setPath(SHOTS.resolve(name + ".png")).setFullPage(true));
    }
  }
}
