package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a request is told by name, and nothing is done or changed silently. */
final class WrongRequestsTest extends HttpTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2027-02-30T00:00:00Z",
        "2027-04-31T00:00:00Z",
        "2027-01-01T24:00:00Z",
        "2027-01-01T00:00Z",
        "2027-01-01T00:00:00.Z",
        "2016-12-31T23:59:60Z"
      })
  void aTimeThatDoesNotExistIsRefused(String time) {
    String runAt = "\"run_at\":\"" + time + "\"";
    isRefused(http.post("/jobs", "{\"job_type\":\"a\"," + runAt + "}"), "run_at");
    isRefused(http.post("/messages/batch", "{\"queue\":\"q\"," + runAt + "}"), "run_at");
    String waiting = "/jobs/" + job(",\"delay\":\"1h\"");
    isRefused(http.post(waiting + "/reschedule", "{" + runAt + "}"), "run_at");
    isRefused(http.get("/jobs?created_after=" + time), "created_after");
    isRefused(http.get("/jobs/export?status=done&created_after=" + time), "created_after");
    assertThat(http.get("/jobs").json().at("/jobs").size()).isEqualTo(1);
  }

  /** A null is the same as a field left out, also where any JSON may stand. */
  @Test
  void aPayloadThatIsNullContradictsNothing() {
    String definition =
        "{\"every\":\"1h\",\"job\":{\"job_type\":\"a\",\"payload\":null,\"body_base64\":\"AP8=\"}}";
    Http.Reply put = http.put("/schedules/s", definition);
    assertThat(put.status()).as(put.text()).isEqualTo(201);
    assertThat(put.at("/job/body_base64")).isEqualTo("AP8=");
  }

  private static void isRefused(Http.Reply reply, String field) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo(field);
  }
}
