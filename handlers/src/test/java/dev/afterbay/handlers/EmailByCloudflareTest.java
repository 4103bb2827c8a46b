package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.afterbay.Outcome;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Against an HTTP server that answers as Cloudflare's documents say. */
@Timeout(60)
class EmailByCloudflareTest {
  private static final String DELIVERED =
      "{\"success\":true,\"errors\":[],\"messages\":[],\"result\":{\"delivered\":[\"ada@a.example\"],"
          + "\"permanent_bounces\":[\"bob@a.example\"],\"queued\":[]}}";

  private final Target target = new Target(exchange -> answer(exchange, 200, DELIVERED));

  @AfterEach
  void close() {
    target.close();
  }

  private Outcome handled(MailJob job) throws Exception {
    CloudflareSettings settings =
        CloudflareSettings.of("acc-1", "t0ken")
            .api(URI.create("http://127.0.0.1:" + target.port() + "/client/v4/"));
    try (EmailHandler handler = EmailHandler.over("News <news@afterbay.example>", settings)) {
      return handler.handle(job);
    }
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Test
  void eachRecipientIsARequestWithTheToken() throws Exception {
    MailJob job =
        new MailJob(
            """
            {"to": ["ada@a.example", "bob@a.example"], "reply_to": "Desk <desk@a.example>",
             "subject": "Hi", "text": "Hello", "html": "<p>", "headers": {"X-A": "b"},
             "attachments": [{"name": "a.txt", "content_type": "text/plain", "base64": "YQ=="}]}\
            """);
    assertThat(handled(job)).isEqualTo(Outcome.done());
    assertThat(target.requests).hasSize(2);
    Target.Request first = target.requests.getFirst();
    assertThat(first.method()).isEqualTo("POST");
    assertThat(first.uri().getPath()).isEqualTo("/client/v4/accounts/acc-1/email/sending/send");
    assertThat(first.header("Authorization")).isEqualTo("Bearer t0ken");
    JsonNode json = PayloadJson.MAPPER.readTree(first.body());
    assertThat(json)
        .isEqualTo(
            PayloadJson.MAPPER.readTree(
                """
                {"from": {"address": "news@afterbay.example", "name": "News"},
                 "reply_to": {"address": "desk@a.example", "name": "Desk"},
                 "subject": "Hi", "text": "Hello", "html": "<p>", "headers": {"X-A": "b"},
                 "attachments": [{"filename": "a.txt", "type": "text/plain",
                                  "disposition": "attachment", "content": "YQ=="}],
                 "to": "ada@a.example"}\
                """));
    assertThat(job.result())
        .contains("{\"address\":\"ada@a.example\",\"status\":\"accepted\",\"code\":200")
        .contains("{\"address\":\"bob@a.example\",\"status\":\"rejected\",\"code\":200");
  }

  @Test
  void toComeAgainAtOnceMeansASecond() throws Exception {
    target.answers(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "0");
      answer(exchange, 503, "{}");
    });
    assertThat(handled(new MailJob(MailJob.to("ada@a.example"))))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.delay()).isEqualTo(Duration.ofSeconds(1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 401, 403, 404, 408, 429, 500, 503})
  void whatIsTemporaryOrAboutTheSettingsIsRetriedWithoutTheToken(int status) throws Exception {
    target.answers(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "7");
      answer(exchange, status, "{\"errors\":[{\"message\":\"no t0ken\"}]}");
    });
    MailJob job = new MailJob(MailJob.to("ada@a.example", "bob@a.example"));
    assertThat(handled(job))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> {
              assertThat(retry.delay()).isEqualTo(Duration.ofSeconds(7));
              assertThat(retry.reason())
                  .startsWith("127.0.0.1: " + status + " ")
                  .doesNotContain("t0ken");
            });
    assertThat(target.requests).hasSize(1);
    assertThat(job.result()).doesNotContain("t0ken");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 413, 422})
  void anyOtherStatusRejectsTheRecipient(int status) throws Exception {
    target.answers(exchange -> answer(exchange, status, "{\"errors\":[]}"));
    assertThat(handled(new MailJob(MailJob.to("ada@a.example"))))
        .isEqualTo(Outcome.fail("rejected: ada@a.example: " + status + " {\"errors\":[]}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>log in", "{\"success\":false}", "[]", "7"})
  void aSuccessThatCloudflareDoesNotSayIsNone(String body) throws Exception {
    target.answers(exchange -> answer(exchange, 200, body));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(handled(job)).isInstanceOf(Outcome.Retry.class);
    assertThat(job.result()).contains("\"status\":\"pending\",\"code\":200");
  }

  @Test
  void aTokenWhereTheTextIsCutIsHiddenToo() throws Exception {
    target.answers(exchange -> answer(exchange, 500, "x".repeat(197) + "t0ken"));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(((Outcome.Retry) handled(job)).reason()).contains("xxx").doesNotContain("t0");
    assertThat(job.result()).contains("xxx").doesNotContain("t0");
  }

  @Test
  void severalAddressesToReplyToAreRefused() throws Exception {
    MailJob job =
        new MailJob("{\"to\":\"a@b.c\",\"text\":\"x\",\"reply_to\":[\"d@e.f\",\"g@h.i\"]}");
    assertThat(handled(job)).isInstanceOf(Outcome.Fail.class);
    assertThat(target.requests).isEmpty();
  }
}
