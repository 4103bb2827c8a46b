package dev.afterbay.http;

import dev.afterbay.BrokerException;
import dev.afterbay.Event;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.SendResult;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.http.sns.AllowedTopics;
import dev.afterbay.http.sns.SnsTopic;
import dev.afterbay.http.sns.SubscriptionConfirmer;
import dev.afterbay.http.sns.Verdict;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The section SNS of http-api.md; what to answer is decided in sns.md. */
final class SnsRoutes {
  /*
   * 200 means stored. Whatever depends on our own state is 503, which SNS sends again; any other
   * 4xx would lose the message, so a broker that refuses a genuine message is 503 too.
   */

  private static final Logger LOG = System.getLogger(SnsRoutes.class.getName());

  private static final Duration AN_HOUR = Duration.ofHours(1);
  private static final Duration COME_AGAIN = Duration.ofSeconds(20);
  private static final Response TOO_LATE =
      unavailable("it takes too long, and may have been stored: send it again", COME_AGAIN);

  /**
   * Anybody may be told this. Why is for the log: it would say what we reach, and how, and which
   * files and clocks we have.
   */
  private static final String NOT_NOW =
      "this cannot be taken now: send it again; the log of the server says why";

  /** Of a source, so harmless in a log line. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  /** Of the jobs that come this way. */
  static final String TYPE = "sns";

  private static final String CONTENT_TYPE = "application/json";

  private final SnsWebhook sns;
  private final SnsWebhook.Keeper keeper;
  private final HttpApiServices.Steps steps;
  private final Meters meters;
  private final RateLimitedLog log;
  private final Map<String, SnsWebhook.Source> byArn = new HashMap<>();
  private final Map<String, SnsWebhook.Source> byName = new HashMap<>();

  SnsRoutes(SnsWebhook sns, HttpApiServices.Steps steps, InFlightRequests inFlight) {
    this.steps = steps;
    this.meters = inFlight.meters();
    this.log = inFlight.log();
    this.sns = sns;
    this.keeper = sns.keeper();
    for (SnsWebhook.Source source : sns.sources()) {
      byArn.put(source.arn(), source);
      byName.put(source.name(), source);
    }
  }

  List<Route> routes() {
    int bytesMax = sns.settings().bodyBytesMax();
    return List.of(
        Route.post("/sns/webhook", Scope.SNS, e -> take(e, sns.all())).body(bytesMax),
        Route.post("/sns/{name}", Scope.SNS, this::takeNamed).body(bytesMax));
  }

  private Response takeNamed(Exchange exchange) throws InterruptedException {
    String name = exchange.parameter(0);
    SnsWebhook.Source source = byName.get(name);
    if (source == null) {
      log.warn(
          LOG,
          "unknown-path",
          "refused what came for /sns/"
              + (NAME.matcher(name).matches() ? name : "...")
              + ": no source of sns.topics has this name");
      meters.sns("unknown-path");
      return Response.of(Problem.notFound("no source of sns.topics has this name"));
    }
    return take(exchange, source.allowed());
  }

  private Response take(Exchange exchange, AllowedTopics allowed) throws InterruptedException {
    exchange.answerWithin(sns.answerWithin(), TOO_LATE);
    long begun = System.nanoTime();
    long latest = begun + sns.answerWithin().toNanos();
    Verdict verdict = sns.verifier().verify(exchange.headers()::get, exchange.body(), allowed);
    return switch (verdict) {
      case Verdict.Notification notification -> store(notification, System.nanoTime() - begun);
      case Verdict.Confirmation confirmation -> confirm(confirmation, left(latest));
      case Verdict.Unsubscribed ended -> ended(ended, left(latest));
      case Verdict.Refused refused -> refused(refused);
    };
  }

  private static Duration left(long latestNanos) {
    return Duration.ofNanos(latestNanos - System.nanoTime());
  }

  private SnsWebhook.Source source(String topicArn) {
    SnsWebhook.Source source = byArn.get(topicArn);
    if (source == null) {
      throw new IllegalStateException("no source for " + topicArn);
    }
    return source;
  }

  /**
   * @param nanos that it took to verify it
   */
  private Response store(Verdict.Notification notification, long nanos) {
    SnsWebhook.Source source = source(notification.topic().arn());
    SendResult sent;
    try {
      Queue queue = keeper.queue(source.queue());
      QueueSettings settings = queue.admin().orElseThrow().settings();
      Message message =
          Message.of(TYPE, notification.storedEnvelope())
              .contentType(CONTENT_TYPE)
              .key(notification.key(), keyWindow(settings.dedupWindow()))
              .correlationId(notification.messageId())
              .tracked();
      if (settings.order() != QueueSettings.Order.FIFO) {
        message = session(source, notification).map(message::session).orElse(message);
      }
      steps.received(source.queue(), message);
      steps.verified(source.queue(), message, nanos);
      sent = queue.send(List.of(message)).getFirst();
      if (sent.known()) {
        steps.known(source.queue(), message, sent.id());
      }
    } catch (BrokerException e) {
      log.warn(
          LOG,
          "not-stored",
          "an SNS message for the queue " + source.queue() + " was not stored: " + e.getMessage());
      meters.sns("not-stored");
      Duration after = Problem.of(e).retryAfter();
      return unavailable(NOT_NOW, after == null ? COME_AGAIN : after);
    }
    meters.sns(sent.known() ? "known" : "stored");
    if (!sent.known()) {
      noteSubscription(notification);
    }
    return Response.empty(200);
  }

  private static Optional<String> session(
      SnsWebhook.Source source, Verdict.Notification notification) {
    Map<String, String> attributes = new HashMap<>();
    notification.untrustedAttributes().forEach((name, it) -> attributes.put(name, it.value()));
    byte[] body = notification.message().getBytes(StandardCharsets.UTF_8);
    return source.sessions().of(attributes, body, notification.timestamp());
  }

  /**
   * Only of a new message: the header is not signed, and a message that was captured may be
   * replayed with another one.
   */
  private void noteSubscription(Verdict.Notification notification) {
    String arn = notification.subscriptionArn();
    if (arn == null) {
      return;
    }
    String topic = notification.topic().arn();
    try {
      String before = keeper.subscription(topic, arn);
      if (before == null) {
        LOG.log(Level.INFO, "messages of " + topic + " come by the subscription " + arn);
      } else if (!before.equals(arn)) {
        log.warn(
            LOG,
            "another-subscription",
            "messages of "
                + topic
                + " come by the subscription "
                + arn
                + " now, before it was "
                + before
                + ": is that meant?");
      }
    } catch (BrokerException e) {
      log.warn(
          LOG,
          "subscription-not-stored",
          "the message is stored, but not that it came by the subscription " + arn,
          e);
    }
  }

  /** At least as long as a captured message, perhaps one from the future, is accepted (0.7). */
  private Duration keyWindow(Duration dedupWindow) {
    Duration ahead = sns.settings().futureTolerance();
    Duration more = ahead.compareTo(AN_HOUR) > 0 ? ahead : AN_HOUR;
    Duration least = sns.settings().maxAge().plus(more);
    return dedupWindow.compareTo(least) > 0 ? dedupWindow : least;
  }

  private Response confirm(Verdict.Confirmation confirmation, Duration left)
      throws InterruptedException {
    SnsTopic topic = confirmation.topic();
    if (!topic.autoConfirm()) {
      meters.sns("not-confirmed");
      log.warn(
          LOG,
          "not-confirmed",
          "a subscription of "
              + topic.arn()
              + " is not confirmed, because auto_confirm is false: set it to true,"
              + " and have SNS request the confirmation again");
      return Response.empty(200);
    }
    return visited(sns.confirmer().confirm(confirmation, left), topic, "confirmed");
  }

  private Response ended(Verdict.Unsubscribed ended, Duration left) throws InterruptedException {
    SnsTopic topic = ended.topic();
    String arn = ended.subscriptionArn();
    meters.sns("unsubscribed");
    log.warn(
        LOG,
        "unsubscribed",
        "a subscription of " + topic.arn() + " has ended: " + (arn == null ? "which?" : arn));
    happened(Event.Type.SUBSCRIPTION_ENDED, topic, arn);
    return sns.resubscribe()
        ? visited(sns.confirmer().resubscribe(ended, left), topic, "taken up again")
        : Response.empty(200);
  }

  private Response visited(SubscriptionConfirmer.Result result, SnsTopic topic, String done) {
    return switch (result) {
      case SubscriptionConfirmer.Result.Confirmed(@Nullable String arn) -> {
        meters.sns("confirmed");
        LOG.log(Level.INFO, "a subscription of " + topic.arn() + " was " + done + ": " + arn);
        happened(Event.Type.SUBSCRIPTION_CONFIRMED, topic, arn);
        yield Response.empty(200);
      }
      case SubscriptionConfirmer.Result.Failed(Verdict.Refused answer) -> refused(answer);
    };
  }

  private void happened(Event.Type type, SnsTopic topic, @Nullable String subscriptionArn) {
    String subject = subscriptionArn == null ? topic.arn() : subscriptionArn;
    keeper.happened(type, source(topic.arn()).queue(), subject);
  }

  private Response refused(Verdict.Refused refused) {
    int field = refused.code().indexOf(':');
    String kind = field < 0 ? refused.code() : refused.code().substring(0, field);
    meters.sns(kind);
    if (refused.alarm() || kind.equals("topic-not-allowed")) {
      log.error(LOG, kind, "SNS message refused, " + refused.code() + ": " + refused.detail());
    } else {
      log.warn(LOG, kind, "SNS message refused, " + refused.code() + ": " + refused.detail());
    }
    Duration after = refused.retryAfter();
    return switch (refused.status()) {
      case 413 -> Response.of(Problem.of(Problem.Type.TOO_LARGE, refused.detail()));
      case 400 -> Response.of(Problem.of(Problem.Type.INVALID, refused.detail()));
      case 503 -> unavailable(NOT_NOW, after == null ? COME_AGAIN : after);
      default -> Response.of(Problem.of(Problem.Type.FORBIDDEN, refused.detail()));
    };
  }

  private static Response unavailable(String detail, Duration after) {
    return Response.of(new Problem(Problem.Type.UNAVAILABLE, detail, null, after));
  }
}
