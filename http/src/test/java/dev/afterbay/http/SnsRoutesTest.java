package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.SessionKeys;
import dev.afterbay.engine.Engine;
import dev.afterbay.http.sns.AllowedTopics;
import dev.afterbay.http.sns.Certificates;
import dev.afterbay.http.sns.OutgoingGet;
import dev.afterbay.http.sns.Regions;
import dev.afterbay.http.sns.SnsSettings;
import dev.afterbay.http.sns.SnsTopic;
import dev.afterbay.http.sns.SnsVerifier;
import dev.afterbay.http.sns.SubscriptionConfirmer;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Real messages of Amazon, from the webhook to the queue (sns.md). */
final class SnsRoutesTest extends HttpTest {

  private static final String FOLDER = "/sns/vectors/java-sdk-v2/";
  private static final String ARN = "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic";
  private static final String SUBSCRIPTION = ARN + ":2bcfbf39-05c3-41de-beaa-fcfcc21c8f55";
  private static final String CERTIFICATE =
      "SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem";

  private final AtomicInteger confirmations = new AtomicInteger();
  private int confirmStatus = 200;
  private boolean resubscribe;
  private Duration answerWithin = SnsWebhook.ANSWER_WITHIN;
  private Duration confirmedWithin = Duration.ZERO;
  private List<SnsTopic> topics = List.of(SnsTopic.of(ARN));
  private final SessionKeys sessions = SessionKeys.field("tenant");
  private TestKeeper keeper;
  private Instant now = Instant.parse("2026-03-06T20:00:28Z");

  @Override
  Served open() {
    return Served.with(this::services);
  }

  private HttpApiServices services(HttpApiServices s) {
    keeper = new TestKeeper(s.broker());
    return new HttpApiServices(
        s.broker(),
        s.clock(),
        s.defaults(),
        s.health(),
        s.types(),
        s.meters(),
        s.scrape(),
        s.version(),
        sns());
  }

  private SnsWebhook sns() {
    SnsSettings settings = SnsSettings.defaults();
    Certificates certificates = new Certificates(this::fetch, () -> now, null, null);
    AllowedTopics allowed = AllowedTopics.of(topics, Regions.builtIn());
    return new SnsWebhook(
        topics.stream()
            .map(topic ->
                new SnsWebhook.Source("orders", topic.arn(), "incoming", allowed, sessions))
            .toList(),
        settings,
        new SnsVerifier(settings, certificates, () -> now),
        new SubscriptionConfirmer(this::fetch),
        allowed,
        resubscribe,
        answerWithin,
        keeper);
  }

  private OutgoingGet.Answer fetch(String url, int bytesMax, Duration atMost) {
    if (url.endsWith(".pem")) {
      return new OutgoingGet.Answer.Ok(resource(CERTIFICATE));
    }
    confirmations.incrementAndGet();
    confirmedWithin = atMost;
    return confirmStatus == 200
        ? new OutgoingGet.Answer.Ok(
            "<x><SubscriptionArn>" + SUBSCRIPTION + "</SubscriptionArn></x>")
        : new OutgoingGet.Answer.Status(confirmStatus);
  }

  private static String resource(String name) {
    try (InputStream in = SnsRoutesTest.class.getResourceAsStream(FOLDER + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Http.Reply post(String path, String file, String... headers) {
    String body = resource(file);
    String time = body.replaceAll("(?s).*\"Timestamp\" : \"([^\"]+)\".*", "$1");
    now = Instant.parse(time).plusSeconds(1);
    String[] all = Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = "Content-Type";
    all[headers.length + 1] = "text/plain; charset=UTF-8";
    return http.post(path, body, all);
  }

  @Test
  void aMessageIsInTheSessionThatItsAttributesSay() {
    String attribute = "{\"tenant\": {\"Type\": \"String\", \"Value\": \"acme\"}}";
    String body =
        resource("notification-v2.json")
            .replaceFirst("\\{", "{\"MessageAttributes\": " + attribute + ",");
    now = Instant.parse(body.replaceAll("(?s).*\"Timestamp\" : \"([^\"]+)\".*", "$1"));
    Http.Reply reply = http.post("/sns/orders", body, "Content-Type", "text/plain; charset=UTF-8");
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(served.engine.queue("incoming").peek(1).getFirst().message().options().session())
        .isEqualTo("acme");
  }

  /** Its one session is not named, and a message must not be lost for that. */
  @Test
  void inAFifoQueueAMessageIsInTheOneSession() {
    QueueSettings fifo = QueueSettings.STANDARD.order(QueueSettings.Order.FIFO);
    served.engine.queue("incoming").admin().orElseThrow().configure(fifo);
    String body =
        resource("notification-v2.json")
            .replaceFirst(
                "\\{",
                "{\"MessageAttributes\":{\"tenant\":{\"Type\":\"String\",\"Value\":\"acme\"}},");
    now = Instant.parse(body.replaceAll("(?s).*\"Timestamp\" : \"([^\"]+)\".*", "$1"));
    assertThat(http.post("/sns/orders", body, "Content-Type", "text/plain; charset=UTF-8").status())
        .isEqualTo(200);
    assertThat(served.engine.queue("incoming").peek(1)).hasSize(1);
  }

  @Test
  void aGenuineMessageIsStoredOnce() {
    for (String path : List.of("/sns/webhook", "/sns/orders")) {
      Http.Reply reply = post(path, "notification-v2.json");
      assertThat(reply.status()).as(reply.text()).isEqualTo(200);
      assertThat(reply.text()).isEmpty();
    }
    List<Job> stored = served.engine.queue("incoming").peek(10);
    assertThat(stored).hasSize(1);
    Job job = stored.getFirst();
    assertThat(job.message().type()).isEqualTo("sns");
    assertThat(job.message().contentType()).isEqualTo("application/json");
    assertThat(job.message().text())
        .contains("This message uses signature version 2.")
        .doesNotContain("Signature\"")
        .doesNotContain("https://");
    assertThat(job.message().options().key())
        .isEqualTo(ARN + "/9d2c5580-b61d-550c-8583-37a582870907");
    assertThat(job.message().options().keyWindow()).isEqualTo(Duration.ofHours(25));
    assertThat(job.message().options().tracked()).isTrue();
  }

  @Test
  void aProxyMayKeepTheNameThatItWasCalledBy() {
    String body = resource("notification-v2.json");
    now = Instant.parse(body.replaceAll("(?s).*\"Timestamp\" : \"([^\"]+)\".*", "$1"));
    for (String path : List.of("/sns/webhook", "/sns/orders")) {
      try (RawClient client = new RawClient(served.api.port())) {
        client.send("POST " + path + " HTTP/1.1\nHost: hooks.example.org\nContent-Length: ");
        client.send(body.getBytes(StandardCharsets.UTF_8).length + "\n\n");
        client.sendBytes(body.getBytes(StandardCharsets.UTF_8));
        assertThat(client.read().status()).as(path).isEqualTo(200);
      }
    }
    assertThat(served.engine.queue("incoming").peek(10)).hasSize(1);
    try (RawClient client = new RawClient(served.api.port())) {
      client.send("GET /snsx HTTP/1.1\nHost: hooks.example.org\n\n");
      assertThat(client.read().status()).isEqualTo(403);
    }
  }

  @Test
  void whatIsRefusedUnreadIsCounted() {
    try (RawClient client = new RawClient(served.api.port())) {
      client.send("POST /sns/webhook HTTP/1.1\nHost: a\nContent-Length: 99999999\n\n");
      assertThat(client.read().status()).isEqualTo(413);
    }
    assertThat(http.post("/sns/web/hook", "{}").status()).isEqualTo(404);
    assertThat(http.get("/sns/webhook").status()).isEqualTo(405);
    assertThat(http.post("/sns/webhook", "{}").status()).isEqualTo(400);
    Soon.until("three counted", () -> counted("not-read") == 3);
  }

  @Test
  void whateverTheMethodOnlyPostIsAllowedAndEachIsCounted() {
    List<String> methods = List.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH");
    for (String method : methods) {
      for (String path : List.of("/sns/webhook", "/sns/orders", "/sns/nobody")) {
        Http.Reply reply = http.call(method, path, null);
        assertThat(reply.status()).as(method + " " + path).isEqualTo(405);
        assertThat(reply.header("Allow")).as(method + " " + path).hasValue("POST");
      }
    }
    Soon.until("each counted", () -> counted("not-read") == 3 * methods.size());
  }

  @Test
  void anAddressThatNamesTheHostIsCountedToo() {
    try (RawClient client = new RawClient(served.api.port())) {
      client.send("GET http://hooks.example.org/sns/webhook HTTP/1.1\nHost: a\n\n");
      assertThat(client.read().status()).isEqualTo(405);
    }
    Soon.until("counted", () -> counted("not-read") == 1);
  }

  /** Whoever subscribes an address may put anything there: the signature is the check. */
  @Test
  void neitherTheQueryOfTheAddressNorAHeaderOfOursIsLookedAt() {
    for (String query : List.of("?env=prod", "?x=1&x=2", "?x", "?", "?a=b?c")) {
      assertThat(post("/sns/orders" + query, "notification-v2.json").status())
          .as(query)
          .isEqualTo(200);
    }
    assertThat(post("/sns/webhook?env=prod", "notification-v2.json").status()).isEqualTo(200);
    assertThat(post("/sns/webhook", "notification-v2.json", "Afterbay-Attempt", "1").status())
        .isEqualTo(200);
    assertThat(served.engine.queue("incoming").peek(10)).hasSize(1);
  }

  private double counted(String outcome) {
    Counter counter =
        served.meters.find("afterbay.sns.requests").tags("outcome", outcome).counter();
    return counter == null ? 0 : counter.count();
  }

  @Test
  void aMessageThatWasChangedIsRefusedForGood() {
    String body = resource("notification-v2.json").replace("version 2.", "version 3.");
    assertThat(http.post("/sns/webhook", body).status()).isEqualTo(403);
    assertThat(http.post("/sns/webhook", "{").status()).isEqualTo(400);
    assertThat(http.post("/sns/webhook", "x".repeat((2 << 20) + 1)).status()).isEqualTo(413);
    assertThat(http.get("/sns/webhook").status()).isEqualTo(405);
    assertThat(http.post("/sns/other", body).status()).isEqualTo(404);
    assertThat(served.engine.queues()).isEmpty();
  }

  @Test
  void aQueueThatTakesNothingIsNoReasonToLoseAMessage() {
    served.engine.queue("incoming").admin().orElseThrow().drain("moving");
    Http.Reply reply = post("/sns/webhook", "notification-v2.json");
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.header("Retry-After")).isPresent();
    assertThat(reply.text()).contains("this cannot be taken now").doesNotContain("moving");
    served.engine.queue("incoming").admin().orElseThrow().resume();
    served
        .engine
        .queue("incoming")
        .admin()
        .orElseThrow()
        .configure(QueueSettings.STANDARD.depthMax(1L));
    served.engine.queue("incoming").send(Message.of("t", "x"));
    assertThat(post("/sns/webhook", "notification-v2.json").status()).isEqualTo(503);
  }

  @Test
  void aSubscriptionIsConfirmedOrAskedForAgain() {
    confirmStatus = 500;
    assertThat(post("/sns/webhook", "subscription-confirmation-v1.json").status()).isEqualTo(503);
    confirmStatus = 200;
    Http.Reply reply = post("/sns/webhook", "subscription-confirmation-v1.json");
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(confirmations).hasValue(2);
    assertThat(keeper.happened).containsExactly("subscription-confirmed incoming " + SUBSCRIPTION);
    assertThat(served.engine.queues()).isEmpty();
  }

  @Test
  void theEndOfASubscriptionIsNotedAndItsAddressNotVisited() {
    Http.Reply reply =
        post(
            "/sns/webhook",
            "unsubscribe-confirmation-v2.json",
            "x-amz-sns-subscription-arn",
            SUBSCRIPTION);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.text()).isEmpty();
    assertThat(confirmations).hasValue(0);
    assertThat(keeper.happened).containsExactly("subscription-ended incoming " + SUBSCRIPTION);
    assertThat(served.engine.queues()).isEmpty();
  }

  @Test
  void anEndedSubscriptionIsTakenUpAgainWhereThatIsConfigured() {
    resubscribe = true;
    openAnew(engine -> engine);
    confirmStatus = 500;
    assertThat(post("/sns/webhook", "unsubscribe-confirmation-v2.json").status()).isEqualTo(503);
    confirmStatus = 200;
    assertThat(post("/sns/webhook", "unsubscribe-confirmation-v2.json").status()).isEqualTo(200);
    assertThat(confirmations).hasValue(2);
    assertThat(keeper.happened).contains("subscription-confirmed incoming " + SUBSCRIPTION);
  }

  @Test
  void theSubscriptionOfANewMessageIsKept() {
    String header = "x-amz-sns-subscription-arn";
    String other = ARN + ":00000000-05c3-41de-beaa-fcfcc21c8f55";
    post("/sns/webhook", "notification-v2.json", header, SUBSCRIPTION);
    assertThat(keeper.subscriptions).containsEntry(ARN, SUBSCRIPTION);
    post("/sns/webhook", "notification-v2.json", header, other);
    assertThat(keeper.subscriptions).as("a captured message").containsEntry(ARN, SUBSCRIPTION);
    post("/sns/webhook", "notification-no-subject-v1.json", header, other);
    assertThat(keeper.subscriptions).containsEntry(ARN, other);
  }

  @Test
  void aQueueThatIsGoneIsNoReasonToLoseAMessage() {
    openAnew(engine -> engine.autoCreateQueues(false));
    Http.Reply reply = post("/sns/webhook", "notification-v2.json");
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.header("Retry-After")).isPresent();
  }

  @Test
  void whateverKeepsAMessageFromBeingStoredSnsSendsItAgain() {
    for (BrokerException failure :
        List.of(
            new BrokerException.DiskFull("full"),
            new BrokerException.Unavailable("closed"),
            new BrokerException.OutcomeUnknown("failed", new IOException("sync")),
            new BrokerException.QueueFull("incoming", 1),
            new BrokerException.Conflict("order"),
            new BrokerException.Rejected("body", "too long"))) {
      keeper.failure = failure;
      Http.Reply reply = post("/sns/webhook", "notification-v2.json");
      assertThat(reply.status()).as(failure.toString()).isEqualTo(503);
      assertThat(reply.header("Retry-After")).as(failure.toString()).isPresent();
    }
    keeper.failure = null;
    assertThat(post("/sns/webhook", "notification-v2.json").status()).isEqualTo(200);
  }

  @Test
  void aDrainingServerTakesNothing() {
    served.api.drain();
    Http.Reply reply = post("/sns/webhook", "notification-v2.json");
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.header("Retry-After")).isPresent();
  }

  @Test
  void aSubscriptionThatIsNotToBeConfirmedIsNotVisited() {
    topics = List.of(new SnsTopic(ARN, 1, false, null));
    openAnew(engine -> engine);
    assertThat(post("/sns/webhook", "subscription-confirmation-v1.json").status()).isEqualTo(200);
    assertThat(confirmations).hasValue(0);
    assertThat(keeper.happened).isEmpty();
  }

  @Test
  void whatHangsIsAnsweredInTimeAllTheSame() {
    answerWithin = Duration.ofMillis(50);
    openAnew(engine -> engine);
    keeper.go = new CountDownLatch(1);
    Http.Reply reply = post("/sns/webhook", "notification-v2.json");
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.header("Retry-After")).isPresent();
    assertThat(bytesHeld()).as("what hangs still holds its body").isPositive();
    keeper.go.countDown();
    Soon.until("the body to be given back", () -> bytesHeld() == 0);
    assertThat(served.engine.queue("incoming").stats().pending()).isEqualTo(1);
  }

  @Test
  void aConfirmationHasOnlyTheTimeThatIsLeft() {
    answerWithin = Duration.ofSeconds(4);
    openAnew(engine -> engine);
    post("/sns/webhook", "subscription-confirmation-v1.json");
    assertThat(confirmedWithin).isBetween(Duration.ofMillis(1), answerWithin);
  }

  @Test
  void whoHasNoTopicsYetIsNotToldThatThePathIsWrong() {
    topics = List.of();
    openAnew(engine -> engine);
    assertThat(post("/sns/webhook", "notification-v2.json").status()).isEqualTo(403);
    assertThat(http.post("/sns/webhook", "{").status()).isEqualTo(400);
    assertThat(http.get("/sns/webhook").status()).isEqualTo(405);
    assertThat(http.post("/sns/orders", "{").status()).isEqualTo(404);
  }

  private double bytesHeld() {
    return served.meters.get("afterbay.http.body").gauge().value();
  }

  private void openAnew(UnaryOperator<Engine.Settings> settings) {
    closeDoor();
    served = Served.open(null, settings, api -> api, this::services);
    http = new Http(served);
  }
}
