package dev.afterbay;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a queue treats its messages. Durable, and in force from the next claim or send.
 *
 * @param lease how long a receiver keeps a message before it counts as lost; 100 ms to 12 h
 * @param maxAttempts attempts in all before a job is failed; {@link #UNLIMITED} for no end
 * @param giveUpAfter a job that fails when it is older than this is failed; null: never too old
 * @param dedupWindow how long a key is remembered from the first message on
 * @param retention how long ended jobs are kept
 * @param timeToLive for messages without one of their own; null: for ever
 * @param depthMax most jobs that have not ended; a send that would exceed it is {@link
 *     BrokerException.QueueFull}, while what was accepted once can always come back; at least 1;
 *     null: as many as the disk holds
 * @param unsettledMax most jobs that consumers have and have not settled, and most sessions that
 *     they hold, for each is kept in memory; whoever asks for more waits; at least 1
 */
public record QueueSettings(
    DeliveryMode delivery,
    Order order,
    Duration lease,
    int maxAttempts,
    RetryPolicy backoff,
    @Nullable Duration giveUpAfter,
    Duration dedupWindow,
    Retention retention,
    @Nullable Duration timeToLive,
    @Nullable Long depthMax,
    int unsettledMax) {

  public static final int UNLIMITED = Integer.MAX_VALUE;

  public static final int UNSETTLED_STANDARD = 100_000;

  public static final Duration LEASE_MIN = Duration.ofMillis(100);
  public static final Duration LEASE_MAX = Duration.ofHours(12);

  /** Kept once done if the queue says nothing and the message is tracked (model.md). */
  public static final Duration TRACKED_RETENTION = Duration.ofHours(24);

  /** The decisions of model.md. */
  public static final QueueSettings STANDARD =
      new QueueSettings(
          DeliveryMode.AT_LEAST_ONCE,
          Order.PRIORITY,
          Duration.ofSeconds(30),
          3,
          RetryPolicy.STANDARD,
          null,
          Duration.ofMinutes(5),
          Retention.STANDARD,
          null,
          null,
          UNSETTLED_STANDARD);

  public QueueSettings {
    Check.that(
        lease.compareTo(LEASE_MIN) >= 0 && lease.compareTo(LEASE_MAX) <= 0,
        "lease",
        "must be 100ms to 12h");
    Check.that(maxAttempts >= 1, "max_attempts", "must be at least 1, or unlimited");
    Check.duration("give_up_after", giveUpAfter, Message.DURATION_MAX);
    Check.duration("dedup_window", dedupWindow, Message.DURATION_MAX);
    Check.duration("ttl", timeToLive, Message.DURATION_MAX);
    Check.that(depthMax == null || depthMax >= 1, "max_depth", "must be at least 1");
    Check.that(unsettledMax >= 1, "max_unsettled", "must be at least 1");
  }

  /** What a receiver may see of a message. */
  public enum DeliveryMode {
    /** Handed out again until it is settled. */
    AT_LEAST_ONCE,
    /** Removed durably before it is handed out, so never handed out twice; it may be lost. */
    AT_MOST_ONCE
  }

  /** Which message comes first. */
  public enum Order {
    /** The highest priority, then the oldest. */
    PRIORITY,
    /** The oldest, one at a time: all messages are in one session. */
    FIFO
  }

  /**
   * How long ended jobs are kept; zero: not at all.
   *
   * @param done null: {@link #TRACKED_RETENTION} for tracked messages, zero for plain ones
   * @param failed how long the failed are kept for somebody to redrive
   */
  public record Retention(@Nullable Duration done, Duration failed) {

    public static final Retention STANDARD = new Retention(null, Duration.ofDays(30));

    public Retention {
      Check.duration("retention.done", done, Message.DURATION_MAX);
      Check.duration("retention.failed", failed, Message.DURATION_MAX);
    }

    /** How long a job of the given message is kept once it is done or cancelled. */
    public Duration doneOf(Message.Options options) {
      if (done != null) {
        return done;
      }
      return options.tracked() ? TRACKED_RETENTION : Duration.ZERO;
    }
  }

  /** With that promise of delivery. */
  public QueueSettings delivery(DeliveryMode delivery) {
    return with(next -> next.delivery = delivery);
  }

  /** With that order of messages. */
  public QueueSettings order(Order order) {
    return with(next -> next.order = order);
  }

  /** With leases of that length, 100 ms to 12 h. */
  public QueueSettings lease(Duration lease) {
    return with(next -> next.lease = lease);
  }

  /** With so many attempts, or {@link #UNLIMITED}. */
  public QueueSettings maxAttempts(int maxAttempts) {
    return with(next -> next.maxAttempts = maxAttempts);
  }

  /** With those pauses between attempts. */
  public QueueSettings backoff(RetryPolicy backoff) {
    return with(next -> next.backoff = backoff);
  }

  /** With an age after which a failed attempt is the last one; null: none. */
  public QueueSettings giveUpAfter(@Nullable Duration giveUpAfter) {
    return with(next -> next.giveUpAfter = giveUpAfter);
  }

  /** With keys that are remembered for so long. */
  public QueueSettings dedupWindow(Duration dedupWindow) {
    return with(next -> next.dedupWindow = dedupWindow);
  }

  /** With ended jobs that are kept for so long. */
  public QueueSettings retention(Retention retention) {
    return with(next -> next.retention = retention);
  }

  /** With a time to live for messages that have none of their own; null: none. */
  public QueueSettings timeToLive(@Nullable Duration timeToLive) {
    return with(next -> next.timeToLive = timeToLive);
  }

  /** With at most so many jobs that have not ended; null: as many as the disk holds. */
  public QueueSettings depthMax(@Nullable Long depthMax) {
    return with(next -> next.depthMax = depthMax);
  }

  /** With at most so many jobs at consumers. */
  public QueueSettings unsettledMax(int unsettledMax) {
    return with(next -> next.unsettledMax = unsettledMax);
  }

  private QueueSettings with(Consumer<Fields> change) {
    Fields next = new Fields(this);
    change.accept(next);
    return next.made();
  }

  /** All components, to change one of them. */
  private static final class Fields {
    private DeliveryMode delivery;
    private Order order;
    private Duration lease;
    private int maxAttempts;
    private RetryPolicy backoff;
    private @Nullable Duration giveUpAfter;
    private Duration dedupWindow;
    private Retention retention;
    private @Nullable Duration timeToLive;
    private @Nullable Long depthMax;
    private int unsettledMax;

    Fields(QueueSettings from) {
      delivery = from.delivery;
      order = from.order;
      lease = from.lease;
      maxAttempts = from.maxAttempts;
      backoff = from.backoff;
      giveUpAfter = from.giveUpAfter;
      dedupWindow = from.dedupWindow;
      retention = from.retention;
      timeToLive = from.timeToLive;
      depthMax = from.depthMax;
      unsettledMax = from.unsettledMax;
    }

    QueueSettings made() {
      return new QueueSettings(
          delivery,
          order,
          lease,
          maxAttempts,
          backoff,
          giveUpAfter,
          dedupWindow,
          retention,
          timeToLive,
          depthMax,
          unsettledMax);
    }
  }
}
