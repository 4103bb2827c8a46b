package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Message;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a request is told by name, and nothing is done or changed silently. */
final class WrongRequestsTest extends HttpTest {

  /**
   * Types are validated: there is no handler of {@code unknown}, and that of {@code mail} looks.
   */
  private static final HttpApiServices.Types TYPES =
      new HttpApiServices.Types() {
        @Override
        public boolean knows(String queue, String type) {
          return !type.equals("unknown");
        }

        @Override
        public HttpApiServices.Types.@Nullable Refusal refusal(String queue, Message message) {
          return message.type().equals("mail")
              ? new Refusal("/to/0", "to/0 must be an address")
              : null;
        }
      };

  @Override
  Served open() {
    return Served.with(s ->
        new HttpApiServices(
            s.broker(),
            s.clock(),
            s.defaults(),
            s.health(),
            TYPES,
            s.meters(),
            s.scrape(),
            s.version(),
            s.sns()));
  }

  @ParameterizedTest
  @CsvSource({
    "unknown, 422, unknown-type, job_type",
    "mail, 422, invalid-payload, /payload/to/0",
    "'', 400, invalid, job_type"
  })
  void theLineOfABatchThatIsWrongIsNamed(String type, int status, String problem, String field) {
    String good = "{\"job_type\":\"a\"}\n\n";
    String bad = "{\"job_type\":\"" + type + "\"}\n";
    Http.Reply reply = http.post("/jobs/batch", good + bad + good);
    assertThat(reply.status()).as(reply.text()).isEqualTo(status);
    assertThat(reply.problem()).isEqualTo(problem);
    assertThat(reply.at("/detail")).startsWith("line 3: ");
    assertThat(reply.at("/field")).isEqualTo(field);
    assertThat(http.get("/jobs").at("/jobs")).isEqualTo("[]");
    assertThat(http.post("/jobs", bad).at("/detail")).doesNotContain("line");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {                           | it ends in its middle
          {"job_type"                 | it ends in its middle
          {"job_type":"a              | it ends in its middle
          {"job_type":"a","payload":[1, | it ends in its middle
          {"job_type":"a"]            | near ']' at column 16
          {"job_type" "a"}            | near '"' at column 13
          {job_type:"a"}              | near 'j' at column 2
          {"job_type":tru}            | near 't' at column 13
          {"job_type":"ä€" 1}         | near '1' at column 18
          {"job_type":"\\q"}          | near 'q' at column 15
          {"job_type":"a","payload":01} | near '1' at column 28
          {~"job_type":~ ]            | near ']' at line 3, column 2
          {"payload":"~"}             | near a control character at column 13
          {"payload":DEEP}            | 64 deep
          {"payload":LONG}            | 1000 digits
          """)
  void malformedJsonIsToldInOurWords(String json, String detail) {
    String body =
        json.replace('~', '\n').replace("DEEP", "[".repeat(70)).replace("LONG", "1".repeat(1_001));
    Http.Reply reply = http.post("/jobs", body);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo("body");
    assertThat(reply.at("/detail"))
        .startsWith("the JSON is ")
        .contains(detail)
        .doesNotContainIgnoringCase("source")
        .doesNotContain("Stream", "Feature", "code ", "token");
  }

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
