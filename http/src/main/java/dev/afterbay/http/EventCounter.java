package dev.afterbay.http;

import dev.afterbay.BrokerException;
import dev.afterbay.Event;
import dev.afterbay.Jobs;
import dev.afterbay.Watch;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Counts everything that happens, from the same feed as the event streams. */
final class EventCounter implements AutoCloseable {

  private static final Logger LOG = System.getLogger(EventCounter.class.getName());
  private static final int EVENTS_AT_ONCE_MAX = 1_000;
  private static final Duration WAIT = Duration.ofMinutes(1);

  private final Jobs jobs;
  private final Meters meters;
  private final Thread thread;
  private volatile boolean closed;

  private EventCounter(Jobs jobs, Meters meters) {
    this.jobs = jobs;
    this.meters = meters;
    Watch first = jobs.watch(null);
    this.thread = Thread.ofVirtual().name("afterbay-http-meters").unstarted(() -> run(first));
  }

  /** Counts what happens from this call on, however late the thread gets to run. */
  static EventCounter start(Jobs jobs, Meters meters) {
    EventCounter counter = new EventCounter(jobs, meters);
    counter.thread.start();
    return counter;
  }

  private void run(Watch first) {
    try {
      Watch watch = first;
      while (fellBehind(watch)) {
        watch = jobs.watch(null);
      }
    } catch (InterruptedException _) {
      // Closed.
    } catch (BrokerException e) {
      LOG.log(Level.DEBUG, "events are not counted any more", e);
    }
  }

  /** Counts until the watch missed events, or this is closed. */
  private boolean fellBehind(Watch watch) throws InterruptedException {
    try (watch) {
      while (!closed) {
        for (Event event : watch.next(EVENTS_AT_ONCE_MAX, WAIT)) {
          meters.event(event);
        }
      }
    } catch (Watch.Reset e) {
      LOG.log(Level.DEBUG, "events came faster than they were counted", e);
    }
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
