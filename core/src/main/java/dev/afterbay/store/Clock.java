package dev.afterbay.store;

import dev.afterbay.Moment;

/** Time, and being told when it has come. Only stores hold one; tests hold one that they move. */
public interface Clock {

  /** The tick counts from anywhere and never goes back. */
  Moment now();

  /**
   * Runs the action once, when the tick is reached, or soon if it is past. The action must be brief
   * and must not block.
   */
  Alarm at(long tick, Runnable action);

  /** An action that may still be called off. */
  @FunctionalInterface
  interface Alarm {
    /** It will not ring any more, though it may ring at this moment. */
    void cancel();
  }

  /** Goes by a clock, such as a queue of an engine in this process by that of its store. */
  interface Source {

    /** The clock that it goes by. */
    Clock clock();
  }
}
