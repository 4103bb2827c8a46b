package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends attempts.
 *
 * <p>A commit that is stale is no lost lease yet: a request to cancel raises the version while the
 * lease lives. So it is computed anew from the job as it is now, until it is written or the fence
 * is another one (store.md, rule 2).
 */
final class Settling {

  private static final int PAGE = 500;

  private final Engine engine;

  Settling(Engine engine) {
    this.engine = engine;
  }

  /** Ends the attempt of a job that was handed out as this. */
  void settle(Job job, long fence, Outcome outcome) {
    settle(job, fence, outcome, false);
  }

  /**
   * Ends the attempt of a job that was handed out as this.
   *
   * @param again it may have been done by an earlier call, whose outcome is unknown; else somebody
   *     else has taken the job away, where the store says that it is done already
   */
  void settle(Job job, long fence, Outcome outcome, boolean again) {
    Job current = job;
    while (true) {
      Commit commit = commit(current, fence, outcome);
      if (commit == null) {
        throw new BrokerException.LeaseLost(job.id().toString());
      }
      switch (engine.store.commit(commit)) {
        case Committed.Done done -> {
          if (done.before() && !again) {
            throw new BrokerException.LeaseLost(job.id().toString());
          }
          return;
        }
        case Committed.Stale(_, Job now, _) -> {
          if (now == null) {
            throw new BrokerException.LeaseLost(job.id().toString());
          }
          current = now;
        }
        case Committed.Full full ->
            throw new IllegalStateException("a settlement needs no room: " + full);
      }
    }
  }

  /** Hands attempts back, uncounted; what is not ours any more needs none of that. */
  void release(List<Job> jobs) {
    for (int from = 0; from < jobs.size(); from += PAGE) {
      List<Job> page = jobs.subList(from, Math.min(jobs.size(), from + PAGE));
      try {
        releasePage(page);
      } catch (BrokerException e) {
        engine.notReleased("what a receiver had (" + page.size() + " jobs)", e);
      }
    }
  }

  private void releasePage(List<Job> page) {
    List<Job> mine = new ArrayList<>(page.size());
    List<Commit> commits = new ArrayList<>(page.size());
    for (Job job : page) {
      Commit commit = commit(job, job.lease().fence(), Outcome.release());
      if (commit != null) {
        mine.add(job);
        commits.add(commit);
      }
    }
    List<Committed> committed = commits.isEmpty() ? List.of() : engine.store.commit(commits);
    for (int i = 0; i < committed.size(); i++) {
      if (committed.get(i) instanceof Committed.Stale(int _, Job now, var _) && now != null) {
        releaseAgain(now, mine.get(i).lease().fence());
      }
    }
  }

  private void releaseAgain(Job now, long fence) {
    try {
      settle(now, fence, Outcome.release());
    } catch (BrokerException.LeaseLost _) {
      // Not ours any more, which is what a release is for.
    }
  }

  /** Null: the lease is not, or not any more, the one with this fence. */
  @Nullable Commit commit(@Nullable Job job, long fence, Outcome outcome) {
    Moment now = engine.clock().now();
    if (job == null
        || !(job.status() instanceof Status.Processing)
        || job.lease().fence() != fence
        || job.lease().hasLapsed(now)) {
      return null;
    }
    QueueSettings settings = engine.settingsOf(job.queue());
    Transition transition = job.settled(outcome, settings, now, engine.random);
    return commit(job, transition);
  }

  /** What is promised to somebody, or stays for somebody, is synced (model.md, Durability). */
  static Commit commit(Job job, Transition transition) {
    Change swap = new Change.Swap(job.id(), job.state().version(), transition);
    boolean synced =
        switch (transition.event()) {
          case FAILED, EXPIRED, CANCELLED, REDRIVEN, DELETED -> true;
          case null, default -> false;
        };
    return synced ? Commit.synced(swap) : Commit.written(swap);
  }
}
