package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.DeadLetters;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.JobId;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.SendResult;
import dev.afterbay.Session;
import dev.afterbay.Settlement;
import dev.afterbay.store.Clock;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A queue of an engine: checks what comes in, lets {@link Job} compute, and commits it. */
final class EngineQueue implements Queue, Clock.Source {

  private final Engine engine;
  private final String name;
  private final Limits limits;
  private final Receipts receipts;

  EngineQueue(Engine engine, String name, Limits limits) {
    this.engine = engine;
    this.name = Message.requireName("queue", name);
    this.limits = limits;
    this.receipts = new Receipts(engine, this.name);
  }

  @Override
  public Clock clock() {
    return engine.clock();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public List<SendResult> send(List<Message> messages) {
    return engine.in(name, "send", () -> Sending.toOne(engine, name, limits, messages));
  }

  @Override
  public Receiver receiver(ReceiveOptions receiving) {
    return new EngineReceiver(engine, name, receiving, null);
  }

  @Override
  public Optional<Session> session(
      @Nullable String session, Duration wait, ReceiveOptions receiving)
      throws InterruptedException {
    requireSession(session);
    long lease = leaseMillis(receiving);
    long deadline = engine.deadline(wait);
    Store.Wake place = new Store.Wake(name, null);
    while (true) {
      Waiters.Waiter waiter = engine.join(place, true);
      try {
        engine.requireQueue(name);
        SessionLease held = engine.store.hold(name, session, receiving.consumer(), lease);
        if (held != null) {
          return Optional.of(new EngineSession(engine, name, receiving, held));
        }
        if (wait.isZero()) {
          requireUnlocked(session);
          return Optional.empty();
        }
        if (!waiter.await(engine.clock(), deadline)) {
          return Optional.empty();
        }
      } finally {
        engine.leave(place, waiter, false);
      }
    }
  }

  /** Who names a session that somebody holds need not guess until when. */
  private void requireUnlocked(@Nullable String session) {
    SessionLease held = session == null ? null : engine.store.held(name, session);
    if (held != null) {
      Instant until = engine.clock().now().wallAt(held.untilTick());
      throw new BrokerException.SessionLocked(held.session(), until);
    }
  }

  @Override
  public Session session(Session.Token token, ReceiveOptions receiving) {
    Tokens.Accepted accepted = Tokens.accepted(token);
    SessionLease held = engine.store.held(name, accepted.session());
    if (held == null || held.fence() != accepted.fence()) {
      throw new BrokerException.SessionLost(accepted.session());
    }
    return new EngineSession(engine, name, receiving, held);
  }

  @Override
  public List<Job> peek(int max, long bytesMax) {
    engine.requireQueue(name);
    if (max < 1) {
      throw new BrokerException.Rejected("limit", "limit must be at least 1: " + max);
    }
    return engine.store.peek(name, Math.min(max, Receiver.RECEIVE_MAX), bytesMax);
  }

  @Override
  public List<Optional<BrokerException>> settle(List<Settlement> settlements) {
    engine.requireQueue(name);
    return engine.in(name, "settle", () -> receipts.settle(settlements));
  }

  @Override
  public List<Optional<BrokerException>> renew(List<Receipt> receipts, @Nullable Duration lease) {
    engine.requireQueue(name);
    long untilTick =
        engine.clock().now().tick() + leaseMillis(ReceiveOptions.STANDARD.lease(lease));
    return this.receipts.renew(receipts, untilTick);
  }

  @Override
  public JobContext context(Receipt receipt) {
    engine.requireQueue(name);
    Tokens.Claimed claimed = Tokens.claimed(receipt);
    if (claimed.isAtMostOnce()) {
      return EngineContext.Forgotten.INSTANCE;
    }
    JobId id = claimed.id();
    if (engine.store.find(List.of(id), false).stream().noneMatch(it -> it.queue().equals(name))) {
      throw new BrokerException.LeaseLost(id.toString());
    }
    return new EngineContext(engine, id, claimed.fence());
  }

  @Override
  public QueueStats stats() {
    return engine.store.stats(name);
  }

  @Override
  public Optional<DeadLetters> deadLetters() {
    return Optional.of(new EngineDeadLetters(engine, name));
  }

  @Override
  public Optional<QueueAdmin> admin() {
    return Optional.of(new EngineQueueAdmin(engine, name));
  }

  private long leaseMillis(ReceiveOptions receiving) {
    Duration own = receiving.lease();
    return (own != null ? own : engine.settingsOf(name).lease()).toMillis();
  }

  private void requireSession(@Nullable String session) {
    if (engine.settingsOf(name).order() != QueueSettings.Order.FIFO) {
      Message.requireSession(session);
    } else if (session != null && !session.isEmpty()) {
      throw new BrokerException.Rejected(
          "session", "session must not be given in a fifo queue: all of it is one session");
    }
  }
}
