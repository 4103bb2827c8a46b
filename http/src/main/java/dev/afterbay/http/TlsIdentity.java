package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Who a listener is: a certificate, those that lead to its authority, and the private key. */
final class TlsIdentity extends X509ExtendedKeyManager {
  /*
   * The JDK's own key manager wants a KeyStore, which encrypts and decrypts the key once more; that
   * costs a start some 20 ms. There is only one key here, so there is little to choose.
   */

  private static final String ALIAS = "own";

  /** One of 512 is too short for the signatures of TLS, and one of 829 was factored in 2020. */
  private static final int RSA_BITS_MIN = 1024;

  private final PrivateKey key;
  private final List<X509Certificate> chain;

  private TlsIdentity(PrivateKey key, List<X509Certificate> chain) throws GeneralSecurityException {
    if (!PrivateKeyFile.fits(key, chain.getFirst().getPublicKey())) {
      throw new Rejected(
          TlsSettings.KEY_FILE,
          "must be the key of the certificate, which is the first one in its file: it is another");
    }
    if (chain.getFirst().getPublicKey() instanceof RSAPublicKey rsa
        && rsa.getModulus().bitLength() < RSA_BITS_MIN) {
      throw new Rejected(
          TlsSettings.CERTIFICATE,
          "must be of an RSA key of "
              + RSA_BITS_MIN
              + " bits or more: it is of "
              + rsa.getModulus().bitLength());
    }
    this.key = key;
    this.chain = List.copyOf(chain);
  }

  /**
   * @throws Rejected if something in the files is not what it must be; its field is the setting
   */
  static TlsIdentity of(TlsFiles files) {
    List<PemBlock> blocks = blocks(TlsSettings.CERTIFICATE, files.certificate());
    try {
      return blocks.isEmpty() ? ofStore(files) : ofPem(files, blocks);
    } catch (IllegalArgumentException e) {
      throw new Rejected(TlsSettings.KEY_FILE, String.valueOf(e.getMessage()), e);
    } catch (GeneralSecurityException e) {
      throw new Rejected(
          TlsSettings.KEY_FILE,
          "must be the private key of the certificate, with its password if it is encrypted ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  private static TlsIdentity ofPem(TlsFiles files, List<PemBlock> blocks)
      throws GeneralSecurityException {
    List<X509Certificate> chain = certificates(TlsSettings.CERTIFICATE, blocks);
    byte[] keyFile = files.key();
    List<PemBlock> keys = keyFile == null ? blocks : blocks(TlsSettings.KEY_FILE, keyFile);
    PrivateKey key =
        PrivateKeyFile.read(keys, chain.getFirst().getPublicKey(), files.passwordChars());
    if (key == null) {
      throw new Rejected(
          TlsSettings.KEY_FILE,
          keyFile == null
              ? "must be given: there is no private key beside the certificate"
              : "must be PEM with a private key: there is none");
    }
    return new TlsIdentity(key, chain);
  }

  private static TlsIdentity ofStore(TlsFiles files) throws GeneralSecurityException {
    if (files.key() != null) {
      throw new Rejected(
          TlsSettings.CERTIFICATE,
          "must be PEM where key_file is given (a PKCS#12 store has its key within)");
    }
    char[] given = files.passwordChars();
    char[] password = given == null ? new char[0] : given;
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(files.certificate()), password);
      for (String alias : Collections.list(store.aliases())) {
        Certificate[] chain = store.getCertificateChain(alias);
        if (chain != null && store.getKey(alias, password) instanceof PrivateKey key) {
          return new TlsIdentity(
              key, Arrays.stream(chain).map(X509Certificate.class::cast).toList());
        }
      }
    } catch (IOException e) {
      if (e.getCause() instanceof GeneralSecurityException) {
        String wrong = "must have the password of the PKCS#12 store that is the certificate";
        throw new Rejected(TlsSettings.PASSWORD_FILE, wrong, e);
      }
      String neither = "must be PEM, or a PKCS#12 store: it is neither";
      throw new Rejected(TlsSettings.CERTIFICATE, neither, e);
    }
    throw new Rejected(
        TlsSettings.CERTIFICATE, "must hold a private key with its certificate: it holds none");
  }

  /** The certificates of a PEM file, at least one. */
  static List<X509Certificate> certificates(String setting, byte[] file) {
    return certificates(setting, blocks(setting, file));
  }

  private static List<X509Certificate> certificates(String setting, List<PemBlock> blocks) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory reader = CertificateFactory.getInstance("X.509");
      for (PemBlock block : blocks) {
        if (block.type().equals("CERTIFICATE")) {
          certificates.add(
              (X509Certificate)
                  reader.generateCertificate(new ByteArrayInputStream(block.content())));
        }
      }
    } catch (CertificateException e) {
      throw new Rejected(setting, "must be certificates in PEM (" + e.getMessage() + ")", e);
    }
    if (certificates.isEmpty()) {
      throw new Rejected(setting, "must be PEM with a certificate: there is none");
    }
    return certificates;
  }

  private static List<PemBlock> blocks(String setting, byte[] file) {
    try {
      return PemBlock.all(file);
    } catch (IllegalArgumentException e) {
      throw new Rejected(setting, String.valueOf(e.getMessage()), e);
    }
  }

  X509Certificate certificate() {
    return chain.getFirst();
  }

  /** Of the key, such as {@code EC}. */
  String keyAlgorithm() {
    return key.getAlgorithm();
  }

  /** Why it is not valid at that time; null: it is. */
  @Nullable String invalidity(Instant now) {
    X509Certificate own = certificate();
    if (now.isAfter(own.getNotAfter().toInstant())) {
      return "has expired at " + own.getNotAfter().toInstant();
    }
    return now.isBefore(own.getNotBefore().toInstant())
        ? "is not valid before " + own.getNotBefore().toInstant()
        : null;
  }

  private @Nullable String alias(@Nullable String keyType) {
    return key.getAlgorithm().equals(keyType) ? ALIAS : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(keyType);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return chooseClientAlias(keyTypes, issuers, null);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return Arrays.asList(keyTypes).contains(key.getAlgorithm()) ? ALIAS : null;
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return alias(keyType) == null ? null : new String[] {ALIAS};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return getServerAliases(keyType, issuers);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return chain.toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return key;
  }
}
