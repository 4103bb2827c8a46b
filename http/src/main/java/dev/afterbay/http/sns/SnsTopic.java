package dev.afterbay.http.sns;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A topic whose messages are let in, as the operator wrote it down.
 *
 * @param arn the exact ARN of a standard topic; FIFO topics cannot deliver to HTTP (sns.md 1)
 * @param requireSignatureVersion the oldest signature that is accepted: 1 takes SHA-1 (the default
 *     of every topic) and SHA-256, 2 takes SHA-256 alone (sns.md 1.1)
 * @param autoConfirm whether a genuine SubscriptionConfirmation is to be confirmed by us
 * @param host the host of certificate and confirmation URLs where it is not the one that follows
 *     from partition and region (sns.md 2); null: the one that follows
 */
public record SnsTopic(
    String arn, int requireSignatureVersion, boolean autoConfirm, @Nullable String host) {
  private static final Pattern HOST = Pattern.compile("[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?");

  /**
   * @throws IllegalArgumentException if the ARN is not that of a standard topic, the version is
   *     neither 1 nor 2, or the host is not a lower-case host name
   */
  public SnsTopic {
    TopicArn.of(arn);
    if (requireSignatureVersion != 1 && requireSignatureVersion != 2) {
      throw new IllegalArgumentException(
          "require_signature_version of "
              + arn
              + " is "
              + requireSignatureVersion
              + ", not 1 or 2");
    }
    if (host != null && !HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "host of " + arn + " is \"" + host + "\", give a lower-case host name without a port");
    }
  }

  /** A topic with the defaults: either signature version, confirmed by us, the usual host. */
  public static SnsTopic of(String arn) {
    return new SnsTopic(arn, 1, true, null);
  }
}
