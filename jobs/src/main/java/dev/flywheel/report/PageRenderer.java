package dev.flywheel.report;

import freemarker.core.HTMLOutputFormat;
import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapperBuilder;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a page as one HTML file that needs nothing else: the style is inside, there is no script,
 * and the policy in its head forbids everything but that style.
 *
 * <p>Every value is escaped by the templates' output format; the style sheet is the one exception.
 */
final class PageRenderer {
  private static final String TEMPLATE = "page.ftlh";

  private final Configuration templates;
  private final String style;

  PageRenderer() {
    templates = new Configuration(Configuration.VERSION_2_3_34);
    templates.setClassForTemplateLoading(PageRenderer.class, "");
    templates.setDefaultEncoding(StandardCharsets.UTF_8.name());
    templates.setOutputFormat(HTMLOutputFormat.INSTANCE);
    templates.setObjectWrapper(
        new DefaultObjectWrapperBuilder(Configuration.VERSION_2_3_34).build());
    templates.setLocale(Locale.ROOT);
    templates.setNumberFormat("computer");
    templates.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    // Its message would quote what was rendered; the exception is thrown anyway.
    templates.setLogTemplateExceptions(false);
    templates.setLocalizedLookup(false);
    style = resource("page.css");
  }

  /** The page as HTML. */
  String render(Page page) {
    var html = new StringWriter();
    try {
      templates
          .getTemplate(TEMPLATE)
          .process(Map.of("page", page, "style", style, "styleHash", sha256(style)), html);
    } catch (TemplateException e) {
      // Neither message nor cause: FreeMarker quotes values, which may be users' text.
      throw new IllegalStateException(
          "%s does not fit the page, line %d: %s"
              .formatted(
                  e.getTemplateSourceName(), e.getLineNumber(), e.getBlamedExpressionString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return html.toString();
  }

  private static String resource(String name) {
    try (InputStream in = PageRenderer.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return Base64.getEncoder()
          .encodeToString(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
