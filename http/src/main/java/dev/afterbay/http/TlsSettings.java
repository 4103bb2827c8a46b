package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * With which files a listener speaks TLS (config.md, http.tls).
 *
 * @param certificate PEM: that of the server, then those that lead to its authority; or a PKCS#12
 *     store with all of that and the key
 * @param keyFile PEM; null: the key is in the file of the certificate
 * @param passwordFile of an encrypted key or a PKCS#12 store; null: there is none
 * @param clientCa PEM: the authorities whose certificates a client may show; null: none
 */
public record TlsSettings(
    Path certificate,
    @Nullable Path keyFile,
    @Nullable Path passwordFile,
    @Nullable Path clientCa,
    ClientAuth clientAuth) {

  static final String CERTIFICATE = "certificate";
  static final String KEY_FILE = "key_file";
  static final String PASSWORD_FILE = "password_file";
  static final String CLIENT_CA = "client_ca";

  /**
   * @throws Rejected if clients are asked for certificates that nobody could judge
   */
  public TlsSettings {
    if (clientAuth != ClientAuth.NONE && clientCa == null) {
      throw new Rejected(
          CLIENT_CA, "must be given where client_auth is want or require: it is what to trust");
    }
  }

  /** Whether a client has to show a certificate. */
  public enum ClientAuth {
    NONE,
    /** It is asked for one; one that it shows must be good. */
    WANT,
    REQUIRE
  }

  /** The file of a setting, by its name in the configuration; null: it is not given. */
  public @Nullable Path file(String setting) {
    return switch (setting) {
      case CERTIFICATE -> certificate;
      case KEY_FILE -> keyFile;
      case PASSWORD_FILE -> passwordFile;
      case CLIENT_CA -> clientCa;
      default -> null;
    };
  }
}
