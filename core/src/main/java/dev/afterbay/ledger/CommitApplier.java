package dev.afterbay.ledger;

import dev.afterbay.Event;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Moment;
import dev.afterbay.rules.CommitRules;
import dev.afterbay.rules.EventRules;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import java.util.ArrayList;
import java.util.List;

/** Applies the commits that {@link CommitRules} let pass: each change goes to its indexes. */
record CommitApplier(
    JobCache cache,
    Queues queues,
    JobIndexes indexes,
    SessionLocks sessions,
    SessionQueues sessionQueues,
    DedupKeys keys,
    RetentionIndex retention,
    Notifications notifications) {

  /** Guards all changes, then does all of them, or none. */
  Committed apply(Commit commit, Moment now, GatheredBatch batch) {
    LedgerState stored = new LedgerState(cache, indexes, queues, keys, now);
    Committed answer = CommitRules.answer(commit, stored, now);
    if (answer != null) {
      return answer;
    }
    List<JobId> ids = new ArrayList<>();
    long affected = 0;
    for (Change change : commit.changes()) {
      if (!(change instanceof Change.Forget)) {
        batch.add();
      }
      switch (change) {
        case Change.Append append -> ids.add(append(append, now));
        case Change.Swap swap -> swap(swap, now);
        case Change.Renew(JobId id, long _, long untilTick) -> renew(id, untilTick, now);
        case Change.Note(JobId id, long _, JobNotes.Note note) -> note(id, note, now);
        case Change.Ended(JobId waiting, boolean good) ->
            indexes.predecessorEnded(waiting, good, now);
        case Change.Hold hold -> sessions.change(hold, now);
        case Change.Put(Setting setting) -> put(setting, now);
        case Change.Forget forget -> affected += forget(forget, now, batch);
        case Change.Drop(String queue) -> {
          queues.drop(queue);
          retention.drop(queue);
        }
      }
    }
    return ids.isEmpty() && affected == 0
        ? Committed.Done.PLAIN
        : new Committed.Done(ids, affected);
  }

  private void swap(Change.Swap swap, Moment now) {
    CachedJob entry = indexes.need(swap.id());
    indexes.apply(entry, CommitRules.swapped(entry.job, swap), now);
  }

  private JobId append(Change.Append append, Moment now) {
    JobId first = keys.take(append, now);
    if (first != null) {
      return first;
    }
    indexes.append(append.job(), now);
    return append.job().id();
  }

  private void renew(JobId id, long untilTick, Moment now) {
    CachedJob entry = indexes.need(id);
    indexes.renew(entry, untilTick);
    notifications.tell(Event.Type.RENEWED, entry, null, now);
  }

  private void note(JobId id, JobNotes.Note note, Moment now) {
    CachedJob entry = indexes.need(id);
    cache.note(entry, note, now);
    notifications.tell(EventRules.ofNote(note, entry.job, now));
  }

  private void put(Setting setting, Moment now) {
    QueueEntry queue = queues.put(setting);
    notifications.tell(EventRules.ofSetting(setting, now));
    if (queue != null) {
      sessionQueues.wakeConsumers(queue);
    }
  }

  private long forget(Change.Forget forget, Moment now, GatheredBatch batch) {
    QueueEntry queue = queues.known(forget.queue());
    if (queue == null || queue.count(forget.kind()) == 0) {
      return 0;
    }
    long affected = 0;
    for (JobId id : retention.before(forget)) {
      CachedJob entry = indexes.located(id);
      if (entry != null && TimeRules.isForgotten(forget, entry.job)) {
        batch.add();
        indexes.apply(entry, entry.job.deleted(now), now);
        affected++;
      }
    }
    return affected;
  }
}
