package dev.afterbay;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can go wrong that a caller may want to tell apart. Each message says what to do next; {@link
 * Retry} does it where that is to try again.
 */
public abstract sealed class BrokerException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private transient @Nullable Duration retryAfter;
  private transient @Nullable Context context;

  private BrokerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Where it happened.
   *
   * @param queue null: of no queue, or of several
   * @param job null: of no job, or of several
   * @param operation such as {@code send}, or the request that a server was asked
   * @param since when the operation began that failed
   */
  public record Context(
      @Nullable String queue, @Nullable JobId job, String operation, Instant since) {}

  /**
   * Whether the same call may go well later. Certainly nothing was done then, so that it is safe to
   * call again. Not so {@link OutcomeUnknown}: only a key or an id makes that safe.
   */
  public boolean isTransient() {
    return false;
  }

  /** How long the broker asks to wait before the next try; empty: it does not say. */
  public final Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** Where it happened; empty: nobody said. */
  public final Optional<Context> context() {
    return Optional.ofNullable(context);
  }

  /** For brokers: to be tried again after that; null changes nothing. */
  public final BrokerException retryAfter(@Nullable Duration retryAfter) {
    this.retryAfter = retryAfter == null ? this.retryAfter : retryAfter;
    return this;
  }

  /** For brokers: it happened there, unless somebody nearer to it has said where. */
  public final BrokerException at(Context context) {
    this.context = this.context == null ? context : this.context;
    return this;
  }

  /** The request is malformed or over a limit; the same request will be refused again. */
  public static final class Rejected extends BrokerException {
    private static final long serialVersionUID = 1L;
    private final String field;
    private final boolean tooLarge;

    /** With the field that is wrong, and what is wrong with it. */
    public Rejected(String field, String reason) {
      this(field, reason, null);
    }

    /** With the field that is wrong, what is wrong with it, and what found it. */
    public Rejected(String field, String reason, @Nullable Throwable cause) {
      this(field, reason, false, cause);
    }

    private Rejected(String field, String reason, boolean tooLarge, @Nullable Throwable cause) {
      super(reason, cause);
      this.field = field;
      this.tooLarge = tooLarge;
    }

    /** It is over a limit in bytes or number. */
    public static Rejected tooLarge(String field, String reason) {
      return new Rejected(field, reason, true, null);
    }

    /** What was wrong, such as {@code body} or {@code key}. */
    public String field() {
      return field;
    }

    /** A size over its limit, which HTTP tells apart (413). */
    public boolean tooLarge() {
      return tooLarge;
    }
  }

  /** Queues do not come to exist by themselves here, and this one does not exist. */
  public static final class QueueNotFound extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the name of the queue. */
    public QueueNotFound(String queue) {
      super(
          "queue "
              + queue
              + " does not exist: configure it, or send it a message where that creates it",
          null);
    }
  }

  /** No such job: it never was, was deleted, or its retention is over. */
  public static final class JobNotFound extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the id of the job. */
    public JobNotFound(JobId id) {
      super("no job " + id + ": it never was, was deleted, or its retention is over", null);
    }
  }

  /** No such schedule. */
  public static final class ScheduleNotFound extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the name of the schedule. */
    public ScheduleNotFound(String name) {
      super("schedule " + name + " does not exist: put it first", null);
    }
  }

  /** The state of the job or queue does not allow it. */
  public static final class Conflict extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With what the state does not allow. */
    public Conflict(String message) {
      super(message, null);
    }
  }

  /** The queue holds as many jobs as its {@code max_depth} allows. */
  public static final class QueueFull extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the queue and its {@link QueueSettings#depthMax}. */
    public QueueFull(String queue, long depthMax) {
      this("queue " + queue + " is full (max_depth " + depthMax + "): send again later");
    }

    /** As a broker elsewhere said it. */
    public QueueFull(String message) {
      super(message, null);
    }

    @Override
    public boolean isTransient() {
      return true;
    }
  }

  /** The disk is below its low-water mark; certainly not stored. */
  public static final class DiskFull extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With what is short, and where. */
    public DiskFull(String message) {
      super(message, null);
    }

    @Override
    public boolean isTransient() {
      return true;
    }
  }

  /** The lease ran out or the job was settled: somebody else may have it by now. */
  public static final class LeaseLost extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the job that is not the caller's any more. */
    public LeaseLost(String what) {
      super(
          "lease lost: " + what + "; it was settled before, or somebody else may have it by now",
          null);
    }
  }

  /** The session is not held any longer by this consumer. */
  public static final class SessionLost extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the name of the session. */
    public SessionLost(String session) {
      super("session lost: " + session + "; accept it again", null);
    }
  }

  /** Somebody else holds the session that was asked for by its name. */
  public static final class SessionLocked extends BrokerException {
    private static final long serialVersionUID = 1L;
    private final Instant heldUntil;

    private SessionLocked(Instant heldUntil, String message) {
      super(message, null);
      this.heldUntil = heldUntil;
    }

    /**
     * @param heldUntil when it is free, unless its consumer renews it
     */
    public SessionLocked(String session, Instant heldUntil) {
      this(
          heldUntil,
          "session "
              + session
              + " is held until "
              + heldUntil
              + ": wait for it, or try again then");
    }

    /** As a broker elsewhere said it. */
    public static SessionLocked said(String message, Instant heldUntil) {
      return new SessionLocked(heldUntil, message);
    }

    /** When it is free, unless its consumer renews it. */
    public Instant heldUntil() {
      return heldUntil;
    }

    @Override
    public boolean isTransient() {
      return true;
    }
  }

  /** The caller may not do that, whatever it sends. */
  public static final class NotAuthorized extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the right that is missing, as far as the broker says. */
    public NotAuthorized(String message) {
      super(message, null);
    }
  }

  /** This broker cannot do that; {@link Limits} tells beforehand. */
  public static final class Unsupported extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the capability that the broker lacks. */
    public Unsupported(String message) {
      super(message, null);
    }
  }

  /** Not now: starting, closing, failed before the write, or out of reach. Certainly not stored. */
  public static sealed class Unavailable extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With the reason. */
    public Unavailable(String message) {
      super(message, null);
    }

    /** With the reason, and the failure behind it. */
    public Unavailable(String message, Throwable cause) {
      super(message, cause);
    }

    @Override
    public boolean isTransient() {
      return true;
    }
  }

  /** There was no answer in time; certainly nothing was changed. */
  public static final class Timeout extends Unavailable {
    private static final long serialVersionUID = 1L;

    /** With what was waited for, and how long. */
    public Timeout(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The caller asks too often; certainly not stored. */
  public static final class Throttled extends Unavailable {
    private static final long serialVersionUID = 1L;

    /** With the limit, as far as the broker says. */
    public Throttled(String message) {
      super(message);
    }
  }

  /** The store or the connection failed during the write: retry with the same id or key. */
  public static final class OutcomeUnknown extends BrokerException {
    private static final long serialVersionUID = 1L;

    /** With what was under way, and the failure that came between. */
    public OutcomeUnknown(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
