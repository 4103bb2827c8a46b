package dev.afterbay.server;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.http.ListenerTls;
import dev.afterbay.http.TlsSettings;
import dev.afterbay.http.TlsSettings.ClientAuth;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code tls} of a listener. What is in its files is looked at when the server starts,
 * and not before: whoever only asks where it listens need not be allowed to read a key.
 */
final class TlsReader {
  private TlsReader() {}

  /** Null: the section is not there, or empty. */
  static @Nullable TlsSettings tls(ConfigSection section) {
    Path certificate = section.value("certificate", Parsers::file);
    Path key = section.value("key_file", Parsers::file);
    Path password = section.value("password_file", Parsers::file);
    Path clientCa = section.value("client_ca", Parsers::file);
    ClientAuth auth =
        section.value("client_auth", ClientAuth.NONE, Parsers.oneOf(ClientAuth.class));
    if (certificate != null) {
      return new TlsSettings(certificate, key, password, clientCa, auth);
    }
    boolean empty = Stream.of(key, password, clientCa).allMatch(Objects::isNull);
    if (!empty || auth != ClientAuth.NONE) {
      throw new ConfigException(
          section.name("certificate"), null, "must be given with the other settings of TLS");
    }
    return null;
  }

  /**
   * Reads the files.
   *
   * @param listener the section that has the settings, such as {@code http}
   * @param settings null: in clear text
   * @throws ConfigException if they are not what they must be, naming the setting and the file
   */
  static @Nullable ListenerTls open(String listener, @Nullable TlsSettings settings) {
    if (settings == null) {
      return null;
    }
    String name = listener + ".tls";
    try {
      return ListenerTls.open(name, settings, InstantSource.system());
    } catch (Rejected e) {
      Path file = settings.file(e.field());
      throw new ConfigException(
          name + "." + e.field(),
          file == null ? null : file.toString(),
          String.valueOf(e.getMessage()));
    }
  }
}
