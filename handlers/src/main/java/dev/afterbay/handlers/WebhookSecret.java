package dev.afterbay.handlers;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key that a target shares with us: it signs requests as Standard Webhooks 1.0 says (symmetric,
 * {@code v1}). Never shown in texts.
 */
public final class WebhookSecret {

  private static final String PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";

  /** Standard Webhooks: a secret is 24 to 64 random bytes. */
  private static final int BYTES_MIN = 24;

  private static final int BYTES_MAX = 64;

  private final SecretKeySpec key;

  private WebhookSecret(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /**
   * Reads {@code whsec_} and base64; blanks and line ends around it are left out.
   *
   * @throws IllegalArgumentException if it is anything else; the text does not say what was given
   */
  public static WebhookSecret parse(String text) {
    String secret = text.strip();
    if (secret.startsWith(PREFIX)) {
      try {
        byte[] key = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
        if (key.length >= BYTES_MIN && key.length <= BYTES_MAX) {
          return new WebhookSecret(key);
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("secret must be whsec_ and base64, and is not", e);
      }
    }
    throw new IllegalArgumentException(
        "secret must be whsec_ and the base64 of " + BYTES_MIN + " to " + BYTES_MAX + " bytes");
  }

  /** The value of {@code webhook-signature}. */
  String sign(String id, long epochSecond, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update((id + "." + epochSecond + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  @Override
  public String toString() {
    return "WebhookSecret";
  }
}
