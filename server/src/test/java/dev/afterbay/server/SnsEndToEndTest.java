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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SNS end to end without AWS (sns.md 0.10): the real program fetches the certificate and confirms
 * the subscription over TLS at the real host name, which leads to a host of ours.
 */
@Timeout(60)
final class SnsEndToEndTest {
  @TempDir private Path folder;

  @Test
  void aSubscriptionIsConfirmedAndItsMessagesAreTaken() throws Exception {
    assumeThat(FakeSns.canListen()).as("port 443 can be listened on").isTrue();
    KeyPair keys = SnsPublisher.newKeys();
    try (FakeSns host = FakeSns.open(folder, SnsPublisher.certificate(keys, Instant.now()));
        ServerProcess server = server(host);
        SnsPublisher publisher = new SnsPublisher(keys, URI.create(server.url() + "/sns/orders"))) {
      assertThat(publisher.post(publisher.confirmation(id(), "a1b2c3", Instant.now())))
          .isEqualTo(200);
      assertThat(host.asked())
          .containsExactlyInAnyOrder(
              SnsPublisher.ORIGIN + SnsPublisher.CERTIFICATE_FILE,
              SnsPublisher.confirmUrl("a1b2c3"));

      String id = id();
      Map<String, String> message =
          publisher.notification(id, "{\"order\": \"\u00e9\\n\"}", Instant.now());
      assertThat(publisher.post(message)).isEqualTo(200);
      assertThat(publisher.post(message)).as("a second time").isEqualTo(200);
      message.put("Message", "forged");
      assertThat(publisher.post(message)).isEqualTo(403);
      String jobs = server.get("/jobs?queue=orders").body();
      assertThat(jobs).containsOnlyOnce("\"job_type\"").contains(SnsPublisher.ARN + "/" + id);
      assertThat(host.asked()).as("the certificate is kept").hasSize(2);
    }
  }

  private ServerProcess server(FakeSns host) throws Exception {
    Files.writeString(
        folder.resolve("afterbay.yaml"),
        "sns: {topics: [{arn: '" + SnsPublisher.ARN + "', queue: orders}]}");
    List<String> options = host.jvmOptions();
    return ServerProcess.start(folder, Map.of(), options, "serve", "--port", "0").ready();
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }
}
