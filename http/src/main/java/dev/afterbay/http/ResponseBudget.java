package dev.afterbay.http;

import dev.afterbay.Job;
import dev.afterbay.Limits;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.client.wire.Problem;
import java.time.Duration;
import java.util.List;

/**
 * What one request takes of the budget of all for the jobs of its answer, before any is read. Given
 * back when the answer is made, which then counts by itself.
 */
final class ResponseBudget implements ReceiveOptions.Room {

  /** Bytes of jobs in one answer, which have a third more as JSON where they are base64. */
  static final long BYTES_MAX = 12L << 20;

  /** The jobs, and the JSON of them. */
  private static final int COPIES = 2;

  /** Of the budget, so that one request leaves something to others. */
  private static final int SHARE = 2;

  /** Attempts, options and names of one job. */
  private static final long OTHER_BYTES = 128L << 10;

  /**
   * What was told of one job, as it is shown: a result and lines whose every character is escaped.
   */
  private static final long NOTES_BYTES = 640L << 10;

  /** Beyond one message, for many small ones in one go. */
  private static final long FIRST_BYTES = 1L << 20;

  /** What a job may have in a list without bodies. */
  private static final long BARE_BYTES = 4L << 10;

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final MemoryBudget budget;
  private final long oneBytes;
  private long taken;
  private long kept;

  /** What was granted last and is not used. */
  private long left;

  private long jobsBytes;

  ResponseBudget(MemoryBudget budget, Limits limits) {
    this.budget = budget;
    this.oneBytes = limits.bodyBytesMax() + limits.attributesBytesMax() + OTHER_BYTES;
  }

  /** For one job with a body of that size. */
  void takeOne(long bodyBytes) throws InterruptedException {
    take(bodyBytes, bodyBytes, PATIENCE);
  }

  /** For one job, whatever it has. */
  void takeOne() throws InterruptedException {
    take(oneBytes, oneBytes, PATIENCE);
  }

  /** For one job, and what was told of it. */
  void takeNoted() throws InterruptedException {
    take(oneBytes + NOTES_BYTES, oneBytes + NOTES_BYTES, PATIENCE);
  }

  /**
   * For a page of jobs.
   *
   * @return how many bytes they may have
   */
  long takePage(int jobs, boolean bodies) throws InterruptedException {
    long most = Math.min(BYTES_MAX, jobs * (bodies ? oneBytes : BARE_BYTES));
    return take(Math.min(most, oneBytes), most, PATIENCE);
  }

  /** For what comes first; a request that has something goes on only if there is room at once. */
  @Override
  public long take() throws InterruptedException {
    return jobsBytes == 0
        ? take(oneBytes, oneBytes + FIRST_BYTES, PATIENCE)
        : take(oneBytes, Math.max(oneBytes, BYTES_MAX - jobsBytes), Duration.ZERO);
  }

  private long take(long least, long most, Duration patience) throws InterruptedException {
    long share = Math.max(COPIES * least, Math.min(COPIES * most, budget.all() / SHARE));
    budget.give(taken);
    taken = budget.takeSome(COPIES * least, share, patience);
    if (taken == 0) {
      throw new Problem.Failure(
          Problem.unavailable("the messages of other answers fill the memory: retry later"));
    }
    left = taken / COPIES;
    return left;
  }

  @Override
  public void keep(List<Job> jobs) {
    long bytes = jobs.stream().mapToLong(Job::bytes).sum();
    jobsBytes += bytes;
    left -= bytes;
    kept += COPIES * bytes;
    budget.give(taken - COPIES * bytes);
    taken = 0;
  }

  /** Whether what came last may have been all that there was room for, and there may be more. */
  boolean wasFull() {
    return left < oneBytes && jobsBytes < BYTES_MAX - oneBytes;
  }

  void release() {
    budget.give(taken + kept);
    taken = 0;
    kept = 0;
  }
}
