/**
 * How the engine remembers jobs: the {@link dev.afterbay.store.Store} port, and the one {@link
 * dev.afterbay.store.Ledger} that keeps its rules for every store that is made of sorted tables
 * (memory, RocksDB, the leader of a cluster).
 */
package dev.afterbay.store;
