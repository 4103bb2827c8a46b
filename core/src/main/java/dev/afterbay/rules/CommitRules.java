package dev.afterbay.rules;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.rules.StoredState.StoredQueue;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a commit may happen, as things are now: the guard of each change, what is a repeat, what
 * a queue takes, and its depth. The store that asks does all of the changes, or none.
 *
 * <p>Rejected: to look before the commit, as an engine could. What it saw may be otherwise when the
 * commit comes.
 */
public final class CommitRules {

  private enum Guard {
    OK,
    /** It has happened before. */
    REPEAT,
    /** Things are otherwise than whoever made the change saw them. */
    REFUSED
  }

  /** A key that a message of the same commit takes. */
  private record Taken(String queue, String key) {}

  private final StoredState stored;
  private final List<Change> changes;
  private final Moment now;

  private CommitRules(StoredState stored, List<Change> changes, Moment now) {
    this.stored = stored;
    this.changes = changes;
    this.now = now;
  }

  /**
   * The answer to a commit of which nothing is to be done, because it has happened before or may
   * not happen; null: all of it is to be done.
   */
  public static @Nullable Committed answer(Commit commit, StoredState stored, Moment now) {
    return new CommitRules(stored, commit.changes(), now).answer();
  }

  /** What a swap of the job comes to, as it is now. */
  public static Transition swapped(Job job, Change.Swap swap) {
    Transition transition = swap.transition();
    State after = keepingUnversioned(job, transition.after());
    return new Transition(after, transition.ended(), transition.event());
  }

  /**
   * A renewal and a note raise no version, so whoever computed a swap may have seen an older lease,
   * which must not come back, or a job without notes.
   */
  private static State keepingUnversioned(Job job, State swapped) {
    State after = swapped.noted(job.state().noted());
    boolean sameLease =
        job.status() instanceof Status.Processing(Lease now)
            && after.status() instanceof Status.Processing(Lease lease)
            && lease.fence() == now.fence();
    return sameLease ? after.renewed(job.lease()) : after;
  }

  private @Nullable Committed answer() {
    int repeat = -1;
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      switch (guard(change)) {
        case OK -> {}
        case REPEAT -> repeat = i;
        case REFUSED -> {
          return stale(i, change);
        }
      }
    }
    return repeat >= 0 ? repeated(repeat) : notAccepted();
  }

  private Guard guard(Change change) {
    return switch (change) {
      case Change.Append(Job job, _) -> stored.hasJob(job.id()) ? Guard.REPEAT : Guard.OK;
      case Change.Swap swap -> guard(swap);
      case Change.Renew(JobId id, long fence, _) -> isLeased(id, fence);
      case Change.Note(JobId id, long fence, _) -> isLeased(id, fence);
      case Change.Hold(String queue, String session, long fence, _) -> {
        SessionLease held = stored.session(queue, session);
        yield held != null && held.fence() == fence ? Guard.OK : Guard.REFUSED;
      }
      case Change.Put(Setting setting) -> guard(setting);
      case Change.Drop(String name) -> {
        StoredQueue queue = stored.queue(name);
        yield queue == null || queue.isEmpty() ? Guard.OK : Guard.REFUSED;
      }
      case Change.Ended _, Change.Forget _ -> Guard.OK;
    };
  }

  private Guard isLeased(JobId id, long fence) {
    Job job = stored.job(id);
    boolean isLeased =
        job != null
            && job.status() instanceof Status.Processing(Lease lease)
            && lease.fence() == fence
            && !lease.hasLapsed(now);
    return isLeased ? Guard.OK : Guard.REFUSED;
  }

  private Guard guard(Change.Swap swap) {
    Job job = stored.job(swap.id());
    State after = swap.transition().after();
    if (job == null) {
      return after.status() instanceof Status.Gone ? Guard.REPEAT : Guard.REFUSED;
    }
    if (job.state().version() == swap.version()) {
      return Guard.OK;
    }
    return job.state().equals(keepingUnversioned(job, after)) ? Guard.REPEAT : Guard.REFUSED;
  }

  private Guard guard(Setting setting) {
    Setting before = stored.setting(setting.kind(), setting.name());
    if (before != null && before.equals(setting)) {
      return Guard.REPEAT;
    }
    long version = before == null ? 0 : before.version();
    return setting.version() == version + 1 && fits(setting) ? Guard.OK : Guard.REFUSED;
  }

  /**
   * Jobs keep the order and the guarantee by which they were made; one that has ended may still be
   * redriven, to its place in that order.
   */
  private boolean fits(Setting setting) {
    StoredQueue queue = setting.kind().equals(Setting.QUEUE) ? stored.queue(setting.name()) : null;
    QueueSettings before = queue == null ? null : queue.settings();
    if (queue == null || before == null || setting.isDeleted()) {
      return true;
    }
    QueueSettings next = SettingCodec.settings(setting.values());
    return (before.order() == next.order() || queue.isEmpty())
        && (before.delivery() == next.delivery() || queue.depth() == 0);
  }

  private Committed.Stale stale(int index, Change change) {
    return switch (change) {
      case Change.OfJob ofJob -> new Committed.Stale(index, stored.job(ofJob.id()), null);
      case Change.Put(Setting put) ->
          new Committed.Stale(index, null, stored.setting(put.kind(), put.name()));
      default -> new Committed.Stale(index, null, null);
    };
  }

  /**
   * A change was done before. Either all that can be told apart was, or somebody else did it, and
   * then nothing of this commit happened: half of it must not be answered as done.
   */
  private Committed repeated(int repeat) {
    List<JobId> ids = new ArrayList<>();
    for (Change other : changes) {
      if (other instanceof Change.Append append) {
        JobId own = append.job().id();
        JobId first = stored.hasJob(own) ? own : jobOfKey(append);
        if (first == null) {
          return new Committed.Stale(repeat, null, null);
        }
        ids.add(first);
      } else if (!hasHappened(other)) {
        return new Committed.Stale(repeat, null, null);
      }
    }
    return new Committed.Done(ids, 0, true);
  }

  /** Of a commit that may be a repeated one: whether this change of it, no append, was done. */
  private boolean hasHappened(Change change) {
    return switch (change) {
      case Change.Append _ -> throw new IllegalArgumentException("an append is known by its job");
      case Change.Swap _, Change.Put _ -> guard(change) == Guard.REPEAT;
      case Change.Renew(JobId id, long _, long untilTick) -> {
        Job job = stored.job(id);
        yield job != null
            && job.status() instanceof Status.Processing(Lease lease)
            && lease.untilTick() >= untilTick;
      }
      case Change.Hold(String queue, String session, long _, Long untilTick) -> {
        SessionLease held = stored.session(queue, session);
        yield untilTick == null ? held == null : held != null && held.untilTick() >= untilTick;
      }
      case Change.Note _ -> false; // Nothing tells it from one that was told before.
      case Change.Ended _, Change.Forget _, Change.Drop _ -> true;
    };
  }

  /**
   * The first append that its queue does not take as it is set now, as it may be draining, or its
   * order may be another one than that by which the job was made; else the first that there is no
   * room for; null: all are accepted.
   *
   * <p>Looks at the depth, so it costs the same however many jobs there are; and only where a
   * commit might fill its queue does it ask which of the messages are known by their keys.
   */
  private @Nullable Committed notAccepted() {
    Committed full = null;
    Map<String, Integer> wanted = new HashMap<>();
    Set<Taken> taken = new HashSet<>();
    String name = "";
    StoredQueue queue = null;
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i) instanceof Change.Append append && isSent(append.job())) {
        if (!append.job().queue().equals(name)) {
          name = append.job().queue();
          queue = stored.queue(name);
        }
        if (queue != null && !takes(queue, append.job()) && jobOfKey(append) == null) {
          return new Committed.Stale(i, null, null);
        }
        Long max = queue == null || queue.settings() == null ? null : queue.settings().depthMax();
        if (full == null
            && queue != null
            && max != null
            && queue.depth() + changes.size() > max
            && !isKnown(append, taken)
            && queue.depth() + wanted.merge(name, 1, Integer::sum) > max) {
          full = new Committed.Full(i, name, max);
        }
      }
    }
    return full;
  }

  private static boolean takes(StoredQueue queue, Job job) {
    QueueSettings settings = queue.settings();
    boolean isFifo = settings != null && settings.order() == QueueSettings.Order.FIFO;
    return !queue.isDraining() && (settings == null || isFifo == "".equals(job.line()));
  }

  /** Its key is taken, by a job that is stored or by another of the same commit. */
  private boolean isKnown(Change.Append append, Set<Taken> taken) {
    Change.Unique unique = append.unique();
    if (unique == null) {
      return false;
    }
    boolean isTaken = jobOfKey(append) != null;
    boolean lasts = TimeRules.isRemembered(unique.until().toEpochMilli(), now);
    Taken key = new Taken(append.job().queue(), unique.key());
    return isTaken || taken.contains(key) || (lasts && !taken.add(key));
  }

  /** What was just sent, and not moved here with a life behind it. */
  private static boolean isSent(Job job) {
    return job.state().version() == 0;
  }

  private @Nullable JobId jobOfKey(Change.Append append) {
    Change.Unique unique = append.unique();
    return unique == null ? null : stored.jobOfKey(append.job().queue(), unique.key());
  }
}
