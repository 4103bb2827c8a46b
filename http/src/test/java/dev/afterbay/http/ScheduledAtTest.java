package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Moment;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When a job becomes or became due: the same with each look, whatever the clocks do. */
final class ScheduledAtTest extends HttpTest {

  /** Milliseconds in which the store was closed, so that its ticks stood still. */
  private final AtomicLong closed = new AtomicLong();

  private final AtomicLong looks = new AtomicLong();

  @Override
  Served open() {
    return Served.with(services ->
        new HttpApiServices(
            services.broker(),
            () -> {
              Moment now = services.clock().get();
              long trembling = looks.getAndIncrement() % 2;
              return new Moment(now.wall().plusMillis(closed.get() + trembling), now.tick());
            },
            services.defaults(),
            services.health(),
            services.types(),
            services.meters(),
            services.scrape(),
            services.version(),
            services.sns()));
  }

  /** Each look at the clocks differs by a millisecond, and backoff is chosen at random. */
  @Test
  void aRetryIsShownWithTheTimeAtWhichItBecomesDueAndBecameDue() {
    String id = job("");
    String path = "/jobs/" + id;
    String first = http.get(path).at("/scheduled_at");
    settle("default", receive("default", 1).getFirst(), "\"retry\"");
    Http.Reply waiting = http.get(path);
    String due = waiting.at("/scheduled_at");
    Duration pause = Duration.between(ended(waiting, 0), Instant.parse(due));
    assertThat(pause).isBetween(Duration.ofMillis(800), Duration.ofMillis(1_201));
    for (int i = 0; i < 50; i++) {
      assertThat(http.get(path).at("/scheduled_at")).isEqualTo(due);
    }
    assertThat(http.get("/jobs").at("/jobs/0/scheduled_at")).isEqualTo(due);
    Soon.until("it to be due", () -> http.get("/queues/default").at("/pending").equals("1"));

    String receipt = receive("default", 1).getFirst();
    assertThat(http.get(path).at("/scheduled_at")).isEqualTo(due).isNotEqualTo(first);
    settle("default", receipt, "\"fail\",\"reason\":\"bad\"");
    assertThat(http.get(path).at("/scheduled_at")).isEqualTo(due);

    http.post(path + "/redrive");
    Http.Reply redriven = http.get(path);
    assertThat(redriven.at("/scheduled_at")).isEqualTo(redriven.at("/updated_at"));
    settle("default", receive("default", 1).getFirst(), "\"done\"");
    assertThat(http.get(path).at("/scheduled_at")).isEqualTo(redriven.at("/updated_at"));
  }

  private static Instant ended(Http.Reply job, int attempt) {
    return Instant.parse(job.at("/history/" + attempt + "/ended_at"));
  }

  private String scheduledAt(String id) {
    return http.get("/jobs/" + id).at("/scheduled_at");
  }

  private void assertStays(String id, String due) {
    for (int i = 0; i < 20; i++) {
      assertThat(scheduledAt(id)).isEqualTo(due);
    }
  }

  @Test
  void aJobThatIsRunNowBecameDueThen() {
    String id = job(",\"delay\":\"1h\"");
    Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    String due = http.post("/jobs/" + id + "/run-now").at("/scheduled_at");
    assertThat(Instant.parse(due)).isBetween(before, Instant.now().plusMillis(1));
    assertStays(id, due);
    String receipt = receive("default", 1).getFirst();
    assertStays(id, due);
    settle("default", receipt, "\"done\"");
    assertStays(id, due);
  }

  @Test
  void aJobThatIsRunNowAndCancelledBecameDueThen() {
    String id = job(",\"run_at\":\"2099-01-01T00:00:00Z\"");
    String due = http.post("/jobs/" + id + "/run-now").at("/scheduled_at");
    http.post("/jobs/" + id + "/cancel");
    assertThat(scheduledAt(id)).isEqualTo(due).startsWith("20").doesNotStartWith("2099");
  }

  @Test
  void anAttemptThatIsRepeatedComesAfterWhatItWasRescheduledTo() {
    String id = job(",\"delay\":\"1h\"");
    String due = http.post("/jobs/" + id + "/run-now").at("/scheduled_at");
    settle("default", receive("default", 1).getFirst(), "\"retry\",\"delay\":\"1m\"");
    Http.Reply waiting = http.get("/jobs/" + id);
    assertThat(Duration.between(ended(waiting, 0), Instant.parse(waiting.at("/scheduled_at"))))
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(waiting.at("/scheduled_at")).isNotEqualTo(due);
  }

  @Test
  void whatWasDueBeforeTheStoreWasClosedStaysSo() {
    String sent = job("");
    String released = job("");
    receive("default", 2).forEach(receipt -> settle("default", receipt, "\"release\""));
    String runNow = job(",\"delay\":\"1h\"");
    http.post("/jobs/" + runNow + "/run-now");
    String first = scheduledAt(sent);
    String second = scheduledAt(released);
    String third = scheduledAt(runNow);
    closed.set(11_000);
    assertStays(sent, first);
    assertStays(released, second);
    assertStays(runNow, third);
  }

  /** A delay counts the time in which the store is open, so that it is later then. */
  @Test
  void whatIsNotDueYetIsShownAtTheTimeAtWhichItWillBe() {
    String id = job(",\"delay\":\"1h\"");
    Instant due = Instant.parse(scheduledAt(id));
    closed.set(11_000);
    String later = scheduledAt(id);
    assertThat(Duration.between(due, Instant.parse(later)))
        .isBetween(Duration.ofMillis(10_990), Duration.ofMillis(11_010));
    assertStays(id, later);
  }
}
