package dev.afterbay.handlers;

import dev.afterbay.handlers.EmailReply.State;
import dev.afterbay.handlers.EmailTransport.Unreachable;
import dev.afterbay.handlers.SmtpSettings.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one SMTP server: some in use, others idle, never more than its size. One is
 * taken for each message, so that a job with many recipients does not keep others waiting; who
 * waited longest is next.
 */
final class SmtpPool implements AutoCloseable {

  /** A connection that worked this lately is taken to be alive. */
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final SmtpSettings settings;
  private final SSLSocketFactory trust;

  /**
   * Invariant: connections in use and idle ones together are at most its permits. Whoever has a
   * permit takes an idle connection before a new one is opened, and puts it back before the permit.
   */
  private final Semaphore permits;

  /** The last one that was used first, so that those too many become old. */
  private final ConcurrentLinkedDeque<SmtpConnection> idle = new ConcurrentLinkedDeque<>();

  private final Set<SmtpConnection> inUse = ConcurrentHashMap.newKeySet();

  /** Names are looked up on threads of the system, as {@link OutgoingClient} does. */
  private final ExecutorService lookups =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("afterbay-smtp-lookup-", 0).factory());

  /** Ends writes that take too long, and idle connections. */
  private final ScheduledThreadPoolExecutor watch =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("afterbay-smtp-watch").factory());

  private volatile boolean closed;
  private volatile @Nullable String ownName;

  SmtpPool(SmtpSettings settings, SSLSocketFactory trust) {
    this.settings = settings;
    this.trust = trust;
    permits = new Semaphore(settings.pool(), true);
    watch.setRemoveOnCancelPolicy(true);
    long nanos = Math.max(1, settings.idle().dividedBy(2).toNanos());
    var _ = watch.scheduleWithFixedDelay(this::closeIdle, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Sends a message over a connection of its own.
   *
   * @throws Unreachable if there is no connection, or it broke
   * @throws RejectedExecutionException after {@link #close}; not sent
   */
  EmailReply send(EmailMime mime, EmailAddress from, EmailAddress to)
      throws Unreachable, InterruptedException {
    if (!permits.tryAcquire(settings.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
      throw unreachable(
          "no connection was free within "
              + settings.timeout()
              + " (pool: "
              + settings.pool()
              + ")",
          null);
    }
    try {
      SmtpConnection connection = idleOne();
      if (connection != null) {
        try {
          return send(connection, mime, from, to);
        } catch (Unreachable e) {
          if (connection.hasBegun() || connection.isLate() || closed) {
            throw e;
          }
          // The server ended an old connection: the message is not with it, a new one may do.
        }
      }
      return send(open(), mime, from, to);
    } finally {
      permits.release();
    }
  }

  private EmailReply send(
      SmtpConnection connection, EmailMime mime, EmailAddress from, EmailAddress to)
      throws Unreachable, InterruptedException {
    inUse.add(connection);
    try {
      checkOpen();
      return connection.send(mime, from, to);
    } finally {
      inUse.remove(connection);
      if (connection.isUsable()) {
        idle.addFirst(connection);
      }
      if (!connection.isUsable() || (closed && idle.remove(connection))) {
        connection.abandon();
      }
    }
  }

  private @Nullable SmtpConnection idleOne() {
    for (SmtpConnection one = idle.pollFirst(); one != null; one = idle.pollFirst()) {
      long now = System.nanoTime();
      if (one.isOver(now)) {
        one.quit();
      } else if (one.isAlive(now, QUIET_NANOS)) {
        return one;
      } else {
        one.abandon();
      }
    }
    return null;
  }

  private SmtpConnection open() throws Unreachable, InterruptedException {
    checkOpen();
    Unreachable last = null;
    InetAddress[] addresses = addresses();
    Duration each = settings.timeout().dividedBy(Math.max(1, addresses.length));
    for (InetAddress address : addresses) {
      try {
        SmtpSocket socket = new SmtpSocket(address, each, settings.timeout(), tls(), watch);
        return SmtpConnection.open(settings, socket, trust, ownName());
      } catch (Unreachable e) {
        last = e;
        if (e.reply().code() > 0) {
          break; // It is there, and says no.
        }
      }
    }
    throw last == null ? unreachable("it has no address", null) : last;
  }

  /** What encrypts from the first byte on. */
  private @Nullable SSLSocketFactory tls() {
    return settings.tls() == Tls.TLS ? trust : null;
  }

  private InetAddress[] addresses() throws Unreachable, InterruptedException {
    OutgoingHost host = new OutgoingHost(settings.host(), InetAddress::getAllByName);
    try {
      return await(lookups.submit(host::check));
    } catch (UnknownHostException e) {
      throw unreachable("it cannot be looked up: " + e.getMessage(), e);
    } catch (IOException | TimeoutException e) {
      throw unreachable("it cannot be looked up: " + e, e);
    }
  }

  /** What we say to EHLO; looked up once. */
  private String ownName() throws InterruptedException {
    String name = ownName;
    if (name == null) {
      try {
        name = await(lookups.submit(() -> InetAddress.getLocalHost().getCanonicalHostName()));
      } catch (IOException | TimeoutException e) {
        name = "localhost";
      }
      ownName = name;
    }
    return name;
  }

  private <T> T await(Future<T> lookup) throws IOException, InterruptedException, TimeoutException {
    try {
      return lookup.get(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      lookup.cancel(true);
    }
  }

  private Unreachable unreachable(String reason, @Nullable Throwable cause) {
    EmailReply reply = new EmailReply(State.PENDING, 0, reason);
    return new Unreachable(settings.server(), reply, null, cause);
  }

  /** On a thread that may wait for the server: the watch must not. */
  private void closeIdle() {
    if (idle.stream().anyMatch(one -> one.isOver(System.nanoTime()))) {
      Thread.startVirtualThread(this::quitIdle);
    }
  }

  /** With a permit, as all who take a connection out: it counts until it is closed. */
  private void quitIdle() {
    if (!permits.tryAcquire()) {
      return; // All are in use: whoever needs this one finds that it is over.
    }
    try {
      for (SmtpConnection one : idle) {
        if (one.isOver(System.nanoTime()) && idle.remove(one)) {
          one.quit();
        }
      }
    } finally {
      permits.release();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new RejectedExecutionException("the connections are closed");
    }
  }

  /** Ends all connections: what is being sent fails, what comes later is rejected. */
  @Override
  public void close() {
    closed = true;
    for (SmtpConnection one = idle.pollFirst(); one != null; one = idle.pollFirst()) {
      one.abandon();
    }
    inUse.forEach(SmtpConnection::abandon);
    lookups.shutdownNow();
    watch.shutdownNow();
  }
}
