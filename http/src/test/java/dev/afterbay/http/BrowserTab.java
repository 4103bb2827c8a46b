package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** One page that a {@link Chromium} shows, in a window of its own. */
final class BrowserTab {

  private final Chromium browser;
  private final String id;
  private final DevTools tools;

  BrowserTab(Chromium browser, String id, DevTools tools) {
    this.browser = browser;
    this.id = id;
    this.tools = tools;
  }

  /** The value of a JavaScript expression, as text; empty while one page is left for another. */
  String value(String expression) {
    Map<String, ?> asked = Map.of("expression", "String(" + expression + ")");
    JsonNode answer = tools.ask("Runtime.evaluate", asked);
    if (answer.at("/error/message").asString("").contains("context")) {
      return "";
    }
    assertThat(answer.at("/result/exceptionDetails").isMissingNode())
        .as(expression + ": " + answer)
        .isTrue();
    return answer.at("/result/result/value").asString("");
  }

  void goTo(URI page) {
    tools.call("Page.navigate", Map.of("url", page.toString()));
  }

  /** Runs before the scripts of each page that is gone to. */
  void beforeAll(String script) {
    tools.call("Page.enable", Map.of());
    tools.call("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
  }

  /** From now on the page is so wide. */
  void width(int pixels) {
    Map<String, ?> size =
        Map.of("width", pixels, "height", 900, "deviceScaleFactor", 1, "mobile", false);
    tools.call("Emulation.setDeviceMetricsOverride", size);
  }

  void darkness(boolean dark) {
    Map<String, ?> feature =
        Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
    tools.call("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
  }

  /** A PNG of the whole page. */
  byte[] picture() {
    tools.call("Emulation.setScrollbarsHidden", Map.of("hidden", true));
    Map<String, ?> asked = Map.of("format", "png", "captureBeyondViewport", true);
    String png = tools.call("Page.captureScreenshot", asked).path("data").asString();
    tools.call("Emulation.setScrollbarsHidden", Map.of("hidden", false));
    return Base64.getDecoder().decode(png);
  }

  /** As a person closes it. */
  void close() {
    tools.close();
    browser.close(id);
  }
}
