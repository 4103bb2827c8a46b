package dev.afterbay.engine;

import dev.afterbay.Event;
import dev.afterbay.Watch;
import dev.afterbay.store.Clock;
import dev.afterbay.store.EventFeed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Reads the event log at its own pace, on one thread at a time. */
final class EngineWatch implements Watch {

  private final Engine engine;
  private final EventFeed log;
  private final Filter filter;
  private final AutoCloseable registration;
  private volatile @Nullable Thread waiting;
  private volatile boolean timedOut;
  private volatile boolean closed;
  private String position;

  EngineWatch(Engine engine, Filter filter, @Nullable String after) {
    this.engine = engine;
    this.filter = filter;
    this.log = engine.events();
    this.position = after == null ? log.end() : after;
    this.registration = log.onPublish(this::wake);
  }

  @Override
  public List<Event> next(int max, Duration wait) throws InterruptedException {
    waiting = Thread.currentThread();
    timedOut = wait.isZero();
    Clock.Alarm alarm = engine.clock().at(engine.deadline(wait), this::timeOut);
    long passed = 0;
    try {
      while (true) {
        boolean last = timedOut || closed;
        List<Event> events = log.after(position, max);
        if (!events.isEmpty()) {
          position = events.getLast().position();
        }
        List<Event> wanted = events.stream().filter(filter::takes).toList();
        if (!wanted.isEmpty()) {
          return wanted;
        }
        passed += events.size();
        boolean isAtEnd = events.size() < max || passed >= log.capacity();
        if (closed || (last && (isAtEnd || events.isEmpty()))) {
          return List.of();
        }
        if (!events.isEmpty()) {
          continue; // There may be more behind them.
        }
        LockSupport.park(this);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      waiting = null;
      alarm.cancel();
    }
  }

  @Override
  public String position() {
    return position;
  }

  @Override
  public void close() {
    closed = true;
    wake();
    try {
      registration.close();
    } catch (Exception e) {
      throw new IllegalStateException("a listener cannot be removed", e);
    }
  }

  private void timeOut() {
    timedOut = true;
    wake();
  }

  private void wake() {
    LockSupport.unpark(waiting);
  }
}
