package dev.afterbay.http.sns;

import java.io.ByteArrayInputStream;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate that may sign messages, but for its dates, which are asked at each use.
 *
 * <p>The chain is not built: the URL serves the leaf alone, and its intermediate rotates. Trust is
 * TLS to the exact SNS host, the name in the certificate and its dates (sns.md 2).
 *
 * @param signatureBytes the length of every signature of this key
 */
record SigningCertificate(PublicKey key, int signatureBytes, Instant notBefore, Instant notAfter) {
  /** Weakest key (sns.md 2). */
  static final int KEY_BITS_MIN = 2_048;

  /** Strongest key: beyond it one verification costs more than a message may. */
  static final int KEY_BITS_MAX = 8_192;

  private static final int DNS_NAME = 2;
  private static final int NO_AUTHORITY = -1;

  /** Exactly one certificate and nothing around it: an API answer may quote one (sns.md 4). */
  private static final Pattern PEM =
      Pattern.compile(
          "\\s*+-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]++)-----END CERTIFICATE-----\\s*+");

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  /**
   * @param names the DNS names of which it must bear one
   */
  static SigningCertificate read(String pem, Set<String> names) throws RefusedException {
    X509Certificate certificate = parse(pem);
    if (!(certificate.getPublicKey() instanceof RSAPublicKey key)) {
      throw RefusalReason.WEAK_CERTIFICATE_KEY.because(
          "the certificate's key is " + certificate.getPublicKey().getAlgorithm() + ", not RSA");
    }
    requireStrong(key);
    if (certificate.getBasicConstraints() != NO_AUTHORITY) {
      throw RefusalReason.CERTIFICATE_OF_AUTHORITY.because(
          "the certificate is that of an authority");
    }
    requireName(certificate, names);
    return new SigningCertificate(
        key,
        (key.getModulus().bitLength() + 7) / 8,
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant());
  }

  boolean isValidAt(Instant now) {
    return !now.isBefore(notBefore) && !now.isAfter(notAfter);
  }

  /** Expired or not yet valid may be our clock's fault: not final. */
  SigningCertificate requireValidAt(Instant now) throws RefusedException {
    if (now.isAfter(notAfter)) {
      throw RefusalReason.CERTIFICATE_EXPIRED.because(
          "the certificate expired at " + notAfter + ", our clock says " + now);
    }
    if (now.isBefore(notBefore)) {
      throw RefusalReason.CERTIFICATE_NOT_YET_VALID.because(
          "the certificate is valid from " + notBefore + ", our clock says " + now);
    }
    return this;
  }

  private static X509Certificate parse(String pem) throws RefusedException {
    Matcher shape = PEM.matcher(pem);
    if (!shape.matches()) {
      throw RefusalReason.BAD_CERTIFICATE.because("not exactly one certificate in PEM");
    }
    try {
      byte[] der = Base64.getDecoder().decode(BLANKS.matcher(shape.group(1)).replaceAll(""));
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      if (certificate.getEncoded().length != der.length) {
        throw RefusalReason.BAD_CERTIFICATE.because("unexpected content after the certificate");
      }
      return certificate;
    } catch (CertificateException | RuntimeException e) {
      // The JDK's parser may throw anything at bytes that strangers made.
      throw RefusalReason.BAD_CERTIFICATE.because(
          RefusedException.quote(String.valueOf(e.getMessage())));
    }
  }

  private static void requireStrong(RSAPublicKey key) throws RefusedException {
    int bits = key.getModulus().bitLength();
    int exponentBits = key.getPublicExponent().bitLength();
    if (bits < KEY_BITS_MIN || bits > KEY_BITS_MAX || exponentBits < 2 || exponentBits > 64) {
      throw RefusalReason.WEAK_CERTIFICATE_KEY.because(
          "the certificate's RSA key has " + bits + " bits, its exponent " + exponentBits);
    }
  }

  /** Among the alternative names only, exactly, without wildcards: real ones have it there. */
  private static void requireName(X509Certificate certificate, Set<String> names)
      throws RefusedException {
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (alternative.get(0).equals(DNS_NAME)
              && alternative.get(1) instanceof String name
              && names.contains(name.toLowerCase(Locale.ROOT))) {
            return;
          }
        }
      }
    } catch (CertificateException e) {
      throw RefusalReason.BAD_CERTIFICATE.because("its alternative names cannot be read");
    }
    throw RefusalReason.BAD_CERTIFICATE_NAME.because(
        "the certificate bears none of the names " + names);
  }
}
