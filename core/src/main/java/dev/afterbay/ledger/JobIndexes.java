package dev.afterbay.ledger;

import dev.afterbay.Due;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.rules.Dependents;
import dev.afterbay.rules.EventRules;
import dev.afterbay.rules.SessionRules;
import dev.afterbay.rules.TimeRules;
import java.time.Instant;
import java.util.Collection;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes jobs from one place to another as their state changes: READY, the timers, the leases, what
 * is deferred or has ended; with their records, the counts and the events.
 */
final class JobIndexes {

  private final JobCache cache;
  private final Timers timers;
  private final ReadyIndex ready;
  private final SessionQueues sessionQueues;
  private final DeferredIndex deferred;
  private final RetentionIndex retention;
  private final Notifications notifications;
  private final TreeMap<Position, CachedJob> leases = new TreeMap<>();
  private long lastSeq;

  /**
   * @param lastSeq the last sequence number that was given
   */
  JobIndexes(
      JobCache cache,
      Timers timers,
      ReadyIndex ready,
      SessionQueues sessionQueues,
      DeferredIndex deferred,
      RetentionIndex retention,
      Notifications notifications,
      long lastSeq) {
    this.lastSeq = lastSeq;
    this.cache = cache;
    this.timers = timers;
    this.ready = ready;
    this.sessionQueues = sessionQueues;
    this.deferred = deferred;
    this.retention = retention;
    this.notifications = notifications;
  }

  /** A new job. */
  void append(Job job, Moment now) {
    CachedJob entry = cache.append(job.accepted(++lastSeq));
    expireFrom(null, entry.job);
    if (SessionRules.isInLine(entry.job)) {
      sessionQueues.join(entry);
    }
    enter(entry, now);
    notifications.tell(EventRules.accepted(job, now), entry, null, now);
  }

  /** A job goes from one state to another: its place, its records, the counts and the events. */
  void apply(CachedJob entry, Transition transition, Moment now) {
    boolean wasProcessing = entry.isProcessing();
    boolean wasInLine = SessionRules.isInLine(entry.job);
    State before = entry.job.state();
    leave(entry);
    Instant expiry = TimeRules.expiry(entry.job);
    if (transition.after().status() instanceof Status.Gone) {
      cache.remove(entry, transition);
    } else {
      cache.update(entry, transition.after(), transition.ended());
    }
    expireFrom(expiry, entry.job);
    if (transition.event() != null) {
      notifications.tell(transition.event(), entry, before, now);
    }
    boolean inLine = SessionRules.isInLine(entry.job);
    if (wasInLine && !inLine) {
      sessionQueues.leave(entry);
    } else if (!wasInLine && inLine) {
      sessionQueues.join(entry);
    }
    enter(entry, now);
    if ((wasInLine || inLine) && !(entry.job.status() instanceof Status.Pending)) {
      sessionQueues.refresh(sessionQueues.of(entry), now);
    }
    if (wasProcessing && wasInLine && !entry.isProcessing()) {
      sessionQueues.wakeIfVacant(sessionQueues.of(entry));
    }
  }

  /** A job that was waited for has ended; a job that this cancels is waited for by others. */
  void predecessorEnded(JobId waiting, boolean good, Moment now) {
    Dependents.tell(waiting, good, (id, wasGood) -> countDown(id, wasGood, now));
  }

  /** The store itself has perhaps ended a job. */
  void endedByStore(CachedJob entry, Moment now) {
    Dependents.endedByStore(entry.job, (id, wasGood) -> countDown(id, wasGood, now));
  }

  /** Null: it does not wait, or not any more. */
  private @Nullable Job countDown(JobId waiting, boolean good, Moment now) {
    CachedJob entry = located(waiting);
    if (entry == null) {
      return null;
    }
    QueueSettings settings = entry.queue.settingsOrStandard();
    Transition counted = Dependents.countedDown(entry.job, good, settings, now);
    if (counted == null) {
      return null;
    }
    apply(entry, counted, now);
    return entry.job;
  }

  private void expireFrom(@Nullable Instant before, Job job) {
    Instant after = TimeRules.expiry(job);
    if (before != null && !before.equals(after)) {
      timers.removeExpiry(before, job.id());
    }
    if (after != null && !after.equals(before)) {
      timers.addExpiry(after, job.id());
    }
  }

  /** Out of the place of its old state. */
  private void leave(CachedJob entry) {
    Job job = entry.job;
    count(entry, -1);
    switch (job.status()) {
      case Status.Pending(Due due) -> {
        if (entry.place == CachedJob.Place.DUE) {
          timers.remove(due, job.id());
          deferred.remove(job);
        } else if (entry.place == CachedJob.Place.READY) {
          ready.withdraw(entry);
          if (job.line() != null) {
            sessionQueues.of(entry).offered = null;
          }
        }
      }
      case Status.Processing(Lease lease) -> {
        ready.wakeRefused(entry.queue);
        leases.remove(new Position(lease.untilTick(), lease.fence()));
        if (job.line() != null) {
          sessionQueues.of(entry).processing = null;
        }
      }
      case Status.Done _, Status.Failed _, Status.Cancelled _ -> retention.remove(job);
      case Status.Waiting _ -> deferred.remove(job);
      case Status.Gone _ -> throw new IllegalStateException(job.id() + " is gone");
    }
    entry.place = CachedJob.Place.NONE;
  }

  /**
   * Into the place of its new state. A pending job is offered at once if it is due, or when the
   * turn comes to it.
   */
  private void enter(CachedJob entry, Moment now) {
    Job job = entry.job;
    boolean scheduled = TimeRules.isScheduled(job, now);
    entry.place = scheduled ? CachedJob.Place.DUE : CachedJob.Place.NONE;
    count(entry, 1);
    switch (job.status()) {
      case Status.Pending(Due due) -> {
        if (scheduled) {
          timers.add(due, job.id());
          deferred.add(job);
        }
        if (job.line() != null) {
          entry.place = scheduled ? CachedJob.Place.DUE : CachedJob.Place.BLOCKED;
          sessionQueues.refresh(sessionQueues.of(entry), now);
        } else if (!scheduled) {
          ready.offer(entry);
        }
      }
      case Status.Processing(Lease lease) -> {
        leases.put(new Position(lease.untilTick(), lease.fence()), entry);
        if (job.line() != null) {
          sessionQueues.of(entry).processing = job.id();
        }
      }
      case Status.Done _, Status.Failed _, Status.Cancelled _ -> retention.add(job);
      case Status.Waiting _ -> deferred.add(job);
      case Status.Gone _ -> {}
    }
  }

  /** One that is forgotten counts no more. */
  private static void count(CachedJob entry, int by) {
    boolean scheduled = entry.place == CachedJob.Place.DUE;
    if (!entry.isGone()) {
      entry.queue.count(scheduled ? QueueEntry.SCHEDULED : entry.job.status().kind().code(), by);
    }
  }

  void makeDue(CachedJob entry, Moment now) {
    if (entry.place != CachedJob.Place.DUE) {
      throw new IllegalStateException(
          entry.job.id() + " stands among the timers, but is " + entry.job.status());
    }
    leave(entry);
    enter(entry, now);
    notifications.tell(Event.Type.ENQUEUED, entry, entry.job.state(), now);
  }

  /** A lease goes on. */
  void renew(CachedJob entry, long untilTick) {
    Lease old = entry.job.lease();
    leases.remove(new Position(old.untilTick(), old.fence()));
    leases.put(new Position(untilTick, old.fence()), entry);
    cache.update(entry, TimeRules.renewed(entry.job, untilTick), null);
  }

  /** The job with its place; null: there is none. */
  @Nullable CachedJob located(JobId id) {
    return sessionQueues.located(id);
  }

  CachedJob need(JobId id) {
    CachedJob entry = located(id);
    if (entry == null) {
      throw new IllegalStateException("no job " + id);
    }
    return entry;
  }

  /** A processing job that was just read, and its lease from now on. */
  void restore(CachedJob entry, long untilTick) {
    if (entry.job.line() != null) {
      sessionQueues.restoreProcessing(entry);
    }
    renew(entry, untilTick);
  }

  /** Processing jobs whose leases have lapsed, the earliest first. */
  Collection<CachedJob> lapsed(Moment now) {
    return leases.headMap(new Position(now.tick(), Long.MAX_VALUE), true).values();
  }

  long lastSeq() {
    return lastSeq;
  }
}
