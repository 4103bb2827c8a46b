package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a server that answers what it is told. Nobody listens on 127.0.0.2 and 127.0.0.3. */
@Timeout(60)
class OutgoingClientTest {

  private static final Duration PLENTY = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final AtomicReference<String[]> addresses =
      new AtomicReference<>(new String[] {"127.0.0.1"});
  private final OutgoingClient client =
      new OutgoingClient(this::lookUp, Duration.ofSeconds(10), null);
  private ScriptedTarget server;

  @BeforeEach
  void open() throws IOException {
    server = new ScriptedTarget();
    server.answers(OK, false);
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
  }

  private InetAddress[] lookUp(String host) {
    return Arrays.stream(addresses.get())
        .map(OutgoingClientTest::address)
        .toArray(InetAddress[]::new);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          204 No Content^Content-Length: 2^^ok                        | 204
          204 No Content^Transfer-Encoding: chunked^^2^ok^0^^         | 204
          200 OK^X Y: 1^Content-Length: 2^^ok                         | 200
          200 OK^X-Y : 1^Content-Length: 2^^ok                        | 200
          200 OK^X-Y: a\u0001b^Content-Length: 2^^ok                  | 200
          200 OK^X-Y: a\u0000b^Content-Length: 2^^ok                  | 200
          200 OK^: no name^Content-Length: 2^^ok                      | 200
          200 OK^no colon^Content-Length: 2^^ok                       | 200
          200 OK^ folded^Content-Length: 2^^ok                        | 200
          200 OK^Content-Length: 2^Content-Length: 3^^ok              | 200
          200 OK^Content-Length: 2^Transfer-Encoding: chunked^^2^ok^0^^ | 200
          200 OK^Content-Length: two^^ok                              | 200
          200 OK^Content-Length: -2^^ok                               | 200
          200 OK^Content-Length: 99999999999999999999^^ok             | 200
          200 OK^Transfer-Encoding: chunked^^zz^ok                    | 200
          200 OK^Transfer-Encoding: gzip^^ok                          | 200
          200 OK^Content-Le                                           | 200
          200 OK^                                                     | 200
          200^Content-Length: 2^^ok                                   | 200
          200 OK~^Content-Length: 2^^ok                               | 200
          200 O~K^Content-Length: 2^^ok                               | 200
          429 ~~^Content-Length: 2^^ok                                | 429
          100 Continue~^^HTTP/1.1 201 Created~^^ok                    | 201
          503 ^Retry-After: 7^X Y^Content-Length: 2^^ok               | 503
          100 Continue^^HTTP/1.1 201 Created^^ok                      | 201
          103 Early Hints^Link: x y^^HTTP/1.1 500 Oh^^                | 500
          """)
  void aStatusThatCameCountsWhateverIsWrongWithTheRest(String answer, int status) throws Exception {
    String bytes =
        "HTTP/1.1 " + answer.replace("^", "\r\n").replace('~', '\r').replace("\\u0001", "\u0001");
    for (boolean closes : new boolean[] {true, false}) {
      server.answers(bytes.replace("\\u0000", "\0"), closes);
      assertThat(post("a", closes ? PLENTY : SHORT).status()).isEqualTo(status);
      server.awaitClosed(closes);
    }
    server.answers(OK, false);
    assertThat(post("a", PLENTY).status()).as("the answer after it").isEqualTo(200);
  }

  @Test
  void aBodyKeepsItsCarriageReturns() throws Exception {
    for (int i = 0; i < 2; i++) {
      server.answers("HTTP/1.1 200 O\rK\r\r\nContent-Length: 6\r\n\r\na\rb\r\rc", false);
      assertThat(post("a", PLENTY).bytes()).asString().isEqualTo("a\rb\r\rc");
      assertThat(server.connections).hasSize(1);
    }
  }

  @Test
  void aLongHeadAndBareLineFeedsAreAnAnswer() throws Exception {
    server.answers("HTTP/1.1 200 OK\nContent-Length: 2\nRetry-After: 5\n\nok", false);
    Answer answer = post("a", PLENTY);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("ok");
    assertThat(answer.header("retry-after")).isEqualTo("5");
    server.answers("HTTP/1.1 503 \r\nX: \u0001\r\nRetry-After: 7\r\n\r\n", true);
    assertThat(post("a", PLENTY).header("Retry-After")).isEqualTo("7");
    server.awaitClosed(true);
    server.answers("HTTP/1.1 200 OK\r\nX: " + "x".repeat(200_000) + "\r\n\r\nok", false);
    assertThat(post("a", PLENTY).status()).isEqualTo(200);
  }

  @Test
  void whatIsNoAnswerIsToldWithHostAddressAndReason() {
    server.answers("SSH-2.0-OpenSSH\u009B1m\r\n", false);
    assertThatThrownBy(() -> post("a", PLENTY))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "no answer from a: 127.0.0.1:%d: what came is not an answer of HTTP/1:"
                + " invalid version format: SSH-2.0-OPENSSH\uFFFD1M",
            server.port());
    server.answers("", true);
    assertThatThrownBy(() -> post("a", PLENTY))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("no answer from a: 127.0.0.1:%d: ", server.port());
    server.answers("HTTP/1.1 20", false);
    assertThatThrownBy(() -> post("a", SHORT)).isInstanceOf(IOException.class);
  }

  @Test
  void allAddressesAreTriedInTheirOrder() throws Exception {
    addresses.set(new String[] {"127.0.0.2", "127.0.0.3", "127.0.0.1"});
    assertThat(post("a", PLENTY).status()).isEqualTo(200);
    assertThat(server.requests).hasSize(1);
    addresses.set(new String[] {"127.0.0.2", "127.0.0.3"});
    assertThatThrownBy(() -> post("a", PLENTY))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "no answer from a: 127.0.0.2:%1$d: Connection refused;"
                + " 127.0.0.3:%1$d: Connection refused",
            server.port());
  }

  @Test
  void noOtherAddressIsTriedOnceTheRequestWasSent() throws Exception {
    try (ScriptedTarget first = new ScriptedTarget("127.0.0.2", server.port())) {
      first.answers("", true);
      addresses.set(new String[] {"127.0.0.2", "127.0.0.1"});
      assertThatThrownBy(() -> post("a", PLENTY))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("no answer from a: 127.0.0.2:%d: ", server.port());
      assertThat(first.requests).hasSize(1);
    }
    assertThat(server.requests).isEmpty();
  }

  @Test
  void lookUpAndAnswerShareOneTimeLimit() {
    server.answers("", false);
    CountDownLatch never = new CountDownLatch(1);
    OutgoingHost.Lookup slow =
        host -> {
          try {
            never.await(1_800, TimeUnit.MILLISECONDS);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return lookUp(host);
        };
    try (OutgoingClient own = new OutgoingClient(slow, PLENTY, null)) {
      long begun = System.nanoTime();
      assertThatThrownBy(() -> send(own, server.url("a"), "", Duration.ofSeconds(2)))
          .isInstanceOf(IOException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(3_500));
    }
  }

  @Test
  void aConnectionIsUsedAgainAsLongAsItIsSound() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(post("a", PLENTY).text()).isEqualTo("ok");
    }
    assertThat(server.connections).hasSize(1);
    String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    server.answers(chunked + "2;x=y\r\nok\r\n0\r\nT: r\r\n\r\n", false);
    assertThat(post("a", PLENTY).text()).isEqualTo("ok");
    assertThat(post("a", PLENTY).body()).isEqualTo(Answer.Body.WHOLE);
    assertThat(server.connections).hasSize(1);
    server.answers(OK + "and more", false);
    post("a", PLENTY);
    assertThat(post("a", PLENTY).text()).isEqualTo("ok");
    assertThat(server.connections).hasSize(2);
  }

  @Test
  void aConnectionThatTheServerClosedIsNotUsedAgain() throws Exception {
    post("a", PLENTY);
    server.connections.getFirst().close();
    assertThat(post("a", PLENTY).status()).isEqualTo(200);
    assertThat(server.connections).hasSize(2);
  }

  @Test
  void aNameThatMovedIsFollowed() throws Exception {
    post("a", PLENTY);
    addresses.set(new String[] {"127.0.0.2"});
    assertThatThrownBy(() -> post("a", PLENTY)).hasMessageContaining("127.0.0.2");
  }

  @Test
  void anAnswerThatComesBeforeALongRequestWasReadCounts() throws Exception {
    server.answersUnasked("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    Answer answer = send(client, server.url("a"), "x".repeat(32 << 20), PLENTY);
    assertThat(answer.status()).isEqualTo(413);
  }

  @Test
  void aRequestIsWrittenAsItShouldBe() throws Exception {
    URI url = URI.create("http://a.example:" + server.port() + "?q=ü%20x");
    HttpHeaders headers = new DefaultHttpHeaders().set("user-agent", "own").set("X", "y");
    byte[] body = "body".getBytes(StandardCharsets.UTF_8);
    client.send(new OutgoingRequest("PUT", url, headers, body, 10, 10), PLENTY);
    assertThat(server.requests.getFirst())
        .startsWith("PUT /?q=%C3%BC%20x HTTP/1.1\r\nhost: a.example:" + server.port() + "\r\n")
        .containsOnlyOnce("ser-")
        .contains("\r\ncontent-length: 4\r\n")
        .endsWith("\r\n\r\nbody");
  }

  @Test
  void aProxyIsAskedForTheWholeUrlAndToldOfWhenItRefuses() throws Exception {
    ProxySelector before = ProxySelector.getDefault();
    ProxySelector.setDefault(
        ProxySelector.of(InetSocketAddress.createUnresolved("proxy", server.port())));
    try {
      assertThat(client.get(URI.create("http://a.example/b?c"), 9, PLENTY).status()).isEqualTo(200);
      assertThat(server.requests.getFirst())
          .startsWith("GET http://a.example/b?c HTTP/1.1\r\nhost: a.example\r\n");
      server.answers("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", false);
      assertThatThrownBy(() -> client.get(URI.create("https://a.example/"), 9, PLENTY))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("no answer from a.example: proxy 127.0.0.1:" + server.port())
          .hasMessageContaining("403 Forbidden");
      assertThat(server.requests.getLast()).startsWith("CONNECT a.example:443 HTTP/1.1\r\n");
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  @Test
  void aClosedClientEndsWhatRunsAndTakesNothingMore() throws Exception {
    server.answers("", false);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> ended.complete(catchThrowable(() -> post("a", Duration.ofHours(1)))));
    server.awaitRequest();
    client.close();
    assertThat(ended.get())
        .isInstanceOf(IOException.class)
        .hasMessage("no answer from a: 127.0.0.1:%d: the client was closed", server.port());
    assertThatThrownBy(() -> post("a", PLENTY)).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aBodyIsReadUpToItsLimitAndKeptUpToItsOwn() throws Exception {
    server.answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", false);
    Answer whole = client.send(request(server.url("a"), "", 10, 4), PLENTY);
    assertThat(whole.bytes()).asString().isEqualTo("0123");
    assertThat(whole.body()).isEqualTo(Answer.Body.WHOLE);
    assertThat(client.get(server.url("a"), 9, PLENTY).body()).isEqualTo(Answer.Body.CUT);
    assertThat(server.requests.getLast()).startsWith("GET /orders HTTP/1.1\r\n");
  }

  private Answer post(String host, Duration atMost) throws Exception {
    return send(client, server.url(host), "hello", atMost);
  }

  private static Answer send(OutgoingClient client, URI url, String body, Duration atMost)
      throws Exception {
    return client.send(request(url, body, 100, 100), atMost);
  }

  private static OutgoingRequest request(URI url, String body, int bytesMax, int keptMax) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new OutgoingRequest("POST", url, new DefaultHttpHeaders(), bytes, bytesMax, keptMax);
  }
}
