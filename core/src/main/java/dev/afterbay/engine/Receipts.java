package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.Receipt;
import dev.afterbay.Settlement;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Settles and renews what left the process; the receipts of one call share the trips to the store.
 */
final class Receipts {

  private final Engine engine;
  private final Settling settling;
  private final String queue;

  Receipts(Engine engine, String queue) {
    this.engine = engine;
    this.settling = new Settling(engine);
    this.queue = queue;
  }

  /** One receipt of a call: what it says, the job that it is of, and what became of it. */
  private static final class Entry {
    private final @Nullable Outcome outcome;
    private Tokens.@Nullable Claimed claimed;
    private @Nullable Job job;
    private @Nullable BrokerException problem;
    private boolean written;

    Entry(Receipt receipt, @Nullable Outcome outcome) {
      this.outcome = outcome;
      try {
        claimed = Tokens.claimed(receipt);
      } catch (BrokerException.Rejected e) {
        problem = e;
      }
    }

    /** What went wrong; to settle what was handed out at most once does nothing, and no harm. */
    Optional<BrokerException> result() {
      boolean fine = written || (claimed != null && claimed.isAtMostOnce());
      return fine || problem != null
          ? Optional.ofNullable(problem)
          : Optional.of(new BrokerException.LeaseLost(id().toString()));
    }

    JobId id() {
      return Objects.requireNonNull(claimed).id();
    }

    long fence() {
      return Objects.requireNonNull(claimed).fence();
    }

    Outcome outcome() {
      return Objects.requireNonNull(outcome);
    }
  }

  List<Optional<BrokerException>> settle(List<Settlement> settlements) {
    List<Entry> entries = new ArrayList<>(settlements.size());
    settlements.forEach(each -> entries.add(new Entry(each.receipt(), each.outcome())));
    commit(
        entries,
        (job, entry) -> settling.commit(job, entry.fence(), entry.outcome()),
        (now, entry) -> settling.settle(now, entry.fence(), entry.outcome()));
    return results(entries);
  }

  List<Optional<BrokerException>> renew(List<Receipt> receipts, long untilTick) {
    List<Entry> entries = new ArrayList<>(receipts.size());
    receipts.forEach(receipt -> entries.add(new Entry(receipt, null)));
    commit(
        entries,
        (job, entry) -> Commit.written(new Change.Renew(job.id(), entry.fence(), untilTick)),
        (_, entry) -> {
          throw new BrokerException.LeaseLost(entry.id().toString());
        });
    return results(entries);
  }

  /** What is to be written for a job; null: the lease is lost. */
  @FunctionalInterface
  private interface Writing {
    @Nullable Commit of(Job job, Entry entry);
  }

  /** What is to be done when the job has changed meanwhile. */
  @FunctionalInterface
  private interface Again {
    void with(Job now, Entry entry);
  }

  private void commit(List<Entry> entries, Writing writing, Again again) {
    find(entries);
    List<Entry> written = new ArrayList<>();
    List<Commit> commits = new ArrayList<>();
    for (Entry entry : entries) {
      Commit commit = entry.job == null ? null : writing.of(entry.job, entry);
      if (commit != null) {
        written.add(entry);
        commits.add(commit);
      }
    }
    List<Committed> committed = engine.store.commit(commits);
    for (int i = 0; i < written.size(); i++) {
      finish(written.get(i), committed.get(i), again);
    }
  }

  private static void finish(Entry entry, Committed committed, Again again) {
    try {
      if (committed instanceof Committed.Stale(int _, Job now, var _)) {
        if (now == null) {
          return;
        }
        again.with(now, entry);
      } else if (committed instanceof Committed.Done done && done.before()) {
        return;
      }
      entry.written = true;
    } catch (BrokerException e) {
      entry.problem = e; // Of this one alone: others of the same call are written.
    }
  }

  private void find(List<Entry> entries) {
    List<JobId> ids = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      if (entry.claimed != null) {
        ids.add(entry.claimed.id());
      }
    }
    Map<JobId, Job> jobs = new HashMap<>();
    engine.store.find(ids, false).forEach(job -> jobs.put(job.id(), job));
    for (Entry entry : entries) {
      Job job = entry.claimed == null ? null : jobs.get(entry.claimed.id());
      entry.job = job != null && job.queue().equals(queue) ? job : null;
    }
  }

  private static List<Optional<BrokerException>> results(List<Entry> entries) {
    List<Optional<BrokerException>> results = new ArrayList<>(entries.size());
    entries.forEach(entry -> results.add(entry.result()));
    return results;
  }
}
