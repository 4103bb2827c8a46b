package dev.afterbay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * TLS of one connection, before everything else of it. How long a handshake may take is for {@link
 * ConnectionGuard} to say.
 */
final class TlsHandler extends SslHandler {

  /**
   * Begins each record that belongs to a handshake and is not hidden by TLS 1.3 (RFC 5246, A.1).
   */
  private static final byte HANDSHAKE = 22;

  /** Null before the connection is registered. */
  private volatile @Nullable ChannelHandlerContext context;

  private volatile boolean abandoned;

  /**
   * @param tasks does what is expensive in a handshake
   */
  TlsHandler(SSLEngine engine, Executor tasks) {
    super(engine, false, tasks);
    setHandshakeTimeoutMillis(0);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) throws Exception {
    context = added;
    super.handlerAdded(added);
    if (abandoned) {
      abandon();
    }
  }

  /** A second handshake on the same connection would be work for us that costs a client nothing. */
  @Override
  protected void decode(ChannelHandlerContext own, ByteBuf in, List<Object> out)
      throws SSLException {
    if (isEstablished() && in.isReadable() && in.getByte(in.readerIndex()) == HANDSHAKE) {
      in.skipBytes(in.readableBytes());
      throw new SSLException("a client may not renegotiate");
    }
    super.decode(own, in, out);
  }

  /**
   * Closes the connection without a word. In the orderly way Vert.x first flushes what it has to
   * say, and that waits for the end of the handshake.
   */
  void abandon() {
    abandoned = true;
    ChannelHandlerContext own = context;
    if (own != null) {
      var _ = own.close();
    }
  }

  boolean isEstablished() {
    return handshakeFuture().isSuccess();
  }

  /**
   * Whether a client that says nothing more still listens: before 1.3 it does not (RFC 8446, 6.1).
   */
  boolean canHalfClose() {
    return engine().getSession().getProtocol().equals("TLSv1.3");
  }

  /** The subject of the client's certificate, for people; null: it showed none, or has no name. */
  @Nullable String subject() {
    return subject(engine());
  }

  static @Nullable String subject(SSLEngine engine) {
    try {
      Certificate shown = engine.getSession().getPeerCertificates()[0];
      String subject = shown instanceof X509Certificate named ? ListenerTls.shown(named) : "";
      return subject.isEmpty() ? null : subject;
    } catch (SSLPeerUnverifiedException _) {
      return null;
    }
  }
}
