package dev.afterbay.engine;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Redrive;
import dev.afterbay.Redriven;
import dev.afterbay.Status;
import dev.afterbay.store.Commit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives the dead of a queue a fresh set of tries, at once or at a rate.
 *
 * <p>A redrive at a rate lives in this process: what it had not come to when the process ended
 * stays dead, and can be redriven again.
 */
final class Redrives {

  private static final int PAGE = 200;
  private static final long SECOND_TICKS = 1_000;

  private final Engine engine;

  Redrives(Engine engine) {
    this.engine = engine;
  }

  Redriven start(String queue, Redrive redrive) {
    List<JobId> matched = matching(queue, redrive);
    String id = engine.ids.next(engine.clock().now().wall().toEpochMilli()).toString();
    if (!redrive.dryRun()) {
      Integer perSecond = redrive.perSecond();
      go(matched, 0, perSecond == null ? matched.size() : perSecond);
    }
    return new Redriven(matched.size(), id);
  }

  private void go(List<JobId> ids, int from, int count) {
    if (engine.isClosed()) {
      return;
    }
    int to = Math.min(ids.size(), from + count);
    for (int page = from; page < to; page += PAGE) {
      redrive(ids.subList(page, Math.min(to, page + PAGE)));
    }
    if (to < ids.size()) {
      engine
          .clock()
          .at(
              engine.clock().now().tick() + SECOND_TICKS,
              () -> engine.inBackground("redrive", () -> go(ids, to, count)));
    }
  }

  private void redrive(List<JobId> ids) {
    List<Commit> commits = new ArrayList<>();
    for (Job job : engine.store.find(ids, false)) {
      if (job.status() instanceof Status.Dead) {
        commits.add(Settling.commit(job, job.redriven(engine.clock().now())));
      }
    }
    // One that is stale was changed by somebody else meanwhile, which counts.
    engine.store.commit(commits);
  }

  private List<JobId> matching(String queue, Redrive redrive) {
    Jobs.JobQuery query =
        new Jobs.JobQuery(queue, Status.Kind.DEAD, redrive.type(), null, null, false);
    long limit = redrive.limit() == null ? Long.MAX_VALUE : redrive.limit();
    List<JobId> ids = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobPage page = engine.store.list(query, cursor, PAGE);
      for (Job job : page.jobs()) {
        if (ids.size() < limit && matches(job.lastError(), redrive.errorContains())) {
          ids.add(job.id());
        }
      }
      cursor = ids.size() < limit ? page.next() : null;
    } while (cursor != null);
    return ids;
  }

  private static boolean matches(@Nullable String error, @Nullable String contains) {
    return contains == null || (error != null && error.contains(contains));
  }
}
