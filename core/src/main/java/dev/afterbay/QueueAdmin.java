package dev.afterbay;

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
}
