/**
 * The port: what a store must offer, and nothing else. {@link dev.afterbay.store.Store} is where to
 * begin; {@code StoreContract} of the module contract says whether a store keeps it.
 */
package dev.afterbay.store;
