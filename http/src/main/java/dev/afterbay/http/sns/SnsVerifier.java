package dev.afterbay.http.sns;

import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a POST to the SNS webhook is. Order of the checks, cheap before expensive and
 * nothing going out for strangers (sns.md 3.2): size, raw delivery, UTF-8, JSON, fields, headers
 * against body, allow-list, signature version, certificate URL, subscribe URL, Base64, certificate,
 * signature, age.
 *
 * <p>Method, path and deduplication are the caller's. Safe for use by many threads.
 */
public final class SnsVerifier {
  private final SnsSettings settings;
  private final Certificates certificates;
  private final InstantSource clock;

  /**
   * @param clock the wall clock against which the age of messages is held
   */
  public SnsVerifier(SnsSettings settings, Certificates certificates, InstantSource clock) {
    this.settings = settings;
    this.certificates = certificates;
    this.clock = clock;
  }

  /**
   * Decides. Blocks while a certificate is read or fetched, for 10 s at most: call it on a virtual
   * thread. What a stranger sends never makes it throw.
   *
   * @param allowed the topics of the path that was posted to
   * @throws InterruptedException if interrupted while waiting for a certificate
   */
  public Verdict verify(SnsHeaders headers, byte[] body, AllowedTopics allowed)
      throws InterruptedException {
    Envelope envelope;
    try {
      envelope = read(headers, body);
    } catch (RefusedException e) {
      return e.verdict(null);
    }
    try {
      Candidate candidate = examine(headers, envelope, allowed);
      return conclude(
          candidate,
          certificates.get(
              envelope.topicArn(),
              envelope.text(Field.SIGNING_CERT_URL),
              candidate.rules.certificateNames()));
    } catch (RefusedException e) {
      return e.verdict(envelope.topicArn());
    }
  }

  /**
   * Decides without ever blocking: the same verdict as {@link #verify}, or null if that needs a
   * certificate that is not in memory. Costs about 50 us for a small message, so an event loop may
   * call it, and turn to {@code verify} on another thread for the few that are left.
   */
  public @Nullable Verdict verifyAtOnce(SnsHeaders headers, byte[] body, AllowedTopics allowed) {
    Envelope envelope;
    try {
      envelope = read(headers, body);
    } catch (RefusedException e) {
      return e.verdict(null);
    }
    try {
      Candidate candidate = examine(headers, envelope, allowed);
      SigningCertificate certificate =
          certificates.find(
              envelope.text(Field.SIGNING_CERT_URL), candidate.rules.certificateNames());
      return certificate == null ? null : conclude(candidate, certificate);
    } catch (RefusedException e) {
      return e.verdict(envelope.topicArn());
    }
  }

  private Envelope read(SnsHeaders headers, byte[] body) throws RefusedException {
    if (body.length > settings.bodyBytesMax()) {
      throw RefusalReason.BODY_TOO_LARGE.because(
          "the body has " + body.length + " B, " + settings.bodyBytesMax() + " B are allowed");
    }
    if ("true".equalsIgnoreCase(headers.first("x-amz-sns-rawdelivery"))) {
      throw RefusalReason.RAW_UNSIGNED.because(
          "raw message delivery carries no signature: switch RawMessageDelivery off in the"
              + " subscription");
    }
    return EnvelopeParser.parse(body);
  }

  /** All that can be said without the certificate. */
  private Candidate examine(SnsHeaders headers, Envelope envelope, AllowedTopics allowed)
      throws RefusedException {
    requireHeader(headers, "x-amz-sns-message-type", envelope.text(Field.TYPE));
    requireHeader(headers, "x-amz-sns-message-id", envelope.text(Field.MESSAGE_ID));
    requireHeader(headers, "x-amz-sns-topic-arn", envelope.topicArn());
    AllowedTopics.Rules rules = allowed.find(envelope.topicArn());
    if (rules == null) {
      throw unknownTopic(envelope.topicArn());
    }
    int version = requireVersion(envelope, rules.topic());
    requireUrls(envelope, rules);
    byte[] signature = MessageSignature.decode(envelope.text(Field.SIGNATURE));
    String subscription = headers.first("x-amz-sns-subscription-arn");
    boolean ofTopic =
        subscription != null
            && subscription.startsWith(envelope.topicArn() + ":")
            && SnsText.isMessageId(subscription.substring(envelope.topicArn().length() + 1));
    return new Candidate(envelope, rules, version, signature, ofTopic ? subscription : null);
  }

  private static void requireHeader(SnsHeaders headers, String name, String value)
      throws RefusedException {
    String header = headers.first(name);
    if (header != null && !header.equals(value)) {
      throw RefusalReason.HEADER_MISMATCH.at(name, "the header is not what the body says");
    }
  }

  private RefusedException unknownTopic(String arn) {
    String detail = arn + " is not in sns.topics of this path: add it if it should be";
    return settings.unknownTopicStatus() == RefusalReason.TOPIC_NOT_ALLOWED.status()
        ? RefusalReason.TOPIC_NOT_ALLOWED.because(detail)
        : RefusalReason.TOPIC_NOT_ALLOWED_YET.because(detail);
  }

  private static int requireVersion(Envelope envelope, SnsTopic topic) throws RefusedException {
    String text = envelope.text(Field.SIGNATURE_VERSION);
    int version =
        switch (text) {
          case "1" -> 1;
          case "2" -> 2;
          default ->
              throw RefusalReason.BAD_SIGNATURE_VERSION.because(
                  "SignatureVersion is neither 1 nor 2");
        };
    if (version < topic.requireSignatureVersion()) {
      throw RefusalReason.VERSION_1_NOT_ALLOWED.because(
          topic.arn()
              + " requires version 2: aws sns set-topic-attributes --topic-arn "
              + topic.arn()
              + " --attribute-name SignatureVersion --attribute-value 2");
    }
    return version;
  }

  private static void requireUrls(Envelope envelope, AllowedTopics.Rules rules)
      throws RefusedException {
    String certificateUrl = envelope.text(Field.SIGNING_CERT_URL);
    if (!rules.isCertificateUrl(certificateUrl)) {
      throw RefusalReason.BAD_CERTIFICATE_URL.because(
          "SigningCertURL of the message "
              + envelope.text(Field.MESSAGE_ID)
              + " is not of the form "
              + rules.certificateUrlStart()
              + "<32 digits>.pem");
    }
    if (envelope.type() != MessageType.NOTIFICATION
        && !envelope
            .text(Field.SUBSCRIBE_URL)
            .equals(rules.confirmUrl(envelope.text(Field.TOKEN)))) {
      throw RefusalReason.BAD_SUBSCRIBE_URL.because(
          "SubscribeURL of the message "
              + envelope.text(Field.MESSAGE_ID)
              + " is not "
              + rules.confirmUrlStart()
              + "<Token>");
    }
  }

  private Verdict conclude(Candidate candidate, SigningCertificate certificate)
      throws RefusedException {
    if (candidate.signature.length != certificate.signatureBytes()
        || !isSigned(candidate, certificate)) {
      throw RefusalReason.BAD_SIGNATURE.because(
          "the signature does not fit the message "
              + candidate.envelope.text(Field.MESSAGE_ID)
              + ": it was changed on its way, or never came from SNS");
    }
    requireAge(candidate.envelope.timestamp(), clock.instant());
    return candidate.verdict();
  }

  private static boolean isSigned(Candidate candidate, SigningCertificate certificate)
      throws RefusedException {
    String algorithm = candidate.version == 1 ? "SHA1withRSA" : "SHA256withRSA";
    try {
      return MessageSignature.matches(
          candidate.envelope, algorithm, certificate.key(), candidate.signature);
    } catch (GeneralSecurityException | ProviderException e) {
      throw RefusalReason.CRYPTO_FAILED.because(algorithm + " cannot be verified here: " + e);
    }
  }

  private void requireAge(Instant timestamp, Instant now) throws RefusedException {
    if (timestamp.isAfter(now.plus(settings.futureTolerance()))) {
      throw RefusalReason.CLOCK_SKEW.because(
          "the message is of " + timestamp + ", our clock says " + now + ": is it slow?");
    }
    if (timestamp.isBefore(now.minus(settings.maxAge()))) {
      throw RefusalReason.STALE.because(
          "the message is of " + timestamp + ", more than " + settings.maxAge() + " ago");
    }
  }

  /** A message for which everything but the signature and the age was found good. */
  private static final class Candidate {
    final Envelope envelope;
    final AllowedTopics.Rules rules;
    final int version;
    final byte[] signature;
    final @Nullable String subscriptionArn;

    Candidate(
        Envelope envelope,
        AllowedTopics.Rules rules,
        int version,
        byte[] signature,
        @Nullable String subscriptionArn) {
      this.envelope = envelope;
      this.rules = rules;
      this.version = version;
      this.signature = signature;
      this.subscriptionArn = subscriptionArn;
    }

    Verdict verdict() {
      String id = envelope.text(Field.MESSAGE_ID);
      return switch (envelope.type()) {
        case NOTIFICATION ->
            new Verdict.Notification(
                rules.topic(),
                id,
                envelope.find(Field.SUBJECT),
                envelope.text(Field.MESSAGE),
                envelope.timestamp(),
                version,
                envelope.attributes(),
                subscriptionArn);
        case SUBSCRIPTION_CONFIRMATION ->
            new Verdict.Confirmation(
                rules.topic(), id, envelope.timestamp(), token(), rules.confirmUrl(token()));
        case UNSUBSCRIBE_CONFIRMATION ->
            new Verdict.Unsubscribed(
                rules.topic(),
                id,
                envelope.timestamp(),
                envelope.text(Field.MESSAGE),
                token(),
                rules.confirmUrl(token()),
                subscriptionArn);
      };
    }

    private String token() {
      return envelope.text(Field.TOKEN);
    }
  }
}
