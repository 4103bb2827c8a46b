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
    this.thread = Thread.ofVirtual().name("afterbay-http-meters").unstarted(this::run);
  }

  static EventCounter start(Jobs jobs, Meters meters) {
    EventCounter counter = new EventCounter(jobs, meters);
    counter.thread.start();
    return counter;
  }

  private void run() {
    while (!closed) {
      try (Watch watch = jobs.watch(null)) {
        count(watch);
      } catch (Watch.Reset e) {
        LOG.log(Level.DEBUG, "events came faster than they were counted", e);
      } catch (InterruptedException _) {
        return;
      } catch (BrokerException e) {
        LOG.log(Level.DEBUG, "events are not counted any more", e);
        return;
      }
    }
  }

  private void count(Watch watch) throws InterruptedException {
    while (!closed) {
      for (Event event : watch.next(EVENTS_AT_ONCE_MAX, WAIT)) {
        meters.event(event);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
