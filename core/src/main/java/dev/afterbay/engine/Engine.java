package dev.afterbay.engine;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Jobs;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Schedules;
import dev.afterbay.SendResult;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A broker over a store in this process. The store stays the caller's: close it after the engine;
 * but for {@link #owning}, which closes it.
 *
 * <pre>{@code
 * try (Store store = MemoryStore.open(); Engine engine = Engine.open(store)) {
 *   engine.queue("orders").send(Message.of("order", "{}"));
 * }
 * }</pre>
 */
public final class Engine implements Broker {

  /**
   * How an engine behaves.
   *
   * @param limits what a message may be
   * @param defaults settings of a queue that comes to exist by itself, by its name; asked again
   *     when it was deleted and comes back
   * @param autoCreateQueues a queue comes to exist with its first message; else an unknown one is
   *     {@link BrokerException.QueueNotFound}, to senders and receivers alike
   * @param random where ids and jitter come from
   * @param background runs what is done now and then; a simulation runs it at once
   */
  public record Settings(
      Limits limits,
      Function<String, QueueSettings> defaults,
      boolean autoCreateQueues,
      RandomGenerator random,
      Executor background) {

    /** As model.md decides, on virtual threads. */
    public static Settings standard() {
      return new Settings(
          Limits.STANDARD,
          _ -> QueueSettings.STANDARD,
          true,
          new SplittableRandom(), // One that is looked for by its name loads all kinds there are.
          task -> Thread.ofVirtual().name("afterbay-background").start(task));
    }

    /** With other limits on messages. */
    public Settings limits(Limits limits) {
      return new Settings(limits, defaults, autoCreateQueues, random, background);
    }

    /** The same for all queues. */
    public Settings defaults(QueueSettings defaults) {
      return defaults(_ -> defaults);
    }

    /** With settings for queues, by name, that were never configured. */
    public Settings defaults(Function<String, QueueSettings> defaults) {
      return new Settings(limits, defaults, autoCreateQueues, random, background);
    }

    /** Whether a queue comes to exist with its first message; else such a send is refused. */
    public Settings autoCreateQueues(boolean autoCreateQueues) {
      return new Settings(limits, defaults, autoCreateQueues, random, background);
    }

    /** With another source of jitter and ids: for tests. */
    public Settings random(RandomGenerator random) {
      return new Settings(limits, defaults, autoCreateQueues, random, background);
    }

    /** With other threads for what runs beside the calls. */
    public Settings background(Executor background) {
      return new Settings(limits, defaults, autoCreateQueues, random, background);
    }
  }

  private static final System.Logger LOG = System.getLogger(Engine.class.getName());
  private static final int FORGET_MAX = 200;

  final Store store;
  final Settings settings;
  final RandomGenerator random;
  final Ids ids;

  final Catalog catalog;
  private final Map<Store.Wake, Waiters> waiters = new ConcurrentHashMap<>();
  private final Set<EngineReceiver> receivers = ConcurrentHashMap.newKeySet();
  private final AutoCloseable wakes;
  private final Reaper reaper;
  private final EngineJobs jobs;
  private final EngineSchedules schedules;
  final Redrives redrives;
  final DeadLetterLeases deadLetterLeases = new DeadLetterLeases();
  private final boolean ownsStore;
  private volatile boolean closed;

  private Engine(Store store, Settings settings, boolean ownsStore) {
    this.store = store;
    this.settings = settings;
    this.ownsStore = ownsStore;
    this.random = new SharedRandom(settings.random());
    this.ids = new Ids(random);
    this.catalog = new Catalog(store);
    this.wakes = store.wake(this::wake);
    this.jobs = new EngineJobs(this);
    this.schedules = new EngineSchedules(this);
    this.redrives = new Redrives(this);
    this.reaper = new Reaper(this);
  }

  /** Over a store, which stays the caller's to close, with standard settings. */
  public static Engine open(Store store) {
    return open(store, Settings.standard());
  }

  /** Over a store, which stays the caller's to close. */
  public static Engine open(Store store, Settings settings) {
    return open(store, settings, false);
  }

  /** As {@link #open(Store)}; the store is closed with the engine, or here if that fails. */
  public static Engine owning(Store store) {
    try {
      return open(store, Settings.standard(), true);
    } catch (RuntimeException | Error e) {
      try {
        store.close();
      } catch (RuntimeException | Error other) {
        e.addSuppressed(other);
      }
      throw e;
    }
  }

  private static Engine open(Store store, Settings settings, boolean ownsStore) {
    Engine engine = new Engine(store, settings, ownsStore);
    engine.reaper.start();
    engine.schedules.start();
    return engine;
  }

  @Override
  public Queue queue(String name) {
    return queue(name, settings.limits());
  }

  /**
   * The queue of that name for an endpoint whose messages have limits of their own, such as SNS
   * with {@code sns.body_limit} (config.md).
   */
  public Queue queue(String name, Limits limits) {
    return new EngineQueue(this, name, limits);
  }

  @Override
  public List<SendResult> send(List<Addressed> messages) {
    return Sending.toSeveral(this, messages);
  }

  @Override
  public List<String> queues(@Nullable String after, int max) {
    if (max < 1 || max > QUEUES_PAGE_MAX) {
      throw new BrokerException.Rejected(
          "limit", "limit must be 1 to " + QUEUES_PAGE_MAX + ": " + max);
    }
    return store.queues(after, max);
  }

  @Override
  public Optional<Jobs> jobs() {
    return Optional.of(jobs);
  }

  @Override
  public Optional<Schedules> schedules() {
    return Optional.of(schedules);
  }

  /** The store's clock, for workers. */
  public Clock clock() {
    return store.clock();
  }

  /** What happens, for those who add to it, such as circuit breakers. */
  public EventFeed events() {
    return store.events();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      end();
    } finally {
      if (ownsStore) {
        store.close();
      }
    }
  }

  private void end() {
    schedules.close();
    reaper.close();
    List.copyOf(receivers).forEach(EngineReceiver::close);
    waiters.values().forEach(Waiters::wakeAll);
    try {
      wakes.close();
    } catch (Exception e) {
      throw new IllegalStateException("a listener cannot be removed", e);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** The tick at which a wait is over; one that nobody can live to see is as good as for ever. */
  long deadline(Duration wait) {
    Duration max = Message.DURATION_MAX;
    return clock().now().tick() + (wait.compareTo(max) < 0 ? wait : max).toMillis();
  }

  void requireOpen() {
    if (closed) {
      throw new BrokerException.Unavailable("the engine is closed: open it again");
    }
  }

  /** What goes wrong meanwhile says where. */
  <T> T in(String queue, String operation, Supplier<T> work) {
    try {
      return work.get();
    } catch (BrokerException e) {
      throw e.at(new BrokerException.Context(queue, null, operation, clock().now().wall()));
    }
  }

  void opened(EngineReceiver receiver) {
    requireOpen();
    receivers.add(receiver);
  }

  void closed(EngineReceiver receiver) {
    receivers.remove(receiver);
  }

  /**
   * Joins those who wait at a place; before looking, so that no wake is missed, and before asking
   * whether the engine is open, so that its close is not.
   */
  Waiters.Waiter join(Store.Wake place, boolean picky) {
    Waiters.Waiter[] joined = {null};
    waiters.compute(
        place,
        (_, there) -> {
          Waiters all = there == null ? new Waiters() : there;
          joined[0] = all.join(picky);
          return all;
        });
    return joined[0];
  }

  /** A place where nobody waits any more is forgotten. */
  void leave(Store.Wake place, Waiters.Waiter waiter, boolean passOn) {
    waiters.computeIfPresent(place, (_, there) -> there.leave(waiter, passOn) ? there : null);
  }

  /** The settings in force, of a queue that need not exist. */
  QueueSettings settingsOf(String queue) {
    Catalog.Entry entry = catalog.find(queue);
    return entry == null ? settings.defaults().apply(queue) : entry.settings();
  }

  /** Where no queue comes to exist by itself, one that is not there is an error. */
  void requireQueue(String queue) {
    requireOpen();
    if (!settings.autoCreateQueues() && catalog.find(queue) == null) {
      throw new BrokerException.QueueNotFound(queue);
    }
  }

  /** The queue of a first message comes to exist, with the settings of the broker. */
  Catalog.Entry create(String queue) {
    Catalog.Entry entry = catalog.find(queue);
    while (entry == null) {
      if (!settings.autoCreateQueues()) {
        throw new BrokerException.QueueNotFound(queue);
      }
      QueueSettings defaults = settings.defaults().apply(queue);
      catalog.create(Setting.QUEUE, queue, SettingCodec.of(defaults));
      entry = catalog.find(queue);
    }
    return entry;
  }

  /** Forgets jobs of a queue that ended before a time, and says how many. */
  long forget(String queue, Status.Kind kind, Instant before) {
    long all = 0;
    long some;
    do {
      Change forget = new Change.Forget(queue, kind, before, FORGET_MAX);
      Committed committed = store.commit(Commit.synced(forget));
      some = committed instanceof Committed.Done done ? done.affected() : 0;
      all += some;
    } while (some == FORGET_MAX);
    return all;
  }

  /** A release that the store did not take is no loss: the lease lapses. */
  void notReleased(String what, BrokerException e) {
    LOG.log(
        System.Logger.Level.WARNING,
        what + " was not released and comes back when its lease lapses: " + e.getMessage());
  }

  /** What is done now and then; a store that is away is tried again next time. */
  void inBackground(String what, Runnable task) {
    settings
        .background()
        .execute(() -> {
          try {
            task.run();
          } catch (BrokerException e) {
            System.Logger.Level level =
                closed ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
            LOG.log(level, what + " could not go on: " + e.getMessage());
          } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, what + " failed", e);
          }
        });
  }

  private void wake(Store.Wake wake) {
    Waiters there = waiters.get(wake);
    if (there != null) {
      there.wake();
    }
  }
}
