package dev.afterbay.http.sns;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Confirms subscriptions by visiting the URL that was computed from topic and token. Only status
 * 200 counts (sns.md 3.1). After anything else the request of SNS must be answered with 503, so
 * that it sends the confirmation again: a 200 to it would leave us unsubscribed for ever.
 *
 * <p>Whether to confirm at all is the caller's decision: {@link SnsTopic#autoConfirm()} for a
 * confirmation, {@code on_unsubscribe: resubscribe} for an ended subscription.
 */
public final class SubscriptionConfirmer {
  /** Longest answer in bytes; a real one has about 400. */
  static final int ANSWER_BYTES_MAX = 64 * 1_024;

  /** Visits at once; further ones are to retry later. */
  static final int VISITS_AT_ONCE_MAX = 4;

  private static final Duration VISIT_AT_MOST = Duration.ofSeconds(5);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(20);

  /** Instead of an XML parser: no entities, no documents elsewhere (sns.md 3.1). */
  private static final Pattern SUBSCRIPTION_ARN =
      Pattern.compile("<SubscriptionArn>\\s{0,99}+(arn:[A-Za-z0-9:_-]{1,600}+)\\s{0,99}+</");

  private final OutgoingGet outgoing;
  private final Semaphore visits = new Semaphore(VISITS_AT_ONCE_MAX);

  /**
   * @param outgoing stays the caller's to close
   */
  public SubscriptionConfirmer(OutgoingGet outgoing) {
    this.outgoing = outgoing;
  }

  /**
   * Confirms. Blocks.
   *
   * @param atMost what is left of the time for the request; never more than 5 s are used
   */
  public Result confirm(Verdict.Confirmation confirmation, Duration atMost)
      throws InterruptedException {
    return visit(confirmation.confirmUrl(), confirmation.topic(), atMost);
  }

  /** Takes the end of a subscription back, in the same way as {@link #confirm}. */
  public Result resubscribe(Verdict.Unsubscribed ended, Duration atMost)
      throws InterruptedException {
    return visit(ended.resubscribeUrl(), ended.topic(), atMost);
  }

  private Result visit(String url, SnsTopic topic, Duration atMost) throws InterruptedException {
    if (!atMost.isPositive()) {
      return failed(topic, "no time is left for it");
    }
    if (!visits.tryAcquire()) {
      return failed(topic, VISITS_AT_ONCE_MAX + " others are being confirmed");
    }
    try {
      Duration limit = atMost.compareTo(VISIT_AT_MOST) < 0 ? atMost : VISIT_AT_MOST;
      return switch (outgoing.get(url, ANSWER_BYTES_MAX, limit)) {
        case OutgoingGet.Answer.Ok ok -> new Result.Confirmed(subscriptionArn(ok.body(), topic));
        case OutgoingGet.Answer.Status other -> failed(topic, "SNS said " + other.status());
        case OutgoingGet.Answer.TooLarge tooLarge ->
            failed(topic, "the answer is longer than " + tooLarge.bytesMax() + " B");
        case OutgoingGet.Answer.Failed failure -> failed(topic, failure.reason());
      };
    } finally {
      visits.release();
    }
  }

  private static @Nullable String subscriptionArn(String xml, SnsTopic topic) {
    Matcher found = SUBSCRIPTION_ARN.matcher(xml);
    if (!found.find()) {
      return null;
    }
    String arn = found.group(1);
    return arn.startsWith(topic.arn() + ":") ? arn : null;
  }

  private static Result failed(SnsTopic topic, String reason) {
    return new Result.Failed(
        new Verdict.Refused(
            503,
            "confirm-failed",
            "the subscription to " + topic.arn() + " was not confirmed: " + reason,
            true,
            RETRY_AFTER,
            topic.arn()));
  }

  /** How a visit ended. */
  public sealed interface Result {
    /**
     * @param subscriptionArn null if the answer does not say, which is no reason to try again
     */
    record Confirmed(@Nullable String subscriptionArn) implements Result {}

    /** The answer to give to SNS. */
    record Failed(Verdict.Refused answer) implements Result {}
  }
}
