package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.http.sns.AllowedTopics;
import dev.afterbay.http.sns.SubscriptionConfirmer;
import dev.afterbay.http.sns.Verdict;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The section SNS of http-api.md; what to answer is decided in sns.md. */
final class SnsRoutes {
  /*
   * 200 means stored. Whatever depends on our own state is 503, which SNS sends again; any other
   * 4xx would lose the message, so a broker that refuses a genuine message is 503 too.
   */

  private static final Logger LOG = LoggerFactory.getLogger(SnsRoutes.class);

  /** A genuine message is answered within this; SNS gives up after 15 s (sns.md 3). */
  private static final Duration CONFIRM_MAX = Duration.ofSeconds(5);

  private static final String TYPE = "sns";
  private static final String CONTENT_TYPE = "application/json";

  private final SnsDoor sns;
  private final Broker broker;
  private final Meters meters;
  private final Map<String, SnsDoor.Source> byArn = new HashMap<>();
  private final Map<String, SnsDoor.Source> byName = new HashMap<>();

  SnsRoutes(SnsDoor sns, Broker broker, Meters meters) {
    this.meters = meters;
    this.sns = sns;
    this.broker = broker;
    for (SnsDoor.Source source : sns.sources()) {
      byArn.put(source.arn(), source);
      byName.put(source.name(), source);
    }
  }

  List<Route> routes() {
    int bytesMax = sns.settings().bodyBytesMax();
    return List.of(
        Route.post("/sns/webhook", Area.SNS, e -> take(e, sns.all())).body(bytesMax),
        Route.post("/sns/{name}", Area.SNS, this::takeNamed).body(bytesMax));
  }

  private Answer takeNamed(Exchange exchange) throws InterruptedException {
    SnsDoor.Source source = byName.get(exchange.parameter(0));
    return source == null
        ? Answer.of(Problem.notFound("no source of sns.topics has this name"))
        : take(exchange, source.allowed());
  }

  private Answer take(Exchange exchange, AllowedTopics allowed) throws InterruptedException {
    Verdict verdict = sns.verifier().verify(exchange::header, exchange.body(), allowed);
    return switch (verdict) {
      case Verdict.Notification notification -> store(notification);
      case Verdict.Confirmation confirmation -> confirm(confirmation);
      case Verdict.Unsubscribed ended -> ended(ended);
      case Verdict.Refused refused -> refused(refused);
    };
  }

  private Answer store(Verdict.Notification notification) {
    SnsDoor.Source source = byArn.get(notification.topic().arn());
    if (source == null) {
      throw new IllegalStateException("no source for " + notification.topic().arn());
    }
    Queue queue = broker.queue(source.queue());
    Duration window = keyWindow(queue.settings().dedupWindow());
    Message message =
        Message.of(TYPE, notification.storedEnvelope())
            .contentType(CONTENT_TYPE)
            .key(notification.key(), window)
            .tracked();
    try {
      queue.send(List.of(message));
      meters.sns("stored");
      return Answer.empty(200);
    } catch (BrokerException e) {
      LOG.warn("an SNS message for the queue {} was not stored", source.queue(), e);
      meters.sns("not-stored");
      Problem problem = Problem.of(e);
      Duration after = problem.retryAfter();
      return unavailable(problem.detail(), after == null ? Duration.ofSeconds(20) : after);
    }
  }

  /** At least as long as a captured message is accepted (sns.md 0.7). */
  private Duration keyWindow(Duration dedupWindow) {
    Duration least = sns.settings().maxAge().plusHours(1);
    return dedupWindow.compareTo(least) > 0 ? dedupWindow : least;
  }

  private Answer confirm(Verdict.Confirmation confirmation) throws InterruptedException {
    if (!confirmation.topic().autoConfirm()) {
      LOG.warn("a subscription of {} waits to be confirmed by hand", confirmation.topic().arn());
      return Answer.empty(200);
    }
    return visited(sns.confirmer().confirm(confirmation, CONFIRM_MAX), "confirmed");
  }

  private Answer ended(Verdict.Unsubscribed ended) throws InterruptedException {
    meters.sns("unsubscribed");
    LOG.warn("a subscription of {} has ended: {}", ended.topic().arn(), ended.subscriptionArn());
    return sns.resubscribe()
        ? visited(sns.confirmer().resubscribe(ended, CONFIRM_MAX), "taken up again")
        : Answer.empty(200);
  }

  private Answer visited(SubscriptionConfirmer.Result result, String done) {
    return switch (result) {
      case SubscriptionConfirmer.Result.Confirmed(@Nullable String arn) -> {
        meters.sns("confirmed");
        LOG.info("subscription {}: {}", done, arn);
        yield Answer.empty(200);
      }
      case SubscriptionConfirmer.Result.Failed(Verdict.Refused answer) -> refused(answer);
    };
  }

  private Answer refused(Verdict.Refused refused) {
    int field = refused.code().indexOf(':');
    meters.sns(field < 0 ? refused.code() : refused.code().substring(0, field));
    if (refused.alarm() || refused.code().startsWith("topic-not-allowed")) {
      LOG.error("SNS message refused, {}: {}", refused.code(), refused.detail());
    } else {
      LOG.warn("SNS message refused, {}: {}", refused.code(), refused.detail());
    }
    Duration after = refused.retryAfter();
    return switch (refused.status()) {
      case 413 -> Answer.of(Problem.of(Problem.Type.TOO_LARGE, refused.detail()));
      case 400 -> Answer.of(Problem.of(Problem.Type.INVALID, refused.detail()));
      case 503 -> unavailable(refused.detail(), after == null ? Duration.ofSeconds(20) : after);
      default -> Answer.of(Problem.of(Problem.Type.FORBIDDEN, refused.detail()));
    };
  }

  private static Answer unavailable(String detail, Duration after) {
    return Answer.of(new Problem(Problem.Type.UNAVAILABLE, detail, null, after));
  }
}
