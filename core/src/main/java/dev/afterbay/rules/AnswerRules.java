package dev.afterbay.rules;

import dev.afterbay.Job;
import dev.afterbay.Jobs;
import java.time.Instant;

/** What an answer may have in it: which jobs are meant, and how many bytes of them. */
public final class AnswerRules {

  private AnswerRules() {}

  /** Whether a query asks for the job. */
  public static boolean matches(Jobs.JobQuery query, Job job) {
    Instant after = query.createdAfter();
    return isOfQueueAndState(query, job)
        && (query.type() == null || query.type().equals(job.message().type()))
        && (query.session() == null || query.session().equals(job.message().options().session()))
        && (after == null || job.createdAt().isAfter(after));
  }

  /** Whether it is of the queue and in the state that the query asks for. */
  public static boolean isOfQueueAndState(Jobs.JobQuery query, Job job) {
    return (query.queue() == null || query.queue().equals(job.queue()))
        && (query.status() == null || query.status() == job.status().kind());
  }

  /**
   * Whether one more job may be in an answer: the first always, however large it is; else none
   * should follow that job either, for the order would not hold.
   *
   * @param jobs that the answer has
   * @param bytes that they have, see {@link Job#bytes}
   * @param more that the next one has
   */
  public static boolean hasRoom(int jobs, long bytes, long more, long bytesMax) {
    return jobs == 0 || more <= bytesMax - bytes;
  }
}
