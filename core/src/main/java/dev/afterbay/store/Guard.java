package dev.afterbay.store;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.State;
import dev.afterbay.Status;
import org.jspecify.annotations.Nullable;

/** Whether a change may happen, as things are now. */
sealed interface Guard {

  Guard OK = new Ok();

  record Ok() implements Guard {}

  /** It has happened before. */
  record Repeat() implements Guard {}

  /** Things are otherwise than whoever made the change saw them. */
  record Refused(@Nullable Job job, @Nullable Setting setting) implements Guard {}

  /**
   * What a swap comes to: a renewal raises no version, so whoever computed it may have seen an
   * older lease, which must not come back.
   */
  static State keepingLease(Live entry, State after) {
    boolean sameLease =
        entry.isActive()
            && after.status() instanceof Status.Active(Lease lease)
            && lease.fence() == entry.lease().fence();
    return sameLease ? after.renewed(entry.lease()) : after;
  }

  /** Looks at the jobs, sessions and settings. */
  final class Keeper {

    private final Shelf shelf;
    private final Moves moves;
    private final Books books;

    Keeper(Shelf shelf, Moves moves, Books books) {
      this.shelf = shelf;
      this.moves = moves;
      this.books = books;
    }

    Guard guard(Change change, Moment now) {
      return switch (change) {
        case Change.Append(Job job, _) -> shelf.exists(job.id()) ? new Repeat() : OK;
        case Change.Swap swap -> guard(swap);
        case Change.Renew(JobId id, long fence, _) -> {
          Live entry = moves.located(id);
          boolean ours =
              entry != null
                  && entry.isActive()
                  && entry.lease().fence() == fence
                  && !entry.lease().hasLapsed(now);
          yield ours ? OK : refused(entry);
        }
        case Change.Ended _ -> OK;
        case Change.Hold(String queue, String session, long fence, _) -> {
          Held held = books.held(queue, session, now);
          yield held != null && held.fence() == fence ? OK : new Refused(null, null);
        }
        case Change.Put(Setting setting) -> {
          Setting stored = books.setting(setting.kind(), setting.name()).orElse(null);
          if (stored != null && stored.equals(setting)) {
            yield new Repeat();
          }
          long version = stored == null ? 0 : stored.version();
          boolean fits = setting.version() == version + 1 && takes(setting);
          yield fits ? OK : new Refused(null, stored);
        }
        case Change.Forget _ -> OK;
        case Change.Drop(String queue) -> {
          Book book = books.known(queue);
          yield book == null || book.isEmpty() ? OK : new Refused(null, null);
        }
      };
    }

    private boolean takes(Setting setting) {
      Book book = setting.kind().equals(Setting.QUEUE) ? books.known(setting.name()) : null;
      return book == null
          || setting.isDeleted()
          || book.takes(QueueValues.settings(setting.values()));
    }

    private static Guard refused(@Nullable Live entry) {
      return new Refused(entry == null ? null : entry.job, null);
    }

    private Guard guard(Change.Swap swap) {
      Live entry = moves.located(swap.id());
      boolean gone = swap.transition().after().status() instanceof Status.Gone;
      if (entry == null) {
        return gone ? new Repeat() : refused(null);
      }
      if (entry.job.state().version() == swap.version()) {
        return OK;
      }
      State after = keepingLease(entry, swap.transition().after());
      return entry.job.state().equals(after) ? new Repeat() : refused(entry);
    }

    /** Of a commit that may be a repeated one: whether this change of it, no append, was done. */
    boolean hasHappened(Change change, Moment now) {
      return switch (change) {
        case Change.Append _ -> throw new IllegalArgumentException("an append is known by its job");
        case Change.Swap _, Change.Put _ -> guard(change, now) instanceof Repeat;
        case Change.Renew(JobId id, long _, long untilTick) -> {
          Live entry = moves.located(id);
          yield entry != null && entry.isActive() && entry.lease().untilTick() >= untilTick;
        }
        case Change.Hold(String queue, String session, long _, Long untilTick) -> {
          Held held = books.held(queue, session, now);
          yield untilTick == null ? held == null : held != null && held.untilTick() >= untilTick;
        }
        case Change.Ended _, Change.Forget _, Change.Drop _ -> true;
      };
    }
  }
}
