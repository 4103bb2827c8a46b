package dev.afterbay.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * An authority of the tests, and what it certifies. Its keys are of elliptic curves, which are made
 * at once; a small DER writer, because the JDK has no public API for certificates.
 */
final class TestAuthority {

  private static final byte[] ECDSA_WITH_SHA256 = sequence(objectId("2a8648ce3d040302"));
  private static final AtomicLong SERIAL = new AtomicLong(1);
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final String name;
  private final KeyPair keys = keys("EC");

  TestAuthority(String name) {
    this.name = name;
  }

  /**
   * A certificate and its keys.
   *
   * @param der of the certificate
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Certified(KeyPair keys, byte[] der, String authority) {

    /** That of the certificate, and of its authority. */
    String chain() {
      return pem("CERTIFICATE", der) + authority;
    }

    /** In PKCS#8. */
    String key() {
      return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    Certificate certificate() {
      return parsed(der);
    }

    byte[] pkcs12(String password) {
      try {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store().store(out, password.toCharArray());
        return out.toByteArray();
      } catch (GeneralSecurityException | IOException e) {
        throw new AssertionError(e);
      }
    }

    /** Is shown to whoever asks, whatever authorities he names. */
    private TlsIdentity identity() {
      byte[] pem = (chain() + key()).getBytes(StandardCharsets.US_ASCII);
      return TlsIdentity.of(new TlsFiles(pem, null, null, null));
    }

    private KeyStore store() throws GeneralSecurityException, IOException {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("own", keys.getPrivate(), PASSWORD, new Certificate[] {certificate()});
      return store;
    }
  }

  static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(256);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Its own certificate. */
  String pem() {
    Instant now = Instant.now();
    return pem(
        "CERTIFICATE", der(name, keys, now.minusSeconds(3_600), now.plusSeconds(86_400), true));
  }

  /** For localhost and 127.0.0.1, valid now. */
  Certified server() {
    return certify("localhost", keys("EC"));
  }

  Certified certify(String commonName, KeyPair subject) {
    Instant now = Instant.now();
    return certify(commonName, subject, now.minusSeconds(3_600), now.plus(Duration.ofDays(1)));
  }

  Certified certify(String commonName, KeyPair subject, Instant from, Instant until) {
    return new Certified(subject, der(commonName, subject, from, until, false), pem());
  }

  /** Of a client that trusts this authority, and shows that certificate; null: none. */
  SSLContext client(@Nullable Certified shown) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      Instant now = Instant.now();
      trusted.setCertificateEntry(
          "authority",
          parsed(der(name, keys, now.minusSeconds(3_600), now.plusSeconds(3_600), true)));
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      KeyManager[] own = shown == null ? null : new KeyManager[] {shown.identity()};
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  static String pem(String type, byte[] content) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
        + "\n-----END "
        + type
        + "-----\n";
  }

  private static Certificate parsed(byte[] der) {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] der(
      String commonName, KeyPair subject, Instant from, Instant until, boolean authority) {
    byte[] content =
        sequence(
            tagged(0xa0, integer(2)),
            integer(SERIAL.incrementAndGet()),
            ECDSA_WITH_SHA256,
            distinguished(name),
            sequence(time(from), time(until)),
            distinguished(commonName),
            subject.getPublic().getEncoded(),
            tagged(0xa3, sequence(authority ? isAuthority() : alternatives())));
    try {
      Signature signing = Signature.getInstance("SHA256withECDSA");
      signing.initSign(keys.getPrivate());
      signing.update(content);
      return sequence(content, ECDSA_WITH_SHA256, tagged(0x03, new byte[1], signing.sign()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] isAuthority() {
    byte[] yes = tagged(0x01, new byte[] {-1});
    return sequence(objectId("551d13"), yes, tagged(0x04, sequence(yes)));
  }

  private static byte[] alternatives() {
    byte[] host = tagged(0x82, "localhost".getBytes(StandardCharsets.US_ASCII));
    byte[] address = tagged(0x87, new byte[] {127, 0, 0, 1});
    return sequence(objectId("551d11"), tagged(0x04, sequence(host, address)));
  }

  private static byte[] distinguished(String commonName) {
    byte[] text = tagged(0x0c, commonName.getBytes(StandardCharsets.UTF_8));
    return sequence(tagged(0x31, sequence(objectId("550403"), text)));
  }

  private static byte[] time(Instant time) {
    DateTimeFormatter format = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'", Locale.ROOT);
    String text = format.format(time.atOffset(ZoneOffset.UTC));
    return tagged(0x18, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] integer(long value) {
    return tagged(0x02, BigInteger.valueOf(value).toByteArray());
  }

  private static byte[] objectId(String hex) {
    return tagged(0x06, HexFormat.of().parseHex(hex));
  }

  static byte[] sequence(byte[]... parts) {
    return tagged(0x30, parts);
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int length = content.size();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(tag);
    if (length > 0xff) {
      whole.write(0x82);
      whole.write(length >> 8);
    } else if (length > 0x7f) {
      whole.write(0x81);
    }
    whole.write(length);
    whole.writeBytes(content.toByteArray());
    return whole.toByteArray();
  }
}
