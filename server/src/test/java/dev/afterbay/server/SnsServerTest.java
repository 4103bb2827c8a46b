package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.Limits;
import dev.afterbay.Watch;
import dev.afterbay.engine.Engine;
import dev.afterbay.rocksdb.RocksStore;
import dev.afterbay.store.Store;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The SNS webhook as the configuration makes it; the certificate is known, so nothing goes out. */
@Timeout(30)
final class SnsServerTest {
  private static final String TOPICS = "topics: [{arn: '" + SnsPublisher.ARN + "'}]";

  @TempDir private Path folder;
  private KeyPair keys;

  @BeforeEach
  void knowTheCertificate() throws Exception {
    keys = SnsPublisher.newKeys();
    Files.writeString(
        folder.resolve(SnsPublisher.CERTIFICATE_FILE),
        SnsPublisher.certificate(keys, Instant.now()));
  }

  @Test
  void aMessageMayBeAsLongAsSnsBodiesAreNotAsOthersAre() throws Exception {
    try (Server server = start("limits: {body: 1KiB}", TOPICS + ", body_limit: 64KiB");
        SnsPublisher sns = publisher(server.url())) {
      assertThat(sns.post(message(sns, "x".repeat(60 << 10)))).isEqualTo(200);
      assertThat(sns.post(message(sns, "x".repeat(64 << 10)))).isEqualTo(413);
      Job job = server.engine().queue("orders").peek(2).getFirst();
      assertThat(job.message().body()).hasSizeBetween(60 << 10, 64 << 10);
      assertThat(server.engine().queue("orders").limits().bodyBytesMax()).isEqualTo(1 << 10);
    }
  }

  @Test
  void aKeyIsRememberedForLongerThanAMessageIsTaken() throws Exception {
    String settings = TOPICS + ", max_age: 3650d, future_tolerance: 1d";
    try (Server server = start("defaults: {dedup_window: 0s}", settings);
        SnsPublisher sns = publisher(server.url())) {
      Map<String, String> message = message(sns, "x");
      assertThat(sns.post(message)).isEqualTo(200);
      assertThat(sns.post(message)).isEqualTo(200);
      List<Job> jobs = server.engine().queue("orders").peek(10);
      assertThat(jobs).hasSize(1);
      assertThat(jobs.getFirst().message().options().keyWindow()).isEqualTo(Duration.ofDays(3_651));
    }
  }

  @Test
  void subscriptionsThatBeginAndEndAreEvents() throws Exception {
    try (Server server = start("store: memory", TOPICS);
        SnsPublisher sns = publisher(server.url());
        Watch watch = server.engine().jobs().orElseThrow().watch(null)) {
      sns.post(sns.ended(UUID.randomUUID().toString(), "a1b2", Instant.now()));
      assertThat(watch.next(1, Duration.ofSeconds(10)))
          .singleElement()
          .satisfies(event -> {
            assertThat(event.type()).isEqualTo(Event.Type.SUBSCRIPTION_ENDED);
            assertThat(event.queue()).isEqualTo("orders");
            assertThat(event.subject()).isEqualTo(SnsPublisher.SUBSCRIPTION);
            assertThat(event.job()).isNull();
          });
    }
  }

  @Test
  void theSubscriptionIsKeptAcrossARestart() {
    String first = SnsPublisher.SUBSCRIPTION;
    String second = first.replace("2bcfbf39", "00000000");
    assertThat(cameBefore(first)).containsExactly(null, first);
    assertThat(cameBefore(second)).containsExactly(first, second);
    assertThat(cameBefore(first)).containsExactly(second, first);
  }

  /** By which subscription messages came before one by this, and before another one. */
  private List<@Nullable String> cameBefore(String subscription) {
    try (Store store = RocksStore.open(folder.resolve("data"), RocksStore.Settings.STANDARD);
        Engine engine = Engine.open(store)) {
      SnsKeeper keeper = new SnsKeeper(engine, store, Limits.STANDARD, 1);
      List<@Nullable String> before = new ArrayList<>();
      before.add(keeper.subscription(SnsPublisher.ARN, subscription));
      before.add(keeper.subscription(SnsPublisher.ARN, subscription));
      assertThat(engine.queues()).as("a subscription is no queue").isEmpty();
      return before;
    }
  }

  @Test
  void theListenerOfItsOwnTakesMessagesUnderAnyHostName() throws Exception {
    try (Server server = start("store: memory", TOPICS + ", address: 127.0.0.1, port: 0")) {
      URI own = URI.create(server.snsUrl().orElseThrow());
      assertThat(status(own, "POST /sns/orders")).as("no JSON, but let in").isEqualTo(400);
      assertThat(status(own, "GET /sns/orders")).isEqualTo(405);
      assertThat(status(own, "GET /health/ready")).isEqualTo(200);
      assertThat(status(own, "POST /jobs")).isEqualTo(404);
      assertThat(status(own, "GET /")).isEqualTo(404);
    }
  }

  /** As a proxy asks, under the name by which the world knows it. */
  private static int status(URI url, String call) throws IOException {
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      String head = call + " HTTP/1.1\r\nHost: sns.example.org\r\nContent-Length: 0\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
      return Integer.parseInt(new String(answer, StandardCharsets.US_ASCII).substring(9));
    }
  }

  private Server start(String rest, String sns) throws Exception {
    String yaml =
        "sns: {cert_dir: '%s', %s}\n%s\n".formatted(folder, sns, rest.equals("{}") ? "" : rest);
    Path file = Files.writeString(folder.resolve("test.yaml"), yaml);
    Map<String, List<Overrides.Given>> options =
        Map.of(
            "data", List.of(new Overrides.Given("--data", folder.resolve("data").toString())),
            "http.port", List.of(new Overrides.Given("--port", "0")));
    return Server.start(ConfigReader.read(file, new Overrides(Map.of(), options)));
  }

  private SnsPublisher publisher(String url) {
    return new SnsPublisher(keys, URI.create(url + "/sns/orders"));
  }

  private static Map<String, String> message(SnsPublisher sns, String text) throws Exception {
    return sns.notification(UUID.randomUUID().toString(), text, Instant.now());
  }
}
