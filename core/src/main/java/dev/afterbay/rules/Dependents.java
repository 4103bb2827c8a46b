package dev.afterbay.rules;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the end of a job brings about for the jobs that wait for it. */
public final class Dependents {

  private Dependents() {}

  /** Has a store count one job down. */
  @FunctionalInterface
  public interface CountDown {

    /**
     * Applies {@link Dependents#countedDown}; the job as it then is, or null: nothing happened.
     *
     * @param good the job that was waited for is done
     */
    @Nullable Job apply(JobId waiting, boolean good);
  }

  /** What a job comes to when one that it waits for has ended; null: it does not wait any more. */
  public static @Nullable Transition countedDown(
      Job waiting, boolean good, QueueSettings settings, Moment now) {
    return waiting.status() instanceof Status.Waiting
        ? waiting.predecessorEnded(good, settings, now)
        : null;
  }

  /** A job that was waited for has ended; a job that this cancels is waited for by others. */
  public static void tell(JobId waiting, boolean good, CountDown countDown) {
    Job after = countDown.apply(waiting, good);
    if (after != null) {
      endedByStore(after, countDown);
    }
  }

  /**
   * Tells those who wait for a job, should the store itself have ended it, that it was not done;
   * whoever else ends a job says so in the same commit ({@link Change.Ended}). A loop, as chains of
   * jobs may be long.
   */
  public static void endedByStore(Job job, CountDown countDown) {
    Deque<Job> ended = new ArrayDeque<>(List.of(job));
    while (!ended.isEmpty()) {
      Job next = ended.remove();
      if (next.status().kind().isFinal()) {
        for (JobId waiting : next.state().then()) {
          Job after = countDown.apply(waiting, false);
          if (after != null) {
            ended.add(after);
          }
        }
      }
    }
  }
}
