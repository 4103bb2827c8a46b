package dev.afterbay;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a job, a session or a queue; never with the body.
 *
 * @param position opaque; a watch can go on after it
 * @param job null for events of queues and sessions
 * @param subject the job's type, else the session or what the event is about; may be empty
 * @param status the job's state after it; null for events of queues and sessions
 * @param consumer who has or had the lease; null: nobody
 * @param error why, where it went wrong; null: it did not
 * @param due when a job that waits for its time will be due; null: it does not
 * @param correlationId that of the job's message; null: it has none
 * @param progress how far the work has come, 0 to 1; null: this is no event of that
 * @param text what an attempt told: of its progress, or a line of its log; null: nothing
 * @param session that of the job's message; null: it has none
 * @param since when the state had begun that the job was in before, such as the attempt that has
 *     ended; null: the job is new, or this is no change of its state
 * @param schedule the name of the schedule that sent the job; null: none did
 */
public record Event(
    String position,
    EventType type,
    Instant at,
    String queue,
    @Nullable JobId job,
    String subject,
    Status.@Nullable Kind status,
    int attempt,
    @Nullable String consumer,
    @Nullable String error,
    @Nullable Instant due,
    @Nullable String correlationId,
    @Nullable Double progress,
    @Nullable String text,
    @Nullable String session,
    @Nullable Instant since,
    @Nullable String schedule) {

  /** The same event at another position. */
  public Event positioned(String position) {
    return new Event(
        position,
        type,
        at,
        queue,
        job,
        subject,
        status,
        attempt,
        consumer,
        error,
        due,
        correlationId,
        progress,
        text,
        session,
        since,
        schedule);
  }
}
