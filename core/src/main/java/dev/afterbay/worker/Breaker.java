package dev.afterbay.worker;

import dev.afterbay.Event;
import dev.afterbay.Outcome;

/**
 * Whether a handler is given work.
 *
 * <pre>
 *   CLOSED --failures--&gt; OPEN --its time is over--&gt; HALF_OPEN --successes--&gt; CLOSED
 *                         ^---------- a failure --------+
 * </pre>
 *
 * <p>Every transition is a pure function: time is an argument. A state that nothing changes is
 * returned as it is, so that a caller sees a change by comparing identities.
 */
sealed interface Breaker {

  /**
   * @param failures in a row so far
   */
  record Closed(int failures) implements Breaker {
    static final Closed START = new Closed(0);
  }

  record Open(long untilTick) implements Breaker {}

  /**
   * Tries one job at a time.
   *
   * @param successes in a row so far
   * @param probing one is being tried now
   */
  record HalfOpen(int successes, boolean probing) implements Breaker {}

  /** What an attempt says about the target. */
  enum Verdict {
    SUCCESS,
    FAILURE,
    /** Nothing: the target refused this very job, or was never asked. */
    NONE;

    static Verdict of(Outcome outcome) {
      return switch (outcome) {
        case Outcome.Done _ -> SUCCESS;
        case Outcome.Retry _ -> FAILURE;
        case Outcome.Fail _, Outcome.Release _ -> NONE;
      };
    }
  }

  /** The state at this tick, if no attempt ends meanwhile. */
  default Breaker at(long tick) {
    return this instanceof Open(long until) && tick >= until ? new HalfOpen(0, false) : this;
  }

  /** How many more attempts may begin now, of the given number. */
  default int admits(int attempts) {
    return switch (this) {
      case Closed _ -> attempts;
      case Open _ -> 0;
      case HalfOpen(int _, boolean probing) -> probing ? 0 : Math.min(1, attempts);
    };
  }

  /** An admitted attempt begins: a probe if this is half open. */
  default Breaker begun() {
    return this instanceof HalfOpen(int successes, boolean _)
        ? new HalfOpen(successes, true)
        : this;
  }

  /**
   * An attempt ended.
   *
   * @param probe it began while half open; others say nothing about a target that had its rest
   */
  default Breaker ended(Verdict verdict, boolean probe, BreakerSettings settings, long tick) {
    return switch (this) {
      case Closed(int failures) -> closedAfter(verdict, failures, settings, tick);
      case Open _ -> this;
      case HalfOpen(int successes, boolean _) ->
          probe ? halfOpenAfter(verdict, successes, settings, tick) : this;
    };
  }

  /** The word for watchers. */
  default Event.Type event() {
    return switch (this) {
      case Closed _ -> Event.Type.BREAKER_CLOSED;
      case Open _ -> Event.Type.BREAKER_OPENED;
      case HalfOpen _ -> Event.Type.BREAKER_HALF_OPEN;
    };
  }

  private Breaker closedAfter(Verdict verdict, int failures, BreakerSettings settings, long tick) {
    return switch (verdict) {
      case SUCCESS -> failures == 0 ? this : Closed.START;
      case FAILURE ->
          failures + 1 < settings.failures() ? new Closed(failures + 1) : open(settings, tick);
      case NONE -> this;
    };
  }

  private static Breaker halfOpenAfter(
      Verdict verdict, int successes, BreakerSettings settings, long tick) {
    return switch (verdict) {
      case SUCCESS ->
          successes + 1 < settings.successes() ? new HalfOpen(successes + 1, false) : Closed.START;
      case FAILURE -> open(settings, tick);
      case NONE -> new HalfOpen(successes, false);
    };
  }

  private static Breaker open(BreakerSettings settings, long tick) {
    return new Open(tick + settings.open().toMillis());
  }
}
