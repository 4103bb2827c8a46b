package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.client.wire.Problem;
import org.junit.jupiter.api.Test;

final class RefusalsTest {

  private static final Route SEND =
      Route.post("/queues/{q}/messages", Scope.SEND, _ -> Response.empty(201));
  private static final Route SNS = Route.post("/sns/{name}", Scope.SNS, _ -> Response.empty(200));

  private final KeptLog lines = new KeptLog();
  private long now;
  private final RateLimitedLog log = new RateLimitedLog(() -> now);
  private final Refusals refusals = new Refusals(log, lines);

  @Test
  void whatIsWrongIsToldWithoutWhatWasSent() {
    refusals.tell(SEND, Problem.invalid("run_at", "run_at must be a time, not s3cret"));
    refusals.tell(SEND, Problem.of(Problem.Type.TOO_LARGE, "s3cret"));
    refusals.tell(null, Problem.of(Problem.Type.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding x"));
    assertThat(lines.lines())
        .containsExactly(
            "INFO POST /queues/{q}/messages is refused with 400 invalid, for its run_at",
            "INFO POST /queues/{q}/messages is refused with 413 too-large",
            "INFO a request is refused with 415 unsupported-media-type");
  }

  @Test
  void whoIsNotLetInIsToldWithTheSettingThatLetsIn() {
    refusals.tell(null, forbidden("host", "the host x is not served here"));
    assertThat(lines.lines())
        .containsExactly("WARNING a request is refused: the host x is not served here");
  }

  /** SNS does not send again what was answered with 4xx, so who runs the server must know. */
  @Test
  void whatSnsSentAndNobodyReadIsToldWithWhatItIsRefusedFor() {
    refusals.tellUnread(
        "/sns/orders",
        new Problem(Problem.Type.UNSUPPORTED_MEDIA_TYPE, "s3cret", "content-encoding", null));
    refusals.tellUnread("/sns/a b", Problem.of(Problem.Type.TOO_LARGE, "s3cret"));
    refusals.tellUnread("/sns/a/s3cret", Problem.notFound("nothing is at s3cret"));
    refusals.tellUnread("/sns/orders", Problem.invalid("s3cret", "s3cret"));
    refusals.tellUnread("/sns/orders", Problem.unavailable("draining"));
    assertThat(lines.lines())
        .containsExactly(
            "WARNING what came for /sns/orders was answered 415 unread, unsupported-media-type,"
                + " for its content-encoding: SNS does not send that again",
            "WARNING what came for /sns/... was answered 413 unread, too-large: SNS does not send"
                + " that again",
            "WARNING what came for /sns/... was answered 404 unread, not-found: SNS does not send"
                + " that again",
            "WARNING what came for /sns/orders was answered 400 unread, invalid: SNS does not send"
                + " that again",
            "WARNING what came for /sns/orders was answered 503 unread, unavailable: SNS sends it"
                + " again");
  }

  @Test
  void eachStatusOfWhatIsUnreadIsLimitedByItself() {
    for (int i = 0; i < 100; i++) {
      refusals.tellUnread("/sns/x" + i, Problem.notFound("scanned"));
    }
    refusals.tellUnread("/sns/orders", Problem.of(Problem.Type.TOO_LARGE, "large"));
    assertThat(lines.lines()).hasSize(RateLimitedLog.LINES_MAX + 1);
  }

  @Test
  void eachKindIsLimitedAndTheRestIsCounted() {
    for (int i = 0; i < 100; i++) {
      refusals.tell(SEND, Problem.invalid("field " + i, "no"));
      refusals.tell(null, forbidden("host", "host " + i));
      refusals.tell(null, forbidden("origin", "another site"));
    }
    assertThat(lines.lines()).hasSize(RateLimitedLog.LINES_MAX + 2);
    now += RateLimitedLog.MINUTE_TICKS;
    log.sweep();
    assertThat(lines.lines())
        .contains(
            "WARNING 99 more lines like this were left out: a request is refused for its host",
            "WARNING 99 more lines like this were left out: a request is refused for its origin",
            "INFO 90 more lines like this were left out: POST /queues/{q}/messages is refused"
                + " with 400 invalid");
  }

  private static Problem forbidden(String header, String detail) {
    return new Problem(Problem.Type.FORBIDDEN, detail, header, null);
  }

  @Test
  void whatIsNotTheContentsFaultIsNoRefusal() {
    refusals.tell(SEND, null);
    refusals.tell(SEND, Problem.notFound("no such queue"));
    refusals.tell(SEND, Problem.unavailable("draining"));
    refusals.tell(null, Problem.invalid("request", "malformed HTTP request"));
    refusals.tell(SNS, Problem.invalid("body", "SNS is told by its own route"));
    assertThat(lines.lines()).isEmpty();
  }
}
