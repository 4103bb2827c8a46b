package dev.afterbay.http;

import dev.afterbay.PlainText;
import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.ssl.NotSslRecordException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.security.cert.CertificateException;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Counts the handshakes of TLS that came to nothing, by why, and tells of those that an operator
 * has to know of: a client whose certificate is refused finds nobody to ask.
 */
final class FailedHandshakes {

  private static final Logger LOG = System.getLogger(FailedHandshakes.class.getName());

  private static final String CERTIFICATE = "certificate";
  private static final int REASON_CHARS_MAX = 200;

  private final Meters meters;
  private final RateLimitedLog log;

  FailedHandshakes(Meters meters, RateLimitedLog log) {
    this.meters = meters;
    this.log = log;
  }

  void failed(Channel channel, Throwable cause) {
    String kind = kind(cause);
    meters.handshakeFailed(kind);
    LOG.log(Level.DEBUG, "a TLS handshake failed: " + kind, cause);
    if (kind.equals(CERTIFICATE)) {
      String why = PlainText.line(String.valueOf(root(cause).getMessage()), REASON_CHARS_MAX);
      String line = "the client certificate of " + address(channel) + " was refused: " + why;
      log.warn(LOG, "client certificates that were refused", line);
    }
  }

  private static @Nullable SocketAddress address(Channel channel) {
    return channel instanceof QuicChannel quic
        ? quic.remoteSocketAddress()
        : channel.remoteAddress();
  }

  private static String kind(Throwable cause) {
    if (find(cause, NotSslRecordException.class) != null) {
      return "no-tls";
    }
    if (find(cause, RejectedExecutionException.class) != null) {
      return "busy";
    }
    SSLException refused = find(cause, SSLException.class);
    if (refused == null) {
      return "closed";
    }
    boolean isCertificate =
        find(cause, CertificateException.class) != null
            || String.valueOf(refused.getMessage()).contains("client certificate");
    return isCertificate ? CERTIFICATE : "refused";
  }

  /** The exception of that kind among the causes; null: there is none. */
  static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> kind) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (kind.isInstance(each)) {
        return kind.cast(each);
      }
    }
    return null;
  }

  private static Throwable root(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
