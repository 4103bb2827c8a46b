package dev.afterbay.http.sns;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request. The first three are genuine: signed by SNS for an allowed topic, and
 * neither too old nor from the future. They are answered with 200 only after what they ask for is
 * durable (sns.md 0.2); until then any fault of ours is a 503.
 */
public sealed interface Verdict {

  /**
   * A message to be stored. The same one may be sent again, with the same {@link #key()}.
   *
   * @param subject null where the publisher gave none
   * @param signatureVersion 1 or 2
   * @param untrustedAttributes by name; NOT signed, anybody on the path may have written them
   *     (sns.md 0.9)
   * @param subscriptionArn which subscription it came through; from a header, so not signed either;
   *     null where the header is missing or not of this topic
   */
  record Notification(
      SnsTopic topic,
      String messageId,
      @Nullable String subject,
      String message,
      Instant timestamp,
      int signatureVersion,
      Map<String, UntrustedAttribute> untrustedAttributes,
      @Nullable String subscriptionArn)
      implements Verdict {
    public Notification {
      // In the order of the message, so that the stored bytes are the same for the same message.
      untrustedAttributes = Collections.unmodifiableMap(new LinkedHashMap<>(untrustedAttributes));
    }

    /**
     * The deduplication key, {@code <topic ARN>/<message id>} (sns.md 0.7, config.md). Where that
     * would be longer than the 256 characters of a key, as with a topic's name of more than 180,
     * the SHA-256 of the ARN stands for the ARN.
     */
    public String key() {
      return topic.keyStart() + "/" + messageId;
    }

    /**
     * The envelope as it is kept and handed on: JSON in UTF-8 with the signed fields,
     * SignatureVersion and MessageAttributes, and without Signature, URLs and Token. Fields that
     * SNS does not document are left out. Where there are attributes, a member {@code "Untrusted":
     * ["MessageAttributes"]} says that they are not signed. Made anew at each call.
     */
    public byte[] storedEnvelope() {
      return StoredEnvelope.write(this);
    }
  }

  /**
   * SNS asks whether we want this subscription: see {@link SubscriptionConfirmer}. An event, not a
   * job. Where {@link SnsTopic#autoConfirm()} is false nothing is to be visited.
   *
   * @param token a secret: whoever has it can confirm
   * @param confirmUrl the URL computed from ARN and token, equal to the one in the message; secret
   */
  record Confirmation(
      SnsTopic topic, String messageId, Instant timestamp, String token, String confirmUrl)
      implements Verdict {
    /** Without the secrets. */
    @Override
    public String toString() {
      return "Confirmation[topic=" + topic.arn() + ", messageId=" + messageId + "]";
    }
  }

  /**
   * The subscription has ended. An event and a warning, never a job; visiting its URL would
   * subscribe again (sns.md 0.8).
   *
   * @param message SNS's sentence, which names the subscription
   * @param token a secret, as in {@link Confirmation}
   * @param resubscribeUrl only for the policy {@code on_unsubscribe: resubscribe}; secret
   * @param subscriptionArn from a header, not signed; null where it is missing
   */
  record Unsubscribed(
      SnsTopic topic,
      String messageId,
      Instant timestamp,
      String message,
      String token,
      String resubscribeUrl,
      @Nullable String subscriptionArn)
      implements Verdict {
    /** Without the secrets. */
    @Override
    public String toString() {
      return "Unsubscribed[topic=" + topic.arn() + ", messageId=" + messageId + "]";
    }
  }

  /**
   * Not let in.
   *
   * @param status 400, 403 or 413 where the content is at fault: SNS never sends it again; 503
   *     where our own state may be (clock, network, certificates): it does (sns.md 0.2, 3)
   * @param code a fixed word for logs and counters, such as {@code bad-signature}, with the field
   *     after a colon where there is one, such as {@code missing:Token}
   * @param detail a sentence for the log; printable ASCII of bounded length, without secrets
   * @param alarm whether a person must look: it will not get better by itself
   * @param retryAfter for the header Retry-After, which SNS is not known to honour; null for final
   *     answers
   * @param topicArn the topic that the message claims, as soon as that has the shape of an ARN; for
   *     the code {@code topic-not-allowed} it belongs into an ERROR log line and on the dashboard,
   *     because a 403 for a topic missing in the configuration loses messages (sns.md 3)
   */
  record Refused(
      int status,
      String code,
      String detail,
      boolean alarm,
      @Nullable Duration retryAfter,
      @Nullable String topicArn)
      implements Verdict {}
}
