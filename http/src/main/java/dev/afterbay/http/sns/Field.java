package dev.afterbay.http.sns;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an envelope whose values are strings (sns.md 1).
 *
 * <p>Invariant: declared in the byte order of their names, because the string to sign takes them in
 * that order (sns.md 1.1).
 */
enum Field {
  MESSAGE("Message"),
  MESSAGE_ID("MessageId"),
  SIGNATURE("Signature"),
  SIGNATURE_VERSION("SignatureVersion"),
  SIGNING_CERT_URL("SigningCertURL"),
  SUBJECT("Subject"),
  SUBSCRIBE_URL("SubscribeURL"),
  TIMESTAMP("Timestamp"),
  TOKEN("Token"),
  TOPIC_ARN("TopicArn"),
  TYPE("Type"),
  UNSUBSCRIBE_URL("UnsubscribeURL");

  private static final Map<String, Field> BY_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(f -> f.text, Function.identity()));

  private final String text;
  private final byte[] signedName;

  Field(String text) {
    this.text = text;
    this.signedName = (text + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** The name on the wire. */
  String text() {
    return text;
  }

  /** The name and a line feed, as in the string to sign. Not to be changed. */
  byte[] signedName() {
    return signedName;
  }

  /** Null for a name that is not ours; other spellings are other names. */
  static @Nullable Field named(String name) {
    return BY_NAME.get(name);
  }
}
