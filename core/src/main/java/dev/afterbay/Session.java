package dev.afterbay;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A receiver of one session: its messages in the order sent, one at a time, to nobody else.
 *
 * <p>{@code receive} throws {@link BrokerException.SessionLost} once the session is not held.
 */
public interface Session extends Receiver {

  /** Its name; empty text in a fifo queue. */
  String name();

  /** Lets the session be used from elsewhere. */
  SessionToken token();

  /** When the session is lost unless it is renewed; a wall time to show. */
  Instant heldUntil();

  /**
   * Keeps the session for another lease from now on.
   *
   * @param lease null: as long as it was accepted for
   * @throws BrokerException.SessionLost if it is not held any longer
   */
  void renew(@Nullable Duration lease);
}
