package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The page for operators in a real browser, where there is one. */
final class PageTest extends HttpTest {

  private static final String HOSTILE =
      "\u202e<img src=x onerror=document.title=1><script>document.title=2</script>\"'>";

  @TempDir private Path profile;
  private Chromium browser;

  @BeforeEach
  void show() throws Exception {
    Optional<Path> installed = Chromium.installed();
    assumeTrue(installed.isPresent(), "no Chromium on the path");
    browser = Chromium.show(installed.orElseThrow(), profile, served.uri().resolve("/"));
  }

  @AfterEach
  void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private String text(String id) {
    return browser.value("document.getElementById('" + id + "')?.textContent");
  }

  private void shows(String id, String text) {
    Soon.until(id + " to show " + text, () -> text(id).contains(text));
  }

  @Test
  void whatHappensIsShownAsItHappens() {
    shows("live", "live");
    shows("access", "open on loopback");
    shows("queues-rows", "No queue yet");
    http.post("/queues/orders/messages", "first", "Content-Type", "text/plain");
    shows("queues-rows", "orders");
    shows("next", "first");
    shows("events", "enqueued");
    settle("orders", receive("orders", 1).getFirst(), "\"fail\",\"reason\":\"out of paper\"");
    shows("jobs-rows", "out of paper");
    shows("sum-failed", "1");
  }

  @Test
  void aPageOfManyQueuesIsShown() {
    for (int i = 100; i < 305; i++) {
      http.post("/queues/q" + i + "/messages", "x", "Content-Type", "text/plain");
    }
    shows("queues-note", "200 queues of more");
    shows("queues-rows", "q299");
    assertThat(text("queues-rows")).doesNotContain("q300");
    browser.value("document.getElementById('queues-more').click()");
    shows("queues-note", "5 queues of more");
    shows("queues-rows", "q300");
    assertThat(text("queues-rows")).doesNotContain("q299");
    browser.value("document.getElementById('queues-first').click()");
    shows("queues-rows", "q100");
  }

  @Test
  void whatStrangersWroteIsOnlyText() {
    String sent = HOSTILE + "x".repeat(200);
    Map<String, String> message =
        Map.of("body", sent, "content_type", "text/html", "session", HOSTILE);
    http.post("/queues/q/messages/batch", JsonMapper.builder().build().writeValueAsString(message));
    http.post("/queues/q/messages", "x", "Afterbay-Session", "other");
    http.post("/queues/q/pause", "{\"reason\":\"<img src=x onerror=document.title=3>\"}");
    shows("next", "<img src=x");
    shows("queues-rows", "paused");
    String shown = sent.replace('\u202e', '\ufffd');
    assertThat(text("next"))
        .contains(shown.substring(0, 100) + "…")
        .doesNotContain(shown.substring(0, 101))
        .contains("session " + HOSTILE.replace('\u202e', '\ufffd'))
        .doesNotContain("\u202e");
    assertThat(browser.value("document.querySelectorAll('main img, main script').length"))
        .isEqualTo("0");
    assertThat(browser.value("document.title")).isEqualTo("Afterbay");
    assertThat(
            browser.value(
                "performance.getEntriesByType('resource')"
                    + ".every(each => new URL(each.name).origin === location.origin)"))
        .isEqualTo("true");
  }
}
