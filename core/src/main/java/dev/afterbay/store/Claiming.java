package dev.afterbay.store;

import dev.afterbay.Job;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.Transition;
import java.util.List;

/**
 * Hands jobs out: picks what comes next, and leases it, or removes it where it is handed out at
 * most once.
 */
final class Claiming {

  private final long epoch;
  private final Books books;
  private final Shelf shelf;
  private final Lanes lanes;
  private final Lines lines;
  private final Moves moves;
  private long fences;

  Claiming(long epoch, Books books, Shelf shelf, Lanes lanes, Lines lines, Moves moves) {
    this.epoch = epoch;
    this.books = books;
    this.shelf = shelf;
    this.lanes = lanes;
    this.lines = lines;
    this.moves = moves;
  }

  List<Job> claim(Book book, Claim claim, Moment now) {
    Picked jobs = new Picked(claim.bytesMax());
    int max = max(book, claim);
    Held held = claim.held();
    if (held != null) {
      claimFromSession(book, claim, max, held, now, jobs);
      return jobs.all();
    }
    claimFromLanes(book, claim, max, now, jobs);
    if (jobs.size() == max && max < claim.max()) {
      book.refused(book.wake);
    }
    return jobs.all();
  }

  /** Each job that is handed out stays in memory until it is settled or lapses. */
  private static int max(Book book, Claim claim) {
    return book.isAtMostOnce() ? claim.max() : Math.clamp(book.unsettledLeft(), 0, claim.max());
  }

  private void claimFromLanes(Book book, Claim claim, int max, Moment now, Picked jobs) {
    lanes.pick(
        book,
        claim.types(),
        max,
        now,
        next -> {
          if (!fits(next, jobs)) {
            // As below: the claimant asked for more, and there is more.
            lanes.wake(book, null);
            return false;
          }
          jobs.add(take(next, claim, now));
          boolean oneAtATime = book.isAtMostOnce() && next.job.line() != null;
          if (oneAtATime) {
            // The claimant asked for more and thinks there is none: there may be, for others.
            lanes.wake(book, null);
          }
          return !oneAtATime;
        });
  }

  /** What has no room is not read; its size is known unless a group before has touched it. */
  private boolean fits(Live next, Picked jobs) {
    if (jobs.size() > 0 && next.bare && next.bytes == 0) {
      next.bytes = shelf.whole(next).bytes();
    }
    return jobs.hasRoomFor(next.bare ? next.bytes : next.job.bytes());
  }

  /** Never given twice: the epoch is another one after each open. */
  long nextFence() {
    return epoch << Lease.FENCE_NUMBER_BITS | ++fences;
  }

  /** Whether a lease was given since the ledger was opened. */
  boolean isOurs(Lease lease) {
    return lease.fence() >>> Lease.FENCE_NUMBER_BITS == epoch;
  }

  private Job take(Live entry, Claim claim, Moment now) {
    Job before = shelf.whole(entry);
    if (entry.book.isAtMostOnce()) {
      Transition transition = entry.job.claimedForever(now);
      moves.apply(entry, transition, now);
      return before.with(transition.after(), null);
    }
    Lease lease =
        new Lease(
            claim.holder(),
            nextFence(),
            now.wall(),
            now.tick() + claim.leaseTicks(),
            claim.detached());
    entry.job = before;
    moves.apply(entry, before.claimed(lease, now), now);
    Job claimed = entry.job;
    entry.strip();
    return claimed;
  }

  private void claimFromSession(
      Book book, Claim claim, int max, Held held, Moment now, Picked jobs) {
    Held current = books.held(book.name, held.session(), now);
    if (current == null || current.fence() != held.fence()) {
      return;
    }
    if (max == 0) {
      book.refused(new Store.Wake(book.name, held.session()));
    }
    Line line = lines.of(book, held.session());
    for (Live next = lines.next(line); next != null; next = lines.next(line)) {
      boolean wanted = claim.types().takes(next.job.message().type());
      if (jobs.size() == max || !wanted || next.job.isExpired(now)) {
        return;
      }
      if (!fits(next, jobs)) {
        lanes.wake(book, line.session);
        return;
      }
      jobs.add(take(next, claim, now));
    }
  }
}
