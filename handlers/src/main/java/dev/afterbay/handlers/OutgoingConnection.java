package dev.afterbay.handlers;

import dev.afterbay.PlainText;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedStream;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one address of a server, or of the proxy before it; for one request at a time.
 * What changes belongs to the thread of its event loop.
 */
final class OutgoingConnection extends SimpleChannelInboundHandler<HttpObject> {

  /*
   * A strict reader throws an answer away for a flaw behind its status line; then a request whose
   * work was done is sent again and again. Netty's decoder tells the status of a flawed answer
   * and, once its connection is closed, of half a one. A flaw costs only the connection, of which
   * nobody knows any more where the next answer begins.
   */

  private static final int IDLE_SECONDS_MAX = 30;

  /** So much of a request is copied to buffers outside of the heap at once. */
  private static final int WRITTEN_AT_ONCE_BYTES = 16 << 10;

  private static final int REASON_CHARS_MAX = 200;

  private final Way way;
  private final Consumer<OutgoingConnection> whenFree;
  private final AnswerDecoder decoder = new AnswerDecoder();
  private final CompletableFuture<@Nullable String> opened = new CompletableFuture<>();
  private final Socket channel;

  /** Its answer may come before it was sent: that there are too many connections, for instance. */
  private final IncomingAnswer first;

  private boolean isNew = true;
  private @Nullable IncomingAnswer reading;
  private boolean isWritten;
  private @Nullable String failure;

  /**
   * Where a connection leads.
   *
   * @param server scheme, host and port
   * @param address of the server or the proxy, looked up
   */
  record Way(String server, InetSocketAddress address, boolean isProxied) {

    @Override
    public String toString() {
      String numbers = address.getAddress().getHostAddress();
      String at = numbers.contains(":") ? "[" + numbers + "]" : numbers;
      return (isProxied ? "proxy " : "") + at + ":" + address.getPort();
    }
  }

  /** A socket that can be asked what the event loop has not come to yet. */
  private static final class Socket extends NioSocketChannel {

    /** Whether the other side has neither closed it nor sent what nobody asked for. */
    boolean isQuiet() {
      try {
        return javaChannel().read(ByteBuffer.allocate(1)) == 0;
      } catch (IOException _) {
        return false;
      }
    }
  }

  /**
   * Begins to connect.
   *
   * @param trust null: without TLS
   * @param whenFree told after each answer behind which there may be another
   * @throws IOException if there is no socket for it: too many files are open, most often
   */
  OutgoingConnection(
      Way way,
      OutgoingRequest first,
      Bootstrap bootstrap,
      @Nullable SSLContext trust,
      Consumer<OutgoingConnection> whenFree)
      throws IOException {
    this.way = way;
    this.whenFree = whenFree;
    this.first = new IncomingAnswer(first);
    reading = this.first;
    boolean isTunnel = way.isProxied && trust != null;
    InetSocketAddress end =
        isTunnel ? InetSocketAddress.createUnresolved(first.bareHost(), first.port()) : way.address;
    ChannelInitializer<Channel> layers =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel empty) {
            fill(empty.pipeline(), first, trust);
          }
        };
    ChannelFuture connecting =
        bootstrap.clone().channelFactory(Socket::new).handler(layers).connect(end);
    if (!(connecting.channel() instanceof Socket socket)) {
      Throwable cause = connecting.cause();
      String why = cause == null ? "no socket" : reason(cause);
      throw new IOException(way + ": " + why, cause);
    }
    channel = socket;
    connecting.addListener(done -> {
      if (trust == null || !done.isSuccess()) {
        opened(done.cause());
      }
    });
  }

  private void fill(ChannelPipeline pipeline, OutgoingRequest first, @Nullable SSLContext trust) {
    if (trust != null) {
      if (way.isProxied) {
        pipeline.addLast(new HttpProxyHandler(way.address));
      }
      SslHandler tls = tls(first, trust);
      tls.handshakeFuture().addListener(done -> opened(done.cause()));
      pipeline.addLast(tls);
    }
    pipeline.addLast(new HttpRequestEncoder(), decoder, new ChunkedWriteHandler());
    pipeline.addLast(new IdleStateHandler(0, 0, IDLE_SECONDS_MAX), this);
  }

  private static SslHandler tls(OutgoingRequest request, SSLContext trust) {
    SSLEngine engine = trust.createSSLEngine(request.bareHost(), request.port());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    return new SslHandler(engine);
  }

  private void opened(@Nullable Throwable cause) {
    if (cause != null) {
      noteFailure(reason(cause));
    }
    opened.complete(cause == null ? null : failed().getMessage());
  }

  /**
   * Waits until requests can be sent; else it is closed.
   *
   * @return null: they can; else where it leads, and why they cannot
   */
  @Nullable String whyNotOpen(long nanos) throws InterruptedException {
    String why = way + ": not connected within " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
    try {
      why = opened.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      // That is what it says.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      if (why != null) {
        abandon(why);
      }
    }
    return why;
  }

  ChannelFuture closed() {
    return channel.closeFuture();
  }

  boolean leadsTo(String server, List<InetAddress> addresses) {
    return way.server.equals(server) && addresses.contains(way.address.getAddress());
  }

  /** Whether it can be used again; else it is closed. */
  boolean isStillOpen() {
    boolean open = channel.isQuiet();
    if (!open) {
      abandon("it closed the connection");
    }
    return open;
  }

  /**
   * Sends a request. At the latest when the connection is closed there is an answer, or an
   * IOException that says where and why there is none.
   */
  Future<Answer> ask(OutgoingRequest request) {
    IncomingAnswer next = isNew ? first : new IncomingAnswer(request);
    isNew = false;
    channel
        .eventLoop()
        .execute(() -> {
          if (next.answer().isDone()) {
            return;
          }
          reading = next;
          isWritten = false;
          if (channel.isActive()) {
            write(request);
          } else {
            end(next, Answer.Body.BROKEN);
          }
        });
    return next.answer();
  }

  /** Closes the connection: an answer that has begun ends there. */
  void abandon(String reason) {
    try {
      channel
          .eventLoop()
          .execute(() -> {
            noteFailure(reason);
            hangUp();
          });
    } catch (RejectedExecutionException _) {
      // The client is closed, and its event loop has ended with all connections.
    }
  }

  private void write(OutgoingRequest request) {
    boolean wholeUrl = way.isProxied && !request.isTls();
    ChannelFuture _ = channel.write(request.head(wholeUrl)); // What fails it fails the body.
    ByteArrayInputStream body = new ByteArrayInputStream(request.body());
    channel
        .writeAndFlush(new HttpChunkedInput(new ChunkedStream(body, WRITTEN_AT_ONCE_BYTES)))
        .addListener(done -> {
          isWritten = done.isSuccess();
          if (!isWritten) {
            noteFailure(reason(done.cause()));
          }
        });
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject part) throws IOException {
    IncomingAnswer asked = reading;
    if (asked == null || asked.isWhole) {
      hangUp(); // Nobody asked for it.
      return;
    }
    if (part instanceof HttpResponse head) {
      begin(asked, head);
    }
    if (part instanceof HttpContent content && reading != null && asked.hasBegun()) {
      take(asked, content);
    }
  }

  private void begin(IncomingAnswer asked, HttpResponse head) {
    Throwable flaw = head.decoderResult().cause();
    String why = flaw == null ? null : reason(flaw);
    boolean isAnswer = asked.begin(head);
    if (!isAnswer) {
      String what = why == null ? head.status().toString() : why;
      noteFailure("what came is not an answer of HTTP/1: " + what);
    } else if (why != null) {
      noteFailure(why);
    }
    if (!isAnswer || why != null) {
      end(asked, Answer.Body.BROKEN);
    }
  }

  private void take(IncomingAnswer asked, HttpContent content) throws IOException {
    if (!asked.take(content)) {
      end(asked, Answer.Body.CUT);
    } else if (content.decoderResult().isFailure()) {
      end(asked, Answer.Body.BROKEN);
    } else if (content instanceof LastHttpContent && failure == null) {
      // Where only its end ends an answer, any end of the connection looks like one.
      asked.isWhole = true;
    }
  }

  /** Only now it is known whether there is more after the answer. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    IncomingAnswer asked = reading;
    if (asked == null || !asked.isWhole) {
      return;
    }
    if (asked.leavesTheConnection() && isWritten && decoder.isDrained() && channel.isActive()) {
      reading = null;
      decoder.expectStatus();
      whenFree.accept(this);
      asked.complete(Answer.Body.WHOLE, this::failed);
    } else {
      end(asked, Answer.Body.WHOLE);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    IncomingAnswer asked = reading;
    if (asked != null) {
      end(asked, asked.isWhole ? Answer.Body.WHOLE : Answer.Body.BROKEN);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent && reading == null) {
      hangUp();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    noteFailure(reason(cause));
    hangUp();
  }

  /** For good: the connection goes, too. */
  private void end(IncomingAnswer asked, Answer.Body body) {
    reading = null;
    hangUp();
    asked.complete(body, this::failed);
  }

  private void hangUp() {
    ChannelFuture _ = channel.close();
  }

  /** The first one is the cause of the others. */
  private void noteFailure(String reason) {
    failure = failure == null ? reason : failure;
  }

  private IOException failed() {
    return new IOException(way + ": " + (failure == null ? "it closed the connection" : failure));
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return PlainText.line(
        message == null ? root.getClass().getSimpleName() : message, REASON_CHARS_MAX);
  }
}
