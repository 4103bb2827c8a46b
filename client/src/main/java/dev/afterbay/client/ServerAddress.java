package dev.afterbay.client;

import dev.afterbay.PlainText;
import java.net.URI;
import java.util.Locale;
import java.util.Set;

/** The address of a server, as a user gives it. */
final class ServerAddress {

  private static final Set<String> SCHEMES = Set.of("http", "https");

  private ServerAddress() {}

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
        || server.getRawQuery() != null
        || server.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "the address of a server must be http:// or https:// and a host, such as"
              + " http://127.0.0.1:8080, not "
              + PlainText.address(server));
    }
    String text = server.toString();
    return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }
}
