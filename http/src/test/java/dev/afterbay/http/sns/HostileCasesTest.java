package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The reference cases of src/test/resources/sns/hostile: status and code as the manifest says. */
class HostileCasesTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Path FOLDER = TestResources.folder("hostile");
  private static final JsonNode CONTEXT = read("context.json");

  record Case(String id, String body, Map<String, String> headers, String answer) {
    @Override
    public String toString() {
      return id + " -> " + answer;
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (JsonNode entry : read("manifest.json")) {
      Map<String, String> headers = new LinkedHashMap<>();
      entry.get("headers").forEachEntry((name, value) -> headers.put(name, value.asString()));
      int status = entry.get("status").asInt();
      cases.add(
          new Case(
              entry.get("id").asString(),
              entry.get("body").asString(),
              headers,
              status == 200 ? "200" : status + " " + entry.get("code").asString()));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isAnsweredAsTheManifestSays(Case hostile) throws Exception {
    TestWebhook webhook = webhook();

    Verdict verdict = webhook.post(body(hostile.body()), hostile.headers());

    assertThat(TestWebhook.brief(verdict)).isEqualTo(hostile.answer());
    assertThat(webhook.web.asked())
        .allMatch(url ->
            url.matches(
                "https://sns\\.us-east-1\\.amazonaws\\.com/"
                    + "SimpleNotificationService-[0-9a-f]{32}\\.pem"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isAnsweredAlikeWithoutBlockingOnceTheCertificateIsKnown(Case hostile) throws Exception {
    TestWebhook webhook = webhook();
    byte[] body = body(hostile.body());
    webhook.post(body, hostile.headers());

    Verdict verdict =
        new SnsVerifier(webhook.settings, webhook.certificates(), webhook.clock())
            .verifyAtOnce(
                hostile.headers()::get, body, AllowedTopics.of(webhook.topics, Regions.builtIn()));

    assertThat(TestWebhook.brief(verdict)).isEqualTo(hostile.answer());
  }

  private static TestWebhook webhook() {
    TestWebhook webhook = new TestWebhook();
    webhook.now = Instant.parse(CONTEXT.get("now").asString());
    List<String> versionTwo = new ArrayList<>();
    CONTEXT.get("requireV2").forEach(arn -> versionTwo.add(arn.asString()));
    List<SnsTopic> topics = new ArrayList<>();
    CONTEXT
        .get("allow")
        .forEach(arn ->
            topics.add(
                new SnsTopic(
                    arn.asString(), versionTwo.contains(arn.asString()) ? 2 : 1, true, null)));
    webhook.topics = topics;
    CONTEXT
        .get("web")
        .forEachEntry((url, page) ->
            webhook.web.serving(
                url,
                page.asString().equals("(200000 zero bytes)")
                    ? "\0".repeat(200_000)
                    : page.asString()));
    return webhook;
  }

  private static byte[] body(String name) throws Exception {
    if (name.equals("(generated: 200006 bytes)")) {
      return ("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}")
          .getBytes(StandardCharsets.US_ASCII);
    }
    assertThat(name).doesNotStartWith("(generated");
    return Files.readAllBytes(FOLDER.resolve(name));
  }

  private static JsonNode read(String name) {
    return JSON.readTree(FOLDER.resolve(name).toFile());
  }
}
