package dev.afterbay.store;

import dev.afterbay.ReceiveOptions.Types;
import org.jspecify.annotations.Nullable;

/**
 * A request for jobs.
 *
 * @param leaseTicks milliseconds
 * @param detached the consumer is outside of this process, see {@link dev.afterbay.Lease}
 * @param max at most so many
 * @param held only from this session, which the claimant holds; null: from any that is free
 * @param bytesMax the jobs have at most so many bytes together ({@link dev.afterbay.Job#bytes}), or
 *     there is only one
 */
public record Claim(
    String queue,
    String consumer,
    long leaseTicks,
    boolean detached,
    int max,
    Types types,
    @Nullable SessionLease held,
    long bytesMax) {

  /** With the limit {@link Store#BYTES_STANDARD}. */
  public Claim(
      String queue,
      String consumer,
      long leaseTicks,
      boolean detached,
      int max,
      Types types,
      @Nullable SessionLease held) {
    this(queue, consumer, leaseTicks, detached, max, types, held, Store.BYTES_STANDARD);
  }
}
