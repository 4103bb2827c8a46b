package dev.afterbay.ledger;

import dev.afterbay.Due;
import dev.afterbay.EventType;
import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the group that is being gathered will tell once it is written. */
final class EventBuffer {

  private List<EventRing.Fact> eventBuffer = new ArrayList<>();

  /**
   * @param consumer who had the job; null: nobody
   */
  void tell(EventType type, CachedJob entry, @Nullable String consumer, Moment now) {
    Job job = entry.job;
    boolean wrong =
        switch (type) {
          case FAILED, EXPIRED, RETRIED, LAPSED -> true;
          default -> false;
        };
    String who = entry.isProcessing() ? entry.lease().consumer() : consumer;
    eventBuffer.add(
        new EventRing.Fact(
            type,
            now.wall(),
            job.queue(),
            job.id(),
            job.message().type(),
            kind(type, job),
            job.state().attempts(),
            who,
            wrong ? job.lastError() : null,
            due(type, job, now)));
  }

  /** Of what waits for its time; null: it does not. */
  private static @Nullable Instant due(EventType type, Job job, Moment now) {
    return switch (type) {
      case SCHEDULED, RETRIED, LAPSED ->
          job.status() instanceof Status.Pending(Due due) ? due.shown(now) : null;
      default -> null;
    };
  }

  /** Of a session or a queue. */
  void tell(
      EventType type, QueueEntry book, String subject, @Nullable String consumer, Moment now) {
    eventBuffer.add(
        new EventRing.Fact(
            type, now.wall(), book.name, null, subject, null, 0, consumer, null, null));
  }

  List<EventRing.Fact> take() {
    List<EventRing.Fact> taken = eventBuffer;
    eventBuffer = new ArrayList<>();
    return taken;
  }

  /** The state that people are told; of a job that was forgotten the one that it ended in. */
  private static Status.Kind kind(EventType type, Job job) {
    if (!(job.status() instanceof Status.Gone)) {
      return job.status().kind();
    }
    return switch (type) {
      case DONE -> Status.Kind.DONE;
      case FAILED, EXPIRED -> Status.Kind.FAILED;
      case LEASED -> Status.Kind.PROCESSING;
      default -> Status.Kind.CANCELLED;
    };
  }
}
