package dev.afterbay.http.sns;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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
  /** A key has at most 256 characters, a slash and a UUID of 36 among them. */
  private static final int KEY_START_CHARS_MAX = 256 - 37;

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

  /** What stands for the topic in the keys of its messages: its ARN, or the hash of a long one. */
  String keyStart() {
    return arn.length() <= KEY_START_CHARS_MAX ? arn : "sha256:" + sha256(arn);
  }

  private static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A topic with the defaults: either signature version, confirmed by us, the usual host. */
  public static SnsTopic of(String arn) {
    return new SnsTopic(arn, 1, true, null);
  }
}
