package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.contract.TestClock;
import dev.afterbay.http.TlsSettings.ClientAuth;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the head of each answer says, by each version of HTTP. */
@Timeout(60)
final class AnswerHeadTest {

  private static final String FIRST = "Thu, 01 Jan 2026 00:00:00 GMT";

  @TempDir private Path folder;

  private final TestAuthority authority = new TestAuthority("Authority");
  private final TestClock clock = new TestClock();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Served served;

  /** An answer's head; header names in lower case. */
  private record Head(int status, Map<String, String> headers) {}

  @BeforeEach
  void serve() {
    ListenerTls tls =
        new TlsFolder(folder).put(authority.server()).trust(authority).open(ClientAuth.NONE);
    served =
        Served.open(
            clock,
            engine -> engine.background(Runnable::run),
            s ->
                new HttpApiSettings(
                    new HttpApiSettings.Listener("127.0.0.1", 0, tls, true),
                    null,
                    null,
                    s.callers(),
                    s.patience(),
                    s.bounds()),
            services -> services);
    open.add(served);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private List<Head> all(String method, String path) {
    return List.of(
        byTcp(HttpClient.Version.HTTP_1_1, method, path),
        byTcp(HttpClient.Version.HTTP_2, method, path),
        byUdp(method, path));
  }

  private Head byTcp(HttpClient.Version version, String method, String path) {
    HttpClient client =
        HttpClient.newBuilder().version(version).sslContext(authority.client(null)).build();
    try (Http http = new Http(URI.create("https://localhost:" + served.port()), client)) {
      Http.Reply reply = http.call(method, path, null);
      assertThat(reply.response().version()).isEqualTo(version);
      Map<String, String> headers = new TreeMap<>();
      reply.response().headers().map().forEach((name, all) -> headers.put(name, all.getFirst()));
      return new Head(reply.status(), headers);
    }
  }

  private Head byUdp(String method, String path) {
    try (Http3Client client = new Http3Client(served.port(), authority, null)) {
      Http3Client.Reply reply = client.call(method, path, null);
      Map<String, String> headers = new TreeMap<>();
      reply
          .headers()
          .forEach(each -> headers.put(each.getKey().toLowerCase(Locale.ROOT), each.getValue()));
      return new Head(reply.status(), headers);
    }
  }

  /** RFC 9110, 6.6.1: a server that has a clock must. */
  @Test
  void everyAnswerSaysWhen() {
    for (String path :
        List.of("/version", "/nowhere", "/jobs?nonsense=1", "/jobs/export?status=done")) {
      all("GET", path)
          .forEach(head -> assertThat(head.headers()).as(path).containsEntry("date", FIRST));
    }
    clock.advance(Duration.ofMillis(999));
    all("GET", "/version").forEach(head -> assertThat(head.headers()).containsEntry("date", FIRST));
    clock.advance(Duration.ofMillis(1));
    all("OPTIONS", "/jobs")
        .forEach(head ->
            assertThat(head.headers()).containsEntry("date", "Thu, 01 Jan 2026 00:00:01 GMT"));
  }

  @Test
  void aStreamAndARefusalOfWhatIsNoHttpSayWhen() throws Exception {
    try (Served clear = Served.on(clock);
        RawClient events = new RawClient(clear.port());
        RawClient broken = new RawClient(clear.port());
        RawClient chunks = new RawClient(clear.port())) {
      assertThat(events.send("GET /events HTTP/1.1\nHost: localhost\n\n").read().headers())
          .containsEntry("date", FIRST);
      assertThat(broken.send("GET /version HTTP/1.1\n bad\n\n").read().headers())
          .containsEntry("date", FIRST);
      String head =
          "POST /queues/q/messages HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n";
      assertThat(chunks.send(head + "\nnonsense\n").read())
          .satisfies(reply -> {
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.headers()).containsEntry("date", FIRST);
          });
    }
  }

  @Test
  void theTimeIsThatOfEachDay() {
    DateHeader header = new DateHeader(() -> clock.now().wall());
    DateTimeFormatter format =
        DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    for (int i = 0; i < 800; i++) {
      assertThat(header.text().toString()).isEqualTo(format.format(clock.now().wall()));
      assertThat(header.text()).as("made once a second").isSameAs(header.text());
      clock.setWall(clock.now().wall().plus(Duration.ofSeconds(86_400 + 3_661)));
    }
  }

  /** RFC 9110, 8.6: it must not be another one than that of the GET, but may be left out. */
  @Test
  void theHeadOfAStreamSaysNoLength() {
    for (String path : List.of("/events", "/jobs/export?status=done")) {
      for (Head head : all("HEAD", path)) {
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).as(path).containsKey("content-type");
        assertThat(head.headers()).as(path).doesNotContainKey("content-length");
      }
    }
    for (String path : List.of("/version", "/nowhere", "/openapi.json")) {
      List<Head> heads = all("HEAD", path);
      List<Head> gets = all("GET", path);
      for (int i = 0; i < heads.size(); i++) {
        assertThat(heads.get(i).headers().get("content-length"))
            .as(path)
            .isNotNull()
            .isEqualTo(gets.get(i).headers().get("content-length"));
      }
    }
  }

  @Test
  void anAddressThatIsTooLongIsRefusedByEachVersion() {
    for (String path : List.of("/" + "x".repeat(9_000), "/jobs?cursor=" + "x".repeat(9_000))) {
      assertThat(all("GET", path)).extracting(Head::status).containsOnly(414);
    }
  }

  /** RFC 9110, 8.6: with a 204 there must be none. */
  @Test
  void whatHasNoBodySaysNoLength() {
    try (Http http =
        new Http(
            URI.create("https://localhost:" + served.port()),
            HttpClient.newBuilder().sslContext(authority.client(null)).build())) {
      http.call("POST", "/queues/q/messages", "x", "Afterbay-Session", "s");
      String token = http.post("/queues/q/sessions/accept", "{}").at("/token");
      String path = "/queues/q/sessions/" + token + "/state";
      for (String method : List.of("GET", "HEAD", "OPTIONS")) {
        for (Head head : all(method, path)) {
          assertThat(head.status()).isEqualTo(204);
          assertThat(head.headers()).as(method).doesNotContainKey("content-length");
        }
      }
    }
  }
}
