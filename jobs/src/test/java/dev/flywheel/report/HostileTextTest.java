package dev.flywheel.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Text of users and senders never becomes markup, whatever it is. */
class HostileTextTest {
  private static final Path NAUGHTY = Path.of("../../shared/data/naughty-strings/blns.json");

  /** Strings that break out of each place a page has. */
  static List<String> hostile() {
    return List.of(
        "<script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "</style><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "\" autofocus onfocus=\"alert(1)",
        "</dd></dl></article><iframe src=//evil.example>",
        "</text></svg><svg onload=alert(1)>",
        "<!-- ",
        "--><b>",
        "]]><b>",
        "<![CDATA[<b>]]>",
        "&lt;script&gt;&#60;b&#62;",
        "\u2028<b>\u2029",
        "\u202Eevil\u202C",
        "${7*7}<#assign x=1>${page}",
        "javascript:alert(1)",
        "<a href=\"javascript:alert(1)\">x</a>",
        "\u0000<b>\uFFFE\uD800",
        "<base href=//evil.example><meta http-equiv=refresh content=0>",
        "a".repeat(5_000) + "<b>");
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void staysText(String text) {
    assertThat(skeleton(SampleEvidence.html(text))).isEqualTo(skeleton(SampleEvidence.html("x")));
  }

  @Test
  void naughtyStringsStayText() throws IOException {
    assumeThat(NAUGHTY)
        .as("skipped: the naughty strings are not here (../shared/data)")
        .isRegularFile();
    Map<String, Long> benign = skeleton(SampleEvidence.html("x"));
    List<String> strings =
        Arrays.asList(new ObjectMapper().readValue(Files.readString(NAUGHTY), String[].class));
    assertThat(strings).hasSizeGreaterThan(500);
    assertThat(strings)
        .allSatisfy(text -> assertThat(skeleton(SampleEvidence.html(text))).isEqualTo(benign));
  }

  @Test
  void isReadAsItWasWritten() {
    String html = SampleEvidence.html("if (a < b && c > d) \"quote\" 'it'");
    assertThat(Jsoup.parse(html).select("article .example dd").first().wholeText())
        .isEqualTo("if (a < b && c > d) \"quote\" 'it'");
  }

  /** How often each element with its attributes occurs; of labels, only that they are there. */
  private static Map<String, Long> skeleton(String html) {
    return StreamSupport.stream(Jsoup.parse(html).getAllElements().spliterator(), false)
        .collect(Collectors.groupingBy(HostileTextTest::tag, TreeMap::new, Collectors.counting()));
  }

  private static String tag(Element element) {
    return element.tagName()
        + element.attributes().asList().stream()
            .sorted(java.util.Comparator.comparing(Attribute::getKey))
            .map(a -> a.getKey() + "=" + (a.getKey().equals("aria-label") ? "" : a.getValue()))
            .toList();
  }
}
