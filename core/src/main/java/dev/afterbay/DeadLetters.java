package dev.afterbay;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of one queue, that is, its failed jobs: counted by what went wrong, and received
 * one by one as a queue's messages are. Got by {@link Queue#deadLetters}. Safe for use by many
 * threads.
 *
 * <pre>{@code
 * DeadLetters dead = broker.queue("orders").deadLetters().orElseThrow();
 * for (DeadLetters.Leased letter : dead.receive(100)) {
 *   dead.settle(letter, isMended(letter.job()) ? End.REDRIVE : End.RETRY);
 * }
 * }</pre>
 *
 * <p>A dead letter that is leased stays failed: it is listed, purged and redriven as any other.
 * Only {@link #receive} passes over it while its lease lives. Leases are kept in the memory of the
 * broker alone, so after its restart all of them are over.
 */
public interface DeadLetters {

  /** Most leases of one queue at a time; beyond that, receiving finds nothing until some end. */
  int LEASED_MAX = 10_000;

  /** The newest jobs that {@link #stats} looks at; of others it knows only the number. */
  int LOOKED_AT_MAX = 100_000;

  /** Fewer dead letters with like errors are no group of {@link Stats#groups}. */
  int GROUP_MIN = 3;

  /** Most groups of {@link Stats#groups}. */
  int GROUPS_MAX = 100;

  /**
   * What the dead letters have in common. Costs a look at each, up to {@link #LOOKED_AT_MAX} or 5
   * s.
   */
  Stats stats();

  /**
   * The dead letters that failed first, leased or not, without leasing them.
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
   * Leases dead letters, those that failed first before others; those that are leased already are
   * passed over. Does not wait: empty if there are none, or {@link #LEASED_MAX} are leased.
   *
   * @param max at least 1; more than {@link Receiver#RECEIVE_MAX} counts as that
   * @param lease null: as long as the queue's leases are
   * @param bytesMax as for {@link #peek(int, long)}
   */
  List<Leased> receive(int max, @Nullable Duration lease, long bytesMax);

  /** With the queue's lease, and the limit {@link ReceiveOptions#BYTES_STANDARD}. */
  default List<Leased> receive(int max) {
    return receive(max, null, ReceiveOptions.BYTES_STANDARD);
  }

  /**
   * Settles leased dead letters, each by itself.
   *
   * @return for each in order what went wrong, or empty: most often {@link
   *     BrokerException.LeaseLost}, where the lease is over, or somebody redrove, purged or deleted
   *     the job meanwhile
   */
  List<Optional<BrokerException>> settle(List<Settled> settled);

  /** Settles one, and throws what went wrong. */
  default void settle(Leased letter, End end) {
    settle(List.of(new Settled(letter.receipt(), end)))
        .getFirst()
        .ifPresent(e -> {
          throw e;
        });
  }

  /**
   * Keeps leased dead letters for another lease from now on.
   *
   * @param lease null: as long as the queue's leases are
   */
  List<Optional<BrokerException>> renew(List<Receipt> receipts, @Nullable Duration lease);

  /**
   * A dead letter that is leased.
   *
   * @param job as it was when it was leased: failed, with its reason and its attempts
   * @param receipt names the lease; opaque
   * @param leasedUntil when the lease ends unless it is renewed; a wall time to show
   */
  record Leased(Job job, Receipt receipt, Instant leasedUntil) {}

  /** How a lease of a dead letter ends. */
  enum End {
    /** It is removed for good. */
    DONE,
    /** It stays a dead letter, and is received again when its lease would have ended. */
    RETRY,
    /** It stays a dead letter, and may be received again at once. */
    RELEASE,
    /** It goes back to its queue with a fresh set of attempts. */
    REDRIVE
  }

  /** A receipt, and what becomes of its dead letter. */
  record Settled(Receipt receipt, End end) {}

  /**
   * What the dead letters of a queue have in common.
   *
   * @param total how many there are
   * @param lookedAt how many of them all that follows is about: the newest {@link #LOOKED_AT_MAX}
   * @param oldest when the first of all failed; null: there are none
   * @param newest when the last one failed; null: there are none
   * @param groups those with like errors, at least {@link #GROUP_MIN} each, the largest first, at
   *     most {@link #GROUPS_MAX}
   * @param ungrouped how many of those looked at are in no group
   * @param byReason how many failed for which reason
   * @param byHour how many failed in each of the last 24 hours, the running one last
   */
  record Stats(
      long total,
      long lookedAt,
      @Nullable Instant oldest,
      @Nullable Instant newest,
      List<Group> groups,
      long ungrouped,
      Map<Status.Reason, Long> byReason,
      List<Hour> byHour) {

    public Stats {
      groups = List.copyOf(groups);
      byReason = Map.copyOf(byReason);
      byHour = List.copyOf(byHour);
    }
  }

  /**
   * Dead letters with like errors.
   *
   * @param fingerprint their error without what differs between them: numbers, ids, quoted texts
   *     and addresses; up to 200 characters, which may change with the version of the broker
   * @param count how many; where there are more than 2,000 different fingerprints it may be too
   *     low, and the rest counts as {@link Stats#ungrouped}
   * @param first when the first of them failed
   * @param last when the last of them failed
   * @param samples a few of them, the newest first
   * @param byType how many of which message type, of the first 20 types
   */
  record Group(
      String fingerprint,
      long count,
      Instant first,
      Instant last,
      List<JobId> samples,
      Map<String, Long> byType) {

    public Group {
      samples = List.copyOf(samples);
      byType = Map.copyOf(byType);
    }
  }

  /** How many failed in the hour that begins then. */
  record Hour(Instant from, long count) {}
}
