package dev.afterbay.http.sns;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A message as SNS would send it, and every way of spoiling it, before and after signing. */
final class TestMessage {
  static final String TOPIC = "arn:aws:sns:us-east-1:123456789012:orders";
  static final String ORIGIN = "https://sns.us-east-1.amazonaws.com/";
  static final String CERTIFICATE_URL =
      ORIGIN + "SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
  static final String ID = "f7157e87-e5f1-4e8e-92a3-b9629d18e83b";
  static final String TIME = "2026-11-21T00:33:26.060Z";
  static final String TOKEN = "2336412f37fb687f5d51e6e2425929f52e8e353134fe72d55ef8b330217d82da";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> NOTIFICATION =
      List.of("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type");
  private static final List<String> CONFIRMATION =
      List.of("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type");

  private final Map<String, Object> fields = new LinkedHashMap<>();

  static TestMessage notification() {
    return new TestMessage()
        .with("Type", "Notification")
        .with("MessageId", ID)
        .with("TopicArn", TOPIC)
        .with("Subject", "Hi")
        .with("Message", "{\"order\":42}")
        .with("Timestamp", TIME)
        .with("SignatureVersion", "2")
        .with("SigningCertURL", CERTIFICATE_URL)
        .with("UnsubscribeURL", ORIGIN + "?Action=Unsubscribe&SubscriptionArn=" + TOPIC + ":" + ID);
  }

  static TestMessage confirmation(String type) {
    return new TestMessage()
        .with("Type", type)
        .with("MessageId", ID)
        .with("TopicArn", TOPIC)
        .with("Message", "You have chosen to subscribe.\nVisit the SubscribeURL.")
        .with("Timestamp", TIME)
        .with("SignatureVersion", "2")
        .with("SigningCertURL", CERTIFICATE_URL)
        .with("Token", TOKEN)
        .with("SubscribeURL", confirmUrl(TOPIC, TOKEN));
  }

  static String confirmUrl(String topic, String token) {
    return ORIGIN + "?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=" + token;
  }

  TestMessage with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  TestMessage withNull(String name) {
    fields.put(name, null);
    return this;
  }

  TestMessage without(String name) {
    fields.remove(name);
    return this;
  }

  /** Signs what is there now; fields changed later are forgeries. */
  TestMessage signed() {
    return signed(TestCertificate.rsa().getPrivate());
  }

  TestMessage signed(PrivateKey key) {
    boolean first = "1".equals(fields.get("SignatureVersion"));
    String hash = first ? "SHA1with" : "SHA256with";
    return with("Signature", sign(stringToSign(), hash + key.getAlgorithm(), key));
  }

  static String sign(String text, String algorithm, PrivateKey key) {
    try {
      Signature signing = Signature.getInstance(algorithm.replace("withEC", "withECDSA"));
      signing.initSign(key);
      signing.update(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(signing.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  String stringToSign() {
    StringBuilder text = new StringBuilder();
    for (String name : "Notification".equals(fields.get("Type")) ? NOTIFICATION : CONFIRMATION) {
      if (fields.get(name) != null) {
        text.append(name).append('\n').append(fields.get(name)).append('\n');
      }
    }
    return text.toString();
  }

  String json() {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(fields);
  }

  byte[] body() {
    return json().getBytes(StandardCharsets.UTF_8);
  }
}
