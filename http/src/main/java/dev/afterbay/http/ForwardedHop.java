package dev.afterbay.http;

import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one proxy says of the request that came to it.
 *
 * @param address that it came from; null: it does not say, or hides it
 * @param isSecure whether by TLS; null: it does not say
 * @param host that was called; null: it does not say
 */
record ForwardedHop(@Nullable String address, @Nullable Boolean isSecure, @Nullable String host) {

  private static final List<String> NAMES =
      List.of("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host");

  /** A pair of {@code Forwarded}, or none, and what ends it (RFC 7239, 4); never looks back. */
  private static final Pattern PAIR =
      Pattern.compile(
          "\\G\\s*+(?:([\\w!#$%&'*+.^`|~-]++)="
              + "(?:([\\w!#$%&'*+.^`|~-]++)|\"((?:[^\"\\\\]|\\\\.)*+)\"))?+\\s*+([;,]|$)");

  /** Whether a proxy says anything. */
  static boolean isAnyIn(MultiMap headers) {
    return NAMES.stream().anyMatch(headers::contains);
  }

  /**
   * The latest one last. None where both kinds of headers are: a proxy writes one of them, and
   * hands on the other as anybody sent it.
   */
  static List<ForwardedHop> of(MultiMap headers) {
    String forwarded = Headers.list(headers, "forwarded");
    List<String> addresses = values(headers, "x-forwarded-for");
    List<String> protocols = values(headers, "x-forwarded-proto");
    List<String> hosts = values(headers, "x-forwarded-host");
    int hops = Math.max(addresses.size(), protocols.isEmpty() && hosts.isEmpty() ? 0 : 1);
    if (forwarded != null) {
      return hops == 0 ? parse(forwarded) : List.of();
    }
    List<ForwardedHop> all = new ArrayList<>();
    for (int back = hops - 1; back >= 0; back--) {
      all.add(of(at(addresses, back), at(protocols, back), at(hosts, back)));
    }
    return all;
  }

  private static List<String> values(MultiMap headers, String name) {
    String list = Headers.list(headers, name);
    return list == null ? List.of() : Stream.of(list.split(",", -1)).map(String::strip).toList();
  }

  /** So far from the last; of a list that proxies set instead of adding to it, the first. */
  private static @Nullable String at(List<String> values, int back) {
    return values.isEmpty() ? null : values.get(Math.max(0, values.size() - 1 - back));
  }

  /** None if it is malformed anywhere. */
  private static List<ForwardedHop> parse(String forwarded) {
    List<ForwardedHop> all = new ArrayList<>();
    Map<String, String> element = new HashMap<>();
    Matcher pair = PAIR.matcher(forwarded);
    while (pair.find()) {
      if (pair.group(1) != null) {
        String quoted = pair.group(3);
        String value = quoted == null ? pair.group(2) : quoted.replaceAll("\\\\(.)", "$1");
        element.put(pair.group(1).toLowerCase(Locale.ROOT), value);
      }
      if (!pair.group(4).equals(";") && !element.isEmpty()) {
        all.add(of(element.get("for"), element.get("proto"), element.get("host")));
        element.clear();
      }
      if (pair.group(4).isEmpty()) {
        return all;
      }
    }
    return List.of();
  }

  private static ForwardedHop of(
      @Nullable String node, @Nullable String protocol, @Nullable String host) {
    return new ForwardedHop(
        node == null ? null : address(node),
        protocol == null ? null : protocol.equalsIgnoreCase("https"),
        host == null ? null : RequestTarget.hostOrNull(host));
  }

  /**
   * Of {@code 10.1.2.3:4711}, {@code [2001:db8::1]:4711}, or either without a port (RFC 7239, 6).
   */
  private static @Nullable String address(String node) {
    String literal = node;
    if (node.startsWith("[")) {
      literal = node.substring(1, Math.max(1, node.indexOf(']')));
    } else if (node.indexOf(':') == node.lastIndexOf(':') && node.contains(":")) {
      literal = node.substring(0, node.indexOf(':'));
    }
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(literal);
    return address == null ? null : address.getHostAddress();
  }

  /**
   * Who the caller is, if this hop is believed.
   *
   * @param proxy who says it
   */
  Requester seenBy(Requester proxy) {
    return new Requester(
        address == null ? proxy.address() : address,
        host == null ? proxy.host() : host,
        isSecure == null ? proxy.isSecure() : isSecure);
  }
}
