package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.contract.ScriptedServer;
import dev.afterbay.contract.ScriptedServer.Step;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections are used again if they are as they should be, and bodies end where they say. */
@Timeout(60)
final class HttpExchangeTest {

  private static final String EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final ScriptedServer server = ScriptedServer.open();
  private final ServerAddress address =
      ServerAddress.of(URI.create("http://localhost:" + server.port() + "/base"), null);
  private final ConnectionPool pool = new ConnectionPool(address, Duration.ofSeconds(5));
  private final RequestHead head = new RequestHead(address, List.of("X-Tenant", "blue"));

  @AfterEach
  void close() {
    pool.close();
    server.close();
  }

  private HttpResponse run(HttpTransport.Call call) throws IOException {
    return new HttpExchange(pool, head.of(call, null), call, Deadline.after(Duration.ofSeconds(30)))
        .run();
  }

  private HttpResponse get() throws IOException {
    return run(HttpTransport.Call.get("/x"));
  }

  private HttpResponse post() throws IOException {
    return run(HttpTransport.Call.post("/x", new byte[] {'{', '}'}));
  }

  private String body(String answer) throws IOException {
    server.answer(answer);
    return new String(get().body(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void aConnectionIsUsedAgain() throws Exception {
    server.script(
        new Step.ReadRequest(),
        new Step.Write(EMPTY),
        new Step.ReadRequest(),
        new Step.Write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 X\r\n\r\n"),
        new Step.ReadRequest(),
        new Step.Write(CHUNKED + "2;a=b\r\nab\r\n0\r\nTrailer: x\r\n\r\n"),
        new Step.Stall());
    post();
    server.script(new Step.Reset());
    assertThat(get().head().status()).isEqualTo(204);
    assertThat(post().body()).asString(StandardCharsets.UTF_8).isEqualTo("ab");
    assertThat(pool.count()).isEqualTo(1);
    assertThat(server.requests())
        .hasSize(3)
        .allSatisfy(request ->
            assertThat(request)
                .contains(" /base/x HTTP/1.1\r\nHost: localhost:" + server.port() + "\r\n")
                .contains("\r\nX-Tenant: blue\r\n"));
  }

  @Test
  void aKeptConnectionThatTheServerClosedIsNotUsed() throws Exception {
    server.answer(EMPTY);
    for (int i = 1; i <= 20; i++) {
      post();
      server.awaitRequestsBeyond(i - 1);
      awaitNoneKept();
    }
    assertThat(pool.count()).isZero();
  }

  private void awaitNoneKept() {
    long until = Deadline.after(Duration.ofDays(1));
    for (HttpConnection kept = pool.take(until); kept != null; kept = pool.take(until)) {
      pool.keep(kept);
      Thread.onSpinWait();
    }
  }

  /** It reads the second request, so nobody can know what it did with it. */
  @Test
  void aChangeIsNeverSentTwiceAndAReadIsWhereNothingCame() throws Exception {
    server.script(new Step.ReadRequest(), new Step.Write(EMPTY), new Step.ReadRequest());
    post();
    assertThatThrownBy(this::post).isInstanceOf(IOException.class);
    assertThat(server.requests()).hasSize(2);
    post();
    get();
    assertThat(server.requests()).hasSize(5);
  }

  @Test
  void aReadThatBreaksOnANewConnectionIsNotSentAgain() {
    server.script(new Step.ReadRequest());
    assertThatThrownBy(this::get).isInstanceOf(EOFException.class);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void whatComesUnaskedBehindAnAnswerIsNotTakenForTheNextOne() throws Exception {
    server.script(new Step.ReadRequest(), new Step.Write(EMPTY + EMPTY), new Step.ReadRequest());
    post();
    server.answer("HTTP/1.1 204 X\r\n\r\n");
    assertThat(post().head().status()).isEqualTo(204);
  }

  @Test
  void aStreamThatIsClosedIsForgotten() throws Exception {
    server.answer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: here\n\n");
    HttpTransport.Call call = HttpTransport.Call.get("/events");
    HttpExchange exchange =
        new HttpExchange(pool, head.of(call, null), call, Deadline.after(Duration.ofSeconds(30)));
    try (InputStream stream = exchange.stream().stream()) {
      assertThat(stream.read()).isEqualTo(':');
      assertThat(pool.count()).isEqualTo(1);
    }
    assertThat(pool.count()).isZero();
  }

  @Test
  void aConnectionWithABodyWhereThereIsNoneIsNotUsedAgain() throws Exception {
    server.answer("HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n");
    post();
    assertThat(pool.count()).isZero();
  }

  @Test
  void anInterimAnswerToALargeBodyIsNoReasonToStop() throws Exception {
    server.script(
        new Step.Write("HTTP/1.1 103 X\r\n\r\n"), new Step.ReadRequest(), new Step.Write(EMPTY));
    byte[] large = new byte[8 << 20];
    assertThat(run(HttpTransport.Call.post("/x", large)).head().status()).isEqualTo(200);
  }

  @Test
  void aBodyWithoutALengthEndsWithTheConnection() throws Exception {
    assertThat(body("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc")).isEqualTo("abc");
    assertThat(body("HTTP/1.0 200 OK\r\n\r\nabcd")).isEqualTo("abcd");
    assertThat(pool.count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2",
        "2\r\nab",
        "2\r\nabc\r\n0\r\n\r\n",
        "2\nab\n0\n\n",
        "x\r\n",
        "-2\r\nab\r\n0\r\n\r\n",
        "0x2\r\nab\r\n0\r\n\r\n",
        " 2\r\nab\r\n0\r\n\r\n",
        "1000000000000000\r\nab\r\n",
        "fffffffffffffff\r\nab",
        "2\r\nab\r\n0\r\n",
        "2\r\nab\r\n0\r\nX: y\r\n"
      })
  void chunksThatAreNoneEndInAFailure(String chunks) {
    assertThatThrownBy(() -> body(CHUNKED + chunks)).isInstanceOf(IOException.class);
    assertThat(pool.count()).isZero();
  }

  @Test
  void whatHasNoEndIsEndedByALimit() {
    server.answer("HTTP/1.1 200 OK\r\nX: " + "y".repeat(70_000));
    assertThatThrownBy(this::get).isInstanceOf(MalformedAnswer.class);
    server.answer("HTTP/1.1 100 Continue\r\n\r\n".repeat(20));
    assertThatThrownBy(this::get).isInstanceOf(MalformedAnswer.class);
    server.answer(CHUNKED + "0\r\n" + ("X: " + "y".repeat(1_000) + "\r\n").repeat(100));
    assertThatThrownBy(this::get).isInstanceOf(MalformedAnswer.class);
    server.answer(CHUNKED + "1;" + "y".repeat(5_000));
    assertThatThrownBy(this::get).isInstanceOf(MalformedAnswer.class);
    server.answer("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\nabc");
    assertThatThrownBy(this::get).hasMessageContaining("longer than 16777216 bytes");
    server.answer("HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\nabc");
    assertThatThrownBy(this::get).isInstanceOf(EOFException.class);
    server.answer(CHUNKED + "fffffff\r\n" + " ".repeat((16 << 20) + 100_000));
    assertThatThrownBy(this::get).hasMessageContaining("longer than 16777216 bytes");
    HttpTransport.Call messages = HttpTransport.Call.get("/x").bringingMessages();
    assertThatThrownBy(() -> run(messages)).isInstanceOf(EOFException.class);
    server.answer("HTTP/1.1 500 X\r\nContent-Length: 16777217\r\n\r\nabc");
    assertThatThrownBy(() -> run(messages)).hasMessageContaining("longer than 16777216 bytes");
  }

  @Test
  void aHeadLongerThanTheBufferIsRead() throws Exception {
    String long1 = "X: " + "y".repeat(20_000) + "\r\n";
    assertThat(body("HTTP/1.1 200 OK\r\n" + long1 + long1 + "Content-Length: 1\r\n\r\nz"))
        .isEqualTo("z");
  }

  @Test
  void bodiesOfAnySizeInAnyChunksComeWhole() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      StringBuilder whole = new StringBuilder();
      StringBuilder chunks = new StringBuilder(CHUNKED);
      for (int n = random.nextInt(6); n > 0; n--) {
        String chunk = Character.toString('a' + n).repeat(1 + random.nextInt(40_000));
        whole.append(chunk);
        chunks.append(Integer.toHexString(chunk.length())).append("\r\n").append(chunk);
        chunks.append("\r\n");
      }
      assertThat(body(chunks + "0\r\n\r\n")).as("seed " + seed).isEqualTo(whole.toString());
      assertThat(body("HTTP/1.1 200 OK\r\nContent-Length: " + whole.length() + "\r\n\r\n" + whole))
          .as("seed " + seed)
          .isEqualTo(whole.toString());
    }
  }

  @Test
  void anInterruptEndsAnExchangeOfAThreadOfThePlatform() throws Exception {
    server.script(new Step.ReadRequest(), new Step.Stall());
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              assertThatThrownBy(this::post).isInstanceOf(IOException.class);
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    server.awaitRequestsBeyond(0);
    thread.interrupt();
    assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    thread.join();
  }

  @Test
  void aPathOrAHeaderCannotBreakALine() {
    assertThatThrownBy(() -> head.of(HttpTransport.Call.get("/x\r\nA: b"), null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> head.of(HttpTransport.Call.get("/x"), "1\r\nA: b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(RequestHead.isHeader("Transfer-Encoding", "x")).isFalse();
    assertThat(RequestHead.isHeader("X Y", "x")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://[::1]:8080", "http://[::1]", "https://host", "http://host:80/p"})
  void theHostIsSentAsTheAddressHasIt(String uri) {
    ServerAddress given = ServerAddress.of(URI.create(uri), null);
    assertThat(given.hostHeader()).isEqualTo(URI.create(uri).getAuthority());
    assertThat(given.host()).doesNotContain("[");
  }
}
