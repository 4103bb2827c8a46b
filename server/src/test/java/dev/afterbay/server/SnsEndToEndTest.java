package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SNS end to end without AWS (sns.md 0.10): the real program fetches the certificate and confirms
 * the subscription over TLS at the real host name, which leads to a host of ours.
 */
@Timeout(300)
final class SnsEndToEndTest {
  private static final long SEND_AGAIN_NANOS = 200_000_000;

  @TempDir private Path folder;

  @Test
  void aSubscriptionIsConfirmedAndItsMessagesAreTaken() throws Exception {
    assumeThat(FakeSns.canListen()).as("port 443 can be listened on").isTrue();
    KeyPair keys = SnsPublisher.newKeys();
    try (FakeSns host = FakeSns.open(folder, SnsPublisher.certificate(keys, Instant.now()));
        TestServer server = server(host);
        SnsPublisher publisher = new SnsPublisher(keys, URI.create(server.url() + "/sns/orders"))) {
      assertThat(sent(publisher, publisher.confirmation(id(), "a1b2c3", Instant.now())))
          .isEqualTo(200);
      assertThat(host.asked())
          .containsOnly(
              SnsPublisher.ORIGIN + SnsPublisher.CERTIFICATE_FILE,
              SnsPublisher.confirmUrl("a1b2c3"));

      int asked = host.asked().size();
      String id = id();
      Map<String, String> message =
          publisher.notification(id, "{\"order\": \"\u00e9\\n\"}", Instant.now());
      assertThat(sent(publisher, message)).isEqualTo(200);
      assertThat(sent(publisher, message)).as("a second time").isEqualTo(200);
      message.put("Message", "forged");
      assertThat(sent(publisher, message)).isEqualTo(403);
      String jobs = server.get("/jobs?queue=orders").body();
      assertThat(jobs).containsOnlyOnce("\"job_type\"").contains(SnsPublisher.ARN + "/" + id);
      assertThat(host.asked()).as("the certificate is kept").hasSize(asked);
    }
  }

  @Test
  void bothVersionsAreTakenAndARestartAfterAKillNeedsNoNetwork() throws Exception {
    assumeThat(FakeSns.canListen()).as("port 443 can be listened on").isTrue();
    KeyPair keys = SnsPublisher.newKeys();
    FakeSns host = FakeSns.open(folder, SnsPublisher.certificate(keys, Instant.now()));
    Map<String, String> message;
    try (host;
        TestServer server = server(host)) {
      URI endpoint = URI.create(server.url() + "/sns/webhook");
      try (SnsPublisher second = new SnsPublisher(keys, endpoint);
          SnsPublisher first = new SnsPublisher(keys, endpoint, 1)) {
        message = first.notification(id(), "of version 1", Instant.now());
        assertThat(message).containsEntry("SignatureVersion", "1");
        assertThat(sent(second, second.notification(id(), "of version 2", Instant.now())))
            .isEqualTo(200);
        assertThat(sent(first, message)).isEqualTo(200);
      }
      server.kill();
    }
    try (TestServer server = server(host);
        SnsPublisher publisher =
            new SnsPublisher(keys, URI.create(server.url() + "/sns/webhook"))) {
      assertThat(sent(publisher, message)).as("sent again after the kill").isEqualTo(200);
      Map<String, String> next = publisher.notification(id(), "after it", Instant.now());
      String other = SnsPublisher.SUBSCRIPTION.replace("2bcfbf39", "00000000");
      assertThat(publisher.post(next, other)).isEqualTo(200);
      assertThat(server.get("/queues/orders").body()).contains("\"pending\":3");
      server.awaitLog("now, before it was " + SnsPublisher.SUBSCRIPTION);
    }
    assertThat(host.asked()).containsOnly(SnsPublisher.ORIGIN + SnsPublisher.CERTIFICATE_FILE);
  }

  @Test
  void theEndOfASubscriptionIsAWarningAndItsAddressIsNotVisited() throws Exception {
    assumeThat(FakeSns.canListen()).as("port 443 can be listened on").isTrue();
    KeyPair keys = SnsPublisher.newKeys();
    try (FakeSns host = FakeSns.open(folder, SnsPublisher.certificate(keys, Instant.now()));
        TestServer server = server(host);
        SnsPublisher publisher = new SnsPublisher(keys, URI.create(server.url() + "/sns/orders"))) {
      assertThat(sent(publisher, publisher.ended(id(), "a1b2c3", Instant.now()))).isEqualTo(200);
      server.awaitLog("has ended: " + SnsPublisher.SUBSCRIPTION);
      assertThat(server.get("/jobs?queue=orders").body()).contains("\"jobs\":[]");
      assertThat(host.asked()).containsOnly(SnsPublisher.ORIGIN + SnsPublisher.CERTIFICATE_FILE);
    }
  }

  /**
   * Sends as SNS does, which sends again after a 503: on a machine that is very busy the first
   * handshake of a new process can take longer than the webhook waits.
   */
  private static int sent(SnsPublisher publisher, Map<String, String> message) throws Exception {
    int status = publisher.post(message);
    while (status == 503) {
      LockSupport.parkNanos(SEND_AGAIN_NANOS);
      status = publisher.post(message);
    }
    return status;
  }

  private TestServer server(FakeSns host) throws Exception {
    Files.writeString(
        folder.resolve("afterbay.yaml"),
        "sns: {topics: [{arn: '" + SnsPublisher.ARN + "', queue: orders}]}");
    List<String> options = host.jvmOptions();
    return TestServer.start(folder, Map.of(), options, "serve", "--port", "0").ready();
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }
}
