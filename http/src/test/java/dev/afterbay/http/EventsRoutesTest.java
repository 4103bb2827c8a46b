package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Event;
import dev.afterbay.Watch;
import dev.afterbay.client.HttpBroker;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The section Live of http-api.md. */
final class EventsRoutesTest extends HttpTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration SHORT = Duration.ofMillis(200);

  private final List<RawClient> clients = new ArrayList<>();

  @Override
  Served open() {
    HttpApiSettings.Patience p = HttpApiSettings.Patience.STANDARD;
    HttpApiSettings.Patience impatient =
        new HttpApiSettings.Patience(
            p.header(), Duration.ofSeconds(1), p.idle(), p.answer(), p.close(), SHORT);
    return Served.open(s ->
        new HttpApiSettings(
            s.main(),
            null,
            null,
            s.callers(),
            impatient,
            new HttpApiSettings.Bounds(100, 64 << 20, 2)));
  }

  @AfterEach
  void closeClients() {
    clients.forEach(RawClient::close);
  }

  /** A stream whose header was read. */
  private RawClient stream(String path, String headers) throws IOException {
    RawClient client = new RawClient(served.api.port());
    clients.add(client);
    client.send("GET " + path + " HTTP/1.1\nHost: localhost\n" + headers + "\n");
    RawClient.Reply head = client.read();
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers())
        .containsEntry("content-type", "text/event-stream; charset=utf-8")
        .containsEntry("cache-control", "no-store")
        .containsEntry("x-accel-buffering", "no");
    return client;
  }

  /** The next block; lines that begin a chunk are left out. */
  private static Map<String, String> block(RawClient stream) throws IOException {
    Map<String, String> block = new LinkedHashMap<>();
    while (true) {
      String line = stream.line();
      int colon = line.indexOf(": ");
      if (colon >= 0) {
        block.put(line.substring(0, colon), line.substring(colon + 2));
      } else if (line.isEmpty() && !block.isEmpty()) {
        return block;
      }
    }
  }

  /** The next block that is an event. */
  private static Map<String, String> event(RawClient stream) throws IOException {
    Map<String, String> block = block(stream);
    while (!block.containsKey("event")) {
      block = block(stream);
    }
    Documented.checkEvent(block.get("event"), block.get("data"));
    return block;
  }

  @Test
  void whatHappensIsTold() throws Exception {
    RawClient stream = stream("/events", "");
    block(stream);
    String id = job("");
    Map<String, String> enqueued = event(stream);
    assertThat(enqueued.get("event")).isEqualTo("enqueued");
    JsonNode data = JSON.readTree(enqueued.get("data"));
    assertThat(data.propertyNames())
        .containsExactly("at", "queue", "id", "job_type", "status", "attempt");
    assertThat(data.at("/id").asString()).isEqualTo(id);
    assertThat(data.at("/queue").asString()).isEqualTo("default");
    assertThat(data.at("/job_type").asString()).isEqualTo("email");
    assertThat(data.at("/status").asString()).isEqualTo("pending");

    settle("default", receive("default", 1).getFirst(), "\"fail\",\"reason\":\"bad\"");
    Map<String, String> leased = event(stream);
    assertThat(leased.get("event")).isEqualTo("leased");
    assertThat(JSON.readTree(leased.get("data")).at("/status").asString()).isEqualTo("processing");
    JsonNode failed = JSON.readTree(event(stream).get("data"));
    assertThat(failed.at("/status").asString()).isEqualTo("failed");
    assertThat(failed.at("/attempt").asInt()).isEqualTo(1);
    assertThat(failed.at("/error").asString()).isEqualTo("bad");
  }

  @Test
  void aDelayedSendIsOneEvent() throws Exception {
    RawClient stream = stream("/events", "");
    block(stream);
    job(",\"delay\":\"300ms\"");
    assertThat(event(stream).get("event")).isEqualTo("scheduled");
    assertThat(event(stream).get("event")).isEqualTo("enqueued");
  }

  @Test
  void aRetryTellsWhenItIsDue() throws Exception {
    RawClient stream = stream("/events?types=retried,scheduled", "");
    block(stream);
    String id = job(",\"run_at\":\"2099-01-01T00:00:00Z\"");
    assertThat(JSON.readTree(event(stream).get("data")).at("/due").asString())
        .isEqualTo("2099-01-01T00:00:00.000Z");
    http.post("/jobs/" + id + "/run-now");
    settle("default", receive("default", 1).getFirst(), "\"retry\",\"delay\":\"1h\"");
    JsonNode retried = JSON.readTree(event(stream).get("data"));
    Instant at = Instant.parse(retried.at("/at").asString());
    Duration pause = Duration.between(at, Instant.parse(retried.at("/due").asString()));
    assertThat(pause).isCloseTo(Duration.ofHours(1), Duration.ofMillis(100));
  }

  @Test
  void aJobThatIsForgottenAsItEndsIsDone() throws Exception {
    RawClient stream = stream("/events?types=done", "");
    block(stream);
    message("q", "x");
    settle("q", receive("q", 1).getFirst(), "\"done\"");
    assertThat(JSON.readTree(event(stream).get("data")).at("/status").asString()).isEqualTo("done");
  }

  @Test
  void eventsAreFiltered() throws Exception {
    RawClient byQueue = stream("/events?queue=b", "");
    RawClient byType = stream("/events?types=cancelled,queue-paused", "");
    block(byQueue);
    block(byType);
    job(",\"queue\":\"a\"");
    String id = job(",\"queue\":\"b\"");
    http.post("/jobs/" + id + "/cancel");
    http.post("/queues/a/pause", "{\"reason\":\"x\"}");
    assertThat(event(byQueue).get("data")).contains(id);
    assertThat(event(byType).get("event")).isEqualTo("cancelled");
    assertThat(event(byType).get("event")).isEqualTo("queue-paused");
    byType.close();
    Soon.until(
        "a place", () -> served.meters.get("afterbay.http.requests.open").gauge().value() < 2);
    RawClient byJob = stream("/events?job=" + id, "");
    block(byJob);
    job("");
    http.post("/jobs/" + id + "/redrive");
    assertThat(event(byJob).get("event")).isEqualTo("redriven");
  }

  @Test
  void wrongFiltersAreNamed() {
    assertThat(http.get("/events?types=done,nonsense").at("/field")).isEqualTo("types");
    assertThat(http.get("/events?nonsense=1").at("/field")).isEqualTo("nonsense");
  }

  @Test
  void aStreamGoesOnWhereItStopped() throws Exception {
    RawClient first = stream("/events", "");
    block(first);
    String a = job("");
    String position = event(first).get("id");
    first.close();
    String b = job("");
    RawClient second = stream("/events", "Last-Event-ID: " + position + "\n");
    assertThat(event(second).get("data")).contains(b).doesNotContain(a);
  }

  /** Else a connection that breaks after the first block would skip all that was to follow. */
  @Test
  void aStreamThatGoesOnBeginsWithThePlaceItWasGiven() throws Exception {
    RawClient first = stream("/events", "");
    String before = block(first).get("id");
    List<String> jobs = List.of(job(""), job(""), job(""));
    String place = before;
    for (String job : jobs) {
      RawClient again = stream("/events", "Last-Event-ID: " + place + "\n");
      assertThat(block(again)).doesNotContainKey("event").containsEntry("id", place);
      Map<String, String> next = block(again);
      assertThat(next.get("data")).contains(job);
      place = next.get("id");
      again.close();
      Soon.until(
          "its end", () -> served.meters.get("afterbay.http.requests.open").gauge().value() == 1);
    }
    try (HttpBroker broker = served.broker();
        Watch watch = broker.jobs().orElseThrow().watch(before)) {
      assertThat(watch.position()).isEqualTo(before);
      for (int i = 0; i < jobs.size(); i++) {
        List<Event> events = watch.next(1, Duration.ofSeconds(10));
        assertThat(watch.position()).isEqualTo(events.getLast().position());
      }
      assertThat(watch.position()).isEqualTo(place);
    }
  }

  @Test
  void aQuietStreamMovesOnAndSaysSo() throws Exception {
    RawClient stream = stream("/events?queue=other", "");
    String before = block(stream).get("id");
    String id = job("");
    Map<String, String> comment = block(stream);
    assertThat(comment).doesNotContainKey("event");
    while (comment.get("id").equals(before)) {
      comment = block(stream);
    }
    RawClient next = stream("/events", "Last-Event-ID: " + comment.get("id") + "\n");
    String second = job("");
    assertThat(event(next).get("data")).contains(second).doesNotContain(id);
  }

  @Test
  void aPlaceThatIsTooOldOrNoneIsReset() throws Exception {
    for (String place : List.of("nonsense", "999999-1")) {
      RawClient stream = stream("/events", "Last-Event-ID: " + place + "\n");
      Map<String, String> reset = block(stream);
      assertThat(reset.get("event")).isEqualTo("reset");
      assertThat(reset.get("data")).isEqualTo("{}");
      String id = job("");
      assertThat(event(stream).get("data")).contains(id);
      stream.close();
      Soon.until(
          "its end", () -> served.meters.get("afterbay.http.requests.open").gauge().value() == 0);
    }
  }

  @Test
  void aReaderThatDoesNotReadIsCutOff() throws Exception {
    RawClient stream = stream("/events", "");
    String line = "{\"body\":\"x\"}\n".repeat(1_000);
    for (int i = 0; i < 60; i++) {
      assertThat(http.post("/queues/q/messages/batch", line).status()).isEqualTo(201);
    }
    Soon.until(
        "its end",
        () -> {
          var cut = served.meters.find("afterbay.http.streams.cut.off").counter();
          return cut != null && cut.count() == 1;
        });
    Map<String, String> last = Map.of();
    try {
      while (true) {
        last = block(stream);
      }
    } catch (EOFException e) {
      assertThat(last.get("event")).isEqualTo("reset");
    }
  }

  @Test
  void thereAreOnlySoManyStreams() throws Exception {
    stream("/events", "");
    stream("/events", "");
    Http.Reply reply = http.get("/events");
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.header("Retry-After")).isPresent();
  }

  @Test
  void aClientOfHttp10GetsNoChunks() throws Exception {
    RawClient stream = new RawClient(served.api.port());
    clients.add(stream);
    stream.send("GET /events HTTP/1.0\nHost: localhost\n\n");
    List<String> head = new ArrayList<>();
    for (String line = stream.line(); !line.isEmpty(); line = stream.line()) {
      head.add(line.toLowerCase(Locale.ROOT));
    }
    assertThat(head).contains("connection: close").noneMatch(each -> each.contains("chunked"));
    assertThat(stream.line()).isEqualTo(": alive");
    job("");
    assertThat(event(stream).get("event")).isEqualTo("enqueued");
  }

  @Test
  void aHeadOfAStreamEnds() {
    assertThat(http.call("HEAD", "/events", null).status()).isEqualTo(200);
  }

  @Test
  void ourOwnClientIsResetToo() throws Exception {
    try (HttpBroker broker = served.broker()) {
      assertThatThrownBy(() -> broker.jobs().orElseThrow().watch("999999-1"))
          .isInstanceOf(Watch.Reset.class);
      try (Watch watch = broker.jobs().orElseThrow().watch(null)) {
        job("");
        List<Event> events = watch.next(10, Duration.ofSeconds(10));
        assertThat(events).hasSize(1);
        served.close();
        assertThatThrownBy(
                () -> {
                  while (true) {
                    watch.next(10, Duration.ofSeconds(10));
                  }
                })
            .isInstanceOf(BrokerException.Unavailable.class);
      }
    }
  }
}
