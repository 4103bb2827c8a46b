package dev.afterbay.http;

import dev.afterbay.http.TlsSettings.ClientAuth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.UnaryOperator;

/** The files of a listener with TLS, as an operator lays them out and renews them. */
final class TlsFolder {

  final Path certificate;
  final Path key;
  final Path authorities;

  TlsFolder(Path folder) {
    certificate = folder.resolve("server.pem");
    key = folder.resolve("server.key");
    authorities = folder.resolve("clients.pem");
  }

  TlsFolder put(TestAuthority.Certified server) {
    write(certificate, server.chain());
    write(key, server.key());
    return this;
  }

  /** Those whose certificates clients may show. */
  TlsFolder trust(TestAuthority authority) {
    write(authorities, authority.pem());
    return this;
  }

  static void write(Path file, String content) {
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  TlsSettings settings(ClientAuth clientAuth) {
    return new TlsSettings(
        certificate, key, null, clientAuth == ClientAuth.NONE ? null : authorities, clientAuth);
  }

  ListenerTls open(ClientAuth clientAuth) {
    return ListenerTls.open("http.tls", settings(clientAuth), InstantSource.system());
  }

  /** On loopback, with TLS. */
  static UnaryOperator<HttpApiSettings> on(ListenerTls tls, HttpApiSettings.Patience patience) {
    HttpApiSettings.Listener main = new HttpApiSettings.Listener("127.0.0.1", 0, tls);
    return s -> new HttpApiSettings(main, null, null, s.callers(), patience, s.bounds());
  }

  static UnaryOperator<HttpApiSettings> on(ListenerTls tls) {
    return on(tls, HttpApiSettings.Patience.STANDARD);
  }
}
