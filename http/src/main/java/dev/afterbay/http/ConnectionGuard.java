package dev.afterbay.http;

import dev.afterbay.client.wire.Problem;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Stands before everything else of one connection, but behind its TLS, and watches the time.
 *
 * <p>It sees bytes; the requests tell it where requests begin and end. All of its methods but
 * {@link #deadline} run on the connection's event loop.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter
    implements ClientConnection, Deadlines.Expiring {
  /*
   * Vert.x limits neither the time for a header nor the number of connections: an idle timeout is
   * no help against a byte a second, and would end long polls. So a request has from its first
   * byte on until its header is complete, and a connection without a request only so long. The
   * first header has that time with the handshake of TLS before it.
   *
   * Vert.x closes the connection without a word when a chunk is malformed: the word is said here.
   *
   * A client may close its side once it has sent its requests, and still wants its answers. But one
   * that died looks the same, so what was handed to a wait goes back then. With TLS it says so in
   * TLS; where only the connection ends, somebody may have cut it off, and nothing is answered.
   *
   * Vert.x believes that this is clear text. It finds the protocol by the first bytes, which are
   * those of what was agreed on in the handshake, and it gets to know nothing of TLS.
   */

  /** Bytes by which HTTP/2 is told from HTTP/1.1 (RFC 9113, 3.4). */
  private static final int PREFACE_BYTES = 24;

  /** Who has said all gets all answers, and nothing is waited for any more. */
  private static final Duration LAST_PAUSE = Duration.ofMillis(1);

  private static final AttributeKey<ConnectionGuard> KEY =
      AttributeKey.valueOf(ConnectionGuard.class, "guard");

  private static final Problem BAD_CHUNK =
      Problem.invalid("body", "the body is not framed as HTTP/1.1 wants it");

  private final Channel channel;
  private final HttpApiSettings.Patience patience;
  private final Deadlines deadlines;
  private final @Nullable TlsHandler tls;
  private final FailedHandshakes failures;
  private final DateHeader date;
  private @Nullable ChannelHandlerContext context;
  private volatile long deadline;
  private @Nullable String subject;
  private boolean begun = true;
  private boolean isHttp2;
  private boolean readsBody;
  private boolean inputEnded;
  private int firstBytes;
  private final Set<RequestLifecycle> open = new HashSet<>();

  /**
   * @param tls null: the connection is in clear text
   */
  ConnectionGuard(
      Channel channel,
      HttpApiSettings.Patience patience,
      Deadlines deadlines,
      @Nullable TlsHandler tls,
      FailedHandshakes failures,
      DateHeader date) {
    this.channel = channel;
    this.patience = patience;
    this.deadlines = deadlines;
    this.tls = tls;
    this.failures = failures;
    this.date = date;
    deadline = Deadlines.after(patience.header());
    channel.attr(KEY).set(this);
    ((SocketChannel) channel).config().setAllowHalfClosure(true);
    deadlines.watch(this);
    channel.closeFuture().addListener(_ -> closed());
  }

  /** The guard of a connection; HTTP/2 and 1.1 connections of Vert.x alike. */
  static ConnectionGuard of(HttpConnection connection) {
    Channel channel = ((HttpServerConnection) connection).channelHandlerContext().channel();
    return channel.attr(KEY).get();
  }

  @Override
  public @Nullable String subject() {
    return subject;
  }

  @Override
  public void requestBegun(RequestLifecycle request, boolean isMultiplexed) {
    isHttp2 = isMultiplexed;
    open.add(request);
    begun = false;
    deadline = Deadlines.NONE;
  }

  @Override
  public void requestEnded(RequestLifecycle request) {
    open.remove(request);
    readsBody = false;
    if (open.isEmpty()) {
      deadline = Deadlines.after(inputEnded ? LAST_PAUSE : patience.idle());
    }
  }

  @Override
  public void endOutput() {
    if (tls == null) {
      shutDownOutput();
    } else {
      var _ = tls.closeOutbound().addListener(_ -> shutDownOutput());
    }
  }

  private void shutDownOutput() {
    var _ = ((SocketChannel) channel).shutdownOutput();
  }

  private void closed() {
    deadlines.forget(this);
    List.copyOf(open).forEach(RequestLifecycle::clientGone);
  }

  @Override
  public void readsBody(boolean readsBody) {
    this.readsBody = readsBody;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    if (open.isEmpty() && !begun && !isHttp2) {
      begun = true;
      deadline = Deadlines.after(patience.header());
    }
    if (firstBytes < PREFACE_BYTES && bytes instanceof ByteBuf buffer) {
      begin(context, buffer);
    } else {
      context.fireChannelRead(bytes);
    }
  }

  /**
   * Vert.x tells the protocol by the first bytes and then sets up the pipeline: it gets them one by
   * one, so that something can be put between before it sees a request.
   */
  private void begin(ChannelHandlerContext context, ByteBuf bytes) {
    while (firstBytes < PREFACE_BYTES && bytes.isReadable()) {
      context.fireChannelRead(bytes.readRetainedSlice(1));
      firstBytes++;
      if (context.pipeline().get("httpDecoder") != null) {
        context
            .pipeline()
            .addAfter("httpDecoder", "upgradeGuard", new UpgradeGuard(tls != null))
            .addAfter("httpDecoder", "versionGuard", new VersionGuard());
        firstBytes = PREFACE_BYTES;
      }
    }
    if (bytes.isReadable()) {
      context.fireChannelRead(bytes);
    } else {
      bytes.release();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslCompletionEvent ofTls) {
      tlsEvent(ofTls);
      return;
    }
    context.fireUserEventTriggered(event);
    if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded) {
      inputEnded(tls == null);
    }
  }

  private void tlsEvent(SslCompletionEvent event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (!handshake.isSuccess()) {
        failures.failed(channel, handshake.cause());
      } else if (tls != null) {
        subject = tls.subject();
      }
    } else if (event.isSuccess() && tls != null) {
      inputEnded(tls.canHalfClose());
    }
  }

  /** The client says nothing more, but may still listen. */
  private void inputEnded(boolean mayListen) {
    inputEnded = true;
    if (!mayListen || isHttp2 || !open.stream().allMatch(RequestLifecycle::isWanted)) {
      close();
    } else if (open.isEmpty()) {
      deadline = Deadlines.after(LAST_PAUSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (tls != null && isOfTls(tls, cause)) {
      close(); // Nothing can be said any more that the client would understand.
      return;
    }
    if (readsBody && !isHttp2 && !(cause instanceof IOException)) {
      readsBody = false;
      var _ = context.writeAndFlush(Unpooled.wrappedBuffer(rawAnswer(BAD_CHUNK, date)));
    }
    context.fireExceptionCaught(cause);
  }

  private static boolean isOfTls(TlsHandler tls, Throwable cause) {
    return !tls.isEstablished() || FailedHandshakes.find(cause, SSLException.class) != null;
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

  private void close() {
    if (tls == null || tls.isEstablished()) {
      var _ = channel.close();
    } else {
      tls.abandon();
    }
  }

  @Override
  public void close(HttpConnection connection) {
    connection.close();
  }

  /** Not by Vert.x, which first writes what it has to say: a client that reads nothing stays. */
  @Override
  public void abort() {
    ChannelHandlerContext own = context;
    if (own != null) {
      var _ = own.close();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  private static byte[] rawAnswer(Problem problem, DateHeader date) {
    String body = new String(problem.json(), StandardCharsets.UTF_8);
    String text =
        "HTTP/1.1 "
            + problem.type().status()
            + " Bad Request\r\nConnection: close\r\nDate: "
            + date.text()
            + "\r\nContent-Type: "
            + Problem.CONTENT_TYPE
            + "\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
