package dev.afterbay.http;

import dev.afterbay.http.sns.AllowedTopics;
import dev.afterbay.http.sns.SnsSettings;
import dev.afterbay.http.sns.SnsVerifier;
import dev.afterbay.http.sns.SubscriptionConfirmer;
import java.util.List;

/**
 * Takes the messages of Amazon SNS in (sns.md): {@code /sns/webhook} for all sources, {@code
 * /sns/{name}} for one.
 *
 * @param resubscribe whether the end of a subscription is taken back ({@code on_unsubscribe})
 */
public record SnsDoor(
    List<Source> sources,
    SnsSettings settings,
    SnsVerifier verifier,
    SubscriptionConfirmer confirmer,
    AllowedTopics all,
    boolean resubscribe) {

  public SnsDoor {
    sources = List.copyOf(sources);
  }

  /**
   * A topic and where its messages go.
   *
   * @param name the last part of its path
   * @param arn of the topic
   * @param queue takes its messages
   * @param allowed this topic alone
   */
  public record Source(String name, String arn, String queue, AllowedTopics allowed) {}
}
