package dev.afterbay.handlers;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The host of a target, and whether a request may go there now. */
final class Destination {

  /*
   * Requests must not reach the metadata services of clouds, whatever the operator's DNS is made to
   * answer (DNS rebinding). java.net.http looks names up by itself and has no hook for it, so we
   * look up the same name directly before each request and refuse it if ANY of its addresses is
   * forbidden. The client's own look-up then finds our answer in the JDK's cache (30 s by default).
   *
   * What remains: an entry that expires in the moment between both look-ups, or a cache that was
   * turned off (networkaddress.cache.ttl=0). Over https the certificate closes that gap. Rejected:
   * to connect to the checked address with a Host header (needs a system property that must be set
   * before the first use of java.net.http, and breaks the check of certificates), and a resolver
   * for the whole JVM (not ours to replace in a program that embeds us). Through a proxy it is the
   * proxy that connects.
   */

  /** How names become addresses. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /** The name leads where no request may go. */
  static final class Forbidden extends IOException {
    private static final long serialVersionUID = 1L;

    Forbidden(String message) {
      super(message);
    }
  }

  /** Amazon's metadata service over IPv6, which is not link-local. */
  private static final byte[] EC2_METADATA = {
    (byte) 0xfd, 0x00, 0x0e, (byte) 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54
  };

  /** 64:ff9b::/96, behind which NAT64 keeps the addresses of IPv4 (RFC 6052). */
  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

  private static final int IPV4_OFFSET = 12;

  private final String host;
  private final Lookup lookup;

  Destination(String host, Lookup lookup) {
    this.host = host;
    this.lookup = lookup;
  }

  /**
   * Looks the name up; may block for long.
   *
   * @throws Forbidden if an address is link-local, unspecified, multicast or a metadata service
   * @throws UnknownHostException if there is no such name now
   */
  void check() throws IOException {
    for (InetAddress address : lookup.addresses(host)) {
      if (isForbidden(address)) {
        throw new Forbidden(
            host
                + " is "
                + address.getHostAddress()
                + ": link-local, unspecified, multicast and metadata addresses are refused");
      }
    }
  }

  /**
   * Looks at a host that is an address itself; a name is left to {@link #check}.
   *
   * @throws IllegalArgumentException if no request may go there
   */
  static void checkLiteral(String host) {
    if (!host.matches("[0-9.]+|\\[.*]")) {
      return;
    }
    try {
      new Destination(host, InetAddress::getAllByName).check();
    } catch (IOException e) {
      throw new IllegalArgumentException("url: " + e.getMessage(), e);
    }
  }

  static boolean isForbidden(InetAddress address) {
    InetAddress inner = embedded(address);
    return address.isLinkLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || Arrays.equals(address.getAddress(), EC2_METADATA)
        || (inner != null && isForbidden(inner));
  }

  /**
   * The IPv4 address inside of an IPv6 address that is IPv4-compatible or of NAT64. IPv4-mapped
   * ones are IPv4 addresses to Java already.
   */
  private static @Nullable InetAddress embedded(InetAddress address) {
    if (!(address instanceof Inet6Address six) || six.isLoopbackAddress()) {
      return null;
    }
    byte[] bytes = six.getAddress();
    boolean nat64 = Arrays.equals(bytes, 0, IPV4_OFFSET, NAT64, 0, IPV4_OFFSET);
    if (!nat64 && !six.isIPv4CompatibleAddress()) {
      return null;
    }
    try {
      return Inet4Address.getByAddress(Arrays.copyOfRange(bytes, IPV4_OFFSET, bytes.length));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
