package dev.afterbay.contract;

import dev.afterbay.Moment;
import dev.afterbay.store.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands still until somebody moves it. Safe for many threads.
 *
 * <p>{@link #advance} moves both clocks and runs the alarms on the calling thread, in the order of
 * their ticks and then of their registration; while one runs, {@link #now} is its tick. {@link
 * #setWall} moves the calendar alone, as a person or NTP does.
 */
public final class TestClock implements Clock {

  /** Where the calendar stands at first. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private record Key(long tick, long number) implements Comparable<Key> {
    @Override
    public int compareTo(Key that) {
      int byTick = Long.compare(tick, that.tick);
      return byTick != 0 ? byTick : Long.compare(number, that.number);
    }
  }

  private final Executor late;
  private final ReentrantLock advancing = new ReentrantLock();
  private final TreeMap<Key, Runnable> alarms = new TreeMap<>();
  private Instant wall = START;
  private long tick;
  private long numbers;

  /** Runs an alarm that is late already when it is set on a virtual thread of its own. */
  public TestClock() {
    this(Thread::startVirtualThread);
  }

  /**
   * @param late runs an alarm that is late already when it is set; should not run it at once, for
   *     whoever sets an alarm does not expect it before {@link #at} returns
   */
  public TestClock(Executor late) {
    this.late = late;
  }

  @Override
  public synchronized Moment now() {
    return new Moment(wall, tick);
  }

  @Override
  public Alarm at(long tick, Runnable action) {
    Key key = register(tick, action);
    if (key == null) {
      late.execute(action);
      return () -> {};
    }
    return () -> remove(key);
  }

  /**
   * Lets that much time pass on both clocks.
   *
   * @param duration whole milliseconds
   */
  public void advance(Duration duration) {
    if (duration.isNegative() || duration.toNanosPart() % 1_000_000 != 0) {
      throw new IllegalArgumentException("whole milliseconds, not " + duration);
    }
    advancing.lock();
    try {
      long target = now().tick() + duration.toMillis();
      for (Runnable next = nextUntil(target); next != null; next = nextUntil(target)) {
        next.run();
      }
      moveTo(target);
    } finally {
      advancing.unlock();
    }
  }

  /** Sets the calendar, forward or back; the tick goes on as if nothing had happened. */
  public synchronized void setWall(Instant wall) {
    this.wall = wall;
  }

  /** The tick of the next alarm; null: none is set. */
  public synchronized @Nullable Long nextAlarm() {
    return alarms.isEmpty() ? null : alarms.firstKey().tick();
  }

  private synchronized @Nullable Key register(long tick, Runnable action) {
    if (tick <= this.tick) {
      return null;
    }
    Key key = new Key(tick, numbers++);
    alarms.put(key, action);
    return key;
  }

  private synchronized void remove(Key key) {
    alarms.remove(key);
  }

  private synchronized @Nullable Runnable nextUntil(long target) {
    if (alarms.isEmpty() || alarms.firstKey().tick() > target) {
      return null;
    }
    moveTo(alarms.firstKey().tick());
    return alarms.pollFirstEntry().getValue();
  }

  private synchronized void moveTo(long tick) {
    if (tick > this.tick) {
      wall = wall.plusMillis(tick - this.tick);
      this.tick = tick;
    }
  }
}
