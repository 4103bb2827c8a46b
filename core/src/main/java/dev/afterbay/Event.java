package dev.afterbay;

import java.time.Instant;
import java.util.Locale;
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
    Type type,
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

  /** The one vocabulary of what happens, for watches, SSE and audit (model.md, Events). */
  public enum Type {
    /** A job became due, at once when it was sent or later. */
    ENQUEUED,
    /** A job was sent that is due later, or that waits for other jobs. */
    SCHEDULED,
    /** A consumer has it: an attempt begins. */
    LEASED,
    /** Its lease was prolonged. */
    RENEWED,
    /** Its attempt told how far it is. */
    PROGRESS,
    /** Its attempt told a line for its log. */
    LOGGED,
    /** Its attempt left something for the next one. */
    CHECKPOINT,
    /** Its attempt told what it came to. */
    RESULT,
    /** Its lease ran out: the attempt counts as failed. */
    LAPSED,
    /** Its consumer handed it back; the attempt does not count. */
    RELEASED,
    /** The attempt failed, and there will be another one. */
    RETRIED,
    /** The work is done. */
    DONE,
    /** It is a dead letter now. */
    FAILED,
    /** Its time to live was over before it was done. */
    EXPIRED,
    /** Somebody cancelled it, or a job that it waited for was not done. */
    CANCELLED,
    /** A job that had ended got a fresh set of attempts. */
    REDRIVEN,
    /** Somebody deleted it. */
    DELETED,
    /** A consumer took a session. */
    SESSION_HELD,
    /** A session was closed or lost. */
    SESSION_FREED,
    /** A queue hands out no more jobs. */
    QUEUE_PAUSED,
    /** A queue hands out jobs again. */
    QUEUE_RESUMED,
    /** A handler failed too often: nothing is claimed for it for a while. */
    BREAKER_OPENED,
    /** One job tries out whether the handler works again. */
    BREAKER_HALF_OPEN,
    /** The handler works again. */
    BREAKER_CLOSED,
    /** A subscription of an SNS topic was confirmed. */
    SUBSCRIPTION_CONFIRMED,
    /** A subscription of an SNS topic has ended: nothing more will come by it. */
    SUBSCRIPTION_ENDED;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /**
     * The type with that word.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Type ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** The word on the wire, such as {@code session-held}. */
    public String word() {
      return word;
    }
  }
}
