package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.contract.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The section Schedules of http-api.md. */
final class SchedulesRoutesTest extends HttpTest {

  private static final String NIGHTLY =
      """
      {"cron":"30 2 * * *","zone":"Europe/Berlin","missed":"skip","overlap":"skip",
       "job":{"job_type":"report","payload":{"a": [1]},"queue":"reports","priority":7}}\
      """;

  private final TestClock clock = new TestClock();

  @Override
  Served open() {
    return Served.on(clock);
  }

  @Test
  void aScheduleIsShownWithItsNextFiveTimes() {
    Http.Reply created = http.put("/schedules/nightly", NIGHTLY);
    assertThat(created.status()).isEqualTo(201);
    assertThat(http.put("/schedules/nightly", NIGHTLY).status()).isEqualTo(200);
    Http.Reply shown = http.get("/schedules/nightly");
    assertThat(shown.text()).isEqualTo(created.text());
    assertThat(shown.text())
        .isEqualTo(
            """
            {"name":"nightly","state":"active","cron":"30 2 * * *","zone":"Europe/Berlin",\
            "missed":"skip","overlap":"skip",\
            "job":{"job_type":"report","queue":"reports","payload":{"a": [1]},\
            "content_type":"application/json","priority":7,"attributes":{}},\
            "next":["2026-01-01T01:30:00.000Z","2026-01-02T01:30:00.000Z",\
            "2026-01-03T01:30:00.000Z","2026-01-04T01:30:00.000Z","2026-01-05T01:30:00.000Z"],\
            "last_job":null,"last_error":null}\
            """);
    JsonNode list = http.get("/schedules").json();
    assertThat(list.at("/schedules/0")).isEqualTo(shown.json());
    assertThat(list.at("/next").isNull()).isTrue();
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    String every = "{\"every\":\"PT0.5S\",\"job\":{\"job_type\":\"ping\"}}";
    Http.Reply shown = http.put("/schedules/often", every);
    assertThat(shown.at("/every")).isEqualTo("500ms");
    assertThat(shown.json().has("cron")).isFalse();
    assertThat(shown.at("/zone")).isEqualTo("UTC");
    assertThat(shown.at("/missed")).isEqualTo("last");
    assertThat(shown.at("/overlap")).isEqualTo("allow");
    assertThat(shown.at("/job/queue")).isEqualTo("default");
    assertThat(shown.at("/next/0")).isEqualTo("2026-01-01T00:00:00.500Z");

    clock.advance(Duration.ofMillis(1_020));
    JsonNode jobs = http.get("/jobs?include=payload").json().at("/jobs");
    assertThat(jobs.size()).isEqualTo(2);
    assertThat(jobs.at("/1/scheduled_at").asString()).isEqualTo("2026-01-01T00:00:00.500Z");
    assertThat(jobs.at("/1/job_type").asString()).isEqualTo("ping");
    assertThat(jobs.at("/1/payload").isNull()).isTrue();
    assertThat(http.get("/schedules/often").at("/last_job")).isEqualTo(jobs.at("/0/id").asString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"job":{"job_type":"a"}}                                         | cron
          {"cron":"* * * * *"}                                             | job
          {"cron":"* * * * *","every":"1s","job":{"job_type":"a"}}         | every
          {"cron":"0 0 30 2 *","job":{"job_type":"a"}}                     | cron
          {"cron":"* 25 * * *","job":{"job_type":"a"}}                     | cron
          {"cron":5,"job":{"job_type":"a"}}                                | cron
          {"every":"99ms","job":{"job_type":"a"}}                          | every
          {"every":"soon","job":{"job_type":"a"}}                          | every
          {"cron":"* * * * *","zone":"Mars/Base","job":{"job_type":"a"}}   | zone
          {"every":"1s","missed":"some","job":{"job_type":"a"}}            | missed
          {"every":"1s","overlap":"no","job":{"job_type":"a"}}             | overlap
          {"every":"1s","job":{}}                                          | job.job_type
          {"every":"1s","job":{"job_type":"a b"}}                          | job.job_type
          {"every":"1s","job":{"job_type":"a","queue":"/"}}                | job.queue
          {"every":"1s","job":{"job_type":"a","priority":10}}              | job.priority
          {"every":"1s","job":{"job_type":"a","run_at":"2026-01-01T00:00:00Z"}} | job.run_at
          {"every":"1s","job":{"job_type":"a","delay":"1s"}}               | job.delay
          {"every":"1s","job":{"job_type":"a","key":"k"}}                  | job.key
          {"every":"1s","job":{"job_type":"a","bogus":1}}                  | job.bogus
          {"every":"1s","job":{"job_type":"a","payload":1,"body_base64":""}} | job.payload
          {"every":"1s","job":{"job_type":"a","body_base64":"","payload":1}} | job.payload
          {"every":"1s","job":{"job_type":"a","body_base64":"?"}}          | job.body_base64
          {"every":"1s","job":[]}                                          | job
          {"every":"1s","state":"paused","job":{"job_type":"a"}}           | state
          """)
  void whatIsWrongIsNamedAndNothingIsStored(String body, String field) {
    Http.Reply reply = http.put("/schedules/a", body);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.problem()).isEqualTo("invalid");
    assertThat(reply.at("/field")).isEqualTo(field);
    assertThat(reply.at("/detail")).contains(field);
    assertThat(http.get("/schedules/a").status()).isEqualTo(404);
  }

  @Test
  void aLargeBodyIsTooLarge() {
    String body = "x".repeat(70_000);
    String put = "{\"every\":\"1s\",\"job\":{\"job_type\":\"a\",\"payload\":\"" + body + "\"}}";
    Http.Reply reply = http.put("/schedules/a", put);
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.at("/field")).isEqualTo("job.payload");
    assertThat(reply.at("/detail")).contains("65536 B");
  }

  @Test
  void whatIsDoneToOneIsAnsweredWithIt() {
    http.put("/schedules/nightly", NIGHTLY);
    assertThat(http.post("/schedules/nightly/pause").at("/state")).isEqualTo("paused");
    Http.Reply ran = http.post("/schedules/nightly/run-now");
    assertThat(ran.status()).isEqualTo(200);
    assertThat(ran.at("/state")).isEqualTo("paused");
    assertThat(http.get("/jobs/" + ran.at("/job_id")).at("/queue")).isEqualTo("reports");
    Http.Reply resumed = http.post("/schedules/nightly/resume");
    assertThat(resumed.at("/state")).isEqualTo("active");
    assertThat(resumed.at("/next/0")).isEqualTo("2026-01-01T01:30:00.000Z");
    assertThat(http.delete("/schedules/nightly").status()).isEqualTo(204);
    for (String call : new String[] {"/pause", "/resume", "/run-now"}) {
      Http.Reply none = http.post("/schedules/nightly" + call);
      assertThat(none.status()).isEqualTo(404);
      assertThat(none.problem()).isEqualTo("not-found");
      assertThat(none.at("/detail")).contains("schedule nightly does not exist");
    }
    assertThat(http.delete("/schedules/nightly").status()).isEqualTo(404);
    assertThat(http.get("/schedules/nightly").status()).isEqualTo(404);
    assertThat(http.put("/schedules/a%2Fb", NIGHTLY).at("/field")).isEqualTo("name");
    assertThat(http.get("/schedules/%C3%A4").status()).isEqualTo(400);
  }

  @Test
  void pagesAreListedByName() {
    for (String name : new String[] {"c", "a", "b"}) {
      http.put("/schedules/" + name, NIGHTLY);
    }
    Http.Reply first = http.get("/schedules?limit=2");
    assertThat(first.at("/next")).isEqualTo("b");
    assertThat(first.at("/schedules/1/name")).isEqualTo("b");
    Http.Reply second = http.get("/schedules?after=b&limit=2");
    assertThat(second.json().at("/next").isNull()).isTrue();
    assertThat(second.at("/schedules/0/name")).isEqualTo("c");
    assertThat(http.get("/schedules?limit=501").at("/field")).isEqualTo("limit");
  }

  @Test
  void aTypeWithoutAHandlerIsRefusedWhereTypesAreValidated() {
    try (Served strict =
            Served.with(s ->
                new HttpApiServices(
                    s.broker(),
                    s.clock(),
                    s.defaults(),
                    s.health(),
                    (queue, type) -> type.equals("known"),
                    s.meters(),
                    s.scrape(),
                    s.version(),
                    null));
        Http own = new Http(strict)) {
      assertThat(own.put("/schedules/a", NIGHTLY).status()).isEqualTo(422);
      assertThat(own.put("/schedules/a", NIGHTLY.replace("\"report\"", "\"known\"")).status())
          .isEqualTo(201);
    }
  }
}
