package dev.afterbay.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.vertx.core.http.HttpConnection;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Stands before everything else of one QUIC connection and watches the time, as {@link
 * ConnectionGuard} does of others. All of its methods but {@link #deadline} run on the event loop.
 */
final class QuicGuard extends ChannelInboundHandlerAdapter
    implements ClientConnection, Deadlines.Expiring {
  /*
   * The first header has the time that a header has, with the handshake before it; then a
   * connection may be without a request only so long. QUIC's own end of silent connections is no
   * help, as a packet now and then is no request.
   */

  private static final Logger LOG = System.getLogger(QuicGuard.class.getName());

  /** Its name in a pipeline, by which Vert.x itself looks for it. */
  static final String VERTX = "handler";

  private final QuicChannel channel;
  private final HttpApiSettings.Patience patience;
  private final Deadlines deadlines;
  private final FailedHandshakes failures;
  private final Set<RequestLifecycle> open = new HashSet<>();
  private volatile long deadline;
  private @Nullable String subject;

  QuicGuard(
      QuicChannel channel,
      HttpApiSettings.Patience patience,
      Deadlines deadlines,
      FailedHandshakes failures) {
    this.channel = channel;
    this.patience = patience;
    this.deadlines = deadlines;
    this.failures = failures;
    deadline = Deadlines.after(patience.header());
    deadlines.watch(this);
    channel.closeFuture().addListener(_ -> closed());
  }

  @Override
  public @Nullable String subject() {
    return subject;
  }

  @Override
  public void requestBegun(RequestLifecycle request, boolean isMultiplexed) {
    open.add(request);
    deadline = Deadlines.NONE;
  }

  @Override
  public void requestEnded(RequestLifecycle request) {
    open.remove(request);
    if (open.isEmpty()) {
      deadline = Deadlines.after(patience.idle());
    }
  }

  @Override
  public void readsBody(boolean readsBody) {}

  @Override
  public void endOutput() {}

  @Override
  public void close(HttpConnection connection) {
    close();
  }

  @Override
  public void abort() {
    close();
  }

  void close() {
    var _ = channel.close(true, Http3ErrorCode.H3_NO_ERROR.code(), Unpooled.EMPTY_BUFFER);
  }

  private void closed() {
    deadlines.forget(this);
    List.copyOf(open).forEach(RequestLifecycle::clientGone);
  }

  /** A stream is handed on, and then has all that it needs for its failures to be handled. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    context.fireChannelRead(read);
    if (read instanceof QuicStreamChannel stream) {
      handleFailures(stream.pipeline());
    }
  }

  /** Of a connection, or of one of its streams. */
  static void handleFailures(ChannelPipeline pipeline) {
    if (pipeline.get(VERTX) != null) {
      pipeline.addBefore(VERTX, "failures", new Failures());
    }
  }

  private static final class Failures extends ChannelDuplexHandler {

    /** Vert.x would log, without limit, whatever a client does against the protocol. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (cause instanceof QuicStreamResetException) {
        context.fireExceptionCaught(cause);
      } else {
        LOG.log(Level.DEBUG, "HTTP/3 failed", cause);
        var _ = context.close();
      }
    }

    /**
     * That a client wants no more is not told, and what is written to it later would wait as long
     * as the connection lives. It shows by this: the stream has room, and nothing is taken.
     */
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ChannelPromise written = promise.unvoid();
      var _ = context.write(message, written);
      boolean isStuck = !written.isDone() && context.channel().bytesBeforeUnwritable() > 0;
      if (isStuck || written.cause() instanceof ChannelOutputShutdownException) {
        var _ = context.close();
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        SSLEngine engine = channel.sslEngine();
        subject = engine == null ? null : TlsHandler.subject(engine);
      } else {
        failures.failed(channel, handshake.cause());
      }
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public long deadline() {
    return deadline;
  }

  @Override
  public void expire() {
    // Looked at again where it changes: a request that came meanwhile must not be cut off.
    channel
        .eventLoop()
        .execute(() -> {
          if (deadline <= Deadlines.now()) {
            close();
          }
        });
  }
}
