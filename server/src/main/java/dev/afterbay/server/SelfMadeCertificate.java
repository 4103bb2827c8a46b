package dev.afterbay.server;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/**
 * An X.509 certificate (RFC 5280) of our own making, for the demo and for tests.
 *
 * <p>The JDK reads certificates but has no public API that makes one. The few kinds of DER that one
 * needs are less than starting {@code keytool}, which a small run-time image lacks.
 *
 * @param name common name of the consumer, and its DNS name unless it is an authority
 * @param authority may sign other certificates
 */
record SelfMadeCertificate(
    String name, boolean authority, PublicKey key, Instant from, Instant until) {
  private static final byte[] SHA256_WITH_RSA =
      sequence(objectId("2a864886f70d01010b"), tagged(0x05));
  private static final String COMMON_NAME = "550403";
  private static final String BASIC_CONSTRAINTS = "551d13";
  private static final String ALTERNATIVE_NAMES = "551d11";
  private static final int VERSION_3 = 2;
  private static final int PEM_LINE_CHARS = 64;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /**
   * The certificate in DER.
   *
   * @param issuer common name of the authority that signs
   * @param signer the authority's RSA keys
   */
  byte[] signedBy(String issuer, KeyPair signer) throws GeneralSecurityException {
    byte[] content =
        sequence(
            tagged(0xa0, integer(VERSION_3)),
            integer(from.toEpochMilli()),
            SHA256_WITH_RSA,
            distinguished(issuer),
            sequence(time(from), time(until)),
            distinguished(name),
            key.getEncoded(),
            tagged(0xa3, sequence(extension())));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(signer.getPrivate());
    signature.update(content);
    return sequence(content, SHA256_WITH_RSA, tagged(0x03, new byte[1], signature.sign()));
  }

  static String pem(byte[] der) {
    Base64.Encoder lines = Base64.getMimeEncoder(PEM_LINE_CHARS, new byte[] {'\n'});
    return "-----BEGIN CERTIFICATE-----\n"
        + lines.encodeToString(der)
        + "\n-----END CERTIFICATE-----\n";
  }

  private byte[] extension() {
    if (authority) {
      byte[] yes = tagged(0x01, new byte[] {-1});
      return sequence(objectId(BASIC_CONSTRAINTS), yes, tagged(0x04, sequence(yes)));
    }
    byte[] dnsName = tagged(0x82, name.getBytes(StandardCharsets.US_ASCII));
    return sequence(objectId(ALTERNATIVE_NAMES), tagged(0x04, sequence(dnsName)));
  }

  private static byte[] distinguished(String commonName) {
    byte[] text = tagged(0x0c, commonName.getBytes(StandardCharsets.UTF_8));
    return sequence(tagged(0x31, sequence(objectId(COMMON_NAME), text)));
  }

  private static byte[] time(Instant time) {
    return tagged(0x18, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] integer(long value) {
    return tagged(0x02, BigInteger.valueOf(value).toByteArray());
  }

  private static byte[] objectId(String hex) {
    return tagged(0x06, HexFormat.of().parseHex(hex));
  }

  private static byte[] sequence(byte[]... parts) {
    return tagged(0x30, parts);
  }

  /** Tag, length, content; a length of two bytes is enough for a certificate. */
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
