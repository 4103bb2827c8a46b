package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The dead letters of http-api.md. */
final class DeadLettersRoutesTest extends HttpTest {

  private List<String> fail(int count, String error) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(message("q", "body " + i));
      settle("q", receive("q", 1).getFirst(), "\"fail\",\"reason\":\"" + error + i + "\"");
    }
    return ids;
  }

  private String deadReceipt() {
    return http.post("/queues/q/dead/receive", "{\"max\":1}").at("/deliveries/0/receipt");
  }

  private Http.Reply settleDead(String receipt, String outcome) {
    return http.post(
        "/queues/q/dead/settle",
        "{\"settlements\":[{\"receipt\":\"%s\",\"outcome\":\"%s\"}]}".formatted(receipt, outcome));
  }

  @Test
  void statisticsAreAsTheContractSays() {
    List<String> ids = fail(3, "no user ");
    fail(1, "refused ");
    Http.Reply stats = http.get("/queues/q/dead/stats");
    assertThat(stats.status()).isEqualTo(200);
    assertThat(stats.at("/total")).isEqualTo("4");
    assertThat(stats.at("/looked_at")).isEqualTo("4");
    assertThat(stats.at("/groups/0/fingerprint")).isEqualTo("no user #");
    assertThat(stats.at("/groups/0/count")).isEqualTo("3");
    assertThat(stats.at("/groups/0/sample_ids/0")).isEqualTo(ids.get(2));
    assertThat(stats.at("/groups/0/by_type/message")).isEqualTo("3");
    assertThat(stats.json().at("/groups").size()).isEqualTo(1);
    assertThat(stats.at("/ungrouped")).isEqualTo("1");
    assertThat(stats.json().at("/by_reason/rejected").asInt()).isEqualTo(4);
    assertThat(stats.json().at("/by_hour").size()).isEqualTo(24);
    assertThat(http.get("/queues/none/dead/stats").json().at("/oldest").isNull()).isTrue();
  }

  @Test
  void theOutcomesMeanWhatTheContractSays() {
    List<String> ids = fail(3, "no ");
    assertThat(http.get("/queues/q/dead/peek?limit=2").json().at("/deliveries").size())
        .isEqualTo(2);
    assertThat(http.get("/queues/q/dead/peek?limit=2").at("/deliveries/0/body_base64"))
        .isEqualTo("Ym9keSAw");
    String first = deadReceipt();
    assertThat(settleDead(first, "release").at("/results/0/ok")).isEqualTo("true");
    assertThat(settleDead(first, "done").at("/results/0/error")).isEqualTo("lease-lost");
    assertThat(settleDead(deadReceipt(), "done").at("/results/0/ok")).isEqualTo("true");
    assertThat(http.get("/jobs/" + ids.get(0)).status()).isEqualTo(404);
    assertThat(settleDead(deadReceipt(), "redrive").at("/results/0/ok")).isEqualTo("true");
    assertThat(http.get("/jobs/" + ids.get(1)).at("/status")).isEqualTo("pending");
    assertThat(settleDead(deadReceipt(), "fail").at("/results/0/ok")).isEqualTo("true");
    assertThat(http.get("/jobs/" + ids.get(2)).at("/status")).isEqualTo("failed");
    assertThat(http.post("/queues/q/dead/receive", "{}").json().at("/deliveries").size()).isZero();
  }

  @Test
  void aRenewalSaysUntilWhen() {
    fail(1, "no ");
    String receipt = deadReceipt();
    Http.Reply renewed =
        http.post("/queues/q/dead/renew", "{\"receipts\":[\"" + receipt + "\",\"x\"]}");
    assertThat(renewed.at("/results/0/ok")).isEqualTo("true");
    assertThat(renewed.at("/results/0/leased_until")).isNotEmpty();
    assertThat(renewed.at("/results/1/error")).isEqualTo("lease-lost");
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThat(http.post("/queues/q/dead/receive", "{\"wait\":\"1s\"}").at("/field"))
        .isEqualTo("wait");
    assertThat(http.post("/queues/q/dead/receive", "{\"wait\":\"0s\"}").status()).isEqualTo(200);
    assertThat(http.post("/queues/q/dead/receive", "{\"max\":0}").at("/field")).isEqualTo("max");
    assertThat(http.post("/queues/q/dead/receive", "{\"lease\":\"1ms\"}").at("/field"))
        .isEqualTo("lease");
    assertThat(settleDead("x", "forget").at("/field")).isEqualTo("outcome");
    assertThat(http.post("/queues/q/dead/settle", "{}").at("/field")).isEqualTo("settlements");
    assertThat(http.get("/queues/q/dead/peek?include=all").at("/field")).isEqualTo("include");
  }

  @Test
  void aRedriveOfManyAnswersForEach() {
    String failed = fail(1, "no ").getFirst();
    String pending = message("q", "x");
    String unknown = "00000000-0000-7000-8000-000000000000";
    Http.Reply reply =
        http.post(
            "/jobs/redrive",
            "{\"ids\":[\"%s\",\"%s\",\"%s\"]}".formatted(failed, pending, unknown));
    assertThat(reply.text())
        .startsWith("{\"results\":[{\"id\":\"" + failed + "\",\"ok\":true},{\"id\":\"" + pending);
    assertThat(reply.at("/results/1/error")).isEqualTo("conflict");
    assertThat(reply.at("/results/2/error")).isEqualTo("not-found");
    assertThat(http.post("/jobs/redrive", "{\"ids\":[\"x\"]}").at("/field")).isEqualTo("id");
    assertThat(http.post("/jobs/redrive", "{}").at("/field")).isEqualTo("ids");
    String many = "\"x\",".repeat(1_000) + "\"x\"";
    assertThat(http.post("/jobs/redrive", "{\"ids\":[" + many + "]}").status()).isEqualTo(400);
    String ids = ("\"" + unknown + "\",").repeat(1_000) + "\"" + unknown + "\"";
    assertThat(http.post("/jobs/redrive", "{\"ids\":[" + ids + "]}").status()).isEqualTo(413);
  }
}
