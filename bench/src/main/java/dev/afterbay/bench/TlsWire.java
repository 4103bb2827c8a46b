package dev.afterbay.bench;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.TrustManagerFactory;

/** The bytes of a connection by TLS. For answers of some KiB. */
final class TlsWire implements Wire {

  private final SocketChannel channel;
  private final SSLEngine engine;
  private final ByteBuffer received;
  private final ByteBuffer toSend;

  private TlsWire(SocketChannel channel, SSLEngine engine) {
    this.channel = channel;
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    received = ByteBuffer.allocate(2 * packet);
    toSend = ByteBuffer.allocate(2 * packet).flip();
  }

  /**
   * A client that trusts whoever has a key in the store.
   *
   * @param store PKCS#12
   */
  static SSLContext trusting(Path store, String password)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(KeyStore.getInstance(store.toFile(), password.toCharArray()));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** Shakes hands over a channel that blocks. */
  static TlsWire open(SocketChannel channel, SSLContext context) throws IOException {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    TlsWire wire = new TlsWire(channel, engine);
    engine.beginHandshake();
    ByteBuffer nothing = ByteBuffer.allocate(0);
    ByteBuffer none = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    HandshakeStatus status = engine.getHandshakeStatus();
    while (status != HandshakeStatus.NOT_HANDSHAKING) {
      switch (status) {
        case NEED_TASK -> engine.getDelegatedTask().run();
        case NEED_WRAP -> wire.write(nothing);
        default -> wire.unwrapNext(none);
      }
      status = engine.getHandshakeStatus();
    }
    return wire;
  }

  /** Reads until something can be unwrapped. */
  private void unwrapNext(ByteBuffer in) throws IOException {
    while (unwrap(in).getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
      if (channel.read(received) < 0) {
        throw new EOFException("the server ended the handshake");
      }
    }
  }

  private SSLEngineResult unwrap(ByteBuffer in) throws IOException {
    received.flip();
    SSLEngineResult result = engine.unwrap(received, in);
    received.compact();
    return result;
  }

  @Override
  public int read(ByteBuffer in) throws IOException {
    if (channel.read(received) < 0) {
      return -1;
    }
    int before = in.position();
    SSLEngineResult result;
    do {
      result = unwrap(in);
    } while (result.getStatus() == SSLEngineResult.Status.OK && received.position() > 0);
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
      throw new IOException("the answer is too long for a client of TLS");
    }
    return result.getStatus() == SSLEngineResult.Status.CLOSED ? -1 : in.position() - before;
  }

  @Override
  public void write(ByteBuffer out) throws IOException {
    do {
      channel.write(toSend);
      if (toSend.hasRemaining()) {
        return; // The socket takes no more now.
      }
      toSend.clear();
      if (out.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        engine.wrap(out, toSend);
      }
      toSend.flip();
    } while (toSend.hasRemaining());
  }

  @Override
  public boolean isWriting() {
    return toSend.hasRemaining();
  }
}
