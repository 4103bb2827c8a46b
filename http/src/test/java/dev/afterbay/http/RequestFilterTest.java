package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.QueueSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call (http-api.md), and at which address. */
final class RequestFilterTest extends HttpTest {

  @Override
  Served open() {
    return Served.open(s ->
        new HttpApiSettings(
            s.main(),
            new HttpApiSettings.Listener("127.0.0.1", 0),
            new HttpApiSettings.Listener("127.0.0.1", 0),
            new HttpApiSettings.Callers(Set.of("queue.example"), TrustedProxies.NONE),
            s.patience(),
            s.bounds()));
  }

  private RawClient.Reply call(int port, String head) {
    try (RawClient client = new RawClient(port)) {
      return client.send(head + "\n\n").read();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.0.0.1:8080",
        "[::1]",
        "[::1]:8080",
        "queue.example",
        "queue.example:443"
      })
  void namesOfThisMachineAreServed(String host) {
    assertThat(call(served.api.port(), "GET /version HTTP/1.1\nHost: " + host).status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[::2]",
        "0.0.0.0",
        "queue.example.",
        "localhost,evil.example"
      })
  void otherNamesAreNot(String host) {
    RawClient.Reply reply = call(served.api.port(), "GET /version HTTP/1.1\nHost: " + host);
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.body()).contains("/problems/forbidden");
  }

  /** RFC 9110, 7.2, and RFC 9112, 3.2: a Host that is none is answered 400, whoever listens. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:80@evil.example",
        "localhost@evil.example",
        "localhost:http",
        "localhost:-1",
        "localhost /",
        "localhost/",
        "localhost#",
        "localhost\\",
        "[::1",
        "[::1]x",
        "::1",
        "a b",
        "ä",
        "%zz"
      })
  void whatIsNoHostIsRefusedEverywhere(String host) {
    for (int port : new int[] {served.api.port(), served.api.snsPort().orElseThrow()}) {
      RawClient.Reply reply = call(port, "GET /health/live HTTP/1.1\nHost: " + host);
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.body()).contains("/problems/invalid");
    }
  }

  @Test
  void aRefusedNameIsCounted() {
    for (int i = 0; i < 3; i++) {
      call(served.api.port(), "GET /version HTTP/1.1\nHost: evil.example");
    }
    assertThat(served.meters.counter("afterbay.http.refused", "header", "host").count())
        .isEqualTo(3);
  }

  /** RFC 9112, 3.2.2: it must be taken, and its host counts instead of the header. */
  @ParameterizedTest
  @CsvSource({
    "http://localhost/version, localhost, 200",
    "HTTP://LOCALHOST:8080/version, evil.example, 200",
    "http://localhost/jobs?limit=1, localhost, 200",
    "http://localhost, localhost, 200",
    "http://localhost?x=1, localhost, 400",
    "http://evil.example/version, localhost, 403"
  })
  void anAbsoluteAddressIsTaken(String url, String host, int status) {
    int port = served.api.adminPort().orElseThrow();
    RawClient.Reply reply = call(port, "GET " + url + " HTTP/1.1\nHost: " + host);
    assertThat(reply.status()).isEqualTo(status);
  }

  /** RFC 9110, 9.3.7. */
  @Test
  void theServerAsAWholeHasOptions() {
    int port = served.api.port();
    assertThat(call(port, "OPTIONS * HTTP/1.1\nHost: localhost").status()).isEqualTo(204);
    assertThat(call(port, "OPTIONS * HTTP/1.1\nHost: evil.example").status()).isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Sec-Fetch-Site: same-origin                                   | 201
          Sec-Fetch-Site: none                                          | 201
          Sec-Fetch-Site: cross-site                                    | 403
          Sec-Fetch-Site: same-site                                     | 403
          Origin: http://localhost:8080                                 | 201
          Origin: http://localhost                                      | 403
          Origin: http://evil.example                                   | 403
          Origin: null                                                  | 403
          Origin: https://localhost:8080                                | 403
          Origin: ftp://localhost:8080                                  | 403
          Origin: localhost:8080                                        | 403
          Origin: HTTP://LOCALHOST:8080                                 | 201
          Origin: https://localhost:8080~X-Forwarded-Proto: https       | 201
          Origin: https://localhost:8080~Forwarded: for=_x;proto=https  | 201
          Origin: http://localhost:8080~X-Forwarded-Proto: https        | 403
          Origin: https://localhost:8080~X-Forwarded-Proto: http        | 403
          Origin: https://localhost~X-Forwarded-Proto: https            | 403
          Origin: https://localhost:8080~Forwarded: proto=https, proto=http | 201
          X: nothing                                                    | 201
          """)
  void onlyTheSameOriginMayChangeSomething(String header, int status) {
    String head = "POST /queues/q/messages HTTP/1.1\nHost: localhost:8080\nContent-Length: 0\n";
    String sent = header.replace('~', '\n');
    assertThat(call(served.api.port(), head + sent).status()).isEqualTo(status);
    String get = "GET /version HTTP/1.1\nHost: localhost:8080\n";
    assertThat(call(served.api.port(), get + sent).status()).isEqualTo(200);
  }

  /** RFC 6454, 4: the port that a scheme has by itself is the same, named or not. */
  @ParameterizedTest
  @CsvSource({
    "localhost, Origin: http://localhost:80, 201",
    "localhost:80, Origin: http://localhost, 201",
    "localhost:443, Origin: http://localhost, 403",
    "'localhost:443\nX-Forwarded-Proto: https', Origin: https://localhost, 201",
    "'localhost:80\nX-Forwarded-Proto: https', Origin: https://localhost, 403"
  })
  void thePortOfASchemeNeedNotBeNamed(String host, String origin, int status) {
    String head = "POST /queues/q/messages HTTP/1.1\nContent-Length: 0\nHost: " + host + "\n";
    assertThat(call(served.api.port(), head + origin).status()).isEqualTo(status);
  }

  @Test
  void managementHasItsOwnAddress() {
    URI admin = URI.create("http://127.0.0.1:" + served.api.adminPort().orElseThrow());
    try (Http other = new Http(admin, HttpClient.Version.HTTP_1_1)) {
      for (String path : new String[] {"/", "/metrics"}) {
        assertThat(http.get(path).status()).as(path).isEqualTo(404);
        assertThat(other.get(path).status()).as(path).isEqualTo(200);
      }
      assertThat(http.post("/backup").status()).isEqualTo(404);
      assertThat(other.post("/backup").status()).isEqualTo(422); // It is in memory.
      assertThat(http.put("/queues/q", "{}").status()).isEqualTo(405);
      assertThat(other.put("/queues/q", "{}").status()).isEqualTo(201);
      assertThat(http.post("/queues/q/messages", "x").status()).isEqualTo(201);
      assertThat(other.get("/queues/q").at("/pending")).isEqualTo("1");
    }
  }

  @Test
  void theSnsAddressServesNothingElse() {
    int port = served.api.snsPort().orElseThrow();
    for (String host : new String[] {"localhost", "public.example"}) {
      assertThat(call(port, "GET /health/live HTTP/1.1\nHost: " + host).status()).isEqualTo(200);
      for (String path : new String[] {"/", "/jobs", "/queues", "/metrics", "/version"}) {
        assertThat(call(port, "GET " + path + " HTTP/1.1\nHost: " + host).status())
            .as(path)
            .isEqualTo(404);
      }
    }
  }

  @Test
  void aPortInUseIsNamed() {
    int port = served.api.port();
    org.assertj.core.api.Assertions.assertThatThrownBy(() ->
            HttpApi.open(
                HttpApiSettings.on("127.0.0.1", port),
                new HttpApiServices(
                    served.engine,
                    served.engine.clock()::now,
                    QueueSettings.STANDARD,
                    HttpApiServices.Health.GOOD,
                    HttpApiServices.Types.ANY,
                    served.meters,
                    type -> type,
                    "1",
                    null)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1:" + port);
  }
}
