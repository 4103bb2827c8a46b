package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutgoingHostTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "febf::1",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::100.100.100.200",
        "64:ff9b:1::169.254.169.254", // A prefix of 96 bits,
        "64:ff9b:1:fffe:a9:fea9:fe00:0", // of 64,
        "64:ff9b:1:ffa9:fe:a9fe::", // of 56,
        "64:ff9b:1:a9fe:a9:fe00::", // and of 48.
        "64:ff9b:1:a83f:81:1000::",
        "2002:a9fe:a9fe::1",
        "2002:6464:64c8:1::1",
        "2002:e000:1::",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "::ffff:168.63.129.16",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1"
      })
  void noRequestGoesThere(String literal) throws UnknownHostException {
    assertThat(OutgoingHost.isForbidden(InetAddress.getByName(literal))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "192.168.1.1",
        "fd00::1",
        "169.253.255.255",
        "169.255.0.0",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::10.0.0.1",
        "64:ff9b:1:ae0:0:100::", // 10.224.0.1 after 48 bits; after 56 it would be multicast.
        "64:ff9b:2::169.254.169.254",
        "2002:a00:1::1",
        "2003:a9fe:a9fe::1",
        "fd00:ec3::254",
        "fd20:ce::1",
        "100.100.100.201",
        "168.63.129.17",
        "192.0.0.193",
        "2001:db8::1"
      })
  void requestsMayGoThere(String literal) throws UnknownHostException {
    assertThat(OutgoingHost.isForbidden(InetAddress.getByName(literal))).isFalse();
  }

  @Test
  void oneForbiddenAddressOfANameIsEnough() throws UnknownHostException {
    InetAddress good = InetAddress.getByName("192.0.2.1");
    InetAddress bad = InetAddress.getByName("169.254.169.254");
    OutgoingHost destination = new OutgoingHost("name", _ -> new InetAddress[] {good, bad});
    assertThatThrownBy(destination::check)
        .isInstanceOf(OutgoingHost.Forbidden.class)
        .hasMessageContaining("name is 169.254.169.254");
    assertThatCode(new OutgoingHost("name", _ -> new InetAddress[] {good})::check)
        .doesNotThrowAnyException();
  }
}
