package dev.afterbay.store;

import dev.afterbay.JobId;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of one session that have not ended, in the order of acceptance.
 *
 * <p>Invariants: at most one of them is active or in READY, and that is the first (a redriven older
 * job waits until the active one comes back); none is in READY while the session is held.
 */
final class Line {

  final Book book;
  final String session;
  final byte[] prefix;
  final Window<Long, JobId> members;

  /** Who holds the session. */
  @Nullable Held held;

  /** The one that is in READY. */
  @Nullable JobId offered;

  /** The one that is active. */
  @Nullable JobId active;

  Line(Book book, String session, int windowMax, boolean complete) {
    this.book = book;
    this.session = session;
    this.prefix = Keys.line(book.name, session);
    this.members = new Window<>(windowMax, complete);
  }

  /** Nothing would be lost if it were read again when it is needed. */
  boolean isIdle() {
    return held == null && active == null;
  }
}
