package dev.afterbay;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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
  Token token();

  /** When the session is lost unless it is renewed; a wall time to show. */
  Instant heldUntil();

  /**
   * Keeps the session for another lease from now on.
   *
   * @param lease null: as long as it was accepted for
   * @throws BrokerException.SessionLost if it is not held any longer
   */
  void renew(@Nullable Duration lease);

  /** Most bytes of a session's state: 64 KiB. */
  int STATE_BYTES_MAX = 64 << 10;

  /**
   * What a consumer of this session left for the next one; empty: nothing. It outlives consumers
   * and restarts, and goes with the queue.
   *
   * @throws BrokerException.SessionLost if it is not held any longer
   * @throws BrokerException.Unsupported if the broker keeps no state of sessions
   */
  default Optional<byte[]> state() {
    throw new BrokerException.Unsupported("this broker keeps no state of sessions");
  }

  /**
   * Leaves that for the next consumer, in place of what is there, and renews the session. Survives
   * a loss of power once this returns.
   *
   * @param state null: nothing
   * @throws BrokerException.Rejected if it has more than {@value #STATE_BYTES_MAX} bytes
   * @throws BrokerException.DiskFull if it is large, and the disk nearly full
   * @throws BrokerException.SessionLost if the session is not held any longer: nothing was changed
   * @throws BrokerException.Unsupported if the broker keeps no state of sessions
   */
  default void state(byte @Nullable [] state) {
    throw new BrokerException.Unsupported("this broker keeps no state of sessions");
  }

  /** Proof that a session is held, which can leave the process. Opaque, and fenced. */
  record Token(String value) {}
}
