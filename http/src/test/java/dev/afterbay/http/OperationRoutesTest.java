package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Event;
import dev.afterbay.Message;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The section Operation of http-api.md, and what is common to all calls. */
final class OperationRoutesTest extends HttpTest {

  private final List<String> reasons = new ArrayList<>();

  @Override
  Served open() {
    return Served.with(s ->
        new HttpApiServices(
            s.broker(),
            s.clock(),
            s.defaults(),
            () -> List.copyOf(reasons),
            s.types(),
            s.meters(),
            s.scrape(),
            s.version(),
            s.sns()));
  }

  @Test
  void theVersionIsShownWithTheLimits() {
    Http.Reply reply = http.get("/version");
    assertThat(reply.at("/version")).isEqualTo("1.2.3");
    assertThat(reply.at("/access")).isEqualTo("open on loopback");
    assertThat(reply.at("/limits/body_bytes")).isEqualTo("1048576");
  }

  @Test
  void healthSaysWhy() {
    assertThat(http.get("/health/live").text()).isEqualTo("{\"status\":\"ok\",\"reasons\":[]}");
    assertThat(http.get("/health/ready").status()).isEqualTo(200);
    reasons.add("disk full");
    Http.Reply failing = http.get("/health/ready");
    assertThat(failing.status()).isEqualTo(503);
    assertThat(failing.text()).isEqualTo("{\"status\":\"failing\",\"reasons\":[\"disk full\"]}");
    assertThat(http.get("/health/live").status()).isEqualTo(200);
  }

  @Test
  void aDrainingDoorTakesAndHandsOutNothingButSettles() {
    job("");
    String receipt = receive("default", 1).getFirst();
    served.api.drain();
    for (String path : List.of("/jobs", "/queues/q/messages", "/queues/q/receive")) {
      Http.Reply reply = http.post(path, "{}");
      assertThat(reply.status()).as(path).isEqualTo(503);
      assertThat(reply.problem()).isEqualTo("unavailable");
    }
    assertThat(settle("default", receipt, "\"done\"").at("/results/0/ok")).isEqualTo("true");
    assertThat(http.get("/jobs").status()).isEqualTo(200);
    assertThat(http.get("/health/ready").at("/reasons/0")).isEqualTo("draining");
  }

  @Test
  void closingAnswersThoseWhoWait() throws Exception {
    Thread closer =
        Thread.ofVirtual()
            .start(() -> {
              // Its body is taken, so it was let in.
              Soon.until("the waiter", () -> gauge("afterbay.http.body") > 0);
              served.api.close();
            });
    assertThat(http.post("/queues/q/receive", "{\"wait\":\"60s\"}").text())
        .isEqualTo("{\"deliveries\":[]}");
    closer.join();
  }

  private double gauge(String name) {
    return served.meters.get(name).gauge().value();
  }

  @Test
  void whatHappensIsMeasured() {
    job("");
    job(",\"delay\":\"1h\"");
    settle("default", receive("default", 1).getFirst(), "\"done\"");
    assertThat(http.get("/metrics").header("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(
            served
                .meters
                .get("afterbay.queue.jobs")
                .tags("queue", "default", "state", "scheduled")
                .gauge()
                .value())
        .isEqualTo(1);
    for (String event : List.of("enqueued", "scheduled", "leased", "done")) {
      Soon.until(
          event,
          () ->
              served
                      .meters
                      .get("afterbay.events")
                      .tags("queue", "default", "event", event)
                      .counter()
                      .count()
                  == 1);
    }
    assertThat(
            served
                .meters
                .get("afterbay.http.requests")
                .tags("route", "/jobs", "status", "2xx")
                .timer()
                .count())
        .isEqualTo(2);
    assertThat(served.meters.get("afterbay.job.start.delay").timer().count()).isEqualTo(1);
  }

  @Test
  void metricsAreToldInTheFormatThatIsAskedFor() {
    String prometheus = "text/plain; version=0.0.4; charset=utf-8";
    String open = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Map<String, String> types =
        Map.of(
            "*/*",
            prometheus,
            "text/plain",
            prometheus,
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*",
            open);
    types.forEach((accept, type) -> {
      Http.Reply reply = http.call("GET", "/metrics", null, "Accept", accept);
      assertThat(reply.header("Content-Type")).as(accept).contains(type);
      assertThat(reply.text()).as("what the registry was asked for").startsWith(type);
    });
  }

  @Test
  void namesOfQueuesCannotFillTheRegistry() {
    for (int batch = 0; batch < Meters.QUEUES_MAX + 20; batch++) {
      served.engine.queue("q" + batch).send(Message.of("t", ""));
    }
    Soon.until(
        "the others",
        () -> {
          var other =
              served.meters.find("afterbay.events").tags("queue", "other", "event", "enqueued");
          return other.counter() != null && other.counter().count() == 20;
        });
    http.get("/metrics");
    assertThat(served.meters.find("afterbay.queue.oldest.pending.age").gauges())
        .hasSize(Meters.QUEUES_MAX);
  }

  @Test
  void thePageLetsNothingElseRun() {
    Http.Reply page = http.get("/");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.header("X-Content-Type-Options")).contains("nosniff");
    assertThat(page.header("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
        .doesNotContain("unsafe");
    assertThat(page.text())
        .doesNotContainIgnoringCase("style=")
        .doesNotContainPattern("(?i)\\son[a-z]+=")
        .doesNotContainPattern("<script(?! type=\"module\" src=\"page.js\">)")
        .doesNotContainPattern("(src|href)=\"(https?:)?//");
    assertThat(http.get("/page.css").header("Content-Type")).contains("text/css; charset=utf-8");
  }

  @Test
  void theScriptsSetTextOnly() {
    for (String script :
        List.of("page.js", "page-text.js", "page-job.js", "page-events.js", "page-schedules.js")) {
      Http.Reply reply = http.get("/" + script);
      assertThat(reply.header("Content-Security-Policy")).as(script).isPresent();
      assertThat(reply.text())
          .as(script)
          .doesNotContainPattern(
              "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(|new Function");
    }
  }

  @Test
  void thePageHearsOfEverythingThatHappens() {
    assertThat(http.get("/page-events.js").text())
        .contains(Stream.of(Event.Type.values()).map(type -> "'" + type.word() + "'").toList());
  }

  @Test
  void otherPathsAndMethodsAreRefused() {
    assertThat(http.get("/nowhere").problem()).isEqualTo("not-found");
    for (String path : List.of("/jobs/", "//jobs", "/handlers/", "/schedules/", "/sns/webhook")) {
      assertThat(http.get(path).status()).as(path).isEqualTo(404);
    }
    Http.Reply reply = http.call("PATCH", "/jobs", "{}");
    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.problem()).isEqualTo("method-not-allowed");
    assertThat(reply.header("Allow")).contains("GET, POST, HEAD, OPTIONS");
    Http.Reply options = http.call("OPTIONS", "/jobs", null);
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.header("Allow")).contains("GET, POST, HEAD, OPTIONS");
    Http.Reply head = http.call("HEAD", "/queues", null);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.text()).isEmpty();
    assertThat(head.header("Content-Length")).contains("" + http.get("/queues").text().length());
  }

  @Test
  void encodedBodiesAreRefused() {
    Http.Reply reply = http.post("/queues/q/messages", "x", "Content-Encoding", "gzip");
    assertThat(reply.status()).isEqualTo(415);
    assertThat(reply.problem()).isEqualTo("unsupported-media-type");
    assertThat(http.post("/queues/q/messages", "x", "Content-Encoding", "identity").status())
        .isEqualTo(201);
  }

  @Test
  void http2InClearTextIsSpokenToo() {
    try (Http http2 = new Http(served.uri(), HttpClient.Version.HTTP_2)) {
      assertThat(http2.get("/version").response().version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(http2.post("/queues/q/messages", "x".repeat(100_000)).status()).isEqualTo(201);
      assertThat(http2.post("/queues/q/messages", "x".repeat(2_000_000)).status()).isEqualTo(413);
      assertThat(http2.get("/queues/q").at("/pending")).isEqualTo("1");
    }
  }
}
