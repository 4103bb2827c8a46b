package dev.afterbay.worker;

import dev.afterbay.Delivery;
import dev.afterbay.Outcome;

/** Does the work of one type of message. */
@FunctionalInterface
public interface Handler {

  /**
   * Works on a delivery and says how it ended. To throw is to ask for another attempt, except for a
   * {@link PermanentFailure}. Runs on a virtual thread of its own, which is interrupted when the
   * handler's time is over or the lease is lost.
   */
  Outcome handle(Delivery delivery) throws Exception;
}
