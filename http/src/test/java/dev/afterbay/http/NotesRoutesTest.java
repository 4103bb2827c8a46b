package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What attempts tell over HTTP, and how it is shown. */
final class NotesRoutesTest extends HttpTest {

  @Test
  void whatAnAttemptTellsIsShownWithItsJob() {
    String id = job("");
    String receipt = receive("default", 1).getFirst();
    tell(
        receipt,
        "\"progress\":0.4,\"progress_text\":\"40 of 100\",\"result\":{\"sent\":"
            + " 40},\"log\":\"hi\"");
    Http.Reply job = http.get("/jobs/" + id);
    assertThat(job.at("/progress")).isEqualTo("0.4");
    assertThat(job.at("/progress_text")).isEqualTo("40 of 100");
    assertThat(job.text()).contains("\"result\":{\"sent\": 40}");
    assertThat(job.at("/result_content_type")).isEqualTo("application/json");
    assertThat(job.at("/logs/0/text")).isEqualTo("hi");
    assertThat(job.at("/logs/0/attempt")).isEqualTo("1");
    tell(receipt, "\"result_text\":\"all\"");
    assertThat(http.get("/jobs/" + id).at("/result")).isEqualTo("all");
    tell(receipt, "\"result_base64\":\"AAE=\"");
    assertThat(http.get("/jobs/" + id).at("/result_base64")).isEqualTo("AAE=");
    for (String list : List.of("/jobs", "/jobs?include=payload,history,detail")) {
      assertThat(http.get(list).text())
          .as("a list has room for its jobs alone")
          .contains(id)
          .doesNotContain("progress_text")
          .doesNotContain("logs");
    }
  }

  @Test
  void aCheckpointIsReadByTheNextAttemptAndByPeople() {
    String id = job("");
    String receipt = receive("default", 1).getFirst();
    assertThat(checkpoint(receipt)).isEqualTo("{}");
    tell(receipt, "\"checkpoint_base64\":\"AAE=\"");
    assertThat(settle("default", receipt, "\"retry\",\"delay\":\"0s\"").at("/results/0/ok"))
        .isEqualTo("true");
    String next = receive("default", 1).getFirst();
    assertThat(checkpoint(next)).isEqualTo("{\"checkpoint_base64\":\"AAE=\"}");
    assertThat(http.get("/jobs/" + id + "/notes").at("/checkpoint_base64")).isEqualTo("AAE=");
    assertThat(http.get("/jobs/" + id).text()).doesNotContain("checkpoint");
    Http.Reply late = note(receipt, "\"log\":\"late\"");
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.problem()).isEqualTo("lease-lost");
  }

  @Test
  void whatIsWrongIsRefusedByName() {
    job("");
    String receipt = receive("default", 1).getFirst();
    for (String wrong :
        List.of("\"progress\":1.5", "\"progress\":-1", "\"progress_text\":\"alone\"")) {
      Http.Reply reply = note(receipt, wrong);
      assertThat(reply.status()).as(wrong).isEqualTo(400);
      assertThat(reply.at("/field")).as(wrong).isEqualTo("progress");
    }
    assertThat(note(receipt, "\"result\":1,\"result_text\":\"x\"").at("/field"))
        .isEqualTo("result");
    String large = "A".repeat((64 << 10) / 3 * 4 + 8);
    assertThat(note(receipt, "\"checkpoint_base64\":\"" + large + "\"").at("/field"))
        .isEqualTo("checkpoint");
    assertThat(http.get("/jobs/01a228b7-3351-7000-9365-a64410db2e15/notes").status())
        .isEqualTo(404);
  }

  @Test
  void theTypeOfAResultIsAMediaType() {
    String id = job("");
    String receipt = receive("default", 1).getFirst();
    for (String wrong : List.of("a b/c", "nonsense", "")) {
      for (String value : List.of("\"result_base64\":\"eA==\"", "\"result\":1", "\"log\":\"x\"")) {
        Http.Reply reply = note(receipt, value + ",\"result_content_type\":\"" + wrong + "\"");
        assertThat(reply.status()).as(value + " " + wrong).isEqualTo(400);
        assertThat(reply.at("/field")).isEqualTo("result_content_type");
        assertThat(reply.at("/detail")).contains("must be a media type");
      }
    }
    assertThat(http.get("/jobs/" + id).text()).doesNotContain("result", "logs");
    tell(receipt, "\"result_base64\":\"eA==\",\"result_content_type\":\"text/x; a=b\"");
    assertThat(http.get("/jobs/" + id).at("/result")).isEqualTo("x");
  }

  /** As settle and renew say of it. */
  @Test
  void whatIsNoReceiptHoldsNothing() {
    job("");
    String held = receive("default", 1).getFirst();
    for (String none : List.of("nonsense", "", "x".repeat(600), held + "A", held.substring(2))) {
      List<Http.Reply> replies =
          List.of(
              note(none, "\"log\":\"x\""),
              http.post("/queues/default/notes/checkpoint", "{\"receipt\":\"" + none + "\"}"),
              note(none, "\"progress\":0.5"));
      for (Http.Reply reply : replies) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(409);
        assertThat(reply.problem()).isEqualTo("lease-lost");
      }
    }
    assertThat(http.post("/queues/default/notes", "{\"log\":\"x\"}").at("/field"))
        .isEqualTo("receipt");
  }

  @Test
  void aResultThatIsNullIsLeftOut() {
    String id = job("");
    String receipt = receive("default", 1).getFirst();
    tell(receipt, "\"result\":{\"sent\":40}");
    for (String nothing :
        List.of("\"result\":null", "\"result\":null,\"log\":null", "\"result_text\":null")) {
      Http.Reply reply = note(receipt, nothing);
      assertThat(reply.status()).as(nothing).isEqualTo(400);
      assertThat(reply.at("/detail")).contains("must be given");
    }
    tell(receipt, "\"result\":null,\"log\":\"x\"");
    assertThat(http.get("/jobs/" + id).at("/result/sent")).isEqualTo("40");
    tell(receipt, "\"result\":null,\"result_text\":\"all\"");
    assertThat(http.get("/jobs/" + id).at("/result")).isEqualTo("all");
  }

  @Test
  void whyAJobIsFailedStandsBesideItsLastError() {
    String id = job(",\"max_attempts\":1");
    settle("default", receive("default", 1).getFirst(), "\"retry\",\"reason\":\"no host\"");
    Http.Reply failed = http.get("/jobs/" + id);
    assertThat(failed.at("/status")).isEqualTo("failed");
    assertThat(failed.at("/last_error")).isEqualTo("no host");
    assertThat(failed.at("/reason")).isEqualTo("max attempts");
  }

  @Test
  void whatItsHandlerRejectsSaysSo() {
    String id = job("");
    settle("default", receive("default", 1).getFirst(), "\"fail\",\"reason\":\"no printer\"");
    Http.Reply failed = http.get("/jobs/" + id);
    assertThat(failed.at("/last_error")).isEqualTo("no printer");
    assertThat(failed.at("/reason")).isEqualTo("rejected");
  }

  @Test
  void whatOnlyBeginsLikeAnUnknownTypeIsRejected() {
    String id = job("");
    String error = "unknown typeface Courier";
    settle("default", receive("default", 1).getFirst(), "\"fail\",\"reason\":\"" + error + "\"");
    assertThat(http.get("/jobs/" + id).at("/reason")).isEqualTo("rejected");
  }

  @Test
  void whatIsOfATypeThatItsConsumerDoesNotKnowSaysSo() {
    String id = job("");
    String error = "unknown type email: there is no handler for it";
    settle("default", receive("default", 1).getFirst(), "\"fail\",\"reason\":\"" + error + "\"");
    Http.Reply failed = http.get("/jobs/" + id);
    assertThat(failed.at("/last_error")).isEqualTo(error);
    assertThat(failed.at("/reason")).isEqualTo("unknown type");
  }

  @Test
  void anErrorWithoutTextIsNone() {
    String id = job("");
    settle("default", receive("default", 1).getFirst(), "\"fail\"");
    Http.Reply failed = http.get("/jobs/" + id);
    assertThat(failed.json().at("/last_error").isNull()).isTrue();
    assertThat(failed.json().at("/history/0/error").isNull()).isTrue();
  }

  @Test
  void attemptsHaveAnEndOrNullAndWhatIsTooOldSaysSo() {
    http.put("/queues/endless", "{\"max_attempts\":\"unlimited\",\"give_up_after\":\"0s\"}");
    String id = job(",\"queue\":\"endless\"");
    assertThat(http.get("/jobs/" + id).text()).contains("\"max_attempts\":null");
    settle("endless", receive("endless", 1).getFirst(), "\"retry\",\"reason\":\"too slow\"");
    Http.Reply failed = http.get("/jobs/" + id);
    assertThat(failed.at("/last_error")).isEqualTo("too slow");
    assertThat(failed.at("/reason")).isEqualTo("given up");
  }

  @Test
  void theCorrelationIdGoesWithAMessage() {
    Http.Reply sent =
        http.call("POST", "/queues/q/messages", "x", "Afterbay-Correlation-Id", "order 7");
    Http.Reply received = http.post("/queues/q/receive", "{}");
    assertThat(received.at("/deliveries/0/correlation_id")).isEqualTo("order 7");
    assertThat(http.get("/jobs/" + sent.at("/id")).at("/correlation_id")).isEqualTo("order 7");
    assertThat(http.get("/jobs/" + sent.at("/id")).at("/first_delivered_at")).endsWith("Z");
  }

  private String checkpoint(String receipt) {
    return http.post("/queues/default/notes/checkpoint", "{\"receipt\":\"" + receipt + "\"}")
        .text();
  }

  private void tell(String receipt, String members) {
    assertThat(note(receipt, members).status()).isEqualTo(204);
  }

  private Http.Reply note(String receipt, String members) {
    return http.post("/queues/default/notes", "{\"receipt\":\"" + receipt + "\"," + members + "}");
  }
}
