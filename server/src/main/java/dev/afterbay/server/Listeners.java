package dev.afterbay.server;

import dev.afterbay.server.Config.Listen;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that the server listens on, by their section of the configuration.
 *
 * <p>Two listeners on one address and port would get the connections in turns, so that half of the
 * requests would be answered 404, or an admin route by the address that everybody may reach.
 */
final class Listeners {
  private Listeners() {}

  /**
   * @throws ConfigException if two of them overlap, naming both
   */
  static void requireApart(Config config) {
    requireApart("http", config.http(), "admin", config.admin());
    requireApart("http", config.http(), "sns", config.sns().listen());
    requireApart("admin", config.admin(), "sns", config.sns().listen());
  }

  private static void requireApart(
      String name, @Nullable Listen listen, String otherName, @Nullable Listen other) {
    if (listen != null && other != null && overlap(listen, other)) {
      throw new ConfigException(
          name + " and " + otherName,
          shown(listen) + " and " + shown(other),
          "must each have an address and port of their own");
    }
  }

  private static boolean overlap(Listen one, Listen other) {
    if (one.port() != other.port() || one.port() == 0) {
      return false;
    }
    List<InetAddress> mine = addresses(one);
    List<InetAddress> others = addresses(other);
    return mine.stream()
        .anyMatch(address -> others.stream().anyMatch(taken -> overlap(address, taken)));
  }

  /** A wildcard of either family takes in both, as Java listens on sockets of both. */
  private static boolean overlap(InetAddress one, InetAddress other) {
    return one.isAnyLocalAddress() || other.isAnyLocalAddress() || one.equals(other);
  }

  /** Empty if the name is not known any more: listening says so. */
  private static List<InetAddress> addresses(Listen listen) {
    try {
      return List.of(InetAddress.getAllByName(listen.host()));
    } catch (UnknownHostException e) {
      return List.of();
    }
  }

  private static String shown(Listen listen) {
    String host = listen.host();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + listen.port();
  }
}
