package dev.afterbay.http.sns;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A verifier with everything around it under the test's control. */
final class TestWebhook {
  final FakeWeb web = new FakeWeb();
  final AtomicLong nanos = new AtomicLong();
  Instant now = Instant.parse(TestMessage.TIME).plusSeconds(1);
  SnsSettings settings = SnsSettings.defaults();
  Regions regions = Regions.builtIn();
  List<SnsTopic> topics = List.of(SnsTopic.of(TestMessage.TOPIC));
  @Nullable Path known;
  @Nullable Path copies;
  private @Nullable Certificates certificates;

  /** Serves a good certificate for the key of {@link TestMessage#signed()}. */
  static TestWebhook withCertificate() {
    TestWebhook webhook = new TestWebhook();
    webhook.web.serving(TestMessage.CERTIFICATE_URL, goodPem());
    return webhook;
  }

  static String goodPem() {
    return TestCertificate.named("sns.amazonaws.com").pem(TestCertificate.rsa().getPublic());
  }

  InstantSource clock() {
    return () -> now;
  }

  Certificates certificates() {
    Certificates made = certificates;
    if (made == null) {
      made =
          new Certificates(
              web,
              clock(),
              new CertificateFolders(known, copies),
              nanos::get,
              Certificates.TURN_AT_MOST);
      certificates = made;
    }
    return made;
  }

  /** As after a restart. */
  void forget() {
    certificates = null;
  }

  Verdict post(TestMessage message) throws InterruptedException {
    return post(message.body(), Map.of());
  }

  Verdict post(byte[] body, Map<String, String> headers) throws InterruptedException {
    return new SnsVerifier(settings, certificates(), clock())
        .verify(headers::get, body, AllowedTopics.of(topics, regions));
  }

  @Nullable Verdict postAtOnce(TestMessage message) {
    return new SnsVerifier(settings, certificates(), clock())
        .verifyAtOnce(name -> null, message.body(), AllowedTopics.of(topics, regions));
  }

  /** The answer in short: {@code 200} or {@code 403 bad-signature}. */
  static String brief(@Nullable Verdict verdict) {
    return verdict instanceof Verdict.Refused refused
        ? refused.status() + " " + refused.code()
        : verdict == null ? "later" : "200";
  }

  String answer(TestMessage message) throws InterruptedException {
    return brief(post(message));
  }
}
