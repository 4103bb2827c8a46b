package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.http.TlsSettings.ClientAuth;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import javax.net.ssl.TrustManager;

/**
 * TLS of HTTP/3, which is BoringSSL's and not that of the JDK, by the same files as the listener's:
 * as they are when a connection begins. For one event loop.
 */
final class QuicTls {

  private static final Logger LOG = System.getLogger(QuicTls.class.getName());

  /** Netty asks for keys of no other algorithm. */
  static final Set<String> ALGORITHMS = Set.of("RSA", "EC");

  private final ListenerTls tls;
  private ListenerTls.Loaded loaded;
  private QuicSslContext context;

  /**
   * @throws Rejected if the certificate is of no use here
   */
  QuicTls(ListenerTls tls) {
    this.tls = tls;
    tls.requireFitForHttp3();
    loaded = tls.current();
    context = context(loaded);
  }

  /** The server's end of a new connection. */
  QuicSslEngine engine(QuicChannel channel) {
    ListenerTls.Loaded now = tls.current();
    if (!now.digest().equals(loaded.digest())) {
      loaded = now;
      renew();
    }
    return context.newEngine(channel.alloc());
  }

  private void renew() {
    String algorithm = loaded.identity().keyAlgorithm();
    if (ALGORITHMS.contains(algorithm)) {
      context = context(loaded);
    } else {
      LOG.log(
          Level.WARNING,
          "HTTP/3 goes on with the certificate of before: the new one is of an "
              + algorithm
              + " key, and it takes RSA and EC alone");
    }
  }

  private QuicSslContext context(ListenerTls.Loaded from) {
    QuicSslContextBuilder builder =
        QuicSslContextBuilder.forServer(from.identity(), null)
            .applicationProtocols(Http3.supportedApplicationProtocols())
            .sessionCacheSize(ListenerTls.SESSIONS_MAX)
            .sessionTimeout(ListenerTls.SESSION_SECONDS_MAX)
            .earlyData(false); // It could be played again, and a message be sent twice.
    TrustManager[] trust = from.trust();
    return builder
        .trustManager(trust.length == 0 ? new AnyCertificate() : trust[0])
        .clientAuth(clientAuth(tls.clientAuth()))
        .build();
  }

  private static io.netty.handler.ssl.ClientAuth clientAuth(ClientAuth wanted) {
    return switch (wanted) {
      case NONE -> io.netty.handler.ssl.ClientAuth.NONE;
      case WANT -> io.netty.handler.ssl.ClientAuth.OPTIONAL;
      case REQUIRE -> io.netty.handler.ssl.ClientAuth.REQUIRE;
    };
  }
}
