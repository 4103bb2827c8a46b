package dev.afterbay.http;

import dev.afterbay.Event;
import dev.afterbay.Queue;
import dev.afterbay.SessionKeys;
import dev.afterbay.http.sns.AllowedTopics;
import dev.afterbay.http.sns.SnsSettings;
import dev.afterbay.http.sns.SnsVerifier;
import dev.afterbay.http.sns.SubscriptionConfirmer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of Amazon SNS in (sns.md): {@code /sns/webhook} for all sources, {@code
 * /sns/{name}} for one.
 *
 * @param sources may be empty: then every genuine-looking message is of an unknown topic
 * @param resubscribe whether the end of a subscription is taken back ({@code on_unsubscribe})
 * @param answerWithin longest time until an answer, whatever hangs; {@link #ANSWER_WITHIN}
 * @param keeper keeps what comes in
 */
public record SnsWebhook(
    List<Source> sources,
    SnsSettings settings,
    SnsVerifier verifier,
    SubscriptionConfirmer confirmer,
    AllowedTopics all,
    boolean resubscribe,
    Duration answerWithin,
    Keeper keeper) {

  /** SNS gives up after 15 s (sns.md 3). */
  public static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

  public SnsWebhook {
    sources = List.copyOf(sources);
  }

  /**
   * A topic and where its messages go.
   *
   * @param name the last part of its path
   * @param arn of the topic
   * @param queue takes its messages
   * @param allowed this topic alone
   * @param sessions in which session of the queue a message is, by its attributes, which SNS does
   *     not sign, and its Message if that is JSON
   */
  public record Source(
      String name, String arn, String queue, AllowedTopics allowed, SessionKeys sessions) {}

  /** What keeps messages and subscriptions. Safe for use by many threads. */
  public interface Keeper {

    /** The queue of that name; takes bodies of {@link SnsSettings#bodyBytesMax()}. */
    Queue queue(String name);

    /** Tells those who watch the queue what became of a subscription. */
    void happened(Event.Type type, String queue, String subject);

    /**
     * Keeps, durably, by which subscription the messages of a topic come.
     *
     * @return by which they came before; null: none is known
     */
    @Nullable String subscription(String topicArn, String subscriptionArn);
  }
}
