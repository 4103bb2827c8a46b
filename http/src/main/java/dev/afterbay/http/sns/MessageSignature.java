package dev.afterbay.http.sns;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Base64;

/** The signature of a message: RSASSA-PKCS1-v1_5 over the string to sign (sns.md 1.1). */
final class MessageSignature {
  private static final byte LINE_FEED = '\n';

  private MessageSignature() {}

  /**
   * Reads the signature: standard alphabet, padded, canonical, so that no two spellings stand for
   * the same bytes.
   */
  static byte[] decode(String text) throws RefusedException {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw RefusalReason.BAD_BASE64.because("Signature is not Base64");
    }
    if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
      throw RefusalReason.BAD_BASE64.because("Signature is not canonical Base64");
    }
    if (bytes.length == 0 || bytes.length > SigningCertificate.KEY_BITS_MAX / 8) {
      throw RefusalReason.BAD_SIGNATURE.because("a signature has not " + bytes.length + " B");
    }
    return bytes;
  }

  /**
   * Whether the owner of the key signed these fields. Each is {@code name, LF, value, LF}, in the
   * byte order of the names, as JSON-unescaped UTF-8; they are fed one by one, so that the string
   * as a whole is never built.
   *
   * @param algorithm of java.security, by the message's version
   * @throws GeneralSecurityException if the JDK cannot do it: our fault
   */
  static boolean matches(Envelope envelope, String algorithm, PublicKey key, byte[] signature)
      throws GeneralSecurityException {
    Signature verification = Signature.getInstance(algorithm);
    verification.initVerify(key);
    for (Field field : envelope.type().signed()) {
      String value = envelope.find(field);
      if (value != null) {
        verification.update(field.signedName());
        verification.update(value.getBytes(StandardCharsets.UTF_8));
        verification.update(LINE_FEED);
      }
    }
    try {
      return verification.verify(signature);
    } catch (SignatureException e) {
      return false; // Its bytes are not a signature at all.
    }
  }
}
