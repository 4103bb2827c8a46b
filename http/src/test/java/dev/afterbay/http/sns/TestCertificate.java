package dev.afterbay.http.sns;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes certificates of every kind, good and bad, signed by an authority of the tests. A small DER
 * writer, because the JDK has no public API for it.
 */
record TestCertificate(List<String> names, boolean authority, Instant from, Instant until) {
  private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();
  private static final byte[] SHA256_WITH_RSA =
      sequence(objectId(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), tagged(0x05));

  static TestCertificate named(String... names) {
    return new TestCertificate(
        List.of(names),
        false,
        Instant.parse("2026-01-01T00:00:00Z"),
        Instant.parse("2027-01-01T00:00:00Z"));
  }

  TestCertificate ofAuthority() {
    return new TestCertificate(names, true, from, until);
  }

  TestCertificate validity(String validFrom, String validUntil) {
    return new TestCertificate(
        names, authority, Instant.parse(validFrom), Instant.parse(validUntil));
  }

  /** Always the same key for the same name, as making one takes long. */
  static KeyPair key(String algorithm, int bits, String name) {
    return KEYS.computeIfAbsent(
        algorithm + bits + name,
        _ -> {
          try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  static KeyPair rsa() {
    return key("RSA", 2_048, "publisher");
  }

  String pem(PublicKey key) {
    return pem(der(key));
  }

  static String pem(byte[] der) {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der)
        + "\n-----END CERTIFICATE-----\n";
  }

  X509Certificate parsed(PublicKey key) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der(key)));
  }

  byte[] der(PublicKey key) {
    byte[] content =
        sequence(
            tagged(0xa0, integer(2)),
            integer(4_711),
            SHA256_WITH_RSA,
            distinguished("Test authority"),
            sequence(time(from), time(until)),
            distinguished(names.isEmpty() ? "nobody" : names.getFirst()),
            key.getEncoded(),
            tagged(0xa3, sequence(extensions())));
    try {
      Signature signing = Signature.getInstance("SHA256withRSA");
      signing.initSign(key("RSA", 2_048, "authority").getPrivate());
      signing.update(content);
      return sequence(content, SHA256_WITH_RSA, bits(signing.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[][] extensions() {
    byte[] constraints =
        sequence(
            objectId(0x55, 0x1d, 0x13),
            tagged(0x04, authority ? sequence(tagged(0x01, new byte[] {-1})) : sequence()));
    if (names.isEmpty()) {
      return new byte[][] {constraints};
    }
    byte[][] alternatives =
        names.stream()
            .map(name -> tagged(0x82, name.getBytes(StandardCharsets.US_ASCII)))
            .toArray(byte[][]::new);
    return new byte[][] {
      constraints, sequence(objectId(0x55, 0x1d, 0x11), tagged(0x04, sequence(alternatives)))
    };
  }

  private static byte[] distinguished(String commonName) {
    return sequence(
        tagged(
            0x31,
            sequence(
                objectId(0x55, 0x04, 0x03),
                tagged(0x0c, commonName.getBytes(StandardCharsets.UTF_8)))));
  }

  private static byte[] time(Instant time) {
    String text =
        DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'").format(time.atOffset(ZoneOffset.UTC));
    return tagged(0x18, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] integer(long value) {
    return tagged(0x02, BigInteger.valueOf(value).toByteArray());
  }

  private static byte[] bits(byte[] content) {
    return tagged(0x03, new byte[1], content);
  }

  private static byte[] objectId(int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return tagged(0x06, content);
  }

  private static byte[] sequence(byte[]... parts) {
    return tagged(0x30, parts);
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(tag);
    int length = content.size();
    if (length >= 0x100) {
      whole.write(0x82);
      whole.write(length >> 8);
    } else if (length >= 0x80) {
      whole.write(0x81);
    }
    whole.write(length);
    whole.writeBytes(content.toByteArray());
    return whole.toByteArray();
  }
}
