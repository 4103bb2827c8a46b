package dev.afterbay.worker;

import dev.afterbay.Codec;
import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import dev.afterbay.Receiving;
import dev.afterbay.store.Clock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs handlers on the messages of one queue, each delivery on a virtual thread of its own.
 *
 * <pre>{@code
 * try (Worker worker =
 *     Worker.of(queue, clock)
 *         .handle("email", delivery -> { send(delivery.message()); return Outcome.done(); })
 *         .start()) { ... }
 * }</pre>
 *
 * <p>A job goes to the handler of its type, else to that of {@code *}, else it is dead. A handler
 * is given no more than it has free slots for, and nothing while its circuit breaker is open; that
 * holds up no other handler. While a handler runs, its lease is renewed every third of its length;
 * when it is lost all the same, the handler is interrupted and its outcome dropped.
 *
 * <p>A handler that throws asks for another attempt, with the exception's text as the reason; a
 * {@link PermanentFailure} makes the job dead. Errors such as a StackOverflowError are no
 * different, and end no worker. An outcome that cannot be settled is logged: the lease lapses, and
 * the job comes again.
 */
public final class Worker implements AutoCloseable {

  /** The handler of every type without one of its own. */
  public static final String ANY = "*";

  /** How long {@link #close()} lets handlers run on (config.md, shutdown_grace). */
  public static final Duration GRACE_STANDARD = Duration.ofSeconds(30);

  private static final Logger LOG = System.getLogger(Worker.class.getName());

  /** A lease is renewed this many times before it would lapse. */
  private static final int RENEWALS_PER_LEASE = 3;

  private final Clock clock;
  private final long renewalTicks;
  private final Guard guard = new Guard();
  private final List<Station> stations;
  private final Receiver receiver;
  private final Claims claims;
  private boolean graceOver;
  private volatile boolean closed;

  private Worker(Builder builder) {
    clock = builder.clock;
    Queue queue = builder.queue;
    Duration lease = queue.settings().lease();
    renewalTicks = lease.toMillis() / RENEWALS_PER_LEASE;
    receiver = queue.receiver(Receiving.STANDARD.holder(builder.holder).lease(lease));
    Map<String, Station> byType = builder.stations(guard);
    stations = List.copyOf(byType.values());
    claims = new Claims(queue.name(), byType, receiver, clock, guard);
    claims.start();
    renewAt(clock.now().tick() + renewalTicks);
  }

  /**
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
    return stations.stream().mapToInt(Station::abandoned).sum();
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
      guard.await(() -> graceOver || hasEnded());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    alarm.cancel();
    stations.forEach(Station::interrupt);
    // What settles by now must not be overtaken by the release of all that is open.
    guard.awaitUninterruptibly(this::hasEnded);
    closed = true;
    receiver.close();
  }

  private boolean hasEnded() {
    return claims.hasEnded() && stations.stream().allMatch(Station::isIdle);
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
    try {
      stations.forEach(Station::renew);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "cannot renew leases, tries again in " + renewalTicks + " ms", e);
    }
    renewAt(Math.max(dueTick + renewalTicks, clock.now().tick()));
  }

  /** What a worker does; each type has one handler. */
  public static final class Builder {

    private final Queue queue;
    private final Clock clock;
    private final Map<String, Handler> handlers = new HashMap<>();
    private final Map<String, Handling> handlings = new HashMap<>();
    private String holder = "worker";
    private Consumer<BreakerEvent> listener = _ -> {};

    private Builder(Queue queue, Clock clock) {
      this.queue = queue;
      this.clock = clock;
    }

    public Builder handle(String type, Handler handler) {
      return handle(type, handler, Handling.STANDARD);
    }

    /**
     * @param type of message, or {@link #ANY}
     * @throws IllegalArgumentException if the type has a handler already
     */
    public Builder handle(String type, Handler handler, Handling handling) {
      if (handlers.putIfAbsent(type, handler) != null) {
        throw new IllegalArgumentException("the type " + type + " has a handler already");
      }
      handlings.put(type, handling);
      return this;
    }

    public <T> Builder handle(String type, Codec<T> codec, TypedHandler<T> handler) {
      return handle(type, codec, handler, Handling.STANDARD);
    }

    /** A job whose body the codec cannot decode is dead. */
    public <T> Builder handle(
        String type, Codec<T> codec, TypedHandler<T> handler, Handling handling) {
      return handle(
          type,
          delivery -> {
            T value;
            try {
              value = codec.decode(delivery.message().body());
            } catch (Codec.UndecodableException e) {
              return Outcome.dead("undecodable body: " + e.getMessage());
            }
            return handler.handle(value, delivery);
          },
          handling);
    }

    /** Who has the leases, as shown to people; 1-256 printable characters. */
    public Builder holder(String holder) {
      this.holder = holder;
      return this;
    }

    /** Is told of every change of a breaker in order, on a thread of the worker: be brief. */
    public Builder onBreaker(Consumer<BreakerEvent> listener) {
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
        throw new IllegalStateException("a worker needs a handler: call handle(...) first");
      }
      return new Worker(this);
    }

    private Map<String, Station> stations(Guard guard) {
      Map<String, Station> stations = new HashMap<>();
      Map<String, Handler> all = new HashMap<>(handlers);
      all.putIfAbsent(ANY, Builder::refuse);
      all.forEach((type, handler) -> {
        Handling handling = handlings.getOrDefault(type, Handling.REFUSING);
        boolean refuses = !handlers.containsKey(type);
        Station.Plan plan = new Station.Plan(queue.name(), type, handler, handling, refuses);
        stations.put(type, new Station(plan, clock, guard, listener));
      });
      return stations;
    }

    private static Outcome refuse(Delivery delivery) {
      return Outcome.dead("no handler for type " + delivery.message().type());
    }
  }
}
