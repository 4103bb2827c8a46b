package dev.afterbay.store;

import dev.afterbay.Due;
import dev.afterbay.EventType;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import dev.afterbay.Transition;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes jobs from one place to another as their state changes: READY, the timers, the leases, what
 * has ended; with their records, the counts and the events.
 */
final class Moves {

  private final Shelf shelf;
  private final Timers timers;
  private final Lanes lanes;
  private final Lines lines;
  private final Ends ends;
  private final Facts facts;
  private final TreeMap<Head, Live> leases = new TreeMap<>();
  private long lastSeq;

  Moves(Shelf shelf, Timers timers, Lanes lanes, Lines lines, Ends ends, Facts facts) {
    this.shelf = shelf;
    this.timers = timers;
    this.lanes = lanes;
    this.lines = lines;
    this.ends = ends;
    this.facts = facts;
  }

  /** A new job. */
  void append(Job job, Moment now) {
    Live entry = shelf.append(job.accepted(++lastSeq));
    expireFrom(null, entry.job);
    if (Lines.isInLine(entry.job)) {
      lines.join(entry);
    }
    enter(entry, now);
    boolean later = entry.place == Live.Place.DUE || job.status() instanceof Status.Waiting;
    facts.tell(later ? EventType.SCHEDULED : EventType.ENQUEUED, entry, null, now);
  }

  /** A job goes from one state to another: its place, its records, the counts and the events. */
  void apply(Live entry, Transition transition, Moment now) {
    boolean wasActive = entry.isActive();
    boolean wasInLine = Lines.isInLine(entry.job);
    String holder = entry.isActive() ? entry.lease().holder() : null;
    leave(entry);
    Instant expiry = expiry(entry.job);
    if (transition.after().status() instanceof Status.Gone) {
      shelf.remove(entry, transition);
    } else {
      shelf.update(entry, transition);
    }
    expireFrom(expiry, entry.job);
    if (transition.event() != null) {
      facts.tell(transition.event(), entry, holder, now);
    }
    boolean inLine = Lines.isInLine(entry.job);
    if (wasInLine && !inLine) {
      lines.leave(entry);
    } else if (!wasInLine && inLine) {
      lines.join(entry);
    }
    enter(entry, now);
    if ((wasInLine || inLine) && !(entry.job.status() instanceof Status.Pending)) {
      lines.refresh(lines.of(entry), now);
    }
    if (wasActive && wasInLine && !entry.isActive()) {
      lines.wakeIfVacant(lines.of(entry));
    }
  }

  /** A job that was waited for has ended; a job that this cancels is waited for by others. */
  void predecessorEnded(JobId waiting, boolean good, Moment now) {
    Live entry = countDown(waiting, good, now);
    if (entry != null) {
      endedByItself(entry, now);
    }
  }

  /**
   * Tells those who wait for a job, should the store itself have ended it, that it was not done;
   * whoever else ends a job says so in the same commit ({@link Change.Ended}). A loop, as chains of
   * jobs may be long.
   */
  void endedByItself(Live entry, Moment now) {
    Deque<Live> ended = new ArrayDeque<>(List.of(entry));
    while (!ended.isEmpty()) {
      Job job = ended.remove().job;
      if (job.status().kind().isFinal()) {
        for (JobId waiting : job.state().then()) {
          Live next = countDown(waiting, false, now);
          if (next != null) {
            ended.add(next);
          }
        }
      }
    }
  }

  /** Null: it does not wait, or not any more. */
  private @Nullable Live countDown(JobId waiting, boolean good, Moment now) {
    Live entry = located(waiting);
    if (entry == null || !(entry.job.status() instanceof Status.Waiting)) {
      return null;
    }
    QueueSettings settings = entry.book.settings();
    apply(entry, entry.job.predecessorEnded(good, settings, now), now);
    return entry;
  }

  private void expireFrom(@Nullable Instant before, Job job) {
    Instant after = expiry(job);
    if (before != null && !before.equals(after)) {
      timers.removeWall(before, job.id(), Keys.EXPIRES);
    }
    if (after != null && !after.equals(before)) {
      timers.addWall(after, job.id(), Keys.EXPIRES);
    }
  }

  /** Only a pending job has a timer for it: an active one is judged when it comes back. */
  static @Nullable Instant expiry(Job job) {
    return job.status() instanceof Status.Pending ? job.expiresAt() : null;
  }

  /** Out of the place of its old state. */
  private void leave(Live entry) {
    Book book = entry.book;
    Job job = entry.job;
    switch (job.status()) {
      case Status.Pending(Due due) -> {
        boolean scheduled = entry.place == Live.Place.DUE;
        book.count(scheduled ? Book.SCHEDULED : Status.Kind.PENDING.code(), -1);
        if (scheduled) {
          timers.remove(due, job.id());
        } else if (entry.place == Live.Place.READY) {
          lanes.withdraw(entry);
          if (job.line() != null) {
            lines.of(entry).offered = null;
          }
        }
      }
      case Status.Active(Lease lease) -> {
        book.count(Status.Kind.ACTIVE, -1);
        lanes.wakeRefused(book);
        leases.remove(new Head(lease.untilTick(), lease.fence()));
        if (job.line() != null) {
          lines.of(entry).active = null;
        }
      }
      case Status.Done _, Status.Dead _, Status.Cancelled _ -> {
        book.count(job.status().kind(), -1);
        ends.remove(job);
      }
      case Status.Waiting _ -> book.count(Status.Kind.WAITING, -1);
      case Status.Gone _ -> throw new IllegalStateException(job.id() + " is gone");
    }
    entry.place = Live.Place.NONE;
  }

  /** Into the place of its new state. */
  private void enter(Live entry, Moment now) {
    Book book = entry.book;
    Job job = entry.job;
    switch (job.status()) {
      case Status.Pending(Due due) -> {
        boolean scheduled = !due.isOver(now);
        book.count(scheduled ? Book.SCHEDULED : Status.Kind.PENDING.code(), 1);
        if (scheduled) {
          entry.place = Live.Place.DUE;
          timers.add(due, job.id());
          refreshLine(entry, now);
        } else {
          turnTo(entry, now);
        }
      }
      case Status.Active(Lease lease) -> {
        book.count(Status.Kind.ACTIVE, 1);
        leases.put(new Head(lease.untilTick(), lease.fence()), entry);
        if (job.line() != null) {
          lines.of(entry).active = job.id();
        }
      }
      case Status.Done _, Status.Dead _, Status.Cancelled _ -> {
        book.count(job.status().kind(), 1);
        ends.add(job);
      }
      case Status.Waiting _ -> book.count(Status.Kind.WAITING, 1);
      case Status.Gone _ -> {}
    }
  }

  /** A pending job that is due: offered at once, or when the turn comes to it. */
  private void turnTo(Live entry, Moment now) {
    if (entry.job.line() == null) {
      lanes.offer(entry);
    } else {
      entry.place = Live.Place.BLOCKED;
      lines.refresh(lines.of(entry), now);
    }
  }

  private void refreshLine(Live entry, Moment now) {
    if (entry.job.line() != null) {
      lines.refresh(lines.of(entry), now);
    }
  }

  void makeDue(Live entry, Moment now) {
    Due due = entry.due();
    if (due == null || entry.place != Live.Place.DUE) {
      throw new IllegalStateException(
          entry.job.id() + " stands among the timers, but is " + entry.job.status());
    }
    timers.remove(due, entry.job.id());
    entry.book.count(Book.SCHEDULED, -1);
    entry.book.count(Status.Kind.PENDING, 1);
    turnTo(entry, now);
    facts.tell(EventType.ENQUEUED, entry, null, now);
  }

  /** A lease goes on. */
  void renew(Live entry, long untilTick) {
    Lease old = entry.lease();
    Lease longer = new Lease(old.holder(), old.fence(), old.since(), untilTick, old.detached());
    leases.remove(new Head(old.untilTick(), old.fence()));
    leases.put(new Head(longer.untilTick(), longer.fence()), entry);
    shelf.rewrite(entry, entry.job.state().renewed(longer));
  }

  /** The job with its place, which is not stored but follows from the tables. */
  @Nullable Live located(JobId id) {
    Live known = shelf.inMemory(id);
    Live entry = known != null ? known : shelf.load(id, false);
    if (entry == null || entry.isGone()) {
      return null;
    }
    Due due = entry.due();
    if (due != null && entry.place == Live.Place.NONE) {
      if (entry.job.line() != null) {
        lines.placeOf(lines.of(entry), entry);
      } else {
        entry.place = timers.has(due, id) ? Live.Place.DUE : Live.Place.READY;
      }
    }
    return entry;
  }

  Live need(JobId id) {
    Live entry = located(id);
    if (entry == null) {
      throw new IllegalStateException("no job " + id);
    }
    return entry;
  }

  /** An active job that was just read. */
  void restore(Live entry) {
    Lease lease = entry.lease();
    leases.put(new Head(lease.untilTick(), lease.fence()), entry);
    if (entry.job.line() != null) {
      lines.restoreActive(entry);
    }
  }

  /** Active jobs whose leases have lapsed, the earliest first. */
  Iterable<Live> lapsed(Moment now) {
    return leases.headMap(new Head(now.tick(), Long.MAX_VALUE), true).values();
  }

  long lastSeq() {
    return lastSeq;
  }

  void lastSeq(long seq) {
    lastSeq = seq;
  }
}
