package dev.afterbay.rules;

import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueSettings.DeliveryMode;
import dev.afterbay.QueueSettings.Order;
import dev.afterbay.RetryPolicy;
import dev.afterbay.State;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Jobs in every state, at one moment, for the tables of the tests of the rules. */
final class RuleSamples {

  static final Instant WALL = Instant.parse("2026-01-01T00:00:00Z");
  static final long TICK = 1_000_000;
  static final Moment NOW = new Moment(WALL, TICK);
  static final long EPOCH = 3;
  static final long FENCE = ClaimRules.fence(EPOCH, 7);

  /** Without chance, so that a backoff is exactly a second. */
  static final QueueSettings SETTINGS =
      QueueSettings.STANDARD.backoff(
          new RetryPolicy(Duration.ofSeconds(1), 5, Duration.ofSeconds(300), 0));

  static final QueueSettings AT_MOST_ONCE = SETTINGS.delivery(DeliveryMode.AT_MOST_ONCE);
  static final QueueSettings FIFO = SETTINGS.order(Order.FIFO);

  private RuleSamples() {}

  static JobId id(long number) {
    return new JobId(new UUID(number << 16, 1L << 63));
  }

  static Message message() {
    return Message.of("note", "hello");
  }

  /** Just sent to the queue {@code q}. */
  static Job sent(long number, Message message) {
    return Job.created(id(number), "q", message, SETTINGS, NOW);
  }

  static Job sent(long number) {
    return sent(number, message());
  }

  /** Due now, with a life behind it, so not just sent. */
  static Job pending(Due due) {
    return in(sent(1), new Status.Pending(due));
  }

  static Job pending() {
    return pending(new Due.AtTick(TICK));
  }

  static Job waiting(int left, int failed) {
    return in(sent(1), new Status.Waiting(left, failed));
  }

  static Lease lease(long untilTick) {
    return new Lease("worker", FENCE, WALL, untilTick, false);
  }

  static Job processing(Lease lease) {
    return in(sent(1), new Status.Processing(lease));
  }

  static Job processing() {
    return processing(lease(TICK + 30_000));
  }

  static Job done() {
    return in(sent(1), new Status.Done(WALL));
  }

  static Job failed() {
    return in(sent(1), new Status.Failed(WALL, Status.Reason.REJECTED, "broken"));
  }

  static Job cancelled() {
    return in(sent(1), new Status.Cancelled(WALL));
  }

  static Job gone() {
    return in(sent(1), new Status.Gone());
  }

  static List<Job> inEveryState() {
    return List.of(pending(), waiting(1, 0), processing(), done(), failed(), cancelled(), gone());
  }

  /** In that state, once claimed and at version 5. */
  static Job in(Job job, Status status) {
    return in(job, status, List.of());
  }

  /** As {@link #in(Job, Status)}, with others that wait for it. */
  static Job in(Job job, Status status, List<JobId> then) {
    return job.with(
        new State(5, status, 1, 0, 0, false, false, then, WALL, WALL, WALL, null), null);
  }

  static Job after(Job job, Transition transition) {
    return job.with(transition.after(), transition.ended());
  }
}
