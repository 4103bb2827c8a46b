package dev.afterbay.ledger;

import dev.afterbay.JobId;
import dev.afterbay.store.SessionLease;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of one session that have not ended, in the order of acceptance.
 *
 * <p>Invariants: at most one of them is being processed or in READY, and that is the first (a
 * redriven older job waits until the processing one comes back); none is in READY while the session
 * is held.
 */
final class SessionQueue {

  final QueueEntry queue;
  final String session;
  final byte[] prefix;
  final LaneWindow<Long, JobId> members;

  /** Who holds the session. */
  @Nullable SessionLease held;

  /** The one that is in READY. */
  @Nullable JobId offered;

  /** The one that is being processed. */
  @Nullable JobId processing;

  SessionQueue(QueueEntry queue, String session, int windowMax, boolean complete) {
    this.queue = queue;
    this.session = session;
    this.prefix = Keys.line(queue.name, session);
    this.members = new LaneWindow<>(windowMax, complete);
  }

  /** Nothing would be lost if it were read again when it is needed. */
  boolean isIdle() {
    return held == null && processing == null;
  }
}
