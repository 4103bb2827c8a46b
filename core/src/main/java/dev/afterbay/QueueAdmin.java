package dev.afterbay;

import org.jspecify.annotations.Nullable;

/**
 * What an administrator does with one queue: its settings, its pauses, and the removal of what is
 * in it. Got by {@link Queue#admin}. Safe for use by many threads.
 *
 * <pre>{@code
 * QueueAdmin orders = broker.queue("orders").admin().orElseThrow();
 * orders.configure(orders.settings().maxAttempts(5));
 * orders.pause("the shop is closed");
 * }</pre>
 */
public interface QueueAdmin {

  /** Whether the queue exists, that is, was configured or got a message. */
  boolean exists();

  /** The settings in force: those configured, else those of the broker. */
  QueueSettings settings();

  /**
   * Replaces the settings, durably; in force from the next claim or send.
   *
   * @throws BrokerException.Conflict if order or delivery changes while jobs have not ended
   */
  void configure(QueueSettings settings);

  /** Whether it is active, paused or draining, and why. */
  QueueState state();

  /** No claims until it is resumed; sends go on. */
  void pause(String reason);

  /** No sends until it is resumed; claims go on. */
  void drain(String reason);

  /** Ends a pause or a drain. */
  void resume();

  /**
   * Removes jobs that are in the given state.
   *
   * @param kind PENDING, DONE, FAILED or CANCELLED
   * @return how many
   */
  long purge(Status.Kind kind);

  /**
   * Removes the queue with its settings.
   *
   * @throws BrokerException.Conflict if it holds jobs and {@code force} is not given
   */
  void delete(boolean force);

  /** Gives failed jobs a fresh set of attempts. */
  Redrive.Result redrive(Redrive redrive);

  /**
   * Which failed jobs of a queue get a fresh set of attempts, and how fast: {@link #ALL}, or less
   * of it, such as {@code Redrive.ALL.type("mail").perSecond(10)}.
   *
   * @param type only of this type; null: all
   * @param errorContains only those whose last error contains this text; null: all
   * @param limit at most this many; null: all
   * @param perSecond at this rate, in the background; null: at once
   * @param dryRun only counts
   */
  record Redrive(
      @Nullable String type,
      @Nullable String errorContains,
      @Nullable Long limit,
      @Nullable Integer perSecond,
      boolean dryRun) {

    /** All failed jobs, at once. */
    public static final Redrive ALL = new Redrive(null, null, null, null, false);

    public Redrive {
      Check.that(limit == null || limit >= 1, "limit", "must be at least 1");
      Check.that(perSecond == null || perSecond >= 1, "rate_per_s", "must be at least 1");
    }

    /** Only of this type; null: of any. */
    public Redrive type(@Nullable String type) {
      return new Redrive(type, errorContains, limit, perSecond, dryRun);
    }

    /** Only those whose last error contains this text; null: all. */
    public Redrive errorContains(@Nullable String errorContains) {
      return new Redrive(type, errorContains, limit, perSecond, dryRun);
    }

    /** At most this many; null: all. */
    public Redrive limit(@Nullable Long limit) {
      return new Redrive(type, errorContains, limit, perSecond, dryRun);
    }

    /** At this rate, in the background; null: at once. */
    public Redrive perSecond(@Nullable Integer perSecond) {
      return new Redrive(type, errorContains, limit, perSecond, dryRun);
    }

    /** True: only counts. */
    public Redrive dryRun(boolean dryRun) {
      return new Redrive(type, errorContains, limit, perSecond, dryRun);
    }

    /**
     * What a redrive does.
     *
     * @param matched how many jobs are, or will be, or with a dry run would be redriven
     * @param id names it in the log
     */
    public record Result(long matched, String id) {}
  }
}
