package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Moment;
import dev.afterbay.PlainText;
import dev.afterbay.engine.ScheduleLooks.Look;
import dev.afterbay.store.Change;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Fires schedules when they are due.
 *
 * <p>In memory is when to look at each schedule, and nothing else: what a look finds is read from
 * the store, and written with its version as the guard. So it does not matter who looks, how often,
 * or too early: of several processes one fires, and the others find that it has moved on.
 */
final class ScheduleTimer implements AutoCloseable {
  /*
   * The clock of alarms counts ticks, and schedules go by the calendar, which people set. So there
   * is a look each second at least, which compares both. It costs nothing where there are no
   * schedules, and little where there are: the earliest is known.
   *
   * Where other processes have the same store, they make and change schedules too. Each such change
   * writes a small setting in the same commit, whose version tells the others each second whether
   * to read all schedules again. Firings do not: whoever looks at a schedule that has moved on
   * learns it then.
   */

  /** Schedules that are looked at together, in one commit each and one trip to the store. */
  private static final int PAGE = 200;

  /** Jobs of such a page: their bodies are in memory together. */
  private static final int PAGE_BYTES_MAX = 8 << 20;

  private static final long LOOK_TICKS = 1_000;
  private static final long STORE_FAILED_TICKS = 5_000;

  /** The calendar and the ticks may drift apart by so much between two looks. */
  private static final long DRIFT_MILLIS = 500;

  private static final Duration DELETED_KEPT = Duration.ofMinutes(1);
  private static final int ERROR_CHARS_MAX = 500;
  private static final long NEVER = Long.MAX_VALUE;

  /** Its version counts the changes of schedules, where several processes share a store. */
  private static final String CHANGES = "schedules";

  /** A look that found something to write. */
  private record Found(Look look, StoredSchedule before, ScheduleFiring firing) {}

  private final Engine engine;
  private final ScheduleLog log;

  /** Fair: who waits to change a schedule comes between two pages of a long backlog. */
  private final ReentrantLock lock = new ReentrantLock(true);

  private ScheduleLooks looks = new ScheduleLooks();
  private Clock.Alarm alarm = () -> {};
  private long offset;
  private long changes;
  private boolean storeFailed;
  private boolean running;
  private boolean closed;

  ScheduleTimer(Engine engine, ScheduleLog log) {
    this.engine = engine;
    this.log = log;
  }

  void start() {
    lock.lock();
    try {
      setAlarm(!isLoaded());
    } finally {
      lock.unlock();
    }
  }

  /** What fails now is tried again: an engine that does not open would serve nobody. */
  private boolean isLoaded() {
    try {
      load(engine.clock().now(), false);
      return true;
    } catch (BrokerException e) {
      log.warn("*", "cannot be read yet, and is tried again: " + e.getMessage());
      return false;
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      alarm.cancel();
    } finally {
      lock.unlock();
    }
  }

  /** Who changes a schedule holds this, so that none is written that was made anew meanwhile. */
  ReentrantLock lock() {
    return lock;
  }

  int size() {
    return looks.size();
  }

  /** Writes a schedule as somebody wants it; false: somebody else has changed it meanwhile. */
  boolean write(Setting setting) {
    List<Change> all = new ArrayList<>(List.of(new Change.Put(setting)));
    if (engine.store.shared()) {
      all.add(new Change.Put(new Setting(CHANGES, CHANGES, changes() + 1, Map.of("a", "change"))));
    }
    return engine.store.commit(Commit.synced(all)) instanceof Committed.Done;
  }

  /** A schedule is now as this. */
  void isNow(StoredSchedule schedule) {
    looks.put(new Look(lookAt(schedule), schedule.name(), 0));
    if (!running) {
      setAlarm(false);
    }
  }

  void isGone(String name) {
    looks.remove(name);
  }

  private static long lookAt(StoredSchedule schedule) {
    return schedule.paused() ? NEVER : schedule.next().toEpochMilli();
  }

  private long changes() {
    return engine.store.setting(CHANGES, CHANGES).map(Setting::version).orElse(0L);
  }

  private void setAlarm(boolean failed) {
    alarm.cancel();
    Long earliest = looks.earliest();
    boolean needed = failed || earliest != null || engine.store.shared();
    if (needed && !closed) {
      Moment now = engine.clock().now();
      long left = earliest == null ? LOOK_TICKS : earliest - now.wall().toEpochMilli();
      long ticks = failed ? STORE_FAILED_TICKS : Math.clamp(left, 1, LOOK_TICKS);
      alarm =
          engine.clock().at(now.tick() + ticks, () -> engine.inBackground("schedules", this::look));
    }
  }

  /** One at a time; the end of one sets the alarm of the next. */
  private void look() {
    lock.lock();
    try {
      if (running || closed) {
        return;
      }
      running = true;
    } finally {
      lock.unlock();
    }
    boolean failed = true;
    try {
      boolean more = look(true);
      while (more) {
        more = look(false);
      }
      failed = false;
    } finally {
      ended(failed);
    }
  }

  private void ended(boolean failed) {
    lock.lock();
    try {
      running = false;
      storeFailed = failed;
      setAlarm(failed);
    } finally {
      lock.unlock();
    }
  }

  /** A page of the schedules that are due; true: there may be more. */
  private boolean look(boolean first) {
    lock.lock();
    try {
      if (first) {
        loadIfChanged();
      }
      return !closed && fire();
    } finally {
      lock.unlock();
    }
  }

  private void loadIfChanged() {
    Moment now = engine.clock().now();
    boolean set = Math.abs(now.wall().toEpochMilli() - now.tick() - offset) > DRIFT_MILLIS;
    if (set || (engine.store.shared() && changes() != changes)) {
      load(now, !set);
    } else {
      offset = now.wall().toEpochMilli() - now.tick();
    }
  }

  /**
   * Reads all anew; if that fails, what was known stays.
   *
   * @param keepPauses of those that failed
   */
  private void load(Moment now, boolean keepPauses) {
    long changesBefore = engine.store.shared() ? changes() : 0;
    ScheduleLooks loaded = new ScheduleLooks();
    List<Setting> page = engine.store.settings(StoredSchedule.KIND, null, PAGE);
    while (!page.isEmpty()) {
      for (Setting setting : page) {
        Look known = keepPauses ? looks.of(setting.name()) : null;
        Look look = loaded(setting, known, now);
        if (look != null) {
          loaded.put(look);
        }
      }
      page = engine.store.settings(StoredSchedule.KIND, page.getLast().name(), PAGE);
    }
    looks = loaded;
    changes = changesBefore;
    offset = now.wall().toEpochMilli() - now.tick();
  }

  /** Null: it is deleted. One that fails does not keep the others from being known. */
  private @Nullable Look loaded(Setting setting, @Nullable Look known, Moment now) {
    try {
      Instant deleted = StoredSchedule.deletedAt(setting);
      if (deleted != null) {
        forget(setting, deleted, now);
        return null;
      }
      if (known != null && known.failures() > 0) {
        return known;
      }
      StoredSchedule schedule = read(setting);
      return schedule == null ? Look.later(setting.name(), 0, now.wall()) : next(schedule, now);
    } catch (RuntimeException e) {
      log.warn(setting.name(), "is looked at again: " + e.getMessage());
      return Look.later(setting.name(), 0, now.wall());
    }
  }

  /** Nobody who read it before can still be about to write it. */
  private void forget(Setting setting, Instant deleted, Moment now) {
    if (deleted.isBefore(now.wall().minus(DELETED_KEPT))) {
      long version = setting.version() + 1;
      Setting gone = new Setting(setting.kind(), setting.name(), version, Map.of());
      engine.store.commit(Commit.written(new Change.Put(gone)));
    }
  }

  /** When to look at one that is not due. */
  private Look next(StoredSchedule schedule, Moment now) {
    StoredSchedule next = schedule;
    if (!schedule.paused()
        && DueTimes.isAhead(
            schedule.definition(), schedule.decided(), schedule.next(), now.wall())) {
      next = schedule.from(now.wall());
      engine.store.commit(Commit.written(new Change.Put(next.next(schedule.version()))));
    }
    return new Look(lookAt(next), schedule.name(), 0);
  }

  private @Nullable StoredSchedule read(Setting setting) {
    try {
      return StoredSchedule.of(setting);
    } catch (RuntimeException e) {
      log.warn(setting.name(), "cannot be read, put it again: " + e.getMessage());
      return null;
    }
  }

  private boolean fire() {
    Moment now = engine.clock().now();
    List<Found> found = new ArrayList<>();
    long bytes = 0;
    boolean more = false;
    for (Look look : looks.due(now.wall().toEpochMilli(), PAGE)) {
      if (bytes > PAGE_BYTES_MAX) {
        more = true;
        break;
      }
      Found one = find(look, now);
      if (one != null) {
        found.add(one);
        bytes += one.firing().bytes();
      }
      more = true;
    }
    try {
      commit(found, now);
    } catch (BrokerException.DiskFull e) { // Nothing of it is stored.
      commit(found.stream().filter(one -> !one.firing().sends()).toList(), now);
      // Not its message, whose numbers change: then each try would write to the full disk.
      String why = "the disk is full or nearly so, and takes no jobs: free some room";
      found.stream()
          .filter(one -> one.firing().sends())
          .forEach(one -> failed(one.look(), one.before(), why, now));
    }
    return more;
  }

  private void commit(List<Found> found, Moment now) {
    List<Commit> commits = found.stream().map(one -> one.firing().commit()).toList();
    List<Committed> committed = commits.isEmpty() ? List.of() : engine.store.commit(commits);
    for (int i = 0; i < committed.size(); i++) {
      written(found.get(i), committed.get(i), now);
    }
  }

  private @Nullable Found find(Look look, Moment now) {
    Setting setting = engine.store.setting(StoredSchedule.KIND, look.name()).orElse(null);
    if (setting == null || StoredSchedule.deletedAt(setting) != null) {
      isGone(look.name());
      return null;
    }
    StoredSchedule schedule = read(setting);
    if (schedule == null) {
      pause(look, now);
      return null;
    }
    if (schedule.paused() || schedule.next().isAfter(now.wall())) {
      looks.put(next(schedule, now));
      return null;
    }
    try {
      boolean failing = look.failures() > 0 || storeFailed;
      return new Found(look, schedule, ScheduleFiring.of(engine, schedule, now, failing));
    } catch (RuntimeException e) { // Whatever it is, it must not keep others from firing.
      String why = e instanceof BrokerException ? e.getMessage() : e.toString();
      failed(look, schedule, String.valueOf(why), now);
      return null;
    }
  }

  private void written(Found found, Committed committed, Moment now) {
    switch (committed) {
      case Committed.Done done -> {
        StoredSchedule after = found.firing().after();
        looks.put(new Look(lookAt(after), after.name(), 0));
        if (!done.ids().isEmpty() && !done.ids().getLast().equals(after.lastJob())) {
          // Its key was known, so the job is that one, which may still run.
          Setting told = after.fired(done.ids().getLast()).next(after.version() + 1);
          engine.store.commit(Commit.written(new Change.Put(told)));
        }
        if (found.firing().tooMany()) {
          log.warn(found.look().name(), "missed more firings than are made up for");
        }
      }
      case Committed.Full(int _, String queue, long depthMax) -> {
        String why = new BrokerException.QueueFull(queue, depthMax).getMessage();
        failed(found.look(), found.before(), String.valueOf(why), now);
      }
      // Somebody else fired or changed it: it is looked at again, as it is now.
      case Committed.Stale(int change, _, _) when change == 0 -> {}
      case Committed.Stale _ ->
          failed(found.look(), found.before(), "the settings of its queue changed meanwhile", now);
    }
  }

  /** Told where people look, and tried again with a pause; others go on. */
  private void failed(Look look, StoredSchedule schedule, String why, Moment now) {
    pause(look, now);
    String error = PlainText.line(why, ERROR_CHARS_MAX);
    log.warn(look.name(), "cannot fire and is tried again: " + error);
    if (!error.equals(schedule.lastError())) {
      Setting told = schedule.failed(error).next(schedule.version());
      engine.store.commit(Commit.written(new Change.Put(told)));
    }
  }

  private void pause(Look look, Moment now) {
    looks.put(Look.later(look.name(), look.failures(), now.wall()));
  }
}
