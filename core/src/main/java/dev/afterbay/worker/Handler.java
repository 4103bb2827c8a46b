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

  /** As {@link Handler}, for bodies that are values of one type. */
  @FunctionalInterface
  interface Typed<T> {

    /** Does the work; to throw is to ask for another attempt, see {@link Handler#handle}. */
    Outcome handle(T value, Delivery delivery) throws Exception;
  }

  /** As {@link Handler}, where a job is done when it returns. */
  @FunctionalInterface
  interface Action {

    /** Works on a delivery. To throw is to ask for another attempt, as {@link Handler#handle}. */
    void accept(Delivery delivery) throws Exception;
  }

  /** As {@link Action}, for bodies that are values of one type. */
  @FunctionalInterface
  interface ValueAction<T> {

    /** Works on a value. To throw is to ask for another attempt, as {@link Handler#handle}. */
    void accept(T value, Delivery delivery) throws Exception;
  }
}
