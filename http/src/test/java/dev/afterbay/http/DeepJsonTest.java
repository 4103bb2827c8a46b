package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.client.HttpBroker;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON at the limit of its depth ({@link Message#JSON_DEPTH_MAX}) is taken back as it is shown. */
final class DeepJsonTest extends HttpTest {

  private static String nested(int levels) {
    return "[".repeat(levels) + "]".repeat(levels);
  }

  private String failedMessage(String body) {
    String json = "application/json";
    String id = http.post("/queues/q/messages", body, "Content-Type", json).at("/id");
    settle("q", receive("q", 1).getFirst(), "\"fail\",\"reason\":\"no\"");
    return id;
  }

  @ParameterizedTest
  @ValueSource(ints = {62, 63, 64, 65, 66})
  void whatIsExportedCanBeImported(int levels) {
    String id = failedMessage(nested(levels));
    String shown = http.get("/jobs/" + id).text();
    assertThat(shown).contains(levels > 64 ? "\"body_base64\":" : "\"payload\":" + nested(levels));
    String line = http.get("/jobs/export?status=failed&queue=q").text();
    assertThat(http.delete("/jobs/" + id).status()).isEqualTo(204);
    assertThat(http.post("/jobs/import", line).text()).isEqualTo("{\"imported\":1,\"known\":0}");
    assertThat(http.get("/jobs/" + id).text()).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(ints = {62, 63, 64, 65, 66})
  void whatAClientFoundItCanRestore(int levels) {
    JobId id = JobId.parse(failedMessage(nested(levels)));
    try (HttpBroker broker = served.broker()) {
      Job job = broker.jobs().orElseThrow().find(id).orElseThrow();
      broker.jobs().orElseThrow().delete(id);
      assertThat(broker.jobs().orElseThrow().restore(List.of(job))).isEqualTo(1);
      Job again = broker.jobs().orElseThrow().find(id).orElseThrow();
      assertThat(again.message()).isEqualTo(job.message());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {62, 63, 64, 65, 66})
  void theJobOfAScheduleIsTakenAsItIsShown(int levels) {
    Message message = Message.of("t", nested(levels)).contentType("application/json");
    Definition definition = Definition.every(Duration.ofHours(1), "q", message);
    try (HttpBroker broker = served.broker()) {
      broker.schedules().orElseThrow().put("s", definition);
      Schedules there = served.engine.schedules().orElseThrow();
      assertThat(there.find("s").orElseThrow().definition()).isEqualTo(definition);
    }
    assertThat(http.get("/schedules/s").at("/job/payload"))
        .isEqualTo(levels > 64 ? "" : nested(levels));
  }

  @ParameterizedTest
  @ValueSource(ints = {63, 64, 65})
  void aPayloadMayBeAsDeepAsItIsShown(int levels) {
    String job = "{\"job_type\":\"t\",\"payload\":" + nested(levels) + "}";
    int status = levels > 64 ? 400 : 201;
    assertThat(http.post("/jobs", job).status()).isEqualTo(status);
    assertThat(http.post("/jobs/batch", job).status()).isEqualTo(status);
    String schedule = "{\"every\":\"1h\",\"job\":" + job + "}";
    assertThat(http.put("/schedules/s", schedule).status()).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(ints = {63, 64, 65})
  void aResultMayBeAsDeepAsItIsShown(int levels) {
    String id = job("");
    String receipt = receive("default", 1).getFirst();
    String result = "{\"receipt\":\"" + receipt + "\",\"result\":" + nested(levels) + "}";
    Http.Reply told = http.post("/queues/default/notes", result);
    assertThat(told.status()).isEqualTo(levels > 64 ? 400 : 204);
    assertThat(http.get("/jobs/" + id).at("/result")).isEqualTo(levels > 64 ? "" : nested(levels));
  }
}
