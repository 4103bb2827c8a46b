/**
 * The port: what a store must offer, and nothing else. {@link dev.afterbay.store.Store} is where to
 * begin; {@code StoreContract} of the module contract says whether a store keeps it.
 *
 * <p>What goes in and what comes out:
 *
 * <pre>
 *   Commit of Changes  --commit--&gt;  Committed   done, stale or full; all of the changes or none
 *   Claim              --claim---&gt;  Jobs        picked in order and leased, in one write
 *                      --hold----&gt;  SessionLease
 *   Overdue            --overdue-&gt;  Jobs        whose time has come; the engine decides on them
 *   Setting            --Put-----&gt;  Setting     of a queue; values as SettingCodec writes them
 *                      --wake----&gt;  hints       that may be joined, or come for nothing
 *                      --events--&gt;  EventFeed   bounded, and not durable
 * </pre>
 *
 * <p>Time is the store's ({@link dev.afterbay.store.Clock}): all who share a store share it.
 *
 * <p>There are two ways to write one. Over sorted tables of bytes, implement {@code Tables} of the
 * ledger, which has everything else, as the module rocksdb does. Over anything else, such as an SQL
 * database, implement {@link dev.afterbay.store.Store} and ask {@code dev.afterbay.rules} for what
 * may happen and what it brings about, as {@code ListStore} does in the tests of contract.
 */
package dev.afterbay.store;
