package dev.afterbay.client;

import dev.afterbay.PlainText;
import java.net.InetAddress;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where a server is.
 *
 * @param base what stands before every path of ours
 * @param host a name, or an address without brackets
 * @param tls null: in clear text
 */
record ServerAddress(URI base, String host, int port, @Nullable SSLSocketFactory tls) {

  private static final Set<String> SCHEMES = Set.of("http", "https");
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int PORT_MAX = 65_535;

  /**
   * @param base as {@link #base(URI)} returns it
   * @param tls null: as the JDK is set up
   */
  static ServerAddress of(URI base, @Nullable SSLContext tls) {
    boolean secure = base.getScheme().equalsIgnoreCase("https");
    String host = base.getHost();
    boolean bracketed = host.startsWith("[");
    int standard = secure ? HTTPS_PORT : HTTP_PORT;
    return new ServerAddress(
        base,
        bracketed ? host.substring(1, host.length() - 1) : host,
        base.getPort() < 0 ? standard : base.getPort(),
        secure ? (tls == null ? standardTls() : tls).getSocketFactory() : null);
  }

  private static SSLContext standardTls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK is set up without TLS", e);
    }
  }

  /** Whether there is no name to look up. */
  boolean isNumeric() {
    try {
      InetAddress.ofLiteral(host);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** For the header {@code Host}; a zone matters on this machine alone. */
  String hostHeader() {
    String name = host.indexOf(':') < 0 ? host : "[" + host.replaceFirst("%.*", "") + "]";
    return base.getPort() < 0 ? name : name + ":" + base.getPort();
  }

  /**
   * What stands before every path of ours.
   *
   * @throws IllegalArgumentException if it is none
   */
  static URI base(URI server) {
    String scheme = server.getScheme();
    if (server.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "the address of a server must have no user and password: give a token or a header");
    }
    if (scheme == null
        || !SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))
        || server.getHost() == null
        || server.getPort() > PORT_MAX
        || server.getRawQuery() != null
        || server.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "the address of a server must be http:// or https:// and a host, such as"
              + " http://127.0.0.1:8080, not "
              + PlainText.address(server));
    }
    String text = server.toASCIIString();
    return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }
}
