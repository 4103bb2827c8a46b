package dev.afterbay.store;

/** Jobs whose time has come for a transition that the engine computes. */
public enum Overdue {
  /** Active, and the lease has lapsed. */
  LAPSED,
  /** Pending, and the time to live is over. */
  EXPIRED,
  /** Active for a consumer inside of a process that ended, when the store was opened since. */
  ORPHANED
}
