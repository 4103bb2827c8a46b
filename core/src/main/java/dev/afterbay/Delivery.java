package dev.afterbay;

import java.time.Duration;
import java.time.Instant;

/** One attempt at a job, leased to one receiver. Settle it once. */
public interface Delivery {

  /** The job as it was when this attempt began. */
  Job job();

  /** Which attempt this is; 1 is the first. */
  default int attempt() {
    return job().state().attempts();
  }

  /** When the lease ends unless it is renewed; a wall time to show. */
  Instant leasedUntil();

  /**
   * Keeps the job for another lease from now on.
   *
   * @throws BrokerException.LeaseLost if the job is no longer ours
   */
  void renew();

  /** Whether somebody asked to cancel this job since it was handed out; costs a look-up. */
  boolean cancelRequested();

  /**
   * Where this attempt tells how far it is, what the next one needs, and what it came to.
   *
   * @throws BrokerException.Unsupported if the broker keeps no record of jobs ({@link Limits#jobs})
   */
  default JobContext context() {
    throw new BrokerException.Unsupported("this broker keeps no record of what an attempt tells");
  }

  /**
   * Ends this attempt.
   *
   * @throws BrokerException.LeaseLost if the lease ran out and the job is no longer ours, or it was
   *     settled before
   * @throws BrokerException.Unavailable certainly not settled: settle it again while the lease
   *     lives, or close the receiver to hand it back
   * @throws BrokerException.OutcomeUnknown settle it again: it ends once, and LeaseLost can then
   *     mean that it had been settled
   */
  void settle(Outcome outcome);

  /**
   * Lets this attempt outlive its receiver: settle it with {@link Queue#settle}. For endpoints
   * without connections, such as HTTP.
   */
  Receipt detach();

  /** The message of the job. */
  default Message message() {
    return job().message();
  }

  /** The work is done. */
  default void done() {
    settle(Outcome.done());
  }

  /** Asks for another attempt, after the queue's backoff. */
  default void retry(String reason) {
    settle(Outcome.retry(reason));
  }

  /** Asks for another attempt after {@code delay}. */
  default void retry(String reason, Duration delay) {
    settle(Outcome.retry(reason, delay));
  }

  /** It can never succeed: it becomes a dead letter. */
  default void fail(String reason) {
    settle(Outcome.fail(reason));
  }

  /** Hands it back at once; this attempt is not counted. */
  default void release() {
    settle(Outcome.release());
  }
}
