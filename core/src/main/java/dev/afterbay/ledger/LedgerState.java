package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.rules.StoredState;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import org.jspecify.annotations.Nullable;

/** What a ledger has at one moment, for the rules. */
record LedgerState(
    JobCache cache, JobIndexes indexes, Queues queues, DedupKeys dedupKeys, Moment now)
    implements StoredState {

  @Override
  public boolean hasJob(JobId id) {
    return cache.exists(id);
  }

  @Override
  public @Nullable Job job(JobId id) {
    CachedJob entry = indexes.located(id);
    return entry == null ? null : entry.job;
  }

  @Override
  public @Nullable StoredQueue queue(String name) {
    return queues.known(name);
  }

  @Override
  public @Nullable SessionLease session(String queue, String session) {
    return queues.held(queue, session, now);
  }

  @Override
  public @Nullable Setting setting(String kind, String name) {
    return queues.setting(kind, name).orElse(null);
  }

  @Override
  public @Nullable JobId jobOfKey(String queue, String key) {
    return dedupKeys.find(queue, key, now);
  }
}
