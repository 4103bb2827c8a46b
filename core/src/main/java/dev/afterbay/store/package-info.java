/**
 * The port: what a store must offer, and nothing else. {@link dev.afterbay.store.Store} is where to
 * begin; {@code StoreContract} of the module contract says whether a store keeps it.
 *
 * <p>There are two ways to write one. Over sorted tables of bytes, implement {@code Tables} of the
 * ledger, which has everything else, as the module rocksdb does. Over anything else, such as an SQL
 * database, implement {@link dev.afterbay.store.Store} and ask {@code dev.afterbay.rules} for what
 * may happen and what it brings about, as {@code ListStore} does in the tests of contract.
 */
package dev.afterbay.store;
