package dev.afterbay.http;

import dev.afterbay.client.wire.Problem;
import java.lang.System.Logger;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** All requests under way, on all addresses, and what they share. */
final class InFlightRequests {

  private static final Logger LOG = System.getLogger(InFlightRequests.class.getName());

  private final HttpApiSettings.Patience patience;
  private final int eventStreamsMax;
  private final Deadlines deadlines = new Deadlines();
  private final Meters meters;
  private final RateLimitedLog log;
  private final Refusals refusals;
  private final Set<RequestLifecycle> open = ConcurrentHashMap.newKeySet();
  private final Map<String, Exchange> waits = new ConcurrentHashMap<>();
  private final AtomicInteger eventStreams = new AtomicInteger();
  private volatile boolean draining;
  private volatile boolean closing;

  InFlightRequests(HttpApiSettings settings, Meters meters, RateLimitedLog log) {
    this.patience = settings.patience();
    this.eventStreamsMax = settings.bounds().eventStreams();
    this.meters = meters;
    this.log = log;
    this.refusals = new Refusals(log, LOG);
  }

  HttpApiSettings.Patience patience() {
    return patience;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  Meters meters() {
    return meters;
  }

  RateLimitedLog log() {
    return log;
  }

  /**
   * Tells the log why a request is refused.
   *
   * @param problem null: it is not
   * @param asked whether its route was; that of SNS tells by itself
   */
  void tell(Exchange exchange, @Nullable Problem problem, boolean asked) {
    String unread = asked ? null : exchange.snsPath();
    if (unread != null && problem != null) {
      refusals.tellUnread(unread, problem);
    } else {
      refusals.tell(exchange.route(), problem);
    }
  }

  /**
   * Counts a request that was answered. What was refused on the paths of SNS before its route was
   * asked is counted here, all else it counts itself; what was refused of the calls that manage
   * something is told here.
   */
  void count(Exchange exchange, int status, long startedNanos, boolean asked) {
    Route route = exchange.route();
    meters.request(route == null ? "none" : route.pattern(), status, startedNanos);
    if (!asked && route != null) {
      Audit.tell(route, exchange, status, log);
    }
    if (!asked && status >= 400 && exchange.snsPath() != null) {
      meters.sns("not-read");
    }
  }

  /** Requests under way. */
  int open() {
    return open.size();
  }

  void begun(RequestLifecycle request) {
    open.add(request);
  }

  /** False: it has ended before. */
  boolean ended(RequestLifecycle request) {
    return open.remove(request);
  }

  /** A wait that can be ended by its name, which nobody else should guess. */
  void waitBegun(String name, Exchange exchange) {
    waits.put(name, exchange);
  }

  void waitEnded(String name, Exchange exchange) {
    waits.remove(name, exchange);
  }

  /** False: nobody waits under that name. */
  boolean endWait(String name) {
    Exchange exchange = waits.get(name);
    if (exchange != null) {
      exchange.endWait();
    }
    return exchange != null;
  }

  /** False: there are too many; otherwise {@link #streamEnded} must follow. */
  boolean streamBegun() {
    if (eventStreams.incrementAndGet() <= eventStreamsMax) {
      return true;
    }
    eventStreams.decrementAndGet();
    return false;
  }

  /** Event streams that are open. */
  int streams() {
    return eventStreams.get();
  }

  void streamEnded() {
    eventStreams.decrementAndGet();
  }

  boolean isDraining() {
    return draining;
  }

  boolean isClosing() {
    return closing;
  }

  void drain() {
    draining = true;
  }

  /** Ends waits and streams, and lets the other requests end. */
  void close() throws InterruptedException {
    draining = true;
    closing = true;
    open.forEach(RequestLifecycle::stop);
    long latest = Deadlines.after(patience.close());
    while (!open.isEmpty() && Deadlines.now() < latest) {
      Thread.sleep(10);
    }
  }
}
