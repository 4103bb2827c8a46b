package dev.afterbay.engine;

import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Schedules;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a schedule that is due comes to: one commit that moves it on and appends its jobs, so that
 * neither happens without the other.
 *
 * @param after the schedule when it is written
 * @param bytes of the jobs
 * @param tooMany more firings were missed than are made up for
 */
record ScheduleFiring(StoredSchedule after, Commit commit, long bytes, boolean tooMany) {

  /**
   * @throws dev.afterbay.BrokerException if its job cannot be sent
   */
  static ScheduleFiring of(Engine engine, StoredSchedule schedule, Moment now, boolean failing) {
    DueTimes due = DueTimes.of(schedule.definition(), schedule.next(), now.wall(), failing);
    StoredSchedule after = schedule.from(due.decided());
    List<Instant> times = isOverlapping(engine, schedule) ? List.of() : due.fire();
    if (times.isEmpty()) {
      Change put = new Change.Put(after.next(schedule.version()));
      return new ScheduleFiring(after, Commit.written(put), 0, due.tooMany());
    }
    String queue = schedule.definition().job().queue();
    List<Message> messages = times.stream().map(schedule::message).toList();
    List<Change.Append> appends = Sending.copies(engine, queue, messages);
    after = after.fired(appends.getLast().job().id());
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.Put(after.next(schedule.version())));
    changes.addAll(appends);
    long bytes = appends.stream().mapToLong(append -> append.job().bytes()).sum();
    return new ScheduleFiring(after, Commit.synced(changes), bytes, due.tooMany());
  }

  /** Else it moves the schedule on, and that is all. */
  boolean sends() {
    return commit.changes().size() > 1;
  }

  /** Whether what it fired last has not ended; a job that is forgotten has. */
  static boolean isOverlapping(Engine engine, StoredSchedule schedule) {
    JobId last = schedule.lastJob();
    return schedule.definition().overlap() == Schedules.Overlap.SKIP
        && last != null
        && engine.store.find(List.of(last), Store.NO_BODIES).stream()
            .anyMatch(job -> !job.status().kind().isFinal());
  }
}
