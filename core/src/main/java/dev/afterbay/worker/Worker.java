package dev.afterbay.worker;

import dev.afterbay.BrokerException;
import dev.afterbay.Codec;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.TypedQueue;
import dev.afterbay.store.Clock;
import dev.afterbay.store.SystemClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs handlers on the messages of one queue, each delivery on a virtual thread of its own.
 *
 * <pre>{@code
 * try (Worker worker =
 *     Worker.of(queue)
 *         .consume("email", delivery -> send(delivery.message()))
 *         .start()) { ... }
 * }</pre>
 *
 * <p>A job goes to the handler of its type, else to that of {@code *}, else it is failed. A handler
 * is given no more than it has free slots for, and nothing while its circuit breaker is open; that
 * holds up no other handler. Nothing is claimed while its handlers have bodies of a quarter of the
 * heap ({@link Builder#bodyBytesMax}). While a handler runs, its lease is renewed every third of
 * its length; when it is lost all the same, the handler is interrupted and its outcome dropped.
 *
 * <p>A handler returns nothing, and the job is done ({@link Builder#consume}), or it returns an
 * {@link Outcome} ({@link Builder#handle}). One that throws asks for another attempt, with the
 * exception's text as the reason; a {@link PermanentFailure} fails the job. Errors such as a
 * StackOverflowError are no different, and end no worker. While the broker is out of reach,
 * settlements, renewals and claims are tried again, settlements until their leases end: then the
 * job is delivered again.
 */
public final class Worker implements AutoCloseable {

  /** The handler of every type without one of its own. */
  public static final String ANY = "*";

  /** How long {@link #close()} lets handlers run on (config.md, shutdown_grace). */
  public static final Duration GRACE_STANDARD = Duration.ofSeconds(30);

  /** The clock of a broker that was closed before its worker rings no more. */
  private static final Duration CLOCK_LATE_MAX = Duration.ofSeconds(10);

  /** A lease is renewed this many times before it would lapse. */
  private static final int RENEWALS_PER_LEASE = 3;

  /** Null: it goes by somebody else's. */
  private final @Nullable SystemClock ownClock;

  private final Clock clock;
  private final long leaseTicks;
  private final WorkerLock guard = new WorkerLock();
  private final Outage outage;
  private final Settler settler;
  private final Backoff renewalBackoff;
  private final List<HandlerPool> pools;
  private final Receiver receiver;
  private final Poller claims;
  private boolean graceOver;
  private volatile boolean closed;

  private Worker(Builder builder) {
    Clock given = builder.clock;
    ownClock = given == null ? new SystemClock() : null;
    clock = given == null ? Objects.requireNonNull(ownClock) : given;
    Queue queue = builder.queue;
    Duration lease = queue.admin().map(QueueAdmin::settings).orElse(QueueSettings.STANDARD).lease();
    leaseTicks = lease.toMillis();
    outage = new Outage(queue.name(), builder.log);
    renewalBackoff = new Backoff(builder.random);
    settler = new Settler(clock, guard, outage, builder.random, builder.log);
    receiver = queue.receiver(ReceiveOptions.STANDARD.consumer(builder.consumer).lease(lease));
    Map<String, HandlerPool> byType = builder.pools(clock, guard, settler, leaseTicks);
    pools = List.copyOf(byType.values());
    claims =
        new Poller(
            queue.name(),
            byType,
            receiver,
            clock,
            guard,
            outage,
            settler,
            builder.random,
            builder.bodyBytesMax);
    claims.start();
    renewAt(clock.now().tick() + leaseTicks / RENEWALS_PER_LEASE);
  }

  /**
   * Goes by the clock of the queue's engine; where that is elsewhere, by this machine's. Its leases
   * are as long as the settings of the queue say, or 30 s where a provider does not tell them.
   */
  public static Builder of(Queue queue) {
    return new Builder(queue, queue instanceof Clock.Source source ? source.clock() : null);
  }

  /** As {@link #of(Queue)}. */
  public static Builder of(TypedQueue<?> queue) {
    return of(queue.queue());
  }

  /**
   * For queues that hide the engine that they are of.
   *
   * @param clock the one of the queue's broker
   */
  public static Builder of(Queue queue, Clock clock) {
    return new Builder(queue, clock);
  }

  /**
   * Handlers that still run although they were interrupted 10 s ago or more. Their slots are free
   * again, and what they answer is dropped; they are bugs.
   */
  public int abandoned() {
    return pools.stream().mapToInt(HandlerPool::abandoned).sum();
  }

  /** Closes with {@link #GRACE_STANDARD}. */
  @Override
  public void close() {
    close(GRACE_STANDARD);
  }

  /**
   * Claims no more, lets the handlers that run finish, then interrupts the rest and hands their
   * jobs back, uncounted. Close the worker before its broker. An interrupt ends the grace.
   */
  public void close(Duration grace) {
    claims.stop();
    Clock.Alarm alarm =
        clock.at(clock.now().tick() + grace.toMillis(), () -> guard.change(() -> graceOver = true));
    try {
      guard.await(() -> graceOver || hasEnded(), grace.plus(CLOCK_LATE_MAX));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    alarm.cancel();
    pools.forEach(HandlerPool::interrupt);
    settler.hurry();
    // What settles by now must not be overtaken by the release of all that is open.
    guard.awaitUninterruptibly(this::hasEnded);
    closed = true;
    try {
      receiver.close();
    } finally {
      if (ownClock != null) {
        ownClock.close();
      }
    }
  }

  private boolean hasEnded() {
    return claims.hasEnded() && pools.stream().allMatch(HandlerPool::isIdle);
  }

  /*
   * One alarm renews all that runs, every third of a lease: most handlers are done before it ever
   * comes to them, where an alarm per delivery would be set and cancelled for each. The next one
   * counts from when this one was due, so that a slow renewal does not put off the next.
   */
  private void renewAt(long tick) {
    clock.at(tick, () -> Thread.startVirtualThread(() -> renew(tick)));
  }

  private void renew(long dueTick) {
    if (closed) {
      return;
    }
    long pause = leaseTicks / RENEWALS_PER_LEASE;
    if (renewAll()) {
      renewalBackoff.reset();
    } else {
      pause = Math.min(pause, renewalBackoff.next()); // An outage must not cost a lease that lives.
    }
    renewAt(Math.max(dueTick + pause, clock.now().tick()));
  }

  /** In one go, for there may be thousands. False: some could not be renewed, and are not lost. */
  private boolean renewAll() {
    List<Execution> runs = pools.stream().flatMap(pool -> pool.unended().stream()).toList();
    if (runs.isEmpty()) {
      outage.succeeded(Outage.Asked.RENEW); // Nothing fails any more.
      return true;
    }
    long untilTick = clock.now().tick() + leaseTicks;
    try {
      List<Optional<BrokerException>> results =
          receiver.renewAll(runs.stream().map(Execution::delivery).toList());
      boolean all = true;
      for (int i = 0; i < runs.size(); i++) {
        all &= renewed(runs.get(i), results.get(i).orElse(null), untilTick);
      }
      if (all) {
        outage.succeeded(Outage.Asked.RENEW);
      }
      return all;
    } catch (RuntimeException | Error e) {
      outage.failed(Outage.Asked.RENEW, e);
      return false;
    }
  }

  private boolean renewed(Execution run, @Nullable BrokerException e, long untilTick) {
    if (e == null) {
      run.renewed(untilTick);
    } else if (e instanceof BrokerException.LeaseLost lost) {
      run.pool().lost(run, lost);
    } else {
      outage.failed(Outage.Asked.RENEW, e);
      return false;
    }
    return true;
  }

  /** What a worker does; each type has one handler. */
  public static final class Builder {

    private final Queue queue;
    private final @Nullable Clock clock;
    private final Map<String, Handler> handlers = new HashMap<>();
    private final Map<String, HandlerOptions> handlings = new HashMap<>();
    private System.Logger log = System.getLogger(Worker.class.getName());
    private RandomGenerator random = new Random(); // Safe for many threads, as others are not.
    private long bodyBytesMax = Poller.BODY_BYTES_STANDARD;
    private String consumer = "worker";
    private Consumer<BreakerSettings.Event> listener = _ -> {};

    private Builder(Queue queue, @Nullable Clock clock) {
      this.queue = queue;
      this.clock = clock;
    }

    /**
     * A handler that returns nothing: the job is done when it returns.
     *
     * @param type of message, or {@link #ANY}
     * @throws IllegalArgumentException if the type has a handler already
     */
    public Builder consume(String type, Handler.Action handler) {
      return consume(type, handler, HandlerOptions.STANDARD);
    }

    /** As {@link #consume(String, Handler.Action)}. */
    public Builder consume(String type, Handler.Action handler, HandlerOptions handling) {
      return handle(
          type,
          delivery -> {
            handler.accept(delivery);
            return Outcome.done();
          },
          handling);
    }

    /** As {@link #consume(String, Handler.Action)}; a body that is no such value is failed. */
    public <T> Builder consume(String type, Codec<T> codec, Handler.ValueAction<T> handler) {
      return consume(type, codec, handler, HandlerOptions.STANDARD);
    }

    /** As {@link #consume(String, Handler.Action)}; a body that is no such value is failed. */
    public <T> Builder consume(
        String type, Codec<T> codec, Handler.ValueAction<T> handler, HandlerOptions handling) {
      return handle(
          type,
          codec,
          (value, delivery) -> {
            handler.accept(value, delivery);
            return Outcome.done();
          },
          handling);
    }

    /** A handler that says how it ended. */
    public Builder handle(String type, Handler handler) {
      return handle(type, handler, HandlerOptions.STANDARD);
    }

    /**
     * @param type of message, or {@link #ANY}
     * @throws IllegalArgumentException if the type has a handler already
     */
    public Builder handle(String type, Handler handler, HandlerOptions handling) {
      if (handlers.putIfAbsent(type, handler) != null) {
        throw new IllegalArgumentException("the type " + type + " has a handler already");
      }
      handlings.put(type, handling);
      return this;
    }

    /** What to do with messages of a type whose bodies are values of one type. */
    public <T> Builder handle(String type, Codec<T> codec, Handler.Typed<T> handler) {
      return handle(type, codec, handler, HandlerOptions.STANDARD);
    }

    /** A job whose body the codec cannot decode is failed. */
    public <T> Builder handle(
        String type, Codec<T> codec, Handler.Typed<T> handler, HandlerOptions handling) {
      return handle(
          type,
          delivery -> {
            T value;
            try {
              value = codec.decode(delivery.message().body());
            } catch (Codec.UndecodableException e) {
              return Outcome.fail("undecodable body: " + e.getMessage());
            }
            return handler.handle(value, delivery);
          },
          handling);
    }

    /** Who has the leases, as shown to people; 1-256 printable characters. */
    public Builder consumer(String consumer) {
      this.consumer = consumer;
      return this;
    }

    /**
     * Where the jitter of pauses comes from.
     *
     * @param random must be safe for use by many threads
     */
    public Builder random(RandomGenerator random) {
      this.random = random;
      return this;
    }

    /** For tests of what is said of an outage. */
    Builder log(System.Logger log) {
      this.log = log;
      return this;
    }

    /**
     * How many bytes of bodies its handlers may have before nothing more is claimed; a quarter of
     * the heap where this is not called. Several workers of one process should share that.
     *
     * @param bytes at least 1; one claim may go over it, by what a receive may bring
     */
    public Builder bodyBytesMax(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("bodyBytesMax must be at least 1, not " + bytes);
      }
      bodyBytesMax = bytes;
      return this;
    }

    /** Is told of every change of a breaker in order, on a thread of the worker: be brief. */
    public Builder onBreaker(Consumer<BreakerSettings.Event> listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Starts to claim. Leases are as long as the queue's settings say now.
     *
     * @throws IllegalStateException if there is no handler
     */
    public Worker start() {
      if (handlers.isEmpty()) {
        throw new IllegalStateException(
            "a worker needs a handler: call consume(...) or handle(...) first");
      }
      return new Worker(this);
    }

    private Map<String, HandlerPool> pools(
        Clock clock, WorkerLock guard, Settler settler, long leaseTicks) {
      Map<String, HandlerPool> pools = new HashMap<>();
      Map<String, Handler> all = new HashMap<>(handlers);
      all.putIfAbsent(ANY, HandlerPool::refuse);
      all.forEach((type, handler) -> {
        HandlerOptions handling = handlings.getOrDefault(type, HandlerOptions.REFUSING);
        boolean refuses = !handlers.containsKey(type);
        HandlerPool.Plan plan =
            new HandlerPool.Plan(queue.name(), type, handler, handling, listener, refuses);
        pools.put(type, new HandlerPool(plan, clock, guard, settler, leaseTicks));
      });
      return pools;
    }
  }
}
