package dev.afterbay.http;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Proxies that are believed when they say for whom they ask, by {@code Forwarded} (RFC 7239) or by
 * {@code X-Forwarded-For}, {@code -Proto} and {@code -Host}. From anybody else these headers count
 * for nothing.
 *
 * <p>Each proxy adds what it saw at the right. So they are read from there: the first address that
 * is no trusted proxy's is the caller, and what stands left of it is only his own word.
 */
public final class TrustedProxies {

  /** Nobody is believed. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private final List<IpSubnetFilterRule> networks;

  private TrustedProxies(List<IpSubnetFilterRule> networks) {
    this.networks = networks;
  }

  /**
   * @param networks addresses, such as {@code 10.1.2.3} or {@code ::1}, and networks, such as
   *     {@code 10.0.0.0/8}; no names
   * @throws IllegalArgumentException if one is something else
   */
  public static TrustedProxies of(List<String> networks) {
    return new TrustedProxies(networks.stream().map(TrustedProxies::network).toList());
  }

  private static IpSubnetFilterRule network(String text) {
    int slash = text.indexOf('/');
    InetAddress address =
        NetUtil.createInetAddressFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
    if (address != null) {
      int bits = address.getAddress().length * Byte.SIZE;
      int prefix = slash < 0 ? bits : number(text.substring(slash + 1));
      if (prefix >= 0 && prefix <= bits) {
        return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
      }
    }
    throw new IllegalArgumentException(
        "must be an address, such as 10.1.2.3 or ::1, or a network, such as 10.0.0.0/8");
  }

  private static int number(String digits) {
    return digits.matches("[0-9]{1,3}") ? Integer.parseInt(digits) : -1;
  }

  private boolean isTrusted(String address) {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(address);
    if (literal == null) {
      return false;
    }
    InetSocketAddress socket = new InetSocketAddress(literal, 0);
    return networks.stream().anyMatch(network -> network.matches(socket));
  }

  /**
   * Whether a proxy that is trusted asks for somebody else, be it that what it says cannot be read.
   */
  boolean asksForOthers(Requester direct, MultiMap headers) {
    return isTrusted(direct.address()) && ForwardedHop.isAnyIn(headers);
  }

  /**
   * @param direct as the connection has it
   */
  Requester caller(Requester direct, MultiMap headers) {
    Requester caller = direct;
    if (networks.isEmpty() || !isTrusted(direct.address())) {
      return caller;
    }
    for (ForwardedHop hop : ForwardedHop.of(headers).reversed()) {
      caller = hop.seenBy(caller);
      if (hop.address() == null || !isTrusted(hop.address())) {
        break;
      }
    }
    return caller;
  }
}
