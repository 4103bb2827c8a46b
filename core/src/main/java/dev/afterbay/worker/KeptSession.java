package dev.afterbay.worker;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import dev.afterbay.store.Clock;
import dev.afterbay.store.SystemClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session that is renewed by itself while its consumer works, and closes itself when it has been
 * held long enough.
 *
 * <pre>{@code
 * Optional<KeptSession> accepted =
 *     KeptSession.accept(queue, null, wait, ReceiveOptions.STANDARD, SessionLimits.STANDARD);
 * }</pre>
 *
 * <p>Once a limit is reached nothing more is handed out, and the session closes as soon as what was
 * handed out is settled, or its lease is long over, and no {@link #receive} waits; the next one
 * throws {@link BrokerException.SessionLost}. Safe for many threads.
 */
public final class KeptSession implements Session {

  private static final System.Logger LOG = System.getLogger(KeptSession.class.getName());

  /** A session is renewed this many times before it would lapse. */
  private static final int RENEWALS_PER_LEASE = 3;

  private final Session session;
  private final SessionLimits limits;
  private final Clock clock;

  /** Null: it goes by somebody else's. */
  private final @Nullable SystemClock ownClock;

  private final long leaseTicks;
  private final long acceptedTick;

  // Guarded by this.
  private int received;

  /** What those may be given who receive at this moment. */
  private int reserved;

  private final Set<KeptDelivery> unsettled = new HashSet<>();

  /** When something was handed out or settled last. */
  private long busyTick;

  private long renewalTick;
  private boolean closed;
  private Clock.Alarm alarm = () -> {};

  private KeptSession(
      Session session,
      SessionLimits limits,
      Duration lease,
      Clock clock,
      @Nullable SystemClock ownClock) {
    this.session = session;
    this.limits = limits;
    this.clock = clock;
    this.ownClock = ownClock;
    this.acceptedTick = clock.now().tick();
    this.busyTick = acceptedTick;
    this.leaseTicks = lease.toMillis();
    this.renewalTick = acceptedTick + leaseTicks / RENEWALS_PER_LEASE;
    lookAgain();
  }

  /**
   * Accepts a session, see {@link Queue#session(String, Duration, ReceiveOptions)}, and keeps it.
   *
   * @param queue goes by its engine's clock; where that is elsewhere, by this machine's
   * @param receiving its lease is that of the session; null: as long as the queue says, or 30 s
   *     where a provider does not tell that
   */
  public static Optional<KeptSession> accept(
      Queue queue,
      @Nullable String name,
      Duration wait,
      ReceiveOptions receiving,
      SessionLimits limits)
      throws InterruptedException {
    Duration own = receiving.lease();
    Duration lease =
        own != null
            ? own
            : queue.admin().map(QueueAdmin::settings).orElse(QueueSettings.STANDARD).lease();
    return queue
        .session(name, wait, receiving)
        .map(session -> {
          if (queue instanceof Clock.Source source) {
            return new KeptSession(session, limits, lease, source.clock(), null);
          }
          SystemClock clock = new SystemClock();
          return new KeptSession(session, limits, lease, clock, clock);
        });
  }

  /** One alarm at a time: for the next renewal, or for the limit that is reached before. */
  private synchronized void lookAgain() {
    alarm.cancel();
    if (!closed) {
      long tick = Math.min(renewalTick, limitTick());
      alarm = clock.at(tick, () -> Thread.startVirtualThread(this::look));
    }
  }

  /** When a limit will close it, unless it is used until then; it waits for what is unsettled. */
  private synchronized long limitTick() {
    return !unsettled.isEmpty()
        ? Long.MAX_VALUE
        : Math.min(
            acceptedTick + limits.duration().toMillis(), busyTick + limits.idle().toMillis());
  }

  private void look() {
    forgetLapsed();
    if (closeIfOver()) {
      return;
    }
    try {
      renewIfDue();
    } catch (BrokerException.SessionLost e) {
      LOG.log(System.Logger.Level.WARNING, "a kept session is lost: " + e.getMessage());
      closeQuietly();
      return;
    } catch (RuntimeException e) {
      // It is tried again in time; if that goes on, the next receive says that it is lost.
      LOG.log(System.Logger.Level.WARNING, "a kept session was not renewed: " + e.getMessage());
    }
    lookAgain();
  }

  private void renewIfDue() {
    synchronized (this) {
      long now = clock.now().tick();
      if (closed || now < renewalTick) {
        return;
      }
      renewalTick = now + leaseTicks / RENEWALS_PER_LEASE;
    }
    session.renew(null);
  }

  /** Who neither settles nor renews has left; the session must not wait for him. */
  private synchronized void forgetLapsed() {
    Instant now = clock.now().wall();
    unsettled.removeIf(delivery -> delivery.leasedUntil().plusMillis(leaseTicks).isBefore(now));
  }

  /** Whether a limit is reached, so that nothing more is handed out. */
  private synchronized boolean isOver() {
    long now = clock.now().tick();
    return received >= limits.messages()
        || now - acceptedTick >= limits.duration().toMillis()
        || (unsettled.isEmpty() && now - busyTick >= limits.idle().toMillis());
  }

  private boolean closeIfOver() {
    synchronized (this) {
      if (!isOver() || !unsettled.isEmpty() || reserved > 0) {
        return false;
      }
    }
    closeQuietly();
    return true;
  }

  /** What its consumer asked for was done; that the session goes is no concern of his. */
  private void closeQuietly() {
    try {
      close();
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a kept session was not closed, and is free when its lease ends: " + e.getMessage());
    }
  }

  @Override
  public List<Delivery> receive(int max, Duration wait, ReceiveOptions.Types types)
      throws InterruptedException {
    int most = begin(max);
    if (most == 0) {
      return List.of(); // Others receive all that there may still be.
    }
    List<Delivery> deliveries = List.of();
    try {
      deliveries = session.receive(most, wait, types);
      return deliveries.stream().<Delivery>map(KeptDelivery::new).toList();
    } finally {
      end(most, deliveries.size());
    }
  }

  /** How many may be handed out; so many are reserved until {@link #end}. */
  private int begin(int max) {
    closeIfOver();
    synchronized (this) {
      if (closed || isOver()) {
        throw new BrokerException.SessionLost(name() + " (it was held as long as its limits say)");
      }
      int most = Math.min(max, limits.messages() - received - reserved);
      reserved += most;
      return most;
    }
  }

  private void end(int most, int came) {
    synchronized (this) {
      reserved -= most;
      received += came;
      busyTick = came == 0 ? busyTick : clock.now().tick();
    }
    lookAgain();
  }

  private void settled(KeptDelivery delivery) {
    synchronized (this) {
      unsettled.remove(delivery);
      busyTick = clock.now().tick();
    }
    if (!closeIfOver()) {
      lookAgain();
    }
  }

  @Override
  public String name() {
    return session.name();
  }

  @Override
  public Session.Token token() {
    return session.token();
  }

  @Override
  public Instant heldUntil() {
    return session.heldUntil();
  }

  @Override
  public void renew(@Nullable Duration lease) {
    session.renew(lease);
  }

  @Override
  public Optional<byte[]> state() {
    return session.state();
  }

  @Override
  public void state(byte @Nullable [] state) {
    session.state(state);
  }

  /** Hands back what is not settled, and lets the session go; once. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      alarm.cancel();
    }
    try {
      session.close();
    } finally {
      if (ownClock != null) {
        ownClock.close();
      }
    }
  }

  /** Tells the session when it has ended. */
  private final class KeptDelivery implements Delivery {
    private final Delivery delivery;

    KeptDelivery(Delivery delivery) {
      this.delivery = delivery;
      synchronized (KeptSession.this) {
        unsettled.add(this);
      }
    }

    @Override
    public void settle(Outcome outcome) {
      endedUnlessKept(() -> delivery.settle(outcome));
      settled(this);
    }

    @Override
    public Receipt detach() {
      Receipt receipt = delivery.detach();
      settled(this);
      return receipt;
    }

    @Override
    public void renew() {
      endedUnlessKept(delivery::renew);
    }

    private void endedUnlessKept(Runnable call) {
      try {
        call.run();
      } catch (BrokerException.LeaseLost e) {
        settled(this);
        throw e;
      }
    }

    @Override
    public Job job() {
      return delivery.job();
    }

    @Override
    public Instant leasedUntil() {
      return delivery.leasedUntil();
    }

    @Override
    public boolean cancelRequested() {
      return delivery.cancelRequested();
    }

    @Override
    public JobContext context() {
      return delivery.context();
    }
  }

  /**
   * How long one consumer may keep a session, so that others get their turn.
   *
   * @param duration from when it was accepted
   * @param messages so many are handed out at most
   * @param idle since something was handed out, waited for or settled last
   */
  public record SessionLimits(Duration duration, int messages, Duration idle) {

    /** 2 hours, 1,000 messages, 30 minutes. */
    public static final SessionLimits STANDARD =
        new SessionLimits(Duration.ofHours(2), 1_000, Duration.ofMinutes(30));

    /**
     * @throws IllegalArgumentException if one of them is not above 0, or a time above {@link
     *     Message#DURATION_MAX}
     */
    public SessionLimits {
      if (messages < 1 || !isLimit(duration) || !isLimit(idle)) {
        throw new IllegalArgumentException(
            "limits of a session must be above 0, and times at most "
                + Message.DURATION_MAX
                + ": "
                + List.of(duration, messages, idle));
      }
    }

    private static boolean isLimit(Duration duration) {
      return duration.isPositive() && duration.compareTo(Message.DURATION_MAX) <= 0;
    }

    /** With another longest time. */
    public SessionLimits duration(Duration duration) {
      return new SessionLimits(duration, messages, idle);
    }

    /** With another number of messages. */
    public SessionLimits messages(int messages) {
      return new SessionLimits(duration, messages, idle);
    }

    /** With another idle time. */
    public SessionLimits idle(Duration idle) {
      return new SessionLimits(duration, messages, idle);
    }
  }
}
