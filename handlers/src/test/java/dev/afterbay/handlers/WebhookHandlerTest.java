package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueState;
import dev.afterbay.handlers.WebhookHandler.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real server on loopback. */
class WebhookHandlerTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Message MESSAGE =
      Message.of("order", "{\"n\":1.50}").contentType("application/json");

  private final Work work = new Work();
  private final Target target = Target.answering(200);

  @AfterEach
  void close() {
    target.close();
    work.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 204, 299})
  void aSuccessStatusIsDone(int status) {
    answer(status);
    assertThat(handled()).isEqualTo(Outcome.done());
  }

  @Test
  void theMessageIsPostedAsItIsWithWhatIdentifiesIt() {
    Delivery delivery = work.delivery(MESSAGE);
    handle(delivery, settings());
    Target.Request request = target.only();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.uri().getPath()).isEqualTo("/orders");
    assertThat(request.body()).isEqualTo(MESSAGE.body());
    assertThat(request.header("Content-Type")).isEqualTo("application/json");
    assertThat(request.header("Afterbay-Job-Id")).isEqualTo(delivery.job().id().toString());
    assertThat(request.header("Afterbay-Attempt")).isEqualTo("1");
    assertThat(request.header("Afterbay-Queue")).isEqualTo("orders");
    assertThat(request.header("Afterbay-Type")).isEqualTo("order");
    assertThat(request.headers()).doesNotContainKey("Webhook-signature");
    assertThat(request.headers()).doesNotContainKeys("Upgrade", "Http2-settings");
  }

  @Test
  void anEmptyBodyIsSentAsOne() {
    handle(work.delivery(Message.of("ping", new byte[0])), settings());
    assertThat(target.only().body()).isEmpty();
    assertThat(target.only().header("Content-Type")).isEqualTo(Message.BYTES);
  }

  @Test
  void methodAndHeadersAreThoseOfTheConfiguration() {
    Settings s = settings();
    Settings own =
        new Settings(
            s.url(),
            "PUT",
            s.payload(),
            Map.of("Authorization", "Bearer t", "X-A", "ü"),
            null,
            s.success(),
            s.retryAfterMax(),
            s.timeout());
    handle(work.delivery(MESSAGE), own);
    assertThat(target.only().method()).isEqualTo("PUT");
    assertThat(target.only().header("Authorization")).isEqualTo("Bearer t");
    assertThat(own.toString()).doesNotContain("Bearer");
  }

  @Test
  void aRequestIsSignedIfThereIsASecret() {
    WebhookSecret secret = WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    Settings s = settings();
    Settings signed =
        new Settings(
            s.url(),
            "POST",
            s.payload(),
            s.headers(),
            secret,
            s.success(),
            s.retryAfterMax(),
            s.timeout());
    Delivery delivery = work.delivery(MESSAGE);
    handle(delivery, signed);
    Target.Request request = target.only();
    String id = delivery.job().id().toString();
    assertThat(request.header("webhook-id")).isEqualTo(id);
    assertThat(request.header("webhook-timestamp")).isEqualTo("" + NOW.getEpochSecond());
    assertThat(request.header("webhook-signature"))
        .isEqualTo(secret.sign(id, NOW.getEpochSecond(), request.body()));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 599})
  void aTargetInTroubleIsTriedAgainAfterTheBackoff(int status) {
    answer(status);
    assertThat(handled()).isEqualTo(Outcome.retry("127.0.0.1 answered " + status));
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 407, 409, 422, 426})
  void aTargetThatRefusesMakesTheJobFailed(int status) {
    answer(status);
    assertThat(handled()).isEqualTo(Outcome.fail("127.0.0.1 answered " + status));
  }

  @Test
  void redirectsAreNotFollowed() {
    try (Target elsewhere = Target.answering(200)) {
      target.answers(exchange -> {
        exchange.getResponseHeaders().set("Location", elsewhere.uri().toString());
        exchange.sendResponseHeaders(307, -1);
      });
      assertThat(handled()).isInstanceOf(Outcome.Fail.class);
      assertThat(elsewhere.requests).isEmpty();
    }
  }

  @Test
  void configuredSuccessGoesBeforeEveryOtherRule() {
    List<StatusRange> success =
        List.of(StatusRange.parse("202"), StatusRange.parse("404-410"), StatusRange.parse("503"));
    Settings s = settings();
    Settings own =
        new Settings(
            s.url(),
            "POST",
            s.payload(),
            s.headers(),
            null,
            success,
            s.retryAfterMax(),
            s.timeout());
    for (int status : new int[] {202, 404, 410, 503}) {
      answer(status);
      assertThat(handle(work.delivery(MESSAGE), own)).as("" + status).isEqualTo(Outcome.done());
    }
    answer(200);
    assertThat(handle(work.delivery(MESSAGE), own)).isInstanceOf(Outcome.Fail.class);
  }

  @Test
  void theReasonHasTheBeginningOfTheAnswerOnOneLine() {
    answer(422, "no\tsuch\r\nitem " + "ü".repeat(10_000));
    String reason = ((Outcome.Fail) handled()).reason();
    assertThat(reason)
        .startsWith("127.0.0.1 answered 422: no such item üü")
        .hasSizeLessThanOrEqualTo("127.0.0.1 answered 422: ".length() + Answer.TEXT_CHARS_MAX);
  }

  @Test
  void theReasonHasNothingThatATerminalObeys() {
    answer(422, "a\u009B31m \u202Eb\u2028c" + "x".repeat(192) + "\uD83D\uDE00");
    assertThat(((Outcome.Fail) handled()).reason())
        .isEqualTo("127.0.0.1 answered 422: a\uFFFD31m \uFFFDb\uFFFDc" + "x".repeat(190));
  }

  @Test
  void aTargetThatIsGonePausesTheQueueAndTheJobIsReleased() {
    answer(410, "moved away for good");
    assertThat(handled()).isEqualTo(Outcome.release());
    assertThat(work.queue.admin().orElseThrow().state())
        .isEqualTo(
            new QueueState(QueueState.Kind.PAUSED, "127.0.0.1 answered 410: moved away for good"));
  }

  @Test
  void aTargetThatIsDownIsTriedAgain() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Settings down = Settings.of(URI.create("http://127.0.0.1:" + port));
    assertThat(reason(handle(work.delivery(MESSAGE), down)))
        .isEqualTo("no answer from 127.0.0.1: 127.0.0.1:" + port + ": Connection refused");
  }

  @Test
  void aConnectionThatBreaksBeforeTheStatusMeansAnotherAttempt() {
    target.answers(HttpExchange::close);
    assertThat(reason(handled())).startsWith("no answer from 127.0.0.1: ");
  }

  @Test
  void aTargetThatDoesNotAnswerInTimeMeansAnotherAttempt() {
    CountDownLatch never = new CountDownLatch(1);
    target.answers(_ -> await(never));
    assertThat(reason(handle(work.delivery(MESSAGE), settings(Duration.ofMillis(300)))))
        .isEqualTo("no answer from 127.0.0.1: 127.0.0.1:" + target.port() + ": none within PT0.3S");
    never.countDown();
  }

  @Test
  void aStatusCountsWhateverIsWrongWithTheRestOfTheAnswer() throws Exception {
    for (String rest :
        List.of(
            "204 No Content\r\nContent-Length: 2\r\n\r\nok",
            "204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "200 OK\r\nX Y: 1\r\n\r\n",
            "200 OK\r\nX: \u0001\r\n\r\n",
            "200 OK\r\n")) {
      try (ScriptedTarget server = new ScriptedTarget()) {
        server.answers("HTTP/1.1 " + rest, true);
        assertThat(handle(work.delivery(MESSAGE), Settings.of(server.url("127.0.0.1"))))
            .as(rest)
            .isEqualTo(Outcome.done());
      }
    }
  }

  @Test
  void allAddressesOfATargetAreTried() throws Exception {
    OutgoingHost.Lookup dns =
        _ ->
            new InetAddress[] {
              InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.1")
            };
    Settings named = Settings.of(URI.create("http://target.example:" + target.port()));
    try (WebhookHandler handler =
        new WebhookHandler(named, work.queue, InstantSource.fixed(NOW), dns)) {
      assertThat(handler.handle(work.delivery(MESSAGE))).isEqualTo(Outcome.done());
    }
  }

  @Test
  void aBodyWithoutEndCountsByItsStatus() {
    CountDownLatch never = new CountDownLatch(1);
    target.answers(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write("wait for it".getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
      await(never);
    });
    assertThat(handle(work.delivery(MESSAGE), settings(Duration.ofMillis(300))))
        .isEqualTo(Outcome.done());
    never.countDown();
  }

  @Test
  void aHugeBodyIsNotRead() throws InterruptedException {
    CountDownLatch cut = new CountDownLatch(1);
    target.answers(exchange -> {
      exchange.sendResponseHeaders(500, 0);
      byte[] block = "x".repeat(8_192).getBytes(StandardCharsets.UTF_8);
      try (OutputStream body = exchange.getResponseBody()) {
        for (int i = 0; i < 100_000; i++) {
          body.write(block);
        }
      } catch (IOException e) {
        cut.countDown();
      }
    });
    assertThat(handled()).isInstanceOf(Outcome.Retry.class);
    cut.await();
  }

  @Test
  void aSlowAnswerHoldsUpNoOther() throws Exception {
    CountDownLatch slow = new CountDownLatch(1);
    CountDownLatch arrived = new CountDownLatch(1);
    target.answers(exchange -> {
      if (exchange.getRequestHeaders().getFirst("Afterbay-Type").equals("slow")) {
        arrived.countDown();
        await(slow);
      }
      exchange.sendResponseHeaders(200, -1);
    });
    try (WebhookHandler handler =
        new WebhookHandler(settings(), work.queue, InstantSource.fixed(NOW))) {
      Delivery first = work.delivery(Message.of("slow", ""));
      AtomicReference<Outcome> outcome = new AtomicReference<>();
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  outcome.set(handler.handle(first));
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      arrived.await();
      assertThat(handler.handle(work.delivery(Message.of("quick", "")))).isEqualTo(Outcome.done());
      assertThat(outcome.get()).isNull();
      slow.countDown();
      thread.join();
      assertThat(outcome.get()).isEqualTo(Outcome.done());
    }
  }

  @Test
  void anInterruptEndsTheWait() throws InterruptedException {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    target.answers(_ -> {
      arrived.countDown();
      await(never);
    });
    Delivery delivery = work.delivery(MESSAGE);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (WebhookHandler handler =
        new WebhookHandler(settings(), work.queue, InstantSource.fixed(NOW))) {
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  handler.handle(delivery);
                } catch (InterruptedException e) {
                  thrown.set(e);
                }
              });
      arrived.await();
      thread.interrupt();
      thread.join();
    }
    never.countDown();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void aTargetAtAForbiddenAddressIsRefusedAtStart() {
    for (String literal : List.of("169.254.169.254", "[fe80::1]", "0.0.0.0", "[fd00:ec2::254]")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Settings.of(URI.create("http://" + literal + "/latest")))
          .withMessageStartingWith("url: " + literal + " is ");
    }
    Settings named = Settings.of(URI.create("http://metadata/latest"));
    OutgoingHost.Lookup dns = _ -> InetAddress.getAllByName("169.254.169.254");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WebhookHandler(named, work.queue, InstantSource.fixed(NOW), dns))
        .withMessageStartingWith("url: metadata is 169.254.169.254");
  }

  @Test
  void aNameThatLeadsToAForbiddenAddressLaterIsNotCalled() throws Exception {
    AtomicReference<String> address = new AtomicReference<>("127.0.0.1");
    OutgoingHost.Lookup dns = _ -> InetAddress.getAllByName(address.get());
    Settings named = Settings.of(URI.create("http://localhost:" + target.port()));
    try (WebhookHandler handler =
        new WebhookHandler(named, work.queue, InstantSource.fixed(NOW), dns)) {
      assertThat(handler.handle(work.delivery(MESSAGE))).isEqualTo(Outcome.done());
      address.set("169.254.169.254");
      assertThat(reason(handler.handle(work.delivery(MESSAGE))))
          .contains("localhost is 169.254.169.254");
    }
    assertThat(target.requests).hasSize(1);
  }

  @Test
  void aNameThatIsUnknownAtStartMayBeKnownLater() throws Exception {
    AtomicReference<String> address = new AtomicReference<>();
    OutgoingHost.Lookup dns =
        host -> {
          if (address.get() == null) {
            throw new UnknownHostException(host);
          }
          return InetAddress.getAllByName(address.get());
        };
    Settings named = Settings.of(URI.create("http://localhost:" + target.port()));
    try (WebhookHandler handler =
        new WebhookHandler(named, work.queue, InstantSource.fixed(NOW), dns)) {
      assertThat(reason(handler.handle(work.delivery(MESSAGE))))
          .isEqualTo("no answer from localhost: it cannot be looked up: localhost");
      address.set("127.0.0.1");
      assertThat(handler.handle(work.delivery(MESSAGE))).isEqualTo(Outcome.done());
    }
  }

  @Test
  void anSnsJobSaysWhereItIsFrom() {
    handle(
        work.delivery(
            Work.sns(
                """
                {"Type":"Notification","MessageId":"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",\
                "TopicArn":"arn:aws:sns:us-west-2:123456789012:MyTopic",\
                "Subject":" Größe 5 % mehr ","Message":"hello"}\
                """)),
        settings());
    Target.Request request = target.only();
    assertThat(request.header("Afterbay-Sns-Message-Id"))
        .isEqualTo("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324");
    assertThat(request.header("Afterbay-Sns-Topic-Arn"))
        .isEqualTo("arn:aws:sns:us-west-2:123456789012:MyTopic");
    assertThat(request.header("Afterbay-Sns-Subject"))
        .isEqualTo("%20Gr%C3%B6%C3%9Fe 5 %25 mehr%20");
    assertThat(request.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    assertThat(request.body()).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anSnsJobCannotSmuggleHeaders() {
    handle(
        work.delivery(
            Work.sns(
                """
                {"Type":"Notification","MessageId":"a\\r\\nX-Evil: 1","TopicArn":"b\\n",\
                "Message":"hello"}\
                """)),
        settings());
    assertThat(target.only().headers()).doesNotContainKey("X-evil");
    assertThat(target.only().header("Afterbay-Sns-Message-Id")).isEqualTo("a%0D%0AX-Evil: 1");
    assertThat(target.only().headers()).doesNotContainKey("Afterbay-sns-subject");
  }

  @Test
  void aClosedTargetReleasesItsJobs() throws Exception {
    WebhookHandler handler = new WebhookHandler(settings(), work.queue, InstantSource.fixed(NOW));
    handler.close();
    assertThat(handler.handle(work.delivery(MESSAGE))).isEqualTo(Outcome.release());
    assertThat(target.requests).isEmpty();
  }

  private Settings settings() {
    return settings(Duration.ofSeconds(10));
  }

  private Settings settings(Duration timeout) {
    return target.settings(Duration.ofHours(1), timeout);
  }

  private Outcome handled() {
    return handle(work.delivery(MESSAGE), settings());
  }

  private Outcome handle(Delivery delivery, Settings settings) {
    try (WebhookHandler handler =
        new WebhookHandler(settings, work.queue, InstantSource.fixed(NOW))) {
      return handler.handle(delivery);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String reason(Outcome outcome) {
    return ((Outcome.Retry) outcome).reason();
  }

  private void answer(int status) {
    target.answers(exchange -> exchange.sendResponseHeaders(status, -1));
  }

  private void answer(int status, String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    target.answers(exchange -> {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    });
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
