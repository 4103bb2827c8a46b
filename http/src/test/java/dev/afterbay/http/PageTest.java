package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The page for operators in a real browser, where there is one. */
final class PageTest extends HttpTest {

  private static final String HOSTILE =
      "\u202e<img src=x onerror=document.title=1><script>document.title=2</script>\"'>";

  private static final String OVERVIEWS =
      "performance.getEntriesByType('resource').filter(each => each.name.includes('/overview'))";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private static Path profile;
  private static Chromium browser;

  private final AtomicInteger asked = new AtomicInteger();
  private volatile CountDownLatch answering = new CountDownLatch(0);
  private volatile List<String> reasons = List.of();
  private BrowserTab tab;

  @Override
  Served open() {
    return Served.with(services ->
        new HttpApiServices(
            services.broker(),
            services.clock(),
            services.defaults(),
            this::reasons,
            services.types(),
            services.meters(),
            services.scrape(),
            services.version(),
            services.sns()));
  }

  /** Every overview tells the health of the server. */
  private List<String> reasons() {
    asked.incrementAndGet();
    try {
      answering.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return reasons;
  }

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> installed = Chromium.installed();
    assumeTrue(installed.isPresent(), "no Chromium on the path");
    browser = Chromium.start(installed.orElseThrow(), profile);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void show() throws Exception {
    tab = browser.open(served.uri().resolve("/"));
  }

  @AfterEach
  void close() {
    answering.countDown();
    tab.close();
  }

  private String text(String id) {
    return tab.value("document.getElementById('" + id + "')?.textContent");
  }

  private void shows(String id, String text) {
    Soon.until(id + " to show " + text, () -> text(id).contains(text));
  }

  private String sent(Map<String, String> message) {
    return http.post("/queues/q/messages/batch", JSON.writeValueAsString(message)).at("/ids/0");
  }

  private void showJob(String id) {
    tab.value("location.hash = '#/jobs/" + id + "'");
  }

  private static String envelope(String subject, String message) {
    Map<String, Object> fields = new HashMap<>();
    fields.put("Type", "Notification");
    fields.put("MessageId", "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324");
    fields.put("TopicArn", "arn:aws:sns:eu-central-1:123456789012:orders");
    fields.put("Subject", subject);
    fields.put("Message", message);
    fields.put("Timestamp", "2026-11-29T10:00:00.000Z");
    fields.put("MessageAttributes", Map.of("tenant", Map.of("Type", "String", "Value", "acme")));
    fields.put("Untrusted", List.of("MessageAttributes"));
    return JSON.writeValueAsString(fields);
  }

  private String sentBySns(String subject, String message) {
    Message stored =
        Message.of("sns", envelope(subject, message)).contentType("application/json").tracked();
    return served.engine.queue("orders").send(stored).toString();
  }

  @Test
  void whatHappensIsShownAsItHappens() {
    shows("live", "live");
    shows("access", "open on loopback");
    shows("ready", "ready");
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
    tab.width(1_600);
    for (int i = 100; i < 130; i++) {
      http.post("/queues/q" + i + "/messages", "x", "Content-Type", "text/plain");
    }
    shows("queues-note", "25 of 30 queues");
    shows("sum-pending", "30");
    shows("queues-rows", "q124");
    assertThat(text("queues-rows")).doesNotContain("q125");
    tab.value("document.getElementById('queues-more').click()");
    shows("queues-note", "5 of 30 queues");
    shows("queues-rows", "q125");
    assertThat(text("queues-rows")).doesNotContain("q124");
    tab.value("document.getElementById('queues-first').click()");
    shows("queues-rows", "q100");
  }

  @Test
  void schedulesAreShownWithWhatTheyDidAndWillDo() throws Exception {
    shows("queues-rows", "No queue yet");
    assertThat(tab.value("document.getElementById('schedules').hidden")).isEqualTo("true");
    http.put(
        "/schedules/nightly",
        "{\"cron\":\"30 2 * * *\",\"zone\":\"Europe/Berlin\","
            + "\"job\":{\"job_type\":\"report\",\"queue\":\"reports\"}}");
    http.put("/schedules/ping", "{\"every\":\"100ms\",\"job\":{\"job_type\":\"ping\"}}");
    shows("schedules-rows", "nightly");
    assertThat(tab.value("document.getElementById('schedules').hidden")).isEqualTo("false");
    assertThat(text("schedules-rows"))
        .contains("active", "30 2 * * * Europe/Berlin", "report", "reports", "in ")
        .contains("every 100ms");
    Soon.until(
        "the last job to be shown",
        () -> !tab.value("document.querySelector('#schedules-rows .last a')?.hash").isEmpty());
    http.post("/schedules/ping/pause");
    shows("schedules-rows", "paused");
    for (int i = 10; i < 22; i++) {
      http.put("/schedules/s" + i, "{\"cron\":\"@yearly\",\"job\":{\"job_type\":\"t\"}}");
    }
    message("q", "what happens has the page look again");
    shows("schedules-rows", "s17");
    tab.width(1_600);
    keepPictures("#/schedules", 1_600);
    assertThat(text("schedules-rows")).doesNotContain("s18");
    tab.value("document.getElementById('schedules-more').click()");
    shows("schedules-rows", "s21");
    assertThat(text("schedules-rows")).doesNotContain("nightly");
    tab.value("document.getElementById('schedules-first').click()");
    shows("schedules-rows", "nightly");
  }

  @Test
  void whatStrangersWroteIsOnlyText() {
    String body = HOSTILE + "x".repeat(200);
    sent(Map.of("body", body, "content_type", "text/html", "session", HOSTILE));
    http.post("/queues/q/messages", "x", "Afterbay-Session", "other");
    http.post("/queues/q/pause", "{\"reason\":\"<img src=x onerror=document.title=3>\"}");
    String sns = sentBySns(HOSTILE, HOSTILE);
    shows("next", "<img src=x");
    shows("queues-rows", "paused");
    String shown = body.replace('\u202e', '\ufffd');
    assertThat(text("next"))
        .contains(shown.substring(0, 100) + "…")
        .doesNotContain(shown.substring(0, 101))
        .contains("session " + HOSTILE.replace('\u202e', '\ufffd'))
        .doesNotContain("\u202e");
    holdsOnlyText();
    assertThat(tab.value("document.title")).isEqualTo("Afterbay");
    showJob(sns);
    shows("job", "document.title=2");
    assertThat(text("job")).doesNotContain("\u202e");
    holdsOnlyText();
    assertThat(tab.value("document.title")).isEqualTo("Job " + sns + " – Afterbay");
  }

  private void holdsOnlyText() {
    assertThat(tab.value("document.querySelectorAll('main img, main script').length"))
        .isEqualTo("0");
    assertThat(
            tab.value(
                "performance.getEntriesByType('resource')"
                    + ".every(each => new URL(each.name).origin === location.origin)"))
        .isEqualTo("true");
  }

  @Test
  void aMessageOfSnsIsShownAsWhatItIs() throws Exception {
    String message = "{\"order\":17,\"total\":12345678901234567890,\"note\":\"" + "n".repeat(90);
    String id = sentBySns("An order", message + "\"}");
    shows("jobs-rows", "An order");
    for (String place : List.of("jobs-rows", "next")) {
      assertThat(text(place))
          .contains(message.substring(0, 100) + "…")
          .doesNotContain(message.substring(0, 101))
          .contains("topic arn:aws:sns:eu-central-1:123456789012:orders")
          .contains("message 22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324")
          .doesNotContain("Notification");
    }
    tab.width(1_600);
    keepPictures("#/sns", 1_600);
    showJob(id);
    shows("job", "SNS message");
    keepPictures("#/jobs/sns", 1_600);
    assertThat(text("job-sns"))
        .contains("An order", "arn:aws:sns:eu-central-1:123456789012:orders")
        .contains("\n  \"order\": 17,\n  \"total\": 12345678901234567890,\n")
        .contains("untrusted", "tenant (String)acme");
    assertThat(text("job-body")).contains("application/json", "\n  \"Type\": \"Notification\"");
  }

  @Test
  void aJobHasAPageThatCanBeKeptAndLeft() {
    String id = job(",\"payload\":{\"to\":[\"a@example.org\"],\"copies\":[]},\"max_attempts\":3");
    shows("jobs-rows", id);
    tab.value("document.querySelector('#jobs-rows a').click()");
    shows("job-body", "{\n  \"to\": [\n    \"a@example.org\"\n  ],\n  \"copies\": []\n}");
    shows("job-attempts", "None yet");
    settle("default", receive("default", 1).getFirst(), "\"retry\",\"delay\":\"0s\"");
    shows("job-attempts", "retry");
    String receipt = receive("default", 1).getFirst();
    http.post(
        "/queues/default/notes",
        "{\"receipt\":\"" + receipt + "\",\"progress\":0.4,\"progress_text\":\"40 of 100\"}");
    shows("job-attempts", "processing");
    shows("job-notes", "40 % 40 of 100");
    settle("default", receipt, "\"fail\",\"reason\":\"no such address\"");
    shows("job-head", "no such address");
    shows("job-attempts", "fail");

    tab.value("history.back()");
    Soon.until(
        "the overview", () -> tab.value("document.getElementById('home').hidden").equals("false"));
    tab.goTo(served.uri().resolve("/#/jobs/" + id));
    tab.value("location.reload()");
    shows("job-head", id);
    tab.goTo(served.uri().resolve("/#/jobs/01a214c1-8a64-7000-af9b-b201f47e86d4"));
    shows("job", "No such job");
    tab.goTo(served.uri().resolve("/#/jobs/%22%3E%F0"));
    shows("job", "No such job");
  }

  @Test
  void whatIsNoTextIsShownByItsFirstBytes() {
    String id = sent(Map.of("body_base64", "AP8gQWZ0ZXJiYXk="));
    shows("next", "binary");
    showJob(id);
    shows("job-body", "0000  00 ff 20 41 66 74 65 72  .. After\n0008  62 61 79");
  }

  @Test
  void aLongBodyIsShownByItsBeginning() {
    String id = sent(Map.of("body", "<a>" + "y".repeat(500_000), "content_type", "text/xml"));
    showJob(id);
    shows("job-body", "this is its beginning");
    assertThat(text("job-body")).contains("<a>yyy").hasSizeBetween(65_536, 66_000);
  }

  @Test
  void theServerIsAskedOnceASecondHoweverMuchHappens() {
    shows("live", "live");
    Soon.until(
        "some overviews",
        () -> {
          message("q", "x");
          return Integer.parseInt(tab.value(OVERVIEWS + ".length")) >= 4;
        });
    String gaps = "(([first, ...rest]) => rest.map((each, i) => each - [first, ...rest][i]))";
    String shortest = "Math.min(..." + gaps + "(" + OVERVIEWS + ".map(each => each.startTime)))";
    assertThat(Double.parseDouble(tab.value(shortest))).isGreaterThan(900);
  }

  @Test
  void aServerThatHasNotAnsweredIsNotAskedAgain() {
    message("q", "first");
    shows("next", "first");
    answering = new CountDownLatch(1);
    int before = asked.get();
    Soon.until("a question", () -> message("q", "x") != null && asked.get() > before);
    passes(Duration.ofMillis(2_500));
    assertThat(asked.get()).isEqualTo(before + 1);
    answering.countDown();
    Soon.until("the next question", () -> asked.get() > before + 1);
  }

  @Test
  void nothingIsAskedForWhileNobodyLooks() {
    shows("queues-rows", "No queue yet");
    shows("live", "live");
    hide(true);
    int before = asked.get();
    message("q", "x");
    passes(Duration.ofMillis(2_500));
    assertThat(asked.get()).isEqualTo(before);
    assertThat(text("events")).as("what a tab is told that sleeps piles up").isEqualTo("Quiet.");
    hide(false);
    shows("next", "x");
    shows("events", "enqueued");
  }

  private void hide(boolean hidden) {
    tab.value(
        "Object.defineProperty(document, 'hidden', { value: "
            + hidden
            + ", configurable: true }) && document.dispatchEvent(new Event('visibilitychange'))");
  }

  /** Time goes on in the browser while things happen. */
  private void passes(Duration time) {
    double end = Double.parseDouble(tab.value("performance.now()")) + time.toMillis();
    Soon.until(
        "time to pass",
        () -> {
          message("q", "x");
          return Double.parseDouble(tab.value("performance.now()")) > end;
        });
  }

  @Test
  void allTabsHaveOneEventStreamTogether() throws Exception {
    shows("live", "live");
    BrowserTab first = tab;
    tab = browser.open(served.uri().resolve("/"));
    shows("live", "live");
    message("q", "x");
    shows("events", "enqueued");
    String events = "document.getElementById('events').textContent";
    Soon.until("both tabs to show it", () -> first.value(events).contains("enqueued"));
    assertThat(streams()).isEqualTo(1);

    first.close();
    message("other", "x");
    shows("events", "other");
    assertThat(streams()).isEqualTo(1);
    tab.goTo(served.uri().resolve("/metrics"));
    Soon.until("the stream to end", () -> streams() == 0);
    tab.goTo(served.uri().resolve("/"));
    shows("live", "live");
    tab.close();
    Soon.until("the stream to end", () -> streams() == 0);
    tab = browser.open(served.uri().resolve("/"));
  }

  @Test
  void aBrowserWithoutSharedWorkersHasAnEventStreamForEachTab() {
    tab.beforeAll("delete window.SharedWorker");
    tab.goTo(served.uri().resolve("/"));
    shows("live", "live");
    message("q", "x");
    shows("events", "enqueued");
  }

  private int streams() {
    return (int) served.meters.get("afterbay.http.streams").gauge().value();
  }

  /** At the width of a telephone, of a tablet and of a screen. */
  @Test
  void nothingIsCutOff() throws Exception {
    String word = "W".repeat(128);
    String name = "\u202e" + "ẅ".repeat(255);
    reasons = List.of("the store failed: " + word.repeat(3));
    http.put("/queues/" + word, "{}");
    http.post("/queues/" + word + "/pause", "{\"reason\":\"" + word.repeat(20) + "\"}");
    String job = hostileJob(word, name);
    String sns = sentBySns(word.substring(28), "{\"" + word + "\":\"" + word.repeat(1_000) + "\"}");
    sent(Map.of("body_base64", "AP8gQWZ0ZXJiYXk=", "type", word, "session", name));
    for (int i = 0; i < 60; i++) {
      message("q" + i, "{\"number\":" + i + "}");
    }
    hostileSchedules(word);
    shows("queues-rows", word);
    shows("schedules-rows", word.substring(1));
    for (String place : List.of("#/", "#/jobs/" + job, "#/jobs/" + sns, "#/jobs/" + word)) {
      tab.value("location.hash = '" + place + "'");
      shows("main", place.equals("#/") ? "q59" : place.substring(7));
      for (int width : List.of(360, 800, 1_600)) {
        tab.width(width);
        assertThat(tab.value(CUT_OFF)).as(place + " at " + width).isEmpty();
        keepPictures(place, width);
      }
    }
  }

  /** One that fires on some days only, and one whose queue takes nothing. */
  private void hostileSchedules(String word) {
    String job = "\"job\":{\"job_type\":\"" + word + "\",\"queue\":\"" + word + "\"}}";
    String days = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28";
    String cron = "\"" + days + " " + days.substring(0, 50) + " " + days + " 12 *\"";
    String zone = "\"zone\":\"America/Argentina/ComodRivadavia\",";
    assertThat(http.put("/schedules/" + word, "{\"cron\":" + cron + "," + zone + job).text())
        .contains("active");
    http.put("/schedules/" + word.substring(1), "{\"every\":\"100ms\"," + job);
    http.put("/queues/" + word, "{\"max_depth\":1}");
    Soon.until(
        "an error",
        () -> !http.get("/schedules/" + word.substring(1)).at("/last_error").equals("null"));
  }

  /** What is broader than the window, or than what it is in. */
  private static final String CUT_OFF =
      """
      [document.documentElement, ...document.querySelectorAll('body *')]
        .filter(each => each.getClientRects().length && !each.closest('thead, svg'))
        .filter(each => each.getBoundingClientRect().right > innerWidth + 0.5
          || (each.scrollWidth > each.clientWidth + 1
            && getComputedStyle(each).display !== 'inline'))
        .map(each => each.tagName + '#' + each.id + '.' + each.className)\
      """;

  /** One that has failed once, and is worked on. */
  private String hostileJob(String word, String name) {
    Map<String, Object> fields = new HashMap<>();
    fields.put("job_type", word);
    fields.put("queue", word);
    fields.put("session", name);
    fields.put("key", name);
    fields.put("correlation_id", name);
    fields.put("attributes", Map.of(word, word.repeat(8), "a", "b"));
    fields.put("payload", Map.of(word, List.of(word.repeat(50), 1, Map.of())));
    String id = http.post("/jobs", JSON.writeValueAsString(fields)).at("/id");
    http.post("/queues/" + word + "/resume");
    String reason = "\"" + word.repeat(15) + "\"";
    settle(word, receive(word, 1).getFirst(), "\"retry\",\"delay\":\"0s\",\"reason\":" + reason);
    String receipt =
        http.post("/queues/" + word + "/receive", "{\"consumer\":\"" + word.repeat(2) + "\"}")
            .at("/deliveries/0/receipt");
    for (String note :
        List.of(
            "\"progress\":0.5,\"progress_text\":" + reason,
            "\"log\":" + reason,
            "\"result\":[" + reason + "]",
            "\"checkpoint_base64\":\"AP8gQWZ0ZXJiYXk=\"")) {
      String told = "{\"receipt\":\"" + receipt + "\"," + note + "}";
      assertThat(http.post("/queues/" + word + "/notes", told).status()).isEqualTo(204);
    }
    http.post("/queues/" + word + "/pause", "{\"reason\":" + reason + "}");
    return id;
  }

  /** To be looked at by a person, in the folder that is named by a property. */
  private void keepPictures(String place, int width) throws Exception {
    String folder = System.getProperty("afterbay.pictures");
    if (folder != null) {
      for (boolean dark : List.of(false, true)) {
        tab.darkness(dark);
        String name = place.replaceAll("[^a-z0-9]", "").replaceAll("^(.{8}).*(.{4})$", "$1$2");
        Path file = Path.of(folder, "page" + name + "-" + width + (dark ? "-dark.png" : ".png"));
        Files.write(file, tab.picture());
      }
      tab.darkness(false);
    }
  }
}
