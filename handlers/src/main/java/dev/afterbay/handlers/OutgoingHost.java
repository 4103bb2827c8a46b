package dev.afterbay.handlers;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The host of a target, and whether a request may go there now. */
final class OutgoingHost {

  /*
   * Requests must not reach the metadata services of clouds, whatever the operator's DNS is made to
   * answer (DNS rebinding). So a name is looked up once for each request, the request is refused if
   * ANY of its addresses is forbidden, and it goes to one of these addresses and to no other.
   * Through a proxy it is the proxy that connects.
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

  /** Metadata and host services of clouds that are not link-local. */
  private static final Set<InetAddress> METADATA =
      Set.of(
          address(100, 100, 100, 200), // Alibaba
          address(168, 63, 129, 16), // Azure's host: keys and certificates of the machine
          address(192, 0, 0, 192), // Oracle, classic
          address(0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54)); // Google

  /** fd00:ec2::/32, in which Amazon keeps the services of a machine: ::254, ::23 and others. */
  private static final byte[] AMAZON = {(byte) 0xfd, 0x00, 0x0e, (byte) 0xc2};

  /** 64:ff9b::/96, behind which NAT64 keeps the addresses of IPv4 (RFC 6052). */
  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

  /** 64:ff9b:1::/48, from which networks take a prefix of their own for NAT64 (RFC 8215). */
  private static final byte[] LOCAL_NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 1};

  /** 2002::/16, 6to4 (RFC 3056). */
  private static final byte[] SIX_TO_FOUR = {0x20, 0x02};

  private static final int IPV4_OFFSET = 12;

  /** Where an IPv4 address lies in prefixes of 48, 56, 64 and 96 bits (RFC 6052, 2.2). */
  private static final int[][] LOCAL_NAT64_LAYOUTS = {
    {6, 7, 9, 10}, {7, 9, 10, 11}, {9, 10, 11, 12}, {12, 13, 14, 15}
  };

  private final String host;
  private final Lookup lookup;

  OutgoingHost(String host, Lookup lookup) {
    this.host = host;
    this.lookup = lookup;
  }

  /**
   * Looks the name up; may block for long.
   *
   * @return its addresses, in the order of the resolver
   * @throws Forbidden if an address is link-local, unspecified, multicast or a metadata service
   * @throws UnknownHostException if there is no such name now
   */
  InetAddress[] check() throws IOException {
    InetAddress[] addresses = addresses();
    for (InetAddress address : addresses) {
      if (isForbidden(address)) {
        throw new Forbidden(
            host
                + " is "
                + address.getHostAddress()
                + ": link-local, unspecified, multicast and metadata addresses are refused");
      }
    }
    return addresses;
  }

  /** Looks the name up, wherever it leads: that of the operator's proxy. */
  InetAddress[] addresses() throws IOException {
    return lookup.addresses(host);
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
      new OutgoingHost(host, InetAddress::getAllByName).check();
    } catch (IOException e) {
      throw new IllegalArgumentException("url: " + e.getMessage(), e);
    }
  }

  static boolean isForbidden(InetAddress address) {
    InetAddress inner = embedded(address);
    return address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || isMetadata(address)
        || isLocalNat64Metadata(address)
        || (inner != null && isForbidden(inner));
  }

  private static boolean isMetadata(InetAddress address) {
    return address.isLinkLocalAddress()
        || METADATA.contains(address)
        || startsWith(address.getAddress(), AMAZON);
  }

  /**
   * Of a prefix of the network's own nobody knows the length, so all four are tried, and only for
   * what must not be reached: read with a wrong length, an address may look like any other.
   */
  private static boolean isLocalNat64Metadata(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (!startsWith(bytes, LOCAL_NAT64)) {
      return false;
    }
    for (int[] at : LOCAL_NAT64_LAYOUTS) {
      if (isMetadata(address(bytes[at[0]], bytes[at[1]], bytes[at[2]], bytes[at[3]]))) {
        return true;
      }
    }
    return false;
  }

  /**
   * The IPv4 address inside of an IPv6 address that is IPv4-compatible, of NAT64 or of 6to4.
   * IPv4-mapped ones are IPv4 addresses to Java already.
   */
  private static @Nullable InetAddress embedded(InetAddress address) {
    if (!(address instanceof Inet6Address six) || six.isLoopbackAddress()) {
      return null;
    }
    byte[] bytes = six.getAddress();
    if (startsWith(bytes, SIX_TO_FOUR)) {
      return address(bytes[2], bytes[3], bytes[4], bytes[5]);
    }
    return startsWith(bytes, NAT64) || six.isIPv4CompatibleAddress()
        ? address(Arrays.copyOfRange(bytes, IPV4_OFFSET, bytes.length))
        : null;
  }

  private static boolean startsWith(byte[] bytes, byte[] start) {
    return bytes.length > start.length
        && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  private static InetAddress address(int... bytes) {
    byte[] address = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      address[i] = (byte) bytes[i];
    }
    return address(address);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }
}
