/**
 * The state machine that keeps the rules of a {@link dev.afterbay.store.Store} over sorted tables,
 * once for memory, RocksDB and the leader of a cluster: {@link dev.afterbay.ledger.Ledger} over
 * {@link dev.afterbay.ledger.Tables}.
 *
 * <p>A job's way through the indexes ({@code JobIndexes} takes it from one to the next):
 *
 * <pre>
 *            sent                       due                        claimed
 *  JOB ---------> DUE (timers), DEFERRED -----> READY (lanes) -------------> ACTIVE (leases)
 *   |                                             ^                            |
 *   | of a session                                | first in its session       | settled, lapsed
 *   +---------------> LINE (session queues) ------+                            v
 *   |                                             ^                          ENDED (retention)
 *   | waits for others  the last of them ended    |                            |
 *   +---------------> DEFERRED -------------------+                            |
 *                                                 ^                            |
 *                     released, retried, redriven |                            |
 *                     +---------------------------+----------------------------+
 * </pre>
 *
 * <p>DEFERRED has what the timers have by time only, by queue and id, and the jobs that wait for
 * others; lists of one queue or state come from there, READY, LINE and ENDED ({@code IndexedJobs}).
 *
 * <p>A part that remembers nothing of its own, but where the others are, is a record of them.
 */
package dev.afterbay.ledger;
