package dev.afterbay.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads a private key in any of the ways that tools write one in PEM: PKCS#8, also encrypted, and
 * the older PKCS#1 for RSA and SEC 1 for elliptic curves, which the JDK does not read.
 */
final class PrivateKeyFile {

  /** How the JDK calls the algorithm of which only the parameters tell what it is. */
  private static final String PBES2 = "1.2.840.113549.1.5.13";

  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final byte[] PROBE = {1, 2, 3, 4};

  private PrivateKeyFile() {}

  /**
   * The first private key among the blocks; null: there is none.
   *
   * @param certified the key of the certificate that it belongs to
   * @throws GeneralSecurityException if it is none of that algorithm, or the password is wrong
   * @throws IllegalArgumentException if it is encrypted and there is no password
   */
  static @Nullable PrivateKey read(
      List<PemBlock> blocks, PublicKey certified, char @Nullable [] password)
      throws GeneralSecurityException {
    for (PemBlock block : blocks) {
      PKCS8EncodedKeySpec key =
          switch (block.type()) {
            case "PRIVATE KEY" -> new PKCS8EncodedKeySpec(block.content());
            case "ENCRYPTED PRIVATE KEY" -> decrypted(block.content(), password);
            case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> wrapped(certified, block.content());
            default -> null;
          };
      if (key != null) {
        return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(key);
      }
    }
    return null;
  }

  /** Whether what the one key signs the other one verifies. */
  static boolean fits(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
    if (key instanceof RSAKey mine && certified instanceof RSAKey theirs) {
      return mine.getModulus().equals(theirs.getModulus());
    }
    if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
      return false;
    }
    String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : key.getAlgorithm();
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(PROBE);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(PROBE);
    return signature.verify(signed);
  }

  private static PKCS8EncodedKeySpec decrypted(byte[] content, char @Nullable [] password)
      throws GeneralSecurityException {
    if (password == null) {
      throw new IllegalArgumentException("must not be encrypted unless password_file is given");
    }
    try {
      EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(content);
      String name = encrypted.getAlgName();
      String algorithm =
          name.equals(PBES2) || name.equals("PBES2")
              ? encrypted.getAlgParameters().toString()
              : name;
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password)),
          encrypted.getAlgParameters());
      return encrypted.getKeySpec(cipher);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  /**
   * As PKCS#8, which is the key of old behind the name of its algorithm (RFC 5208, 5); that name,
   * with the curve, is the same in the public key (RFC 5280, 4.1).
   */
  private static PKCS8EncodedKeySpec wrapped(PublicKey certified, byte[] key) {
    byte[] algorithm = first(certified.getEncoded());
    return new PKCS8EncodedKeySpec(tagged(SEQUENCE, VERSION_0, algorithm, tagged(OCTETS, key)));
  }

  /** The first thing within a DER sequence. */
  private static byte[] first(byte[] sequence) {
    int at = headerBytes(sequence, 0);
    return Arrays.copyOfRange(
        sequence, at, at + headerBytes(sequence, at) + length(sequence, at + 1));
  }

  private static int headerBytes(byte[] der, int at) {
    return der[at + 1] < 0 ? 2 + (der[at + 1] & 0x7f) : 2;
  }

  private static int length(byte[] der, int at) {
    if (der[at] >= 0) {
      return der[at];
    }
    int length = 0;
    for (int i = 1; i <= (der[at] & 0x7f); i++) {
      length = (length << 8) | (der[at + i] & 0xff);
    }
    return length;
  }

  /** Tag, length of up to two bytes, content: enough for a key. */
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
