package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.Moment;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.Watch;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The jobs of an engine, one by one. */
final class EngineJobs implements Jobs {

  private final Engine engine;

  EngineJobs(Engine engine) {
    this.engine = engine;
  }

  @Override
  public Optional<Job> find(JobId id) {
    return engine.store.find(List.of(id), true).stream().findFirst();
  }

  @Override
  public JobNotes notes(JobId id) {
    return engine.store.notes(id);
  }

  @Override
  public JobPage list(JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    if (max < 1 || max > PAGE_MAX) {
      throw new BrokerException.Rejected("limit", "limit must be 1 to " + PAGE_MAX + ": " + max);
    }
    return engine.store.list(query, cursor, max, bytesMax);
  }

  @Override
  public Job cancel(JobId id) {
    return change(
        id,
        "cancelled",
        job -> !job.status().kind().isFinal(),
        (job, now) -> job.cancelled(engine.settingsOf(job.queue()), now));
  }

  @Override
  public Job redrive(JobId id) {
    return change(id, "redriven", job -> job.status().kind().isFinal(), Job::redriven);
  }

  @Override
  public List<Optional<BrokerException>> redrive(List<JobId> ids) {
    List<Optional<BrokerException>> results = new ArrayList<>(ids.size());
    for (int from = 0; from < ids.size(); from += PAGE_MAX) {
      List<JobId> page = ids.subList(from, Math.min(ids.size(), from + PAGE_MAX));
      try {
        results.addAll(engine.redrives.each(page, this));
      } catch (BrokerException e) {
        // Of these alone: others of the same call are redriven.
        results.addAll(Collections.nCopies(page.size(), Optional.of(e)));
      }
    }
    return results;
  }

  @Override
  public Job runNow(JobId id) {
    return change(
        id,
        "run now",
        EngineJobs::isPending,
        (job, now) -> job.rescheduled(new Due.AtTick(now.tick()), now));
  }

  @Override
  public Job reschedule(JobId id, Instant due) {
    return change(
        id, "rescheduled", EngineJobs::isPending, (job, now) -> job.rescheduled(Due.at(due), now));
  }

  @Override
  public void delete(JobId id) {
    change(id, "deleted", job -> job.status().kind().isFinal(), Job::deleted);
  }

  @Override
  public int restore(List<Job> jobs) {
    return new Restoring(engine).restore(jobs);
  }

  @Override
  public Watch watch(Watch.Filter filter, @Nullable String after) {
    return new EngineWatch(engine, filter, after);
  }

  /** Computes and commits until nobody came between. */
  private Job change(
      JobId id,
      String what,
      Predicate<Job> allowed,
      BiFunction<Job, Moment, Transition> transition) {
    while (true) {
      engine.requireOpen();
      Job job = find(id).orElseThrow(() -> new BrokerException.JobNotFound(id));
      if (!allowed.test(job)) {
        throw new BrokerException.Conflict(
            "job " + id + " is " + job.status().kind() + " and cannot be " + what);
      }
      Transition next = transition.apply(job, engine.clock().now());
      Change swap = new Change.Swap(id, job.state().version(), next);
      if (engine.store.commit(Commit.synced(swap)) instanceof Committed.Done) {
        return job.with(next.after(), next.ended());
      }
    }
  }

  private static boolean isPending(Job job) {
    return job.status() instanceof Status.Pending;
  }
}
