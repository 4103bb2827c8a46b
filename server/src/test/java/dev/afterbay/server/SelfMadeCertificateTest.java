package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SelfMadeCertificateTest {
  private static final Instant FROM = Instant.parse("2026-11-21T00:00:00Z");
  private static final Instant UNTIL = FROM.plus(Duration.ofDays(1));

  @Test
  void theJdkReadsItAsItWasMeant() throws Exception {
    KeyPair authority = SnsPublisher.newKeys();
    KeyPair consumer = SnsPublisher.newKeys();
    X509Certificate root =
        parse(
            new SelfMadeCertificate("Root", true, authority.getPublic(), FROM, UNTIL)
                .signedBy("Root", authority));
    X509Certificate leaf =
        parse(
            new SelfMadeCertificate("sns.example", false, consumer.getPublic(), FROM, UNTIL)
                .signedBy("Root", authority));
    leaf.verify(root.getPublicKey());
    assertThat(leaf.getPublicKey()).isEqualTo(consumer.getPublic());
    assertThat(leaf.getIssuerX500Principal()).isEqualTo(root.getSubjectX500Principal());
    assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(2, "sns.example"));
    assertThat(leaf.getNotBefore()).isEqualTo(Date.from(FROM));
    assertThat(leaf.getNotAfter()).isEqualTo(Date.from(UNTIL));
    assertThat(leaf.getBasicConstraints()).isNegative();
    assertThat(root.getBasicConstraints()).isPositive();
  }

  private static X509Certificate parse(byte[] der) throws Exception {
    byte[] pem = SelfMadeCertificate.pem(der).getBytes(StandardCharsets.US_ASCII);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }
}
