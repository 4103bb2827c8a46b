package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.http.TlsSettings.ClientAuth;
import io.micrometer.core.instrument.Counter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What hostile clients do to a listener with TLS. */
@Timeout(60)
final class TlsAbuseTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final HttpApiSettings.Patience HASTY =
      new HttpApiSettings.Patience(
          Duration.ofMillis(300), LONG, LONG, LONG, Duration.ofSeconds(2), LONG);
  private static final String VERSION = "GET /version HTTP/1.1\nHost: localhost\n\n";

  @TempDir private Path folder;

  private final TestAuthority authority = new TestAuthority("Authority");
  private final List<AutoCloseable> open = new ArrayList<>();
  private TlsFolder files;
  private Served served;

  @BeforeEach
  void serve() {
    files = new TlsFolder(folder).put(authority.server()).trust(authority);
    serve(ClientAuth.NONE, HttpApiSettings.Patience.STANDARD);
  }

  private void serve(ClientAuth clientAuth, HttpApiSettings.Patience patience) {
    served = Served.open(TlsFolder.on(files.open(clientAuth), patience));
    open.add(served);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private RawClient plain() {
    RawClient client = new RawClient(served.port());
    open.add(client);
    return client;
  }

  private SSLSocket socket(SSLContext client, String... protocols) throws IOException {
    Socket plain = RawClient.connected(served.port());
    SSLSocket socket =
        (SSLSocket) client.getSocketFactory().createSocket(plain, "localhost", 0, true);
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    open.add(socket);
    return socket;
  }

  private void assertServes() throws IOException {
    RawClient good = new RawClient(socket(authority.client(null)));
    assertThat(good.send(VERSION).read().status()).isEqualTo(200);
  }

  private double failed(String reason) {
    Counter counter =
        served.meters.find("afterbay.tls.handshakes.failed").tag("reason", reason).counter();
    return counter == null ? 0 : counter.count();
  }

  private byte[] hello() throws SSLException {
    SSLEngine engine = authority.client(null).createSSLEngine("localhost", 1);
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    byte[] bytes = new byte[hello.flip().remaining()];
    hello.get(bytes);
    return bytes;
  }

  @Test
  void plainHttpIsClosedWithoutAWord() throws IOException {
    assertThat(plain().send(VERSION).isClosedAtLast()).isTrue();
    Soon.until("the count", () -> failed("no-tls") == 1);
    assertServes();
  }

  @Test
  void whoNeverEndsItsHandshakeIsClosed() throws IOException {
    serve(ClientAuth.NONE, HASTY);
    RawClient silent = plain();
    RawClient half = plain().sendBytes(Arrays.copyOf(hello(), 40));
    RawClient whole = plain().sendBytes(hello());
    assertThat(silent.isClosedAtLast()).isTrue();
    assertThat(half.isClosedAtLast()).isTrue();
    assertThat(whole.isClosedAtLast()).isTrue();
    RawClient trickling = plain();
    byte[] hello = hello();
    int sent = 0;
    for (long end = System.nanoTime() + LONG.toNanos(); System.nanoTime() < end; ) {
      if (!trickling.trySend(new byte[] {hello[Math.min(sent++, 60)]})) {
        break;
      }
      LockSupport.parkNanos(5_000_000);
    }
    assertThat(trickling.isClosedAtLast()).as("a byte now and then").isTrue();
    Soon.until(
        "no connection", () -> served.meters.get("afterbay.http.connections").gauge().value() < 1);
    assertServes();
  }

  /** The handshake and the first header have one time together. */
  @Test
  void whoSaysNothingAfterItsHandshakeIsClosed() throws IOException {
    serve(ClientAuth.NONE, HASTY);
    SSLSocket quiet = socket(authority.client(null));
    quiet.startHandshake();
    assertThat(new RawClient(quiet).isClosed()).isTrue();
  }

  @Test
  void aHandshakeMayComeByteByByte() throws IOException {
    RawClient client = plain();
    for (byte each : hello()) {
      client.sendBytes(new byte[] {each});
    }
    assertThat(client.firstByte()).as("a handshake record").isEqualTo(22);
  }

  @Test
  void oldProtocolsAreRefused() throws IOException {
    byte[] hello = hello();
    RawClient old = plain().sendBytes(oldHello());
    assertThat(old.firstByte()).as("an alert").isEqualTo(21);
    assertThat(old.isClosedAtLast()).isTrue();
    assertThat(hello[0]).isEqualTo((byte) 22);
    Soon.until("the count", () -> failed("refused") == 1);
    assertServes();
  }

  /** TLS 1.1 and no later one, with a cipher suite of then. */
  private static byte[] oldHello() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(new byte[] {3, 2});
    body.writeBytes(new byte[32]);
    body.writeBytes(new byte[] {0, 0, 4, (byte) 0xc0, 0x14, 0, 0x2f, 1, 0});
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    record.writeBytes(new byte[] {22, 3, 1, 0, (byte) (body.size() + 4)});
    record.writeBytes(new byte[] {1, 0, 0, (byte) body.size()});
    record.writeBytes(body.toByteArray());
    return record.toByteArray();
  }

  @Test
  void aHugeHelloIsRefused() throws IOException {
    RawClient client = plain();
    byte[] part = new byte[5 + (1 << 14)];
    part[0] = 22;
    part[1] = 3;
    part[2] = 3;
    part[3] = 1 << 6;
    part[5] = 1; // A ClientHello of 16 MiB less one byte.
    part[6] = part[7] = part[8] = (byte) 0xff;
    int parts = 0;
    while (parts < 1_000 && client.trySend(part)) {
      part[5] = part[6] = part[7] = part[8] = 0;
      parts++;
    }
    assertThat(client.isClosedAtLast()).isTrue();
    assertThat(parts).isLessThan(1_000);
    assertServes();
  }

  @Test
  void whatIsNoTlsRecordIsClosed() throws IOException {
    SSLSocket socket = socket(authority.client(null));
    RawClient client = new RawClient(socket);
    assertThat(client.send(VERSION).read().status()).isEqualTo(200);
    RawClient garbage = plain().sendBytes(new byte[] {22, 3, 3, 0, 5, 9, 9, 9, 9, 9});
    assertThat(garbage.isClosedAtLast()).isTrue();
    assertThat(client.send(VERSION).read().status()).isEqualTo(200);
  }

  @Test
  void aSecondHandshakeOnAConnectionIsRefused() throws IOException {
    SSLSocket socket = socket(authority.client(null), "TLSv1.2");
    RawClient client = new RawClient(socket);
    assertThat(client.send(VERSION).read().status()).isEqualTo(200);
    assertThatThrownBy(
            () -> {
              socket.startHandshake();
              client.send(VERSION).read();
            })
        .isInstanceOfAny(IOException.class, AssertionError.class);
    assertServes();
  }

  /** They take the threads of handshakes, and leave the event loops to those who are in. */
  @Test
  void aFloodOfHandshakesDoesNotHoldUpTheOthers() throws IOException {
    SSLSocket socket = socket(authority.client(null));
    RawClient in = new RawClient(socket);
    assertThat(in.send(VERSION).read().status()).isEqualTo(200);
    byte[] hello = hello();
    List<RawClient> flood = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      flood.add(plain().sendBytes(hello));
      if (i % 50 == 0) {
        assertThat(in.send(VERSION).read().status()).isEqualTo(200);
      }
    }
    flood.forEach(RawClient::close);
    assertServes();
    Soon.until(
        "they are gone", () -> served.meters.get("afterbay.http.connections").gauge().value() < 4);
  }

  @Test
  void aConnectionThatEndsWithinItsHandshakeIsForgotten() throws IOException {
    byte[] hello = hello();
    for (int length : new int[] {0, 1, 5, 40, hello.length}) {
      RawClient client = plain().sendBytes(Arrays.copyOf(hello, length));
      client.endOutput();
      assertThat(client.isClosedAtLast()).as("after %d bytes", length).isTrue();
    }
    Soon.until(
        "no connection", () -> served.meters.get("afterbay.http.connections").gauge().value() < 1);
  }

  @Test
  void aStopDoesNotWaitForHandshakes() throws IOException {
    RawClient half = plain().sendBytes(hello());
    assertThat(half.firstByte()).isEqualTo(22);
    long began = System.nanoTime();
    served.close();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
  }

  /** Somebody may have cut it off, so it was perhaps not all. */
  @Test
  void aConnectionThatEndsOutsideOfTlsIsNotAnswered() throws IOException {
    Socket plain = RawClient.connected(served.port());
    SSLSocket socket =
        (SSLSocket)
            authority.client(null).getSocketFactory().createSocket(plain, "localhost", 0, true);
    open.add(socket);
    RawClient client = new RawClient(socket);
    assertThat(client.send(VERSION).read().status()).isEqualTo(200);
    plain.shutdownOutput();
    assertThat(client.isClosedAtLast()).isTrue();
  }

  @Test
  void aWrongCertificateIsCountedAndNamed() throws IOException {
    serve(ClientAuth.REQUIRE, HttpApiSettings.Patience.STANDARD);
    assertIsClosed(socket(authority.client(null)));
    Soon.until("the count", () -> failed("certificate") == 1);
    TestAuthority other = new TestAuthority("Another");
    SSLContext stranger = authority.client(other.certify("mallory", TestAuthority.keys("EC")));
    assertIsClosed(socket(stranger));
    Soon.until("the count", () -> failed("certificate") == 2);
  }

  /** With TLS 1.3 a client may speak before it knows that it is refused. */
  private static void assertIsClosed(SSLSocket socket) {
    RawClient client = new RawClient(socket);
    var _ = client.trySend(VERSION.getBytes(StandardCharsets.US_ASCII));
    assertThat(client.isClosedAtLast()).isTrue();
  }

  @Test
  void aHandshakeIsNoHttp() throws IOException {
    RawClient client = plain();
    client.sendBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(client.isClosedAtLast()).isTrue();
    assertServes();
  }
}
