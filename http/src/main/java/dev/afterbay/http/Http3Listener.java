package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http3Settings;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.QueryParamDecoderConfig;
import io.vertx.core.http.impl.HttpServerRequestImpl;
import io.vertx.core.http.impl.HttpServerStream;
import io.vertx.core.http.impl.http3.Http3ServerConnection;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.http.QueryParamDecoder;
import io.vertx.core.internal.quic.QuicConnectionInternal;
import io.vertx.core.net.QuicConnection;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.quic.QuicConnectionHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** HTTP/3 at the address of a listener, by UDP. */
final class Http3Listener {
  /*
   * Vert.x's own server of HTTP/3 limits no connections, makes a context of TLS for each, does the
   * handshakes on the event loop, and logs what clients do wrong. All of that is a matter of the
   * connections, which are Netty's: so this makes them, and Vert.x speaks HTTP/3 on them. See
   * decision 0020.
   *
   * QUIC decrypts each packet on the event loop, also those of nobody: so it has one of its own,
   * and those who call by TCP do not feel it.
   */

  /** For a client's control stream and the two of its headers' compression, and some unknown. */
  private static final int ONE_WAY_STREAMS_MAX = 8;

  private static final int ONE_WAY_BYTES_MAX = 16 << 10;

  /** What may be on its way unread, of a request and of a connection. */
  private static final int STREAM_BYTES_MAX = 256 << 10;

  private static final int CONNECTION_BYTES_MAX = 1 << 20;

  /** Those that Netty reads; a longer datagram would be cut. */
  private static final int DATAGRAM_BYTES_MAX = 2_048;

  private static final long SECONDS_MAX = 30;
  private static final Logger LOG = System.getLogger(Http3Listener.class.getName());

  private final Vertx vertx;
  private final ContextInternal context;
  private final Limits limits;
  private final Requests requests;
  private final QueryParamDecoder decoder = new QueryParamDecoder(new QueryParamDecoderConfig());
  private final Set<QuicGuard> connections = ConcurrentHashMap.newKeySet();
  private final Channel datagrams;

  /**
   * What clients may take up.
   *
   * @param streams requests of a connection at the same time
   */
  record Limits(
      Share connections,
      int streams,
      int headerBytes,
      HttpApiSettings.Patience patience,
      Deadlines deadlines,
      FailedHandshakes failedHandshakes) {}

  /** Is given each request; on the event loop. */
  @FunctionalInterface
  interface Requests {
    void begin(HttpServerRequest request, Context context, QuicGuard guard);
  }

  private Http3Listener(
      InetSocketAddress address, TlsAcceptor tls, Limits limits, Requests requests)
      throws InterruptedException, ExecutionException, TimeoutException {
    this.limits = limits;
    this.requests = requests;
    QuicTls quicTls = new QuicTls(tls.listener());
    vertx = Vertx.vertx(HttpApi.vertxOptions(1));
    try {
      context = ((VertxInternal) vertx).createEventLoopContext();
      context.exceptionHandler(e -> LOG.log(Level.DEBUG, "an HTTP/3 request failed", e));
      ChannelFuture bound =
          new Bootstrap()
              .group(context.nettyEventLoop())
              .channel(NioDatagramChannel.class)
              .handler(codec(quicTls, tls))
              .bind(address);
      bound.get(SECONDS_MAX, TimeUnit.SECONDS);
      datagrams = bound.channel();
    } catch (InterruptedException | ExecutionException | TimeoutException | RuntimeException e) {
      vertx.close();
      throw e;
    }
  }

  /** Why this machine cannot; null: it can. */
  static @Nullable Throwable unavailability() {
    return Quic.isAvailable() ? null : Quic.unavailabilityCause();
  }

  /**
   * @throws IOException if the address cannot be listened on; the message names it
   * @throws Rejected if the certificate is of no use here
   */
  static Http3Listener open(
      InetSocketAddress address, TlsAcceptor tls, Limits limits, Requests requests)
      throws IOException {
    String where =
        "cannot listen on "
            + address.getHostString()
            + ":"
            + address.getPort()
            + " by UDP, which http.http3 needs: ";
    if (unavailability() != null) {
      throw new IOException(where + "netty-codec-native-quic for this machine", unavailability());
    }
    try {
      return new Http3Listener(address, tls, limits, requests);
    } catch (ExecutionException e) {
      throw new IOException(where + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(where + "it takes too long", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(where + "interrupted", e);
    }
  }

  private ChannelHandler codec(QuicTls quicTls, TlsAcceptor tls) {
    Share share = limits.connections();
    return new QuicServerCodecBuilder()
        .sslEngineProvider(quicTls::engine)
        .sslTaskExecutor(tls.tasks())
        .tokenHandler(new QuicTokens(System::nanoTime, () -> share.left() > 0))
        // It ends what is silent, but must leave alone who waits for a message.
        .maxIdleTimeout(limits.patience().answer().toMillis(), TimeUnit.MILLISECONDS)
        .maxRecvUdpPayloadSize(DATAGRAM_BYTES_MAX)
        .initialMaxData(CONNECTION_BYTES_MAX)
        .initialMaxStreamDataBidirectionalRemote(STREAM_BYTES_MAX)
        .initialMaxStreamDataUnidirectional(ONE_WAY_BYTES_MAX)
        .initialMaxStreamsBidirectional(limits.streams())
        .initialMaxStreamsUnidirectional(ONE_WAY_STREAMS_MAX)
        .activeMigration(false)
        .handler(
            new ChannelInitializer<QuicChannel>() {
              @Override
              protected void initChannel(QuicChannel channel) {
                admit(channel);
              }
            })
        .build();
  }

  private void admit(QuicChannel channel) {
    Share share = limits.connections();
    if (share.take(1) < 0) {
      share.take(-1);
      channel.unsafe().closeForcibly();
      return;
    }
    channel.closeFuture().addListener(_ -> share.take(-1));
    QuicGuard guard =
        new QuicGuard(channel, limits.patience(), limits.deadlines(), limits.failedHandshakes());
    connections.add(guard);
    channel.closeFuture().addListener(_ -> connections.remove(guard));
    channel.pipeline().addLast(guard).addLast(QuicGuard.VERTX, handler(channel, guard));
  }

  /** Vert.x's end of a connection, without the limits that the guard watches. */
  private ChannelHandler handler(QuicChannel channel, QuicGuard guard) {
    SocketAddress client =
        SocketAddress.inetSocketAddress((InetSocketAddress) channel.remoteSocketAddress());
    return new QuicConnectionHandler(
        context,
        null,
        null,
        null,
        null,
        null,
        0,
        0,
        client,
        true,
        (connection, failure) -> {
          if (failure == null) { // Else the guard was told of it.
            context.dispatch(connection, begun -> serve(begun, channel, guard));
          }
        });
  }

  private void serve(QuicConnection connection, QuicChannel channel, QuicGuard guard) {
    Http3Settings settings = new Http3Settings().setMaxFieldSectionSize(limits.headerBytes());
    Http3ServerConnection http =
        new Http3ServerConnection((QuicConnectionInternal) connection, settings, null, null);
    http.init();
    QuicGuard.handleFailures(channel.pipeline());
    http.streamHandler(stream -> begin(stream, guard));
  }

  private void begin(HttpServerStream stream, QuicGuard guard) {
    new HttpServerRequestImpl(
            request -> requests.begin(request, stream.context(), guard),
            stream,
            stream.context(),
            false,
            0, // Vert.x is never asked to read a form.
            0,
            0,
            decoder,
            "https://localhost")
        .init();
  }

  /** Ends what is still open. */
  void close() throws InterruptedException, ExecutionException, TimeoutException {
    connections.forEach(QuicGuard::close);
    datagrams.close().get(SECONDS_MAX, TimeUnit.SECONDS);
    vertx.close().toCompletionStage().toCompletableFuture().get(SECONDS_MAX, TimeUnit.SECONDS);
  }
}
