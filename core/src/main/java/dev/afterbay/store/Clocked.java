package dev.afterbay.store;

/** Goes by the clock of a store, such as a queue of an engine in this process. */
public interface Clocked {

  /** The clock that it goes by. */
  Clock clock();
}
