package dev.afterbay.client;

import dev.afterbay.client.wire.Durations;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The connections to one server, in use and kept for the next use. */
final class ConnectionPool implements AutoCloseable {
  /*
   * Every connection has a moment at which it is closed: while it connects, that of the connect
   * timeout; in use, the end of the call; kept, some time from now. One thread closes those whose
   * moment has come, and sleeps until the next. Whoever uses a connection moves the moment, and
   * wakes the thread only if that would sleep too long, which is once per timeout, not per call.
   */

  private static final Duration KEPT_MAX = Duration.ofSeconds(30);
  private static final int KEPT_COUNT_MAX = 64;

  /** From a look at the connections that failed to the next. */
  private static final long FAILED_MILLIS = 100;

  private final ServerAddress server;
  private final Duration connectTimeout;
  private final Set<HttpConnection> all = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();

  /** Under the lock, the one that was used last in front; at most {@link #KEPT_COUNT_MAX}. */
  private final ArrayDeque<HttpConnection> kept = new ArrayDeque<>();

  /** Of the platform, as others may keep all carriers of virtual ones. Null: not needed yet. */
  private volatile @Nullable Thread watch;

  /** Under the lock: the one under way, for all who wait for it. */
  private @Nullable FutureTask<InetAddress[]> lookUp;

  /** Until when the watch sleeps; {@link Deadline#NONE} while it does not. */
  private volatile long sleepsUntil = Deadline.NONE;

  private volatile boolean closed;

  ConnectionPool(ServerAddress server, Duration connectTimeout) {
    this.server = server;
    this.connectTimeout = connectTimeout;
  }

  /** One that was kept, until then; null: there is none that is as it was left. */
  @Nullable HttpConnection take(long until) {
    while (true) {
      HttpConnection next;
      lock.lock();
      try {
        next = kept.poll();
      } finally {
        lock.unlock();
      }
      if (next == null) {
        return null;
      }
      if (next.extend(until) && next.isQuiet()) {
        wakeBefore(until);
        return next;
      }
      discard(next);
    }
  }

  /**
   * A new one.
   *
   * @throws IOException and nothing was sent
   */
  HttpConnection open(long until) throws IOException {
    long latest = Math.min(until, Deadline.after(connectTimeout));
    try {
      HttpConnection connection = connected(addresses(latest), latest);
      if (connection.extend(until)) {
        wakeBefore(until);
        return connection;
      }
      discard(connection);
    } catch (IOException e) {
      if (closed || Deadline.now() < latest || Thread.currentThread().isInterrupted()) {
        throw e;
      }
    }
    throw new SocketTimeoutException("no connection within " + Durations.format(connectTimeout));
  }

  /** The first that takes us; each is given its share of the time that is left. */
  private HttpConnection connected(InetAddress[] addresses, long latest) throws IOException {
    IOException failure = new UnknownHostException(server.host());
    for (int i = 0; i < addresses.length; i++) {
      long now = Deadline.now();
      long share = Math.max(0, latest - now) / (addresses.length - i);
      try {
        return connected(addresses[i], now + share);
      } catch (IOException e) {
        failure = e;
        if (closed || Thread.currentThread().isInterrupted()) {
          break;
        }
      }
    }
    throw failure;
  }

  private HttpConnection connected(InetAddress address, long latest) throws IOException {
    HttpConnection connection = new HttpConnection(latest);
    boolean done = false;
    try {
      watch(connection);
      connection.connect(new InetSocketAddress(address, server.port()));
      if (server.tls() != null) {
        connection.secure(server.tls(), server.host(), server.port());
      }
      done = true;
      return connection;
    } finally {
      if (!done) {
        discard(connection);
      }
    }
  }

  /** On a thread of its own, as nothing ends a look-up: it is left alone if it takes too long. */
  private InetAddress[] addresses(long latest) throws IOException {
    if (server.isNumeric()) {
      return InetAddress.getAllByName(server.host());
    }
    try {
      return lookUp().get(Math.max(0, latest - Deadline.now()), TimeUnit.MILLISECONDS);
    } catch (CancellationException e) {
      throw new IOException("the broker was closed", e);
    } catch (ExecutionException e) {
      UnknownHostException unknown =
          new UnknownHostException("the name " + server.host() + " is unknown");
      unknown.initCause(e.getCause());
      throw unknown;
    } catch (TimeoutException e) {
      throw new IOException("the name " + server.host() + " is not looked up in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private FutureTask<InetAddress[]> lookUp() {
    lock.lock();
    try {
      FutureTask<InetAddress[]> shared = lookUp;
      if (shared == null || shared.isDone()) {
        shared = new FutureTask<>(() -> InetAddress.getAllByName(server.host()));
        Thread.ofPlatform().daemon().name("afterbay-http-look-up").start(shared);
        lookUp = shared;
      }
      return shared;
    } finally {
      lock.unlock();
    }
  }

  private void watch(HttpConnection connection) throws IOException {
    lock.lock();
    try {
      if (watch == null) {
        watch = Thread.ofPlatform().daemon().name("afterbay-http-connections").start(this::watch);
      }
    } finally {
      lock.unlock();
    }
    all.add(connection);
    if (closed) {
      throw new IOException("the broker was closed");
    }
    wakeBefore(connection.until());
  }

  /** Keeps one that is ready for the next request. */
  void keep(HttpConnection connection) {
    long until = Deadline.after(KEPT_MAX);
    if (closed || !connection.extend(until)) {
      discard(connection);
      return;
    }
    HttpConnection tooMany = null;
    lock.lock();
    try {
      kept.push(connection);
      if (kept.size() > KEPT_COUNT_MAX) {
        tooMany = kept.removeLast();
      }
    } finally {
      lock.unlock();
    }
    wakeBefore(until);
    if (tooMany != null) {
      discard(tooMany);
    }
  }

  /** Closes one. */
  void discard(HttpConnection connection) {
    connection.close();
    all.remove(connection);
  }

  /** How many there are. */
  int count() {
    return all.size();
  }

  boolean isClosed() {
    return closed;
  }

  private void wakeBefore(long until) {
    if (until < sleepsUntil) {
      LockSupport.unpark(watch);
    }
  }

  private void watch() {
    while (!closed) {
      sleepsUntil = Deadline.NONE;
      long next;
      try {
        next = closeThoseWhoseTimeIsOver();
      } catch (RuntimeException | Error e) { // Nothing else ends a call: it outlives a full heap.
        next = Deadline.now() + FAILED_MILLIS;
      }
      sleepsUntil = next;
      if (next == Deadline.NONE) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(next - Deadline.now()));
      }
    }
  }

  private long closeThoseWhoseTimeIsOver() {
    long now = Deadline.now();
    long next = Deadline.NONE;
    for (HttpConnection connection : all) {
      long until = connection.until();
      if (until > now) {
        next = Math.min(next, until);
      } else if (connection.expire(until)) {
        forget(connection);
      } else {
        next = now; // Moved in this moment: look again.
      }
    }
    return next;
  }

  private void forget(HttpConnection connection) {
    all.remove(connection);
    lock.lock();
    try {
      kept.remove(connection);
    } finally {
      lock.unlock();
    }
  }

  /** Closes all of them, whoever uses them. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(watch);
    lock.lock();
    try {
      if (lookUp != null) {
        lookUp.cancel(true);
      }
    } finally {
      lock.unlock();
    }
    all.forEach(this::discard);
  }
}
