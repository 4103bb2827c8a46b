package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {

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
        "fd00:ec2::254",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1"
      })
  void noRequestGoesThere(String literal) throws UnknownHostException {
    assertThat(Destination.isForbidden(InetAddress.getByName(literal))).isTrue();
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
        "2001:db8::1"
      })
  void requestsMayGoThere(String literal) throws UnknownHostException {
    assertThat(Destination.isForbidden(InetAddress.getByName(literal))).isFalse();
  }

  @Test
  void oneForbiddenAddressOfANameIsEnough() throws UnknownHostException {
    InetAddress good = InetAddress.getByName("192.0.2.1");
    InetAddress bad = InetAddress.getByName("169.254.169.254");
    Destination destination = new Destination("name", _ -> new InetAddress[] {good, bad});
    assertThatThrownBy(destination::check)
        .isInstanceOf(Destination.Forbidden.class)
        .hasMessageContaining("name is 169.254.169.254");
    assertThatCode(new Destination("name", _ -> new InetAddress[] {good})::check)
        .doesNotThrowAnyException();
  }
}
