package dev.afterbay.server;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.http.HttpApi;
import dev.afterbay.http.ListenerTls;
import dev.afterbay.http.TlsSettings;
import dev.afterbay.http.TlsSettings.ClientAuth;
import dev.afterbay.server.Config.Listen;
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
   * @return null: in clear text
   * @throws ConfigException if they are not what they must be, naming the setting and the file
   */
  static @Nullable ListenerTls open(String listener, Listen listen) {
    TlsSettings settings = listen.tls();
    if (settings == null) {
      return null;
    }
    String name = listener + ".tls";
    try {
      ListenerTls tls = ListenerTls.open(name, settings, InstantSource.system());
      if (listen.http3()) {
        requireHttp3(listener);
        tls.requireFitForHttp3();
      }
      return tls;
    } catch (Rejected e) {
      Path file = settings.file(e.field());
      throw new ConfigException(
          name + "." + e.field(),
          file == null ? null : file.toString(),
          String.valueOf(e.getMessage()));
    }
  }

  private static void requireHttp3(String listener) {
    String missing = HttpApi.whyNoHttp3();
    if (missing != null) {
      throw new ConfigException(
          listener + ".http3",
          "true",
          "must be left out on this machine: it needs a native library, which there is for Linux"
              + " with glibc, on x86-64 and AArch64 ("
              + missing
              + ")");
    }
  }
}
