package dev.afterbay.store;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a commit. */
public sealed interface Committed {

  /**
   * All of it happened, now or before.
   *
   * @param ids for each {@link Change.Append} in order: its job, or the one that has its key
   * @param affected jobs that a {@link Change.Forget} removed
   * @param before it had happened when this commit came. To whoever did not commit it before this
   *     says that somebody else took the job away: of one that is gone, nothing tells them apart
   */
  record Done(List<JobId> ids, long affected, boolean before) implements Committed {
    /** Done, where nothing more is to be said. */
    public static final Done PLAIN = new Done(List.of(), 0);

    /** It happened now. */
    public Done(List<JobId> ids, long affected) {
      this(ids, affected, false);
    }
  }

  /**
   * Nothing of it happened: a guard did not hold.
   *
   * @param change index of the first change that was refused
   * @param job the job as it is now, where the change was of a job; null: there is none
   * @param setting the setting as it is now, where the change was of one; null: there is none
   */
  record Stale(int change, @Nullable Job job, @Nullable Setting setting) implements Committed {}

  /**
   * Nothing of it happened: a queue would be deeper than its settings allow.
   *
   * @param change index of the first {@link Change.Append} that there is no room for
   * @param depthMax what the settings of the queue said, see {@link
   *     dev.afterbay.QueueSettings#depthMax}
   */
  record Full(int change, String queue, long depthMax) implements Committed {}
}
