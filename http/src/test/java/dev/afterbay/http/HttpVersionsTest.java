package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What depends on the version of HTTP, and what does not: RFC 9110 and 9112. */
final class HttpVersionsTest extends HttpTest {

  private static final String BODY = "{\"job_type\":\"a\"}";

  /** RFC 9110, 10.1.1: who speaks HTTP/1.0 knows no answers that come before the answer. */
  @Test
  void http10IsNotToldToContinue() throws IOException {
    String head = "POST /jobs HTTP/1.%d\nHost: localhost\nExpect: 100-continue\nContent-Length: ";
    try (RawClient old = new RawClient(served.port());
        RawClient now = new RawClient(served.port())) {
      old.send(head.formatted(0) + BODY.length() + "\n\n" + BODY);
      assertThat(old.line()).contains(" 201 ");
      now.send(head.formatted(1) + BODY.length() + "\n\n");
      assertThat(now.line()).isEqualTo("HTTP/1.1 100 Continue");
      assertThat(now.line()).isEmpty();
      assertThat(now.send(BODY).read().status()).isEqualTo(201);
    }
  }

  /** RFC 9110, 2.5: as the highest minor version that is known here. */
  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.2", "HTTP/1.9"})
  void aLaterMinorVersionIsServedAsHttp11(String version) throws IOException {
    try (RawClient client = new RawClient(served.port())) {
      for (int i = 0; i < 2; i++) {
        String head = "POST /jobs " + version + "\nHost: localhost\nContent-Length: ";
        client.send(head + BODY.length() + "\n\n" + BODY);
        assertThat(client.read().status()).isEqualTo(201);
      }
      client.send("GET /version " + version + "\nHost: localhost\n\n");
      assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET /version HTTP/2.0,''",
    "GET /version HTTP/3.0,''",
    "GET /version HTTP/0.9,''",
    "POST /jobs HTTP/2.0,{\"job_type\":\"a\"}",
  })
  void anotherMajorVersionIsRefused(String line, String body) throws IOException {
    String request = line + "\nHost: localhost\nContent-Length: " + body.length() + "\n\n" + body;
    try (RawClient client = new RawClient(served.port());
        RawClient other = new RawClient(served.port());
        RawClient later = new RawClient(served.port())) {
      RawClient.Reply reply = client.send(request).read();
      assertThat(reply.status()).isEqualTo(505);
      assertThat(reply.headers())
          .containsEntry("content-type", "application/problem+json")
          .containsEntry("connection", "close")
          .containsKey("date");
      assertThat(reply.body()).contains("\"/problems/http-version-not-supported\"");
      assertThat(client.isClosed()).isTrue();
      assertThat(other.send(request).line()).isEqualTo("HTTP/1.1 505 HTTP Version Not Supported");
      later.send("GET /version HTTP/1.1\nHost: localhost\n\n" + request);
      assertThat(later.read().status()).isEqualTo(200);
      assertThat(later.read().status()).isEqualTo(505);
    }
    assertThat(http.get("/jobs").at("/jobs")).isEqualTo("[]");
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void anAddressHasTheSameLimit(HttpClient.Version version) {
    try (Http any = new Http(served.uri(), version)) {
      any.get("/version"); // JDK's client goes over to HTTP/2 with this.
      String query = "/jobs?limit=1&nonsense=";
      String longest = query + "q".repeat(HttpApi.ADDRESS_BYTES_MAX - query.length());
      assertThat(any.get("/" + "x".repeat(HttpApi.ADDRESS_BYTES_MAX - 1)).status()).isEqualTo(404);
      assertThat(any.get(longest).at("/field")).isEqualTo("nonsense");
      for (String over : new String[] {longest + "q", "/" + "x".repeat(9_000)}) {
        Http.Reply reply = any.get(over);
        assertThat(reply.status()).isEqualTo(414);
        assertThat(reply.problem()).isEqualTo("uri-too-long");
        assertThat(reply.response().version()).isEqualTo(version);
      }
    }
  }
}
