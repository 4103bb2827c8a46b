package dev.afterbay.http;

import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server: jobs, queues, messages, events, SNS, operation (http-api.md), over HTTP/1.1 and
 * HTTP/2, in clear text or with TLS, and with TLS over HTTP/3.
 *
 * <p>Where it listens on a loopback address it is open to whoever reaches that, and holds the Host
 * header to the names of this machine.
 */
public final class HttpApi implements AutoCloseable {

  /** Longest address of a request, in any version of HTTP; a longer one is 414. */
  static final int ADDRESS_BYTES_MAX = 8 << 10;

  /** Longest request line of HTTP/1.1, which has a method and a version around that. */
  private static final int LINE_BYTES_MAX = ADDRESS_BYTES_MAX + 64;

  /** All headers of a request; more are 431. */
  static final int HEADER_BYTES_MAX = 32 << 10;

  private static final int STREAMS_OF_CONNECTION_MAX = 100;
  static final int CHUNK_BYTES_MAX = 64 << 10;
  private static final int BACKLOG = 1_024;
  private static final long VERTX_SECONDS_MAX = 30;

  private static final Logger LOG = System.getLogger(HttpApi.class.getName());

  private final Vertx vertx;
  private final InFlightRequests inFlight;
  private final Iterator<ListenerShare> shares;
  private final EventCounter counter;
  private final BoundedTransport transport = new BoundedTransport();
  private final FailedHandshakes failedHandshakes;
  private final DateHeader date;
  private final List<TlsAcceptor> acceptors = new ArrayList<>();
  private final List<HttpServer> servers = new ArrayList<>();
  private @Nullable Http3Listener byUdp;
  private int port;
  private @Nullable Integer adminPort;
  private @Nullable Integer snsPort;

  private HttpApi(HttpApiSettings settings, HttpApiServices services) {
    Meters meters = new Meters(services.meters(), services.broker());
    RateLimitedLog log =
        new RateLimitedLog(() -> services.clock().get().tick(), Thread::startVirtualThread);
    inFlight = new InFlightRequests(settings, meters, log);
    List<ListenerShare> all = ListenerShare.of(settings);
    shares = all.iterator();
    meters.watch(all, inFlight::open);
    failedHandshakes = new FailedHandshakes(meters, log);
    date = new DateHeader(() -> services.clock().get().wall());
    vertx = Vertx.builder().with(vertxOptions(eventLoops())).withTransport(transport).build();
    vertx.setPeriodic(Deadlines.SWEEP_MILLIS, _ -> sweep());
    counter = EventCounter.start(services.broker().jobs().orElseThrow(), meters);
  }

  /**
   * Listens.
   *
   * @throws IOException if an address cannot be listened on; the message names it
   */
  public static HttpApi open(HttpApiSettings settings, HttpApiServices services)
      throws IOException {
    HttpApi api = new HttpApi(settings, services);
    try {
      boolean onLoopback = RequestFilter.isLoopback(settings.main().address());
      api.listen(settings, new Routes(services, api.inFlight, onLoopback).all());
      return api;
    } catch (IOException | RuntimeException e) {
      api.close();
      throw e;
    }
  }

  private void listen(HttpApiSettings settings, List<Route> routes) throws IOException {
    HttpApiSettings.Listener admin = settings.admin();
    HttpApiSettings.Listener sns = settings.sns();
    Set<Scope> areas = admin == null ? Scope.EVERYTHING : Scope.WITHOUT_ADMIN;
    port = listen(settings, settings.main(), new Router(routes, areas), -1);
    if (admin != null) {
      adminPort = listen(settings, admin, new Router(routes, Scope.EVERYTHING), -2);
    }
    if (sns != null) {
      snsPort = listen(settings, sns, new Router(routes, Scope.ONLY_SNS), -3);
    }
  }

  /**
   * @param anyPort names a free port that the event loops share, as Vert.x wants it: below zero
   */
  private int listen(
      HttpApiSettings settings, HttpApiSettings.Listener listener, Router router, int anyPort)
      throws IOException {
    boolean isPublic = anyPort == -3;
    ListenerShare share = shares.next();
    RequestFilter filter =
        new RequestFilter(listener.address(), settings.callers().hostNames(), isPublic);
    int wanted = listener.port() == 0 ? anyPort : listener.port();
    int actual = 0;
    TlsAcceptor tls = acceptor(listener.tls());
    AlternativeService alternative = new AlternativeService();
    Function<AlternativeService, Endpoint> endpoint =
        elsewhere ->
            new Endpoint(
                filter,
                settings.callers().proxies(),
                router,
                new RequestDispatcher(),
                share.budget(),
                elsewhere,
                date);
    transport.opening(share.connections(), channel -> admit(channel, tls));
    for (int i = 0; i < eventLoops(); i++) {
      HttpServer server = vertx.createHttpServer(options());
      Endpoint listening = endpoint.apply(alternative);
      server.requestHandler(request -> handle(listening, request));
      server.invalidRequestHandler(request -> handle(listening, request));
      server.exceptionHandler(e -> LOG.log(Level.DEBUG, "connection failed", e));
      await(server.listen(wanted, listener.address()), listener);
      servers.add(server);
      actual = server.actualPort();
    }
    if (listener.http3() && tls != null) {
      Endpoint same = endpoint.apply(new AlternativeService());
      listenByUdp(new InetSocketAddress(listener.address(), actual), tls, share, same);
      alternative.isAt(actual);
    }
    return actual;
  }

  private void listenByUdp(
      InetSocketAddress address, TlsAcceptor tls, ListenerShare share, Endpoint listening)
      throws IOException {
    Http3Listener.Limits limits =
        new Http3Listener.Limits(
            share.connections(),
            STREAMS_OF_CONNECTION_MAX,
            HEADER_BYTES_MAX,
            inFlight.patience(),
            inFlight.deadlines(),
            failedHandshakes);
    byUdp =
        Http3Listener.open(
            address,
            tls,
            limits,
            (request, context, guard) ->
                new RequestLifecycle(inFlight, listening, request, context, guard).begin());
  }

  private @Nullable TlsAcceptor acceptor(@Nullable ListenerTls tls) {
    if (tls == null) {
      return null;
    }
    TlsAcceptor acceptor = new TlsAcceptor(tls);
    acceptors.add(acceptor);
    vertx.setPeriodic(ListenerTls.LOOK_MILLIS, _ -> Thread.startVirtualThread(acceptor::look));
    return acceptor;
  }

  static VertxOptions vertxOptions(int eventLoops) {
    return new VertxOptions()
        .setEventLoopPoolSize(eventLoops)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  private static int eventLoops() {
    return Math.max(1, Runtime.getRuntime().availableProcessors());
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions()
        .setMaxInitialLineLength(LINE_BYTES_MAX)
        .setMaxHeaderSize(HEADER_BYTES_MAX)
        .setMaxChunkSize(CHUNK_BYTES_MAX)
        .setAcceptBacklog(BACKLOG)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(STREAMS_OF_CONNECTION_MAX)
                .setMaxHeaderListSize(HEADER_BYTES_MAX));
  }

  private void handle(Endpoint listening, HttpServerRequest request) {
    Context context = vertx.getOrCreateContext();
    ConnectionGuard guard = ConnectionGuard.of(request.connection());
    new RequestLifecycle(inFlight, listening, request, context, guard).begin();
  }

  private void sweep() {
    inFlight.deadlines().sweep();
    inFlight.log().sweep();
  }

  private void admit(Channel channel, @Nullable TlsAcceptor acceptor) {
    TlsHandler tls = acceptor == null ? null : acceptor.handler(channel);
    Deadlines deadlines = inFlight.deadlines();
    channel
        .pipeline()
        .addFirst(
            new ConnectionGuard(
                channel, inFlight.patience(), deadlines, tls, failedHandshakes, date));
    if (tls != null) {
      channel.pipeline().addFirst(tls);
    }
  }

  private static <T> void await(Future<T> future, HttpApiSettings.Listener listener)
      throws IOException {
    String address = listener.address() + ":" + listener.port();
    try {
      future.toCompletionStage().toCompletableFuture().get(VERTX_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("cannot listen on " + address + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("cannot listen on " + address + ": it takes too long", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted before listening on " + address, e);
    }
  }

  /**
   * Why {@link HttpApiSettings.Listener#http3} cannot be had on this machine; null: it can. Finding
   * out loads a native library.
   */
  public static @Nullable String whyNoHttp3() {
    Throwable cause = Http3Listener.unavailability();
    return cause == null ? null : String.valueOf(cause);
  }

  /** The port of the main address. */
  public int port() {
    return port;
  }

  /** The port of the admin address, if it has one of its own. */
  public OptionalInt adminPort() {
    return adminPort == null ? OptionalInt.empty() : OptionalInt.of(adminPort);
  }

  /** The port of the SNS address, if it has one of its own. */
  public OptionalInt snsPort() {
    return snsPort == null ? OptionalInt.empty() : OptionalInt.of(snsPort);
  }

  /** From now on whatever would bring in or hand out work is answered 503; settling goes on. */
  public void drain() {
    inFlight.drain();
  }

  /** How many requests and connections have a limit in time now. */
  int watched() {
    return inFlight.deadlines().count();
  }

  private void closeByUdp() throws InterruptedException {
    if (byUdp != null) {
      try {
        byUdp.close();
      } catch (ExecutionException | TimeoutException e) {
        LOG.log(Level.WARNING, "HTTP/3 did not stop in an orderly way", e);
      }
      byUdp = null;
    }
  }

  /** Drains, ends waits and event streams, lets requests under way end, and stops listening. */
  @Override
  public void close() {
    try {
      inFlight.close();
      closeByUdp();
      acceptors.forEach(TlsAcceptor::close);
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(VERTX_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(Level.WARNING, "the HTTP server did not stop in an orderly way", e);
    } catch (InterruptedException e) {
      LOG.log(Level.WARNING, "interrupted while the HTTP server stops", e);
      Thread.currentThread().interrupt();
    } finally {
      counter.close();
    }
  }
}
