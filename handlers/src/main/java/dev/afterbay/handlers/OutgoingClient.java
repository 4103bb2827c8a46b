package dev.afterbay.handlers;

import dev.afterbay.handlers.OutgoingConnection.Way;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to servers that others run, over HTTP/1.1, with the JDK's resolver, trust store
 * and proxy settings. Redirects are never followed. What is asked of it (decision 0012):
 *
 * <ul>
 *   <li>all addresses of a name are tried, in order, until one can be sent the request; then no
 *       other
 *   <li>a request goes only to an address that was looked at ({@link OutgoingHost})
 *   <li>the status counts as soon as its line came, whatever is wrong with the rest
 *   <li>one time limit for all: look-up, connecting, sending, and the answer to its last byte
 *   <li>what fails says which host, which address, and why
 * </ul>
 *
 * <p>Blocks. Safe for use by many threads.
 */
public final class OutgoingClient implements AutoCloseable {

  /*
   * HTTP/1.1 only: with HTTP/2 all requests to a server would share one connection, and a slow
   * answer could hold up the others.
   *
   * Names are looked up on threads of the system: the JDK's look-up is native, and would hold on
   * to the carrier of a virtual thread.
   */

  /** For the event loop to say what came before we hung up; it takes less than a millisecond. */
  private static final Duration HANGING_UP = Duration.ofSeconds(5);

  private final OutgoingHost.Lookup lookup;
  private final @Nullable SSLContext trust;
  private final ExecutorService lookups =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("afterbay-lookup-", 0).factory());
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("afterbay-outgoing", true), NioIoHandler.newFactory());
  private final Bootstrap bootstrap;
  private final Set<OutgoingConnection> open = ConcurrentHashMap.newKeySet();

  /** Those that can be used again, the last one that was used first. */
  private final ConcurrentLinkedDeque<OutgoingConnection> idle = new ConcurrentLinkedDeque<>();

  private volatile boolean closed;

  /**
   * Where a request goes.
   *
   * @param addresses of the server, or of the proxy
   */
  private record Route(@Nullable InetSocketAddress proxy, List<InetAddress> addresses) {}

  /**
   * @param connectAtMost for TCP to one address; TLS may take longer
   * @param trust null: the JVM's default
   */
  public OutgoingClient(Duration connectAtMost, @Nullable SSLContext trust) {
    this(InetAddress::getAllByName, connectAtMost, trust);
  }

  OutgoingClient(OutgoingHost.Lookup lookup, Duration connectAtMost, @Nullable SSLContext trust) {
    this.lookup = lookup;
    this.trust = trust;
    bootstrap =
        new Bootstrap()
            .group(loop)
            .disableResolver()
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectAtMost.toMillis())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.AUTO_CLOSE, false); // The answer may come before a failed write.
  }

  /**
   * Asks once.
   *
   * @param bytesMax longest body to take; reading stops there
   * @throws IOException if no status came in time; says which host, which address, and why
   * @throws RejectedExecutionException after {@link #close}
   */
  public Answer get(URI url, int bytesMax, Duration atMost)
      throws IOException, InterruptedException {
    HttpHeaders none = new DefaultHttpHeaders();
    return send(new OutgoingRequest("GET", url, none, new byte[0], bytesMax, bytesMax), atMost);
  }

  /**
   * @throws IOException if no status came in time; says which host, which address, and why
   * @throws RejectedExecutionException after {@link #close}
   */
  Answer send(OutgoingRequest request, Duration atMost) throws IOException, InterruptedException {
    checkOpen();
    long latest = System.nanoTime() + atMost.toNanos();
    try {
      OutgoingConnection connection = connection(request, route(request, atMost, latest), latest);
      return ask(connection, connection.ask(request), atMost, latest);
    } catch (TimeoutException e) {
      throw new IOException("no answer from " + request.host() + " within " + atMost, e);
    } catch (IOException e) {
      throw new IOException("no answer from " + request.host() + ": " + e.getMessage(), e);
    }
  }

  /** Ends the connections: requests that run fail, later ones are rejected. */
  @Override
  public void close() {
    closed = true;
    open.forEach(connection -> connection.abandon("the client was closed"));
    lookups.shutdownNow();
    var _ = loop.shutdownGracefully(0, HANGING_UP.toSeconds(), TimeUnit.SECONDS);
  }

  private void checkOpen() {
    if (closed) {
      throw new RejectedExecutionException("the client is closed");
    }
  }

  private Route route(OutgoingRequest request, Duration atMost, long latest)
      throws IOException, InterruptedException {
    Future<Route> route = lookups.submit(() -> lookUp(request));
    try {
      return await(route, left(latest));
    } catch (TimeoutException _) {
      throw new IOException("it was not looked up within " + atMost);
    } catch (UnknownHostException e) {
      throw new IOException("it cannot be looked up: " + e.getMessage(), e);
    } finally {
      route.cancel(true);
    }
  }

  private Route lookUp(OutgoingRequest request) throws IOException {
    InetSocketAddress proxy = proxy(request.url());
    OutgoingHost server = new OutgoingHost(request.host(), lookup);
    if (proxy == null) {
      return new Route(null, List.of(server.check()));
    }
    try {
      server.check();
    } catch (UnknownHostException _) {
      // Behind a proxy one may be unable to look names up.
    }
    return new Route(proxy, List.of(lookup.addresses(proxy.getHostString())));
  }

  private static @Nullable InetSocketAddress proxy(URI url) {
    ProxySelector selector = ProxySelector.getDefault();
    if (selector == null) {
      return null;
    }
    Proxy first = selector.select(url).getFirst();
    return first.type() == Proxy.Type.HTTP ? (InetSocketAddress) first.address() : null;
  }

  private OutgoingConnection connection(OutgoingRequest request, Route route, long latest)
      throws IOException, InterruptedException {
    for (OutgoingConnection one : idle) {
      if (one.leadsTo(server(request, route), route.addresses)
          && idle.remove(one)
          && one.isStillOpen()) {
        return one;
      }
    }
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < route.addresses.size(); i++) {
      checkOpen();
      // A fair part of what is left, so that the last address has its turn, too.
      long nanos = left(latest) / (route.addresses.size() - i);
      OutgoingConnection tried = connect(request, route, route.addresses.get(i));
      String reason = tried.whyNotOpen(nanos);
      if (reason == null) {
        return tried;
      }
      reasons.add(reason);
    }
    throw new IOException(String.join("; ", reasons));
  }

  private OutgoingConnection connect(OutgoingRequest request, Route route, InetAddress address)
      throws IOException {
    InetSocketAddress proxy = route.proxy;
    int port = proxy == null ? request.port() : proxy.getPort();
    InetSocketAddress end = new InetSocketAddress(address, port);
    Way way = new Way(server(request, route), end, proxy != null);
    OutgoingConnection connection =
        new OutgoingConnection(
            way, request, bootstrap, request.isTls() ? trust() : null, idle::addFirst);
    open.add(connection);
    connection
        .closed()
        .addListener(_ -> {
          open.remove(connection);
          idle.remove(connection);
        });
    if (closed) {
      connection.abandon("the client was closed");
    }
    return connection;
  }

  private static String server(OutgoingRequest request, Route route) {
    String server = request.url().getScheme() + "://" + request.host() + ":" + request.port();
    return route.proxy == null ? server : server + " by " + route.proxy;
  }

  private SSLContext trust() throws IOException {
    try {
      return trust == null ? SSLContext.getDefault() : trust;
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("the trust store of the JVM cannot be used: " + e.getMessage(), e);
    }
  }

  private static Answer ask(
      OutgoingConnection connection, Future<Answer> answer, Duration atMost, long latest)
      throws IOException, InterruptedException, TimeoutException {
    try {
      return await(answer, left(latest));
    } catch (TimeoutException _) {
      connection.abandon("none within " + atMost);
      return await(answer, HANGING_UP.toNanos());
    } finally {
      if (!answer.isDone()) {
        connection.abandon("the request was called off");
      }
    }
  }

  private static long left(long latest) {
    return Math.max(0, latest - System.nanoTime());
  }

  private static <T> T await(Future<T> future, long nanos)
      throws IOException, InterruptedException, TimeoutException {
    try {
      return future.get(nanos, TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }
}
