package dev.afterbay;

import static dev.afterbay.QueueSettings.UNLIMITED;

import dev.afterbay.State.Transition;
import dev.afterbay.Status.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The life of one message.
 *
 * <pre>
 *                 +-------- Retry, lapse (later) --------+
 *                 |  +----- Release (now, uncounted) ----+
 *                 v  v                                   |
 *   send --&gt; PENDING(due) --------- claim -------&gt; PROCESSING(lease)
 *             |   ^   |                               |    |    |
 *             |   |   +-- time to live over -&gt; FAILED &lt;+   |    +--&gt; CANCELLED (requested, then
 *             |   |                    (or gone) | Fail,  |              Retry or lapse)
 *             |   |                              | no more| Done
 *             |   +--------- redrive ------------+attempts v
 *             |   +--------- redrive -------------------- DONE (or gone)
 *             v   +--------- redrive ------+
 *           CANCELLED ---------------------+        WAITING(left, failed) --&gt; PENDING | CANCELLED
 * </pre>
 *
 * <p>This class is the only place that knows these transitions. Each is a pure function: time and
 * chance are arguments, so that every replica of a job comes to the same answer. An illegal one
 * throws {@link IllegalStateException}.
 *
 * <p>A job that ended is kept for its retention; where that is zero, its state is {@link
 * Status.Gone} and the store forgets it in the same step.
 *
 * @param line the session whose order it keeps; empty text in a fifo queue; null: none
 * @param seq order of acceptance within the store, which assigns it; kept through retries
 * @param rank ready order before {@code seq}; the inverted priority
 * @param history the latest {@value #HISTORY_MAX} attempts, the latest last
 */
public record Job(
    JobId id,
    String queue,
    Message message,
    @Nullable String line,
    long seq,
    long rank,
    State state,
    List<Attempt> history,
    Instant createdAt) {

  public static final int HISTORY_MAX = 32;

  /** What a {@link #bare} job has of {@link #bytes}. */
  public static final long BARE_BYTES = 256;

  static final long CHAR_BYTES = 2;

  /** The error of a job whose time to live was over before any attempt failed. */
  private static final String EXPIRED = "expired";

  private static final String LAPSED = "lease lapsed";

  public Job {
    history = List.copyOf(history);
    assert history.size() <= HISTORY_MAX : history.size();
  }

  /**
   * A message that was just accepted.
   *
   * @throws BrokerException.Rejected if its session contradicts the queue's order
   */
  public static Job created(
      JobId id, String queue, Message message, QueueSettings settings, Moment now) {
    Message.Options options = message.options();
    boolean fifo = settings.order() == QueueSettings.Order.FIFO;
    Check.that(
        !fifo || options.session() == null,
        "session",
        "must not be given in a fifo queue: all of its messages are in one session");
    Status status = new Status.Pending(dueOf(options, now));
    State state = State.accepted(status, now.wall());
    Message kept = withTimeToLive(message, settings);
    String line = fifo ? "" : options.session();
    long rank = (long) Message.PRIORITY_MAX - options.priority();
    return new Job(id, queue, kept, line, 0, rank, state, List.of(), now.wall());
  }

  /** Handed out under a lease; counts as a try from now on, so that a crash counts too. */
  public Transition claimed(Lease lease, Moment now) {
    require(status() instanceof Status.Pending, "claim");
    State after = state.handedOut(new Status.Processing(lease), now.wall());
    return new Transition(after, null, Event.Type.LEASED);
  }

  /** Handed out at most once: gone before its receiver sees it. */
  public Transition claimedForever(Moment now) {
    require(status() instanceof Status.Pending, "claim");
    return new Transition(state.handedOut(new Status.Gone(), now.wall()), null, Event.Type.LEASED);
  }

  /** The end of an attempt, as its consumer says. */
  public Transition settled(
      Outcome outcome, QueueSettings settings, Moment now, RandomGenerator random) {
    Attempt attempt = attempt(outcome, now);
    return switch (outcome) {
      case Outcome.Done _ -> end(done(settings, now), attempt, Event.Type.DONE, now);
      case Outcome.Fail(String reason) -> {
        Status failed = failed(Reason.ofFailure(reason), reason, settings, now);
        yield end(failed, attempt, Event.Type.FAILED, now);
      }
      case Outcome.Release _ -> released(settings, now);
      case Outcome.Retry(String reason, Duration own) -> {
        Duration delay =
            own != null ? own : settings.backoff().delayAfter(state.attempts(), random);
        yield retried(reason, delay, attempt, Event.Type.RETRIED, settings, now);
      }
    };
  }

  /** The lease ran out: counts as an attempt, for a job that kills its worker must end. */
  public Transition lapsed(QueueSettings settings, Moment now, RandomGenerator random) {
    Attempt attempt = attempt(Outcome.retry(LAPSED), now);
    Duration delay = settings.backoff().delayAfter(state.attempts(), random);
    return retried(LAPSED, delay, attempt, Event.Type.LAPSED, settings, now);
  }

  /** Its consumer is known to be gone: counted, but due at once. */
  public Transition orphaned(String why, QueueSettings settings, Moment now) {
    Attempt attempt = attempt(new Outcome.Retry(why, Duration.ZERO), now);
    return retried(why, Duration.ZERO, attempt, Event.Type.LAPSED, settings, now);
  }

  /** Handed back without having been tried: uncounted, due at once. */
  public Transition released(QueueSettings settings, Moment now) {
    Attempt attempt = attempt(Outcome.release(), now);
    if (state.cancelRequested()) {
      return end(cancelledStatus(settings, now), attempt, Event.Type.CANCELLED, now);
    }
    Status status = new Status.Pending(new Due.AtTick(now.tick()));
    State after = state.ended(status, state.attempts() - 1, now.wall());
    return new Transition(after, attempt, Event.Type.RELEASED);
  }

  /** The time to live is over. */
  public Transition expired(QueueSettings settings, Moment now) {
    require(status() instanceof Status.Pending && isExpired(now), "expire");
    String last = lastError();
    Status failed = failed(Reason.EXPIRED, last == null ? EXPIRED : last, settings, now);
    State after = state.next(failed, state.attempts(), now.wall());
    return new Transition(after, null, Event.Type.EXPIRED);
  }

  /** A processing job is only asked to stop: its handler can see that. */
  public Transition cancelled(QueueSettings settings, Moment now) {
    boolean processing = status() instanceof Status.Processing;
    require(processing || !status().kind().isFinal(), "cancel");
    State after =
        processing
            ? state.askedToStop()
            : state.cancelled(cancelledStatus(settings, now), now.wall());
    return new Transition(after, null, Event.Type.CANCELLED);
  }

  /** A fresh set of attempts for a job that ended; its place, session and history stay. */
  public Transition redriven(Moment now) {
    require(status().kind().isFinal(), "redrive");
    State after = state.redriven(new Status.Pending(new Due.AtTick(now.tick())), now.wall());
    return new Transition(after, null, Event.Type.REDRIVEN);
  }

  /** Due at another time; now is one. */
  public Transition rescheduled(Due due, Moment now) {
    require(status() instanceof Status.Pending, "reschedule");
    return rescheduledTo(due, now);
  }

  private Transition rescheduledTo(Due due, Moment now) {
    State after = state.rescheduled(new Status.Pending(due), due.shown(now), now.wall());
    boolean later = !due.isOver(now);
    return new Transition(after, null, later ? Event.Type.SCHEDULED : Event.Type.ENQUEUED);
  }

  /**
   * One of the jobs that this one waits for has ended. After the last one it is due, or cancelled
   * if any of them was not done: what it was to build on is not there (store.md, rule 9).
   */
  public Transition predecessorEnded(boolean good, QueueSettings settings, Moment now) {
    if (!(status() instanceof Status.Waiting(int left, int failed))) {
      throw new IllegalStateException("cannot count down " + id + ": " + status());
    }
    int nowFailed = good ? failed : failed + 1;
    if (left > 1) {
      Status status = new Status.Waiting(left - 1, nowFailed);
      return new Transition(state.next(status, state.attempts(), now.wall()), null, null);
    }
    if (nowFailed > 0) {
      Status status = cancelledStatus(settings, now);
      State after = state.next(status, state.attempts(), now.wall());
      return new Transition(after, null, Event.Type.CANCELLED);
    }
    return rescheduledTo(dueOf(message.options(), now), now);
  }

  /** Where it is in its life. */
  public Status status() {
    return state.status();
  }

  /** The lease of a processing job. */
  public Lease lease() {
    if (status() instanceof Status.Processing(Lease lease)) {
      return lease;
    }
    throw new IllegalStateException(id + " is not being processed: " + status());
  }

  /** The latest error, or null if no attempt failed. */
  public @Nullable String lastError() {
    if (status() instanceof Status.Failed(_, _, String error)) {
      return error;
    }
    Attempt failure = lastFailure();
    return failure == null ? null : failure.error();
  }

  /** The last attempt with an error; null: there was none, or it is not in this history. */
  public @Nullable Attempt lastFailure() {
    return history.reversed().stream().filter(it -> it.error() != null).findFirst().orElse(null);
  }

  /** The end of its time to live, which counts until it is redriven; null: never. */
  public @Nullable Instant expiresAt() {
    Duration timeToLive = message.options().timeToLive();
    return timeToLive == null || state.redrives() > 0 ? null : createdAt.plus(timeToLive);
  }

  /** Whether its time to live is over. */
  public boolean isExpired(Moment now) {
    Instant end = expiresAt();
    return end != null && !end.isAfter(now.wall());
  }

  /** Tries in all before it is failed. */
  public int maxAttempts(QueueSettings settings) {
    Integer own = message.options().maxAttempts();
    return own != null ? own : settings.maxAttempts();
  }

  /** It is forgotten; a consumer that works on it finds the lease lost. */
  public Transition deleted(Moment now) {
    return new Transition(
        state.next(new Status.Gone(), state.attempts(), now.wall()), null, Event.Type.DELETED);
  }

  /** With the place that the store assigned. */
  public Job accepted(long seq) {
    return new Job(id, queue, message, line, seq, rank, state, history, createdAt);
  }

  /**
   * Without body, attributes and history: all that a transition needs, but for {@link #expired}.
   */
  public Job bare() {
    boolean isBare = message.body().length == 0 && message.attributes().isEmpty();
    if (isBare && history.isEmpty()) {
      return this;
    }
    Message left = isBare ? message : message.bare();
    return new Job(id, queue, left, line, seq, rank, state, List.of(), createdAt);
  }

  /** The same job with another message, such as its own with the body. */
  public Job with(Message message) {
    return new Job(id, queue, message, line, seq, rank, state, history, createdAt);
  }

  /** The same job in another state, and with one more attempt in its history if one ended. */
  public Job with(State state, @Nullable Attempt ended) {
    return new Job(id, queue, message, line, seq, rank, state, longer(history, ended), createdAt);
  }

  private Transition retried(
      String reason,
      Duration delay,
      Attempt attempt,
      Event.Type event,
      QueueSettings settings,
      Moment now) {
    if (state.cancelRequested()) {
      return end(cancelledStatus(settings, now), attempt, Event.Type.CANCELLED, now);
    }
    if (isExpired(now)) {
      return end(failed(Reason.EXPIRED, reason, settings, now), attempt, Event.Type.EXPIRED, now);
    }
    Reason over = whyOver(settings, now);
    if (over != null) {
      return end(failed(over, reason, settings, now), attempt, Event.Type.FAILED, now);
    }
    long millis = millisRoundedUp(delay);
    // With the pause that was chosen, so that it can still be told when the next one became due.
    Outcome retry = new Outcome.Retry(reason, Duration.ofMillis(millis));
    Attempt timed = new Attempt(attempt.consumer(), attempt.startedAt(), attempt.endedAt(), retry);
    return end(new Status.Pending(new Due.AtTick(now.tick() + millis)), timed, event, now);
  }

  private @Nullable Reason whyOver(QueueSettings settings, Moment now) {
    int max = maxAttempts(settings);
    if (max != UNLIMITED && state.attempts() >= max) {
      return Reason.MAX_ATTEMPTS;
    }
    Duration age = Duration.between(state.since(), now.wall());
    Duration oldest = settings.giveUpAfter();
    if (oldest != null && age.compareTo(oldest) >= 0) {
      return Reason.GIVEN_UP;
    }
    return null;
  }

  private Transition end(Status status, Attempt attempt, Event.Type event, Moment now) {
    return new Transition(state.ended(status, state.attempts(), now.wall()), attempt, event);
  }

  private Attempt attempt(Outcome outcome, Moment now) {
    Lease lease = lease();
    return new Attempt(lease.consumer(), lease.since(), now.wall(), outcome);
  }

  private Status done(QueueSettings settings, Moment now) {
    boolean kept = !settings.retention().doneOf(message.options()).isZero();
    return kept ? new Status.Done(now.wall()) : new Status.Gone();
  }

  private Status cancelledStatus(QueueSettings settings, Moment now) {
    boolean kept = !settings.retention().doneOf(message.options()).isZero();
    return kept ? new Status.Cancelled(now.wall()) : new Status.Gone();
  }

  private static Status failed(Reason reason, String error, QueueSettings settings, Moment now) {
    boolean kept = !settings.retention().failed().isZero();
    return kept ? new Status.Failed(now.wall(), reason, error) : new Status.Gone();
  }

  private static Due dueOf(Message.Options options, Moment now) {
    if (options.notBefore() != null) {
      return new Due.At(options.notBefore());
    }
    Duration delay = options.delay();
    return new Due.AtTick(now.tick() + (delay == null ? 0 : millisRoundedUp(delay)));
  }

  private static Message withTimeToLive(Message message, QueueSettings settings) {
    Duration standard = settings.timeToLive();
    boolean own = message.options().timeToLive() != null;
    return own || standard == null ? message : message.timeToLive(standard);
  }

  /** Due times round up: never early (store.md, rule 5). */
  private static long millisRoundedUp(Duration delay) {
    return delay.plusNanos(999_999).toMillis();
  }

  private static List<Attempt> longer(List<Attempt> history, @Nullable Attempt ended) {
    if (ended == null) {
      return history;
    }
    List<Attempt> all = new ArrayList<>(history);
    all.add(ended);
    return all.subList(Math.max(0, all.size() - HISTORY_MAX), all.size());
  }

  /**
   * About how many bytes of memory it takes: its body, attributes and history, of whose texts a
   * character may take two, and something for the rest.
   */
  public long bytes() {
    long bytes = BARE_BYTES + message.body().length;
    for (Map.Entry<String, String> attribute : message.attributes().entrySet()) {
      bytes += CHAR_BYTES * (attribute.getKey().length() + attribute.getValue().length());
    }
    for (Attempt attempt : history) {
      bytes += attempt.bytes();
    }
    return bytes;
  }

  private void require(boolean allowed, String transition) {
    if (!allowed) {
      throw new IllegalStateException("cannot " + transition + " " + id + ": " + status());
    }
  }
}
