package dev.afterbay.worker;

import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.ReceiveOptions.Types;
import dev.afterbay.Receiver;
import dev.afterbay.store.Clock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Claims deliveries for the stations of a worker that have free slots, and for no others. */
final class Poller {

  /*
   * One loop claims for all stations, so that an idle worker is one waiter that takes anything.
   * Only the loop takes slots: what was free before a claim is still free when it comes back.
   *
   * A claim is for the types of the stations that have room, and for no more than the one with the
   * least room could take, as all of it may be for that one. If that station got nothing of a claim
   * that came back full, the next claim is for those that did: else an idle handler with one slot
   * would make every claim of its worker a claim for one.
   *
   * A claim that waits is called off by an interrupt when others have room than those it is for: a
   * slot became free, or a breaker opened. Rejected: a loop for each station, for every message
   * would wake them all; and a short wait, which is polling. What is claimed all the same, in the
   * moment when a breaker opens or the worker closes, is released uncounted.
   *
   * Where no handler was given for any type, the station that refuses the rest is only claimed for
   * together with others: to claim for it while all handlers are busy costs more than it gains.
   */

  private static final Duration WAIT = Duration.ofSeconds(20);

  /** A quarter of the heap. */
  static final long BODY_BYTES_STANDARD = Runtime.getRuntime().maxMemory() / 4;

  private static final Logger LOG = System.getLogger(Worker.class.getName());

  /**
   * What to claim.
   *
   * @param focused only for the stations that got something of the claim before; does not wait
   */
  private record Request(int max, Types types, boolean focused) {}

  private final Map<String, HandlerPool> exact;
  private final HandlerPool any;
  private final List<HandlerPool> all;
  private final Receiver receiver;
  private final Clock clock;
  private final WorkerLock guard;
  private final Outage outage;
  private final Settler settler;
  private final long bodyBytesMax;
  private final Thread loop;

  private @Nullable Request request;

  /** Whom the next claim is for; empty: whoever has room. */
  private Set<HandlerPool> focus = Set.of();

  /** Whom the claim that is under way is not for. */
  private Set<HandlerPool> leftOut = Set.of();

  private final Backoff backoff;

  /** A claim failed: none until an alarm says so. */
  private boolean quiet;

  private boolean waiting;
  private boolean closing;
  private boolean ended;

  /**
   * @param bodyBytesMax while the handlers have bodies of so many bytes, nothing more is claimed
   */
  Poller(
      String queue,
      Map<String, HandlerPool> pools,
      Receiver receiver,
      Clock clock,
      WorkerLock guard,
      Outage outage,
      Settler settler,
      RandomGenerator random,
      long bodyBytesMax) {
    this.exact =
        pools.entrySet().stream()
            .filter(entry -> !entry.getKey().equals(Worker.ANY))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    this.any = Objects.requireNonNull(pools.get(Worker.ANY), "a station for any type");
    this.all = List.copyOf(pools.values());
    this.receiver = receiver;
    this.clock = clock;
    this.guard = guard;
    this.outage = outage;
    this.settler = settler;
    this.backoff = new Backoff(random);
    this.bodyBytesMax = bodyBytesMax;
    this.loop = Thread.ofVirtual().name("afterbay-worker-" + queue).unstarted(this::run);
    guard.watch(this::callOff);
  }

  void start() {
    loop.start();
  }

  /** Claims no more. */
  void stop() {
    guard.change(() -> closing = true);
  }

  /** Whether all that was claimed is with the stations, and no more will come. */
  boolean hasEnded() {
    return ended;
  }

  private void run() {
    try {
      for (Request next = next(); next != null; next = next()) {
        round(next);
      }
    } finally {
      guard.change(() -> ended = true);
    }
  }

  private void round(Request next) {
    try {
      begin(next, receive(next));
    } catch (InterruptedException _) {
      LOG.log(Level.TRACE, "called off: {0}", next);
    } catch (RuntimeException | Error e) {
      outage.failed(Outage.Asked.CLAIM, e);
      pause();
    }
  }

  /** What to claim, once anybody has room; null: nothing any more. */
  private @Nullable Request next() {
    guard.awaitUninterruptibly(() -> {
      request = closing || quiet ? null : request();
      waiting = request != null && !request.focused();
      return request != null || closing;
    });
    return request;
  }

  private @Nullable Request request() {
    if (all.stream().mapToLong(HandlerPool::bodyBytes).sum() >= bodyBytesMax) {
      return null;
    }
    Set<HandlerPool> busy = focus;
    focus = Set.of();
    Request focused = busy.isEmpty() ? null : request(busy, true);
    return focused != null ? focused : request(all, false);
  }

  /** What those of the given stations can take that have room; null: none has. */
  private @Nullable Request request(Collection<HandlerPool> among, boolean focused) {
    Set<HandlerPool> without = new HashSet<>(all);
    int max = Receiver.RECEIVE_MAX;
    boolean worthIt = false;
    for (HandlerPool pool : among) {
      int room = pool.room();
      if (room > 0) {
        without.remove(pool);
        max = Math.min(max, room);
        worthIt |= !pool.refuses();
      }
    }
    leftOut = without;
    return worthIt ? new Request(max, typesWithout(without), focused) : null;
  }

  private Types typesWithout(Set<HandlerPool> without) {
    if (without.isEmpty()) {
      return Types.ALL;
    }
    boolean only = without.contains(any);
    return new Types(
        only,
        exact.entrySet().stream()
            .filter(entry -> without.contains(entry.getValue()) != only)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet()));
  }

  private List<Delivery> receive(Request request) throws InterruptedException {
    long began = clock.now().tick();
    Duration wait = request.focused() ? Duration.ZERO : WAIT;
    List<Delivery> deliveries;
    try {
      deliveries = receiver.receive(request.max(), wait, request.types());
    } finally {
      guard.change(() -> waiting = false);
      Thread.interrupted(); // Called off too late.
    }
    backoff.reset();
    outage.succeeded(Outage.Asked.CLAIM);
    if (deliveries.isEmpty() && clock.now().tick() - began < wait.toMillis()) {
      pause(); // It did not wait, so the broker is closing: without a pause this would spin.
    }
    return deliveries;
  }

  private void pause() {
    guard.change(() -> quiet = true);
    clock.at(clock.now().tick() + backoff.next(), () -> guard.change(() -> quiet = false));
  }

  /** Under the lock, after every change. */
  private void callOff() {
    if (waiting && (closing || all.stream().anyMatch(s -> (s.room() > 0) == leftOut.contains(s)))) {
      waiting = false;
      loop.interrupt();
    }
  }

  private void begin(Request request, List<Delivery> deliveries) {
    List<Execution> runs = new ArrayList<>(deliveries.size());
    List<Delivery> refused = new ArrayList<>(0);
    try {
      guard.change(() -> admit(request, deliveries, runs, refused));
    } finally {
      runs.forEach(Execution::start); // Whatever failed: what has a slot must come to its end.
    }
    refused.forEach(
        delivery -> settler.settleOnce(stationOf(delivery), delivery, Outcome.release()));
  }

  private void admit(
      Request request, List<Delivery> deliveries, List<Execution> runs, List<Delivery> refused) {
    for (Delivery delivery : deliveries) {
      Execution run = closing ? null : stationOf(delivery).admit(delivery);
      if (run == null) {
        refused.add(delivery);
      } else {
        runs.add(run);
      }
    }
    if (deliveries.size() == request.max() && !request.focused()) {
      focus(request.max(), runs);
    }
  }

  /** Under the lock, after a claim that came back full. */
  private void focus(int max, List<Execution> runs) {
    Set<HandlerPool> busy = runs.stream().map(Execution::pool).collect(Collectors.toSet());
    boolean limitedInVain =
        all.stream().anyMatch(s -> !busy.contains(s) && s.room() > 0 && s.room() <= max);
    focus = limitedInVain ? busy : Set.of();
  }

  private HandlerPool stationOf(Delivery delivery) {
    return exact.getOrDefault(delivery.message().type(), any);
  }
}
