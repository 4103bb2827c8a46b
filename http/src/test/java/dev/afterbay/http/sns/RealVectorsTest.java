package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real messages of Amazon with the certificates of their time: src/test/resources/sns/vectors. */
class RealVectorsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Path VECTORS = TestResources.folder("vectors");

  static Stream<Path> messages() throws IOException {
    try (Stream<Path> files = Files.walk(VECTORS)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream();
    }
  }

  @Test
  void thereAreTen() throws IOException {
    assertThat(messages()).hasSize(10);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void isGenuine(Path file) throws Exception {
    JsonNode message = JSON.readTree(Files.readString(file));
    TestWebhook webhook = webhookFor(message, file.getParent());

    Verdict verdict = webhook.post(Files.readAllBytes(file), headers(message));

    switch (message.get("Type").asString()) {
      case "Notification" ->
          assertThat(verdict)
              .isInstanceOfSatisfying(
                  Verdict.Notification.class,
                  it -> {
                    assertThat(it.message()).isEqualTo(message.get("Message").asString());
                    assertThat(it.key())
                        .isEqualTo(
                            message.get("TopicArn").asString()
                                + "/"
                                + message.get("MessageId").asString());
                  });
      case "SubscriptionConfirmation" ->
          assertThat(verdict)
              .isInstanceOfSatisfying(
                  Verdict.Confirmation.class,
                  it ->
                      assertThat(it.confirmUrl())
                          .isEqualTo(message.get("SubscribeURL").asString()));
      default -> assertThat(verdict).isInstanceOf(Verdict.Unsubscribed.class);
    }
    assertThat(webhook.web.asked()).containsExactly(message.get("SigningCertURL").asString());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void isRefusedForNowWhenItsCertificateHasExpired(Path file) throws Exception {
    JsonNode message = JSON.readTree(Files.readString(file));
    TestWebhook webhook = webhookFor(message, file.getParent());
    webhook.now = Instant.parse("2026-11-21T00:00:00Z");

    assertThat(TestWebhook.brief(webhook.post(Files.readAllBytes(file), headers(message))))
        .isEqualTo("503 cert-expired");
  }

  private static TestWebhook webhookFor(JsonNode message, Path folder) throws IOException {
    TestWebhook webhook = new TestWebhook();
    String url = message.get("SigningCertURL").asString();
    webhook.now = Instant.parse(message.get("Timestamp").asString()).plusSeconds(1);
    webhook.topics = List.of(SnsTopic.of(message.get("TopicArn").asString()));
    webhook.web.serving(
        url, Files.readString(folder.resolve(url.substring(url.lastIndexOf('/') + 1))));
    return webhook;
  }

  private static Map<String, String> headers(JsonNode message) {
    return Map.of(
        "x-amz-sns-message-type", message.get("Type").asString(),
        "x-amz-sns-message-id", message.get("MessageId").asString(),
        "x-amz-sns-topic-arn", message.get("TopicArn").asString());
  }
}
