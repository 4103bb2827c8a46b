package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a certificate URL may serve: sns.md 2 and 4. The message is well signed in each case. */
class SigningCertificateTest {
  private static final PublicKey KEY = TestCertificate.rsa().getPublic();
  private static final TestCertificate GOOD = TestCertificate.named("sns.amazonaws.com");
  private static final String PEM = GOOD.pem(KEY);

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource({"files", "names", "dates"})
  void isAnswered(String situation, String answer, String served) throws Exception {
    TestWebhook webhook = new TestWebhook();
    webhook.web.serving(TestMessage.CERTIFICATE_URL, served);

    assertThat(webhook.answer(TestMessage.notification().signed())).as(situation).isEqualTo(answer);
  }

  static Stream<Arguments> files() {
    return Stream.of(
        arguments("good", "200", PEM),
        arguments("blanks around", "200", "\r\n " + PEM + "\t\n\n"),
        arguments("CRLF", "200", PEM.replace("\n", "\r\n")),
        arguments("one line", "200", oneLine()),
        arguments("empty", "403 bad-cert", ""),
        arguments("HTML", "403 bad-cert", "<html>Sign in to the hotel's network</html>"),
        arguments("DER", "403 bad-cert", new String(GOOD.der(KEY), StandardCharsets.ISO_8859_1)),
        arguments("text before", "403 bad-cert", "x\n" + PEM),
        arguments("text behind", "403 bad-cert", PEM + "x"),
        arguments("within XML", "403 bad-cert", "<xml><v>\n" + PEM + "</v></xml>"),
        arguments("two", "403 bad-cert", PEM + PEM),
        arguments("junk within", "403 bad-cert", PEM.replaceFirst("MII", "M.I.I")),
        arguments("no end", "403 bad-cert", PEM.substring(0, 400)),
        arguments("an empty one", "403 bad-cert", TestCertificate.pem(new byte[0])),
        arguments("no certificate", "403 bad-cert", TestCertificate.pem(new byte[] {1, 2, 3})),
        arguments("DER behind DER", "403 bad-cert", TestCertificate.pem(withMoreBehind())),
        arguments("a key", "403 bad-cert", PEM.replace("CERTIFICATE", "PUBLIC KEY")),
        arguments("a request", "403 bad-cert", PEM.replace("CERTIFICATE", "CERTIFICATE REQUEST")),
        arguments("64 KiB and more", "403 bad-cert", PEM + " ".repeat(65_536)),
        arguments("an authority's", "403 cert-is-ca", GOOD.ofAuthority().pem(KEY)),
        arguments("1,024 bits", "403 weak-cert-key", GOOD.pem(rsa(1_024))),
        arguments("2,047 bits", "403 weak-cert-key", GOOD.pem(rsaOf2047Bits())),
        arguments("a huge key", "403 weak-cert-key", GOOD.pem(hugeRsa())),
        arguments("elliptic", "403 weak-cert-key", GOOD.pem(key("EC", 256))),
        arguments("Edwards", "403 weak-cert-key", GOOD.pem(key("Ed25519", 255))),
        arguments("another key", "403 bad-signature", GOOD.pem(rsa(2_048))),
        arguments("a longer key", "403 bad-signature", GOOD.pem(rsa(3_072))));
  }

  static Stream<Arguments> names() {
    return Stream.of(
        named("200", "SNS.amazonaws.com"),
        named("200", "x.example", "sns.amazonaws.com"),
        named("403 bad-cert-name"),
        named("403 bad-cert-name", "sns.evil.example"),
        named("403 bad-cert-name", "*.amazonaws.com"),
        named("403 bad-cert-name", "sns.us-east-1.amazonaws.com"),
        named("403 bad-cert-name", "sns-signing.us-east-1.amazonaws.com"),
        named("403 bad-cert-name", "sns.amazonaws.com.evil.example"),
        named("403 bad-cert-name", "sns.amazonaws.com\0.evil.example"),
        named("403 bad-cert-name", "sns.amazonaws.com."));
  }

  static Stream<Arguments> dates() {
    return Stream.of(
        valid("200", "2026-11-21T00:33:27Z", "2026-11-21T00:33:28Z"),
        valid("503 cert-not-yet-valid", "2026-11-21T00:33:28Z", "2027-01-01T00:00:00Z"),
        valid("503 cert-expired", "2026-01-01T00:00:00Z", "2026-11-21T00:33:27Z"));
  }

  @Test
  void aMutatedCertificateNeverEndsInAnException() throws Exception {
    byte[] der = GOOD.der(KEY);
    for (int i = 0; i < der.length; i++) {
      byte[] mutated = der.clone();
      mutated[i] ^= (byte) 0x81;
      TestWebhook webhook = new TestWebhook();
      webhook.web.serving(TestMessage.CERTIFICATE_URL, TestCertificate.pem(mutated));

      assertThat(webhook.post(TestMessage.notification().signed().body(), Map.of())).isNotNull();
    }
  }

  private static Arguments named(String answer, String... names) {
    return arguments(
        "named " + Arrays.toString(names), answer, TestCertificate.named(names).pem(KEY));
  }

  private static Arguments valid(String answer, String from, String until) {
    return arguments(from + " to " + until, answer, GOOD.validity(from, until).pem(KEY));
  }

  private static String oneLine() {
    return "-----BEGIN CERTIFICATE-----"
        + Base64.getEncoder().encodeToString(GOOD.der(KEY))
        + "-----END CERTIFICATE-----";
  }

  private static byte[] withMoreBehind() {
    byte[] der = GOOD.der(KEY);
    return Arrays.copyOf(der, der.length + 2);
  }

  private static PublicKey rsa(int bits) {
    return key("RSA", bits);
  }

  private static PublicKey key(String algorithm, int bits) {
    return TestCertificate.key(algorithm, bits, "other").getPublic();
  }

  private static PublicKey rsaOf2047Bits() {
    BigInteger modulus = ((RSAPublicKey) rsa(2_048)).getModulus().clearBit(2_047).setBit(2_046);
    return rsa(modulus);
  }

  /** Not a real modulus, but nobody gets so far as to notice. */
  private static PublicKey hugeRsa() {
    return rsa(BigInteger.ONE.shiftLeft(8_192).setBit(0));
  }

  private static PublicKey rsa(BigInteger modulus) {
    try {
      return KeyFactory.getInstance("RSA")
          .generatePublic(new RSAPublicKeySpec(modulus, RSAKeyGenParameterSpec.F4));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
