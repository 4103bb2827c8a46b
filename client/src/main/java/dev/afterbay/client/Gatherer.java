package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.Durations;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what many threads ask for at the same time into few requests, with a result for each.
 *
 * <p>Nobody waits for company: whoever finds fewer than {@link Capacity#underWay} requests under
 * way goes at once. What comes while so many are under way goes together with the next ones, in the
 * order in which it came, and all have their share of the callers: were one request large and the
 * others small, the large one would come back late, and nobody would be there to fill the next.
 *
 * <p>For each caller it is as if he had asked alone. Where a request of several is refused, nothing
 * of it was done, and each asks again by himself, so that none gets an error of another. Where it
 * is not known what was done, all of them are told so. Nobody waits longer than he said, and an
 * interrupt ends the wait of its own thread only.
 *
 * @param <K> the kind: what is of different kinds does not go together
 * @param <R> what is answered for each entry
 */
final class Gatherer<K, R> {
  /*
   * There is no thread here. Callers wait by themselves, and one that is alone in a
   * request carries it by itself: nobody else can be hurt by its interrupt. One that leaves takes its
   * part out if that has not gone, and the last one that leaves a request gives that up. A request
   * is begun by whoever finds room for it: a caller, or the thread that brings an answer.
   *
   * A failure is made anew for each caller, in its own thread, so that its trace shows the caller.
   */

  /**
   * How much goes together. A part that has as much as that by itself goes at once and alone.
   *
   * @param entries of one request, at most
   * @param bytes of one request, at most
   * @param underWay requests of one kind at the same time, from which on is gathered
   * @param patience who has not gone by then goes alone: what is under way may be stuck
   */
  record Capacity(int entries, int bytes, int underWay, Duration patience) {}

  /**
   * What one caller asks for, as it is written in the request.
   *
   * @param count how many results it will have
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(byte[] bytes, int count) {}

  /** Carries requests. */
  interface Carrier<K, R> {
    /**
     * Begins one.
     *
     * @throws BrokerException and nothing was sent
     */
    Trip<R> begin(K kind, List<Part> parts);

    /**
     * Begins one for which this thread alone waits, so that it may be over when this returns.
     *
     * @param limit when it must be over
     */
    default Trip<R> carry(K kind, List<Part> parts, TimeLimit limit) {
      return begin(kind, parts);
    }

    /** What is told to somebody whose part was not sent, and will not be. */
    BrokerException notSent(K kind, String why);

    /** What is told to somebody who leaves while his part is on its way with others. */
    BrokerException left(K kind, String why, Throwable cause);
  }

  /** A request that is on its way. */
  interface Trip<R> {
    /** Runs that once, as soon as there is an answer, or will be none. */
    void whenEnded(Runnable then);

    /** Whether there is an answer, be it a refusal. */
    boolean isAnswered();

    /**
     * The results of all entries, in order; after the end.
     *
     * @throws BrokerException if it failed
     */
    List<R> results();

    /** Gives it up, so that it ends; what is known of it by then. */
    BrokerException abandon(String why, Throwable cause);
  }

  private final Capacity capacity;
  private final Carrier<K, R> carrier;
  private final ReentrantLock lock = new ReentrantLock();

  /** Under the lock. Invariant: a lane in here has a caller or a request under way. */
  private final Map<K, Lane<K, R>> lanes = new HashMap<>();

  Gatherer(Capacity capacity, Carrier<K, R> carrier) {
    this.capacity = capacity;
    this.carrier = carrier;
  }

  /** All of one kind; its fields are under the lock. */
  private static final class Lane<K, R> {
    private final K kind;
    private final ArrayDeque<GatheredRequest.Caller<R>> waiting = new ArrayDeque<>();
    private int underWay;
    private int callersUnderWay;

    Lane(K kind) {
      this.kind = kind;
    }
  }

  /** Asks together with those who ask at the same time; the results of this part. */
  List<R> call(K kind, Part part, Duration within) {
    if (part.count() >= capacity.entries() || part.bytes().length >= capacity.bytes()) {
      return alone(kind, part, within);
    }
    requireNotInterrupted(kind);
    TimeLimit limit = new TimeLimit(within, Deadline.after(within));
    GatheredRequest.Caller<R> caller = new GatheredRequest.Caller<>(part, limit);
    Lane<K, R> lane = join(kind, caller);
    beginNext(lane);
    if (isLeftWaiting(lane, caller, limit)) {
      return alone(kind, part, limit);
    }
    GatheredRequest<R> request = await(lane, caller, limit);
    List<R> results = request.results;
    if (results != null) {
      return request.of(caller, results);
    }
    Trip<R> trip = request.trip;
    try {
      if (trip != null) {
        return request.of(caller, trip.results()); // Throws why there are none.
      }
    } catch (BrokerException e) {
      boolean wasRefused = trip.isAnswered() && !(e instanceof BrokerException.OutcomeUnknown);
      if (request.callers.size() == 1 || !wasRefused) {
        throw e;
      }
    }
    return alone(kind, part, limit);
  }

  /** Asks by itself and at once, whatever is under way. */
  List<R> alone(K kind, Part part, Duration within) {
    return alone(kind, part, new TimeLimit(within, Deadline.after(within)));
  }

  private void requireNotInterrupted(K kind) {
    if (Thread.currentThread().isInterrupted()) {
      throw carrier.notSent(kind, "the thread is interrupted");
    }
  }

  private List<R> alone(K kind, Part part, TimeLimit limit) {
    requireNotInterrupted(kind);
    if (limit.leftMillis() <= 0) {
      throw carrier.notSent(kind, limit.over());
    }
    GatheredRequest.Caller<R> caller = new GatheredRequest.Caller<>(part, limit);
    GatheredRequest<R> request = new GatheredRequest<>(List.of(caller));
    Trip<R> trip = carrier.carry(kind, List.of(part), limit);
    request.trip = trip;
    trip.whenEnded(() -> caller.ended(request));
    await(new Lane<>(kind), caller, limit);
    return trip.results();
  }

  /** How long a caller waits. */
  record TimeLimit(Duration within, long deadline) {
    long leftMillis() {
      return deadline - Deadline.now();
    }

    String over() {
      return "no answer within " + Durations.format(within);
    }
  }

  /** How many callers have not gone. */
  int waiting() {
    lock.lock();
    try {
      return lanes.values().stream().mapToInt(lane -> lane.waiting.size()).sum();
    } finally {
      lock.unlock();
    }
  }

  private Lane<K, R> join(K kind, GatheredRequest.Caller<R> caller) {
    lock.lock();
    try {
      Lane<K, R> lane = lanes.computeIfAbsent(kind, Lane::new);
      lane.waiting.add(caller);
      return lane;
    } finally {
      lock.unlock();
    }
  }

  /** Begins as many requests as there is room for and somebody waits for. */
  private void beginNext(Lane<K, R> lane) {
    for (GatheredRequest<R> next = next(lane); next != null; next = next(lane)) {
      begin(lane, next);
    }
  }

  private @Nullable GatheredRequest<R> next(Lane<K, R> lane) {
    lock.lock();
    try {
      if (lane.waiting.isEmpty()) {
        if (lane.underWay == 0) {
          lanes.remove(lane.kind, lane);
        }
        return null;
      }
      if (lane.underWay >= capacity.underWay()) {
        return null;
      }
      GatheredRequest<R> next = new GatheredRequest<>(take(lane.waiting, share(lane)));
      lane.callersUnderWay += next.callers.size();
      lane.underWay++; // Not before: without memory for the request, no room would be taken.
      return next;
    } finally {
      lock.unlock();
    }
  }

  private int share(Lane<K, R> lane) {
    return Math.ceilDiv(lane.waiting.size() + lane.callersUnderWay, capacity.underWay());
  }

  private List<GatheredRequest.Caller<R>> take(
      ArrayDeque<GatheredRequest.Caller<R>> waiting, int callers) {
    List<GatheredRequest.Caller<R>> taken = new ArrayList<>();
    int entries = 0;
    int bytes = 0;
    while (taken.size() < callers && !waiting.isEmpty()) {
      GatheredRequest.Caller<R> next = waiting.element();
      entries += next.part.count();
      bytes += next.part.bytes().length;
      if (entries > capacity.entries() || bytes > capacity.bytes()) {
        break; // Never the first, which would have gone alone.
      }
      taken.add(waiting.remove());
    }
    return taken;
  }

  private void begin(Lane<K, R> lane, GatheredRequest<R> request) {
    Trip<R> trip;
    try {
      TimeLimit own = request.ownLimit();
      trip =
          own == null
              ? carrier.begin(lane.kind, request.parts())
              : carrier.carry(lane.kind, request.parts(), own);
    } catch (RuntimeException | Error _) {
      ended(lane, request); // Each of them finds out by himself, and alone.
      return;
    }
    request.trip = trip;
    trip.whenEnded(() -> ended(lane, request));
    request.beginning = false;
    abandonIfLeft(request, trip);
  }

  /** All may have left before there was something to give up. */
  private void abandonIfLeft(GatheredRequest<R> request, Trip<R> trip) {
    boolean left;
    lock.lock();
    try {
      left = request.present == 0;
    } finally {
      lock.unlock();
    }
    if (left) {
      trip.abandon("nobody waits for it", new InterruptedException());
    }
  }

  private void ended(Lane<K, R> lane, GatheredRequest<R> request) {
    Trip<R> trip = request.trip;
    try {
      request.results = trip == null ? null : trip.results();
    } catch (RuntimeException | Error _) {
      // Each of them gets it anew.
    }
    request.callers.forEach(caller -> caller.ended(request));
    if (request.isBegunHere()) {
      makeRoom(lane, request); // Whoever begins requests goes on with the next.
    } else if (request.callers.size() == 1) {
      passOn(lane, request);
    } else {
      passOnLater(lane, request);
    }
  }

  /**
   * Behind those that were woken: most of them ask again at once, and would be let in one by one
   * otherwise, the first of them alone.
   */
  private void passOnLater(Lane<K, R> lane, GatheredRequest<R> ended) {
    try {
      Thread.ofVirtual().name("afterbay-gatherer").start(() -> passOn(lane, ended));
    } catch (RuntimeException | Error _) {
      passOn(lane, ended); // There is no thread for it, or no memory.
    }
  }

  private void passOn(Lane<K, R> lane, GatheredRequest<R> ended) {
    makeRoom(lane, ended);
    beginNext(lane);
  }

  private void makeRoom(Lane<K, R> lane, GatheredRequest<R> ended) {
    lock.lock();
    try {
      lane.underWay--;
      lane.callersUnderWay -= ended.callers.size();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the caller has not gone, was patient, and is not in the lane any more. */
  private boolean isLeftWaiting(
      Lane<K, R> lane, GatheredRequest.Caller<R> caller, TimeLimit limit) {
    long patience = capacity.patience().toMillis();
    if (limit.leftMillis() <= patience) {
      return false;
    }
    try {
      return caller.await(Deadline.now() + patience) == null && isTakenBack(lane, caller);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // Seen by the wait that follows.
      return false;
    }
  }

  private boolean isTakenBack(Lane<K, R> lane, GatheredRequest.Caller<R> caller) {
    lock.lock();
    try {
      return caller.request == null && lane.waiting.remove(caller);
    } finally {
      lock.unlock();
    }
  }

  private GatheredRequest<R> await(
      Lane<K, R> lane, GatheredRequest.Caller<R> caller, TimeLimit limit) {
    try {
      GatheredRequest<R> ended = caller.await(limit.deadline());
      if (ended != null) {
        return ended;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw leave(lane, caller, "interrupted", e);
    }
    throw leave(lane, caller, limit.over(), new SocketTimeoutException(limit.over()));
  }

  private BrokerException leave(
      Lane<K, R> lane, GatheredRequest.Caller<R> caller, String why, Throwable cause) {
    GatheredRequest<R> request;
    boolean last = false;
    lock.lock();
    try {
      request = caller.request;
      if (request == null) {
        lane.waiting.remove(caller);
      } else {
        last = --request.present == 0;
      }
    } finally {
      lock.unlock();
    }
    if (request == null) {
      return carrier.notSent(lane.kind, why);
    }
    Trip<R> trip = request.trip;
    return last && trip != null ? trip.abandon(why, cause) : carrier.left(lane.kind, why, cause);
  }
}
