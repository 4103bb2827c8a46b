package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.QueueSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A batch whose lines name their queues. */
final class SeveralQueuesTest extends HttpTest {

  private static final String BATCH = "/messages/batch";

  @Test
  void eachLineIsStoredInItsQueueInTheOrderGiven() {
    Http.Reply reply =
        http.post(
            BATCH,
            """
            {"queue":"a","body":"1","key":"k"}
            {"queue":"b","body_base64":"/3g=","content_type":"image/png","type":"scan"}

            {"queue":"a","body":"3","key":"k"}
            {"body":"4","queue":"a"}
            """);
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.at("/known")).isEqualTo("[2]");
    assertThat(reply.at("/ids/2")).isEqualTo(reply.at("/ids/0"));
    assertThat(http.get("/queues/a/peek").json().at("/deliveries").values())
        .extracting(delivery -> delivery.at("/id").asString())
        .containsExactly(reply.at("/ids/0"), reply.at("/ids/3"));
    Job scan = served.engine.queue("b").peek(9).getFirst();
    assertThat(scan.message().type()).isEqualTo("scan");
    assertThat(scan.message().contentType()).isEqualTo("image/png");
    assertThat(scan.message().options().tracked()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"body":"a"}                           | queue
          {"queue":null,"body":"a"}              | queue
          {"queue":"","body":"a"}                | queue
          {"queue":"a","queue":"b"}              | queue
          {"queue":"a","job_type":"x"}           | job_type
          {"queue":"a","body":"a","priority":10} | priority
          """)
  void aWrongLineIsNamedAndNothingIsStored(String line, String field) {
    Http.Reply reply = http.post(BATCH, "{\"queue\":\"good\"}\n" + line);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo(field);
    assertThat(reply.at("/detail")).startsWith("line 2: ");
    assertThat(served.engine.queues()).isEmpty();
  }

  @Test
  void oneFullQueueKeepsTheOthersFromTakingAny() {
    served
        .engine
        .queue("full")
        .admin()
        .orElseThrow()
        .configure(QueueSettings.STANDARD.depthMax(1L));
    String batch = "{\"queue\":\"a\"}\n{\"queue\":\"full\"}\n";
    assertThat(http.post(BATCH, batch).status()).isEqualTo(201);
    Http.Reply refused = http.post(BATCH, batch);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.problem()).isEqualTo("queue-full");
    assertThat(refused.at("/detail")).contains("queue full is full");
    assertThat(served.engine.queue("a").peek(9)).hasSize(1);
  }

  @Test
  void aPathThatNamesTheQueueTakesNoOther() {
    Http.Reply reply = http.post("/queues/a" + BATCH, "{\"queue\":\"a\"}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo("queue");
  }

  @Test
  void aBatchHasItsLimitInLines() {
    String line = "{\"queue\":\"q\"}\n";
    assertThat(http.post(BATCH, line.repeat(1_000)).status()).isEqualTo(201);
    assertThat(http.post(BATCH, line.repeat(1_001)).status()).isEqualTo(413);
    assertThat(http.post(BATCH, "\n").status()).isEqualTo(400);
  }
}
