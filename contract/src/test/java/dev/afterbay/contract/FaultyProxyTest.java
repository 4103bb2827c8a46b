package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.contract.Fault.Way;
import dev.afterbay.contract.ScriptedServer.Step;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The test tools themselves: a fault is where it was said to be. */
final class FaultyProxyTest {

  private static final int REQUEST_BYTES = 10;

  private final ScriptedServer server =
      ScriptedServer.open().script(new Step.Read(REQUEST_BYTES), new Step.Write("0123456789"));

  private Socket asked(FaultyProxy proxy) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(new byte[REQUEST_BYTES]);
    return socket;
  }

  private static String all(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void withoutAFaultAllIsPassedOn() throws Exception {
    try (server;
        FaultyProxy proxy = FaultyProxy.before(server.port());
        Socket socket = asked(proxy)) {
      assertThat(all(socket)).isEqualTo("0123456789");
    }
  }

  @Test
  void anEndComesAfterItsBytesAndOnce() throws Exception {
    try (server;
        FaultyProxy proxy = FaultyProxy.before(server.port())) {
      proxy.set(Fault.end(Way.TO_CLIENT, 4));
      try (Socket socket = asked(proxy)) {
        assertThat(all(socket)).isEqualTo("0123");
      }
      proxy.awaitFault();
      try (Socket socket = asked(proxy)) {
        assertThat(all(socket)).isEqualTo("0123456789");
      }
    }
  }

  @Test
  void aResetOnTheWayToTheServerIsSeenByTheClient() throws Exception {
    try (server;
        FaultyProxy proxy = FaultyProxy.before(server.port())) {
      proxy.set(Fault.reset(Way.TO_SERVER, 3));
      try (Socket socket = asked(proxy)) {
        assertThatThrownBy(() -> all(socket)).isInstanceOf(SocketException.class);
      }
    }
  }

  @Test
  void aStallLastsUntilItIsResumed() throws Exception {
    try (server;
        FaultyProxy proxy = FaultyProxy.before(server.port())) {
      proxy.set(Fault.stall(Way.TO_CLIENT, 9));
      try (Socket socket = asked(proxy)) {
        assertThat(socket.getInputStream().readNBytes(9)).hasSize(9);
        proxy.awaitFault();
        socket.setSoTimeout(1);
        assertThatThrownBy(() -> socket.getInputStream().read())
            .isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(10_000);
        proxy.resume();
        assertThat(all(socket)).isEqualTo("9");
      }
    }
  }

  @Test
  void aDelayEndsByItself() throws Exception {
    try (server;
        FaultyProxy proxy = FaultyProxy.before(server.port())) {
      proxy.set(Fault.delay(Way.TO_SERVER, 0, Duration.ofMillis(1)));
      try (Socket socket = asked(proxy)) {
        assertThat(all(socket)).isEqualTo("0123456789");
      }
    }
  }

  @Test
  void anOutageRefusesConnectionsUntilItIsOver() throws Exception {
    try (server;
        FaultyProxy proxy = FaultyProxy.before(server.port())) {
      proxy.down();
      assertThatThrownBy(() -> asked(proxy)).isInstanceOf(ConnectException.class);
      proxy.up();
      try (Socket socket = asked(proxy)) {
        assertThat(all(socket)).isEqualTo("0123456789");
      }
    }
  }
}
