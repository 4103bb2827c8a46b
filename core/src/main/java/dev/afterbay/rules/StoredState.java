package dev.afterbay.rules;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.QueueSettings;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import org.jspecify.annotations.Nullable;

/** What a store has now, as the rules ask for it. */
public interface StoredState {

  /** Whether there is a job with this id; it should cost less than {@link #job}. */
  boolean hasJob(JobId id);

  /** The job, perhaps without its body; null: there is none. */
  @Nullable Job job(JobId id);

  /** The queue; null: nothing is known of it, neither a job nor a setting. */
  @Nullable StoredQueue queue(String name);

  /** Who holds the session now; null: nobody. */
  @Nullable SessionLease session(String queue, String session);

  /** The setting; null: there is none. */
  @Nullable Setting setting(String kind, String name);

  /** The job that has the key, within its window; null: the key is free. */
  @Nullable JobId jobOfKey(String queue, String key);

  /** What a store has of one queue. */
  interface StoredQueue {

    /** Null: they were never set. */
    @Nullable QueueSettings settings();

    /** Whether it takes no more messages. */
    boolean isDraining();

    /** Jobs that have not ended. */
    long depth();

    /** Whether it has no job at all. */
    boolean isEmpty();
  }
}
