package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Redrive;
import dev.afterbay.RedriveResult;
import dev.afterbay.SendResult;
import dev.afterbay.Session;
import dev.afterbay.SessionToken;
import dev.afterbay.Settlement;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Clocked;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A queue of an engine: checks what comes in, lets {@link Job} compute, and commits it. */
final class EngineQueue implements Queue, Clocked {

  /** Later than every job. */
  private static final Instant EVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  /** Each costs reads, and all others wait meanwhile. */
  private static final int PAGE = 200;

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
    return Sending.toOne(engine, name, limits, messages);
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
        if (wait.isZero() || !waiter.await(engine.clock(), deadline)) {
          return Optional.empty();
        }
      } finally {
        engine.leave(place, waiter, false);
      }
    }
  }

  @Override
  public Session session(SessionToken token, ReceiveOptions receiving) {
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
    return receipts.settle(settlements);
  }

  @Override
  public List<Optional<BrokerException>> renew(List<Receipt> receipts, @Nullable Duration lease) {
    engine.requireQueue(name);
    long untilTick =
        engine.clock().now().tick() + leaseMillis(ReceiveOptions.STANDARD.lease(lease));
    return this.receipts.renew(receipts, untilTick);
  }

  @Override
  public boolean exists() {
    return engine.catalog.find(name) != null;
  }

  @Override
  public QueueSettings settings() {
    return engine.settingsOf(name);
  }

  @Override
  public void configure(QueueSettings settings) {
    engine.catalog.configure(name, settings, engine.settings.defaults().apply(name));
  }

  @Override
  public QueueStats stats() {
    return engine.store.stats(name);
  }

  @Override
  public QueueState state() {
    Catalog.Entry entry = engine.catalog.find(name);
    return entry == null ? QueueState.ACTIVE : entry.state();
  }

  @Override
  public void pause(String reason) {
    state(new QueueState(QueueState.Kind.PAUSED, reason));
  }

  @Override
  public void drain(String reason) {
    state(new QueueState(QueueState.Kind.DRAINING, reason));
  }

  @Override
  public void resume() {
    state(QueueState.ACTIVE);
  }

  @Override
  public long purge(Status.Kind kind) {
    return switch (kind) {
      case DONE, FAILED, CANCELLED -> engine.forget(name, kind, EVER);
      case PENDING -> deleteAll(Status.Kind.PENDING);
      case WAITING, PROCESSING, GONE ->
          throw new BrokerException.Rejected(
              "status", "jobs that are " + kind + " cannot be purged: cancel them");
    };
  }

  @Override
  public void delete(boolean force) {
    QueueStats stats = stats();
    boolean empty = stats.depth() + stats.done() + stats.failed() + stats.cancelled() == 0;
    if (!empty && !force) {
      throw new BrokerException.Conflict(
          "queue " + name + " still holds jobs: purge it, or delete it with force");
    }
    for (Status.Kind kind : List.of(Status.Kind.DONE, Status.Kind.FAILED, Status.Kind.CANCELLED)) {
      engine.forget(name, kind, EVER);
    }
    deleteAll(Status.Kind.PENDING);
    deleteAll(Status.Kind.WAITING);
    deleteAll(Status.Kind.PROCESSING);
    engine.catalog.put(Setting.QUEUE_STATE, name, Map.of());
    engine.catalog.put(Setting.QUEUE, name, Map.of());
    engine.store.commit(Commit.synced(new Change.Drop(name)));
  }

  @Override
  public RedriveResult redrive(Redrive redrive) {
    return engine.redrives.start(name, redrive);
  }

  private void state(QueueState state) {
    engine.create(name);
    engine.catalog.put(Setting.QUEUE_STATE, name, SettingCodec.of(state));
  }

  private long leaseMillis(ReceiveOptions receiving) {
    Duration own = receiving.lease();
    return (own != null ? own : settings().lease()).toMillis();
  }

  private void requireSession(@Nullable String session) {
    if (settings().order() != QueueSettings.Order.FIFO) {
      Message.requireSession(session);
    } else if (session != null && !session.isEmpty()) {
      throw new BrokerException.Rejected(
          "session", "session must not be given in a fifo queue: all of it is one session");
    }
  }

  private long deleteAll(Status.Kind kind) {
    if (count(stats(), kind) == 0) {
      return 0; // Else all that the store has would be looked through for them.
    }
    long deleted = kind == Status.Kind.PENDING ? deleteNext(stats().pending()) : 0;
    if (count(stats(), kind) == 0) {
      return deleted;
    }
    Jobs.JobQuery query = Jobs.JobQuery.ALL.queue(name).status(kind);
    String cursor = null;
    do {
      Jobs.JobPage page = engine.store.list(query, cursor, PAGE);
      deleted += delete(page.jobs());
      cursor = count(stats(), kind) == 0 ? null : page.next();
    } while (cursor != null);
    return deleted;
  }

  /** What comes next is found without a look at other queues, however many jobs they have. */
  private long deleteNext(long most) {
    long deleted = 0;
    List<Job> next = engine.store.peek(name, PAGE, Store.NO_BODIES);
    while (!next.isEmpty()) {
      deleted += delete(next);
      next = deleted < most ? engine.store.peek(name, PAGE, Store.NO_BODIES) : List.of();
    }
    return deleted;
  }

  private long delete(List<Job> jobs) {
    List<Commit> commits = new ArrayList<>();
    for (Job job : jobs) {
      commits.add(
          Commit.synced(
              new Change.Swap(job.id(), job.state().version(), job.deleted(engine.clock().now()))));
    }
    long deleted = 0;
    for (Committed committed : engine.store.commit(commits)) {
      // Not what somebody else took away since it was listed.
      deleted += committed instanceof Committed.Done done && !done.before() ? 1 : 0;
    }
    return deleted;
  }

  private static long count(QueueStats stats, Status.Kind kind) {
    return switch (kind) {
      case PENDING -> stats.pending() + stats.scheduled();
      case WAITING -> stats.waiting();
      case PROCESSING -> stats.processing();
      case DONE -> stats.done();
      case FAILED -> stats.failed();
      case CANCELLED -> stats.cancelled();
      case GONE -> 0;
    };
  }
}
