package dev.afterbay.rocksdb;

/** What to do while a write waits for room ({@link Shortage}). */
interface ShortageHandler {

  /**
   * Gives up the reserve, and waits a little: then the same write is tried again.
   *
   * @param attempts how often it was tried again in vain
   * @return false: it is to be given up, as the store is being opened or closed, or has stopped
   */
  boolean goOn(Exception shortage, int attempts);
}
