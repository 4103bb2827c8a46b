package dev.afterbay.http.sns;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The three types of message, with the fields that each must have and that are signed. The two
 * confirmations sign the same list: shown by real messages, against some pages of the documentation
 * (sns.md 1.1, 4).
 */
enum MessageType {
  NOTIFICATION(
      "Notification",
      EnumSet.of(Field.MESSAGE, Field.MESSAGE_ID, Field.TIMESTAMP, Field.TOPIC_ARN, Field.TYPE)),
  SUBSCRIPTION_CONFIRMATION("SubscriptionConfirmation", confirmation()),
  UNSUBSCRIBE_CONFIRMATION("UnsubscribeConfirmation", confirmation());

  private final String text;

  /** Iterates in the order of {@link Field}, which is that of the string to sign. */
  private final Set<Field> signed;

  private final Set<Field> required;

  MessageType(String text, EnumSet<Field> present) {
    this.text = text;
    this.required = EnumSet.copyOf(present);
    this.required.add(Field.SIGNATURE);
    this.required.add(Field.SIGNATURE_VERSION);
    this.required.add(Field.SIGNING_CERT_URL);
    this.signed = present;
    if (text.equals("Notification")) {
      this.signed.add(Field.SUBJECT);
    }
  }

  private static EnumSet<Field> confirmation() {
    return EnumSet.of(
        Field.MESSAGE,
        Field.MESSAGE_ID,
        Field.SUBSCRIBE_URL,
        Field.TIMESTAMP,
        Field.TOKEN,
        Field.TOPIC_ARN,
        Field.TYPE);
  }

  /** The name on the wire. */
  String text() {
    return text;
  }

  /** The fields that the signature covers, each if it is there, in the order of the signature. */
  Set<Field> signed() {
    return signed;
  }

  /** The fields without which it is no message of this type. */
  Set<Field> required() {
    return required;
  }

  static @Nullable MessageType named(String name) {
    return switch (name) {
      case "Notification" -> NOTIFICATION;
      case "SubscriptionConfirmation" -> SUBSCRIPTION_CONFIRMATION;
      case "UnsubscribeConfirmation" -> UNSUBSCRIBE_CONFIRMATION;
      default -> null;
    };
  }
}
