package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.store.Setting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The schedules of an engine: kept as settings of its store, fired by {@link ScheduleTimer}. */
final class EngineSchedules implements Schedules, AutoCloseable {

  /** Bodies of one page. */
  private static final long PAGE_BYTES_MAX = 4L << 20;

  private final Engine engine;
  private final ScheduleLog log;
  private final ScheduleTimer timer;

  EngineSchedules(Engine engine) {
    this.engine = engine;
    this.log = new ScheduleLog(engine);
    this.timer = new ScheduleTimer(engine, log);
  }

  void start() {
    timer.start();
  }

  @Override
  public void close() {
    timer.close();
  }

  @Override
  public Put put(String name, Definition definition) {
    Message.requireName("name", name);
    SendLimits.check(engine.settings.limits(), List.of(definition.job().message()));
    return alone(() -> {
      while (true) {
        Optional<Setting> stored = stored(name);
        StoredSchedule before = stored.map(EngineSchedules::readable).orElse(null);
        Instant now = now();
        if (before != null && before.definition().equals(definition)) {
          return new Put(before.shown(now), false);
        }
        boolean created = stored.filter(EngineSchedules::isThere).isEmpty();
        if (created && timer.size() >= SCHEDULES_MAX) {
          throw new BrokerException.Conflict(
              "there are " + SCHEDULES_MAX + " schedules, which is the most: delete one first");
        }
        StoredSchedule next =
            before == null
                ? StoredSchedule.begun(name, definition, now)
                : before.defined(definition).from(now);
        if (isWritten(next, stored.map(Setting::version).orElse(0L))) {
          return new Put(next.shown(now), created);
        }
      }
    });
  }

  @Override
  public Optional<Schedule> find(String name) {
    engine.requireOpen();
    return stored(name).map(EngineSchedules::readable).map(schedule -> schedule.shown(now()));
  }

  @Override
  public List<Schedule> list(@Nullable String after, int max) {
    if (max < 1 || max > PAGE_MAX) {
      throw new BrokerException.Rejected("limit", "limit must be 1 to " + PAGE_MAX + ": " + max);
    }
    engine.requireOpen();
    String last = after == null ? null : Message.requireName("after", after);
    List<Schedule> schedules = new ArrayList<>();
    long bytes = 0;
    while (schedules.size() < max && bytes < PAGE_BYTES_MAX) {
      // One after the other, as a page of them may be large.
      List<Setting> settings = engine.store.settings(StoredSchedule.KIND, last, 1);
      if (settings.isEmpty()) {
        return schedules;
      }
      last = settings.getFirst().name();
      StoredSchedule schedule = readable(settings.getFirst());
      if (schedule != null) {
        schedules.add(schedule.shown(now()));
        Message message = schedule.definition().job().message();
        bytes += message.body().length + message.attributesBytes();
      }
    }
    return schedules;
  }

  @Override
  public boolean delete(String name) {
    return alone(() -> {
      while (true) {
        Optional<Setting> stored = stored(name).filter(EngineSchedules::isThere);
        if (stored.isEmpty()) {
          return false;
        }
        long version = stored.get().version() + 1;
        Map<String, String> values =
            engine.store.shared() ? StoredSchedule.deleted(now()) : Map.of();
        if (timer.write(new Setting(StoredSchedule.KIND, name, version, values))) {
          timer.isGone(name);
          return true;
        }
      }
    });
  }

  @Override
  public Schedule pause(String name) {
    return change(name, schedule -> schedule.paused(true));
  }

  @Override
  public Schedule resume(String name) {
    return change(
        name, schedule -> schedule.paused() ? schedule.paused(false).from(now()) : schedule);
  }

  @Override
  public JobId runNow(String name) {
    engine.requireOpen();
    StoredSchedule schedule = existing(name);
    JobId unique = engine.ids.next(engine.clock().now().wall().toEpochMilli());
    Message message = schedule.messageNow(unique);
    JobId job = engine.queue(schedule.definition().job().queue()).send(message);
    if (schedule.definition().overlap() == Overlap.SKIP) {
      // It counts as the last one, unless an earlier one, which also counts, is still there.
      counted(name, job);
    }
    return job;
  }

  /** The job is sent, whatever comes of this: who was told of a failure would send it again. */
  private void counted(String name, JobId job) {
    try {
      change(name, now -> ScheduleFiring.isOverlapping(engine, now) ? now : now.fired(job));
    } catch (RuntimeException e) {
      log.warn(name, "was run as job " + job + ", which does not count as its last one: " + e);
    }
  }

  /** Computes and commits until nobody came between. */
  private Schedule change(String name, UnaryOperator<StoredSchedule> change) {
    return alone(() -> {
      while (true) {
        StoredSchedule before = existing(name);
        StoredSchedule next = change.apply(before);
        if (next.equals(before) || isWritten(next, before.version())) {
          return next.shown(now());
        }
      }
    });
  }

  private Optional<Setting> stored(String name) {
    return engine.store.setting(StoredSchedule.KIND, Message.requireName("name", name));
  }

  private StoredSchedule existing(String name) {
    return stored(name)
        .filter(EngineSchedules::isThere)
        .map(StoredSchedule::of)
        .orElseThrow(() -> new BrokerException.ScheduleNotFound(name));
  }

  private boolean isWritten(StoredSchedule next, long version) {
    boolean written = timer.write(next.next(version));
    if (written) {
      timer.isNow(next);
    }
    return written;
  }

  private static boolean isThere(Setting setting) {
    return StoredSchedule.deletedAt(setting) == null;
  }

  /** Null: it is deleted, or another version stored it, or one with other time zones. */
  private static @Nullable StoredSchedule readable(Setting setting) {
    try {
      return StoredSchedule.of(setting);
    } catch (RuntimeException _) {
      return null; // The timer says so in the log.
    }
  }

  private <T> T alone(Supplier<T> action) {
    engine.requireOpen();
    ReentrantLock lock = timer.lock();
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  private Instant now() {
    return engine.clock().now().wall();
  }
}
