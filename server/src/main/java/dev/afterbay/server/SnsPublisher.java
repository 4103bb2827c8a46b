package dev.afterbay.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Plays Amazon SNS: signs messages of one topic as SNS does (sns.md 1) and posts them to an
 * endpoint. For the demo and for tests: its certificate is of our own making, so only a server that
 * was told to trust it takes its messages.
 */
final class SnsPublisher implements AutoCloseable {
  /** File name of the certificate, the last part of its URL. */
  static final String CERTIFICATE_FILE =
      "SimpleNotificationService-00000000000000000000000000000000.pem";

  static final String ARN = "arn:aws:sns:us-east-1:123456789012:orders";
  static final String SUBSCRIPTION = ARN + ":2bcfbf39-05c3-41de-beaa-fcfcc21c8f55";
  static final String ORIGIN = "https://sns.us-east-1.amazonaws.com/";

  /** The name that certificates of us-east-1 bear (sns.md 2). */
  private static final String CERTIFICATE_NAME = "sns.amazonaws.com";

  private static final int KEY_BITS = 2_048;
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final KeyPair keys;
  private final URI endpoint;
  private final int signatureVersion;
  private final HttpClient client;

  /**
   * @param endpoint where the topic is subscribed, such as {@code http://host/sns/orders}
   */
  SnsPublisher(KeyPair keys, URI endpoint) {
    this(keys, endpoint, 2);
  }

  /**
   * @param signatureVersion 1, the default of SNS, is SHA-1; 2 is SHA-256
   */
  SnsPublisher(KeyPair keys, URI endpoint, int signatureVersion) {
    this(keys, endpoint, signatureVersion, HttpClient.newBuilder());
  }

  /**
   * @param client whom it trusts
   */
  SnsPublisher(KeyPair keys, URI endpoint, int signatureVersion, HttpClient.Builder client) {
    this.keys = keys;
    this.endpoint = endpoint;
    this.signatureVersion = signatureVersion;
    this.client = client.version(HttpClient.Version.HTTP_1_1).build();
  }

  static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(KEY_BITS);
    return generator.generateKeyPair();
  }

  /** The certificate of the keys, in PEM, valid from an hour ago for a day. */
  static String certificate(KeyPair keys, Instant now) throws GeneralSecurityException {
    Instant from = now.minus(Duration.ofHours(1));
    SelfMadeCertificate certificate =
        new SelfMadeCertificate(
            CERTIFICATE_NAME, false, keys.getPublic(), from, from.plus(Duration.ofDays(1)));
    return SelfMadeCertificate.pem(certificate.signedBy(CERTIFICATE_NAME, keys));
  }

  /** A message as SNS delivers it, with its signature. */
  Map<String, String> notification(String messageId, String text, Instant time)
      throws GeneralSecurityException {
    return signed(envelope("Notification", messageId, text, time));
  }

  /** What SNS sends first: whether we want the messages of the topic. */
  Map<String, String> confirmation(String messageId, String token, Instant time)
      throws GeneralSecurityException {
    return withToken("SubscriptionConfirmation", messageId, token, time);
  }

  /** What SNS sends last: that the subscription has ended. */
  Map<String, String> ended(String messageId, String token, Instant time)
      throws GeneralSecurityException {
    return withToken("UnsubscribeConfirmation", messageId, token, time);
  }

  private Map<String, String> withToken(String type, String messageId, String token, Instant time)
      throws GeneralSecurityException {
    Map<String, String> fields = envelope(type, messageId, "You have chosen to.", time);
    fields.put("Token", token);
    fields.put("SubscribeURL", confirmUrl(token));
    return signed(fields);
  }

  static String confirmUrl(String token) {
    return ORIGIN + "?Action=ConfirmSubscription&TopicArn=" + ARN + "&Token=" + token;
  }

  /**
   * Delivers a message.
   *
   * @return the status of the answer
   */
  int post(Map<String, String> fields) throws IOException, InterruptedException {
    return post(fields, SUBSCRIPTION);
  }

  /** Delivers a message by that subscription. */
  int post(Map<String, String> fields, String subscription)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(endpoint)
            .timeout(ANSWER_TIMEOUT)
            .header("Content-Type", "text/plain; charset=UTF-8")
            .header("User-Agent", "Amazon Simple Notification Service Agent")
            .header("x-amz-sns-message-type", fields.getOrDefault("Type", ""))
            .header("x-amz-sns-message-id", fields.getOrDefault("MessageId", ""))
            .header("x-amz-sns-topic-arn", fields.getOrDefault("TopicArn", ""))
            .header("x-amz-sns-subscription-arn", subscription)
            .POST(BodyPublishers.ofString(json(fields)))
            .build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  @Override
  public void close() {
    client.close();
  }

  private static Map<String, String> envelope(
      String type, String messageId, String text, Instant time) {
    Map<String, String> fields = new TreeMap<>();
    fields.put("Type", type);
    fields.put("MessageId", messageId);
    fields.put("TopicArn", ARN);
    fields.put("Message", text);
    fields.put("Timestamp", TIME.format(time));
    return fields;
  }

  /** Signed is every field that is there so far, sorted by name (sns.md 1.1). */
  private Map<String, String> signed(Map<String, String> fields) throws GeneralSecurityException {
    String text =
        fields.entrySet().stream()
            .map(field -> field.getKey() + "\n" + field.getValue() + "\n")
            .collect(Collectors.joining());
    boolean first = signatureVersion == 1;
    Signature signature = Signature.getInstance(first ? "SHA1withRSA" : "SHA256withRSA");
    signature.initSign(keys.getPrivate());
    signature.update(text.getBytes(StandardCharsets.UTF_8));
    fields.put("Signature", Base64.getEncoder().encodeToString(signature.sign()));
    fields.put("SignatureVersion", Integer.toString(signatureVersion));
    fields.put("SigningCertURL", ORIGIN + CERTIFICATE_FILE);
    return fields;
  }

  private static String json(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> "  " + quoted(field.getKey()) + " : " + quoted(field.getValue()))
        .collect(Collectors.joining(",\n", "{\n", "\n}"));
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
