package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Settlement;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.MessageWire;
import dev.afterbay.client.wire.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Receives from a server elsewhere, and knows what it has not settled. */
sealed class HttpReceiver implements Receiver permits HttpSession {

  /** By so much the clock of the server, which says when a lease ends, may be behind. */
  private static final Duration SKEW_MAX = Duration.ofMinutes(1);

  final HttpQueue queue;
  final ReceiveOptions receiving;
  private final @Nullable String sessionToken;
  private final Set<HttpDelivery> open = ConcurrentHashMap.newKeySet();
  private final Set<HttpWait> waits = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition waitIsOver = lock.newCondition();
  private volatile boolean closed;

  /** From so many on it looks for those that have lapsed. */
  private volatile int openMax = RECEIVE_MAX;

  HttpReceiver(HttpQueue queue, ReceiveOptions receiving, @Nullable String sessionToken) {
    this.queue = queue;
    this.receiving = receiving;
    this.sessionToken = sessionToken;
    queue.broker().opened(this);
  }

  @Override
  public List<Delivery> receive(int max, Duration wait, ReceiveOptions.Types types)
      throws InterruptedException {
    Duration left = wait;
    while (!closed) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      Duration step = HttpWait.step(left);
      List<Delivery> received = receiveOnce(max, step, types);
      left = left.minus(step);
      if (!received.isEmpty()) {
        return received;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (left.isZero()) {
        return received;
      }
    }
    return List.of();
  }

  private List<Delivery> receiveOnce(int max, Duration wait, ReceiveOptions.Types types)
      throws InterruptedException {
    forgetLapsed();
    HttpWait.Named call =
        HttpWait.Named.post(
            queue.path() + "/receive", json -> writeRequest(json, max, wait, types));
    HttpWait waiting =
        new HttpWait(
            queue.broker().link(), call.bringingMessages(), wait, Problem.Subject.of(subject()));
    waits.add(waiting);
    try {
      if (closed) {
        waiting.end();
      }
      HttpTransport.Reply reply = waiting.await();
      return taken(reply.read(bytes -> DeliveryWire.read(bytes, RECEIVE_MAX)));
    } finally {
      waits.remove(waiting);
      if (closed) {
        waitOver();
      }
    }
  }

  /** What an error is about: the queue, or the session. */
  String subject() {
    return queue.name();
  }

  private void writeRequest(
      JsonGenerator json, int max, Duration wait, ReceiveOptions.Types types) {
    json.writeNumberProperty("max", max);
    MessageWire.writeDuration(json, "wait", wait);
    MessageWire.writeDuration(json, "lease", receiving.lease());
    json.writeStringProperty("consumer", receiving.consumer());
    MessageWire.writeText(json, "session_token", sessionToken);
    json.writeStringProperty("include", "job");
    if (!types.equals(ReceiveOptions.Types.ALL)) {
      json.writeArrayPropertyStart(types.only() ? "only_types" : "except_types");
      types.types().forEach(json::writeString);
      json.writeEndArray();
    }
  }

  /** A close that comes meanwhile is seen here, or sees them. */
  private List<Delivery> taken(List<DeliveryWire.Received> received) {
    List<Delivery> deliveries = new ArrayList<>(received.size());
    for (DeliveryWire.Received each : received) {
      HttpDelivery delivery = new HttpDelivery(this, each);
      open.add(delivery);
      deliveries.add(delivery);
    }
    if (closed) {
      Closing.uninterrupted(this::releaseAll);
      return List.of();
    }
    return deliveries;
  }

  /** A consumer that never settles what it fails at must not fill the memory. */
  private void forgetLapsed() {
    if (open.size() >= openMax) {
      Instant end = Instant.now().minus(SKEW_MAX);
      open.removeIf(delivery -> delivery.leasedUntil().isBefore(end));
      openMax = Math.max(RECEIVE_MAX, 2 * open.size());
    }
  }

  /** How many deliveries it would hand back. */
  int openCount() {
    return open.size();
  }

  /** One request for a thousand of them. */
  @Override
  public List<Optional<BrokerException>> renewAll(List<Delivery> deliveries) {
    List<HttpDelivery> ours = deliveries.stream().map(HttpDelivery.class::cast).toList();
    List<HttpQueue.Renewed> results =
        queue.renewed(ours.stream().map(HttpDelivery::receipt).toList(), receiving.lease());
    List<Optional<BrokerException>> renewed = new ArrayList<>(ours.size());
    for (int i = 0; i < ours.size(); i++) {
      renewed.add(ours.get(i).renewed(results.get(i)));
    }
    return renewed;
  }

  /** It was not settled, as far as is known: it can be settled again, or is handed back. */
  void notSettled(HttpDelivery delivery) {
    open.add(delivery);
    if (closed) {
      try {
        Closing.uninterrupted(this::releaseAll);
      } catch (BrokerException _) {
        // Whoever settled it is told; its lease lapses.
      }
    }
  }

  void settled(HttpDelivery delivery) {
    open.remove(delivery);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    queue.broker().closed(this);
    Closing.uninterrupted(this::end);
  }

  /** Ends what waits and hands back what is open. */
  void end() {
    Closing.all(waits.stream().map(wait -> (Runnable) wait::end).toList());
    awaitWaits();
    releaseAll();
  }

  /** What arrived for one that was ended is noted by its own thread, which may come to it late. */
  private void awaitWaits() {
    long nanos = closePatience().toNanos();
    lock.lock();
    try {
      while (!waits.isEmpty() && nanos > 0) {
        nanos = waitIsOver.awaitNanos(nanos);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void waitOver() {
    lock.lock();
    try {
      waitIsOver.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void releaseAll() {
    List<Settlement> releases = new ArrayList<>();
    for (HttpDelivery delivery : open) {
      if (delivery.end()) {
        releases.add(new Settlement(delivery.receipt(), Outcome.release()));
      }
    }
    // Where a lease is lost the job went back already, which is what a release is for.
    for (Optional<BrokerException> result : queue.settle(releases, closePatience())) {
      if (result.isPresent() && mayBeLeased(result.get())) {
        throw result.get();
      }
    }
  }

  private static boolean mayBeLeased(BrokerException e) {
    return e instanceof BrokerException.Unavailable
        || e instanceof BrokerException.OutcomeUnknown
        || e instanceof BrokerException.NotAuthorized
        || e instanceof BrokerException.DiskFull;
  }

  private Duration closePatience() {
    return queue.broker().link().patience().close();
  }
}
