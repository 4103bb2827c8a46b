package dev.afterbay;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One named queue of a {@link Broker}. Safe for use by many threads.
 *
 * <p>Where a capability is missing (see {@link #limits()}), its methods throw {@link
 * BrokerException.Unsupported}.
 */
public interface Queue {

  /** Its name. */
  String name();

  /** What this queue can do and how much it takes. */
  Limits limits();

  /**
   * Sends messages, all or none. On return they are as durable as this broker makes anything.
   *
   * @return where each went, in the same order
   * @throws BrokerException.Rejected if a message is over {@link #limits()}
   * @throws BrokerException.QueueFull if the queue would be deeper than its settings allow
   * @throws BrokerException.DiskFull if nothing more may be stored now
   * @throws BrokerException.OutcomeUnknown if it failed half-way; only a key makes a retry safe
   */
  List<SendResult> send(List<Message> messages);

  /** Sends one message, see {@link #send(List)}. */
  default JobId send(Message message) {
    return send(List.of(message)).getFirst().id();
  }

  /** Opens a receiver of any message. Closing it hands back what it has not settled. */
  default Receiver receiver() {
    return receiver(ReceiveOptions.STANDARD);
  }

  /** Opens a receiver; closing it hands back what it has not settled. */
  Receiver receiver(ReceiveOptions receiving);

  /**
   * Takes the named session, or with no name the free one that has waited longest with a message
   * that is due, for this caller alone.
   *
   * @param name in a fifo queue null: its one session
   * @return the session, or empty if none came free within {@code wait}
   * @throws BrokerException.Rejected if it is no name of a session of this queue
   * @throws BrokerException.SessionLocked if {@code wait} is zero, and somebody holds the session
   *     of that name
   */
  Optional<Session> session(@Nullable String name, Duration wait, ReceiveOptions receiving)
      throws InterruptedException;

  /** The session that was accepted under this token, which need not have happened here. */
  Session session(Session.Token token, ReceiveOptions receiving);

  /**
   * The messages that would come next, without leasing them.
   *
   * @param max at least 1; more than {@link Receiver#RECEIVE_MAX} counts as that
   * @param bytesMax they have at most so many bytes together ({@link Job#bytes}), or there is only
   *     one; a broker elsewhere may have a limit of its own
   */
  List<Job> peek(int max, long bytesMax);

  /** With the limit {@link ReceiveOptions#BYTES_STANDARD}. */
  default List<Job> peek(int max) {
    return peek(max, ReceiveOptions.BYTES_STANDARD);
  }

  /**
   * Settles detached deliveries.
   *
   * @return for each in order what went wrong, or empty: most often {@link
   *     BrokerException.LeaseLost}
   */
  List<Optional<BrokerException>> settle(List<Settlement> settlements);

  /** Settles one detached delivery, and throws what went wrong. */
  default void settle(Receipt receipt, Outcome outcome) {
    settle(List.of(new Settlement(receipt, outcome)))
        .getFirst()
        .ifPresent(e -> {
          throw e;
        });
  }

  /**
   * Keeps the jobs of detached deliveries for another lease from now on.
   *
   * @param lease null: as long as the queue's leases are
   */
  List<Optional<BrokerException>> renew(List<Receipt> receipts, @Nullable Duration lease);

  /**
   * Where the attempt of a detached delivery tells how far it is; it or its methods throw {@link
   * BrokerException.LeaseLost} where the receipt holds nothing.
   */
  default JobContext context(Receipt receipt) {
    throw new BrokerException.Unsupported("this broker keeps no record of what an attempt tells");
  }

  /** How many jobs are in which state. */
  QueueStats stats();

  /**
   * Its failed jobs, to count and to receive them; empty where the provider has no such calls (SQS:
   * there they are a queue of their own).
   */
  default Optional<DeadLetters> deadLetters() {
    return Optional.empty();
  }

  /**
   * What an administrator does with this queue; empty where the provider has no such calls (SQS,
   * Service Bus: there it is done with their own tools).
   */
  Optional<QueueAdmin> admin();
}
